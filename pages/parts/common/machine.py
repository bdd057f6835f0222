"""The worker process and what it says of the machine."""

import time

import streamlit as st

from core import worker
from core.errors import LabError
from core.store import facts, jobs
from core.store.forecast import all_done
from core.views.common.text import duration

LOOK_SECONDS = 5.0  # how often a session that waits for a job looks whether a worker lives


def start() -> None:
    """See, once a session, that a worker runs."""
    if "looked_for_worker" not in st.session_state:
        ensure()


def ensure() -> None:
    """See that a worker runs; a new one also closes the jobs of one that died."""
    st.session_state.looked_for_worker = time.monotonic()
    st.session_state.machine_problems = []
    try:
        worker.ensure_running()
    except LabError as error:
        st.session_state.machine_problems = [str(error)]


def keep_running() -> None:
    """Call `ensure` every few seconds, while a job is waited for."""
    if time.monotonic() - st.session_state.get("looked_for_worker", 0.0) > LOOK_SECONDS:
        ensure()


def device_text() -> str:
    """Return the device in a few words, as the worker wrote it down; '' until it has."""
    device = _fact("device")
    if not device:
        return ""
    count = device.get("threads") if device.get("device") == "cpu" else None
    threads = f", {count} thread{'s' if count != 1 else ''}" if count else ""
    return f"{device.get('name') or device['device']}{threads}, {device.get('dtype', '')}".rstrip(", ")


def queue_text() -> str:
    """Say how long the queue is, in jobs and where it is known in time."""
    try:
        waiting = [job for job in jobs.queue() if job.kind != "prepare"]
        seconds = all_done() if waiting else None
    except LabError as error:
        return str(error)
    running = sum(job.status == "running" for job in waiting)
    queued = len(waiting) - running
    if not waiting:
        return "Nothing is running."
    return f"{running} running, {queued} waiting{f', about {duration(seconds)} in all' if seconds else ''}."


def step_seconds(teacher: str, task: str, k: int) -> float | None:
    """Return seconds a step that an earlier run of this teacher, task and K took here; None when there was none."""
    return _fact("rate").get(f"{teacher}/{task}/{k}")


def train_examples(task: str) -> int | None:
    """Return training examples of a task, from an earlier run's record here; None while there was none."""
    return _fact("train_examples").get(task)


def _fact(name: str) -> dict:
    try:
        return facts.get(name) or {}
    except LabError:
        return {}


def warm(teacher: str, task: str) -> None:
    """Ask the worker once a session and pair to load a ready teacher, unless somebody has just asked."""
    asked = st.session_state.setdefault("warmed", set())
    if (teacher, task) in asked:
        return
    asked.add((teacher, task))
    payload = {"teacher": teacher, "task": task}
    try:
        if not any(job.kind == "prepare" and job.payload == payload for job in jobs.queue()):
            jobs.submit("prepare", payload)
    except LabError:
        pass  # the page itself says what is wrong with the store
