"""Asking for a measurement of a teacher's layers, or for how one prediction forms, and following both."""

import streamlit as st

from core.errors import LabError
from core.store import jobs
from core.views.common.text import plain
from core.views.inside import view
from pages.parts.common import live, machine, watch
from pages.parts.common.follow import redraw_on_change
from pages.parts.common.learner import learner
from pages.parts.common.page_jobs import current_job, events_of, remember_job
from pages.parts.common.problems import reporting_problems

KIND = "inside"
ASKED = "inside_forming"  # in the session: (job, teacher, task, first, second) of the pair that was asked last
POLL = 0.3  # seconds between two looks for an answer


def start(teacher: str, task: str) -> None:
    """In a callback: measure the teacher's layers."""
    with reporting_problems():
        remember_job(_ask(KIND, {"teacher": teacher, "task": task}))


def form(teacher: str, task: str, first: str, second: str | None) -> None:
    """In a callback: how the prediction of a text, or a pair, forms."""
    st.session_state[ASKED] = None
    with reporting_problems():
        job = _ask("forming", {"teacher": teacher, "task": task, "first": first, "second": second})
        st.session_state[ASKED] = (job.id, teacher, task, first, second)


def _ask(kind: str, payload: dict) -> jobs.Job:
    machine.ensure()
    return jobs.submit(kind, payload, learner=learner())


def show(teacher: str, task: str) -> None:
    """Inside a fragment: how far the measurement of this pair is. The page is drawn again when its status has changed."""
    try:
        job = current_job(KIND)
        if job is None:
            return
        redraw_on_change("drawn_inside", job)
        if job.over:
            ended(job, teacher, task)
            return
        machine.keep_running()
        now = view.measuring(job.status, events_of(job.id), jobs.position(job.id), jobs.now())
        live.progress_bar(now)
        if (job.payload["teacher"], job.payload["task"]) != (teacher, task):
            st.caption(plain(f"This is the measurement of {job.payload['teacher']} on {job.payload['task']}."))
    except LabError as error:
        st.error(plain(error))


def ended(job: jobs.Job, teacher: str, task: str) -> None:
    if (job.payload["teacher"], job.payload["task"]) != (teacher, task):
        return
    live.draw_end(job, "The measurement failed; measure again.", " What was kept before is shown.")


def asked(teacher: str, task: str) -> tuple | None:
    """What was asked last of this pair."""
    found = st.session_state.get(ASKED)
    return found if found and found[1:3] == (teacher, task) else None


def waiting(teacher: str, task: str) -> bool:
    """Whether an answer to what was asked last of this pair is still to come."""
    found = asked(teacher, task)
    return found is not None and not jobs.get(found[0]).over


def answer(teacher: str, task: str) -> dict | None:
    """The answer to what was asked last of this pair; None where nothing was asked. LabError when it failed."""
    found = asked(teacher, task)
    return watch.answer(found[0]) if found else None
