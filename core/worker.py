"""The worker: a process of its own that takes jobs from the queue and runs them. Torch is imported only inside it.

One worker a device (a lock file says so). It is started by the app, or by hand with `python -m core work`, and ends when
it has been idle for a while and no server that asked for it is alive.
"""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import LabError
from core.home import home
from core.store import facts, jobs, records

IDLE_SECONDS = 60.0
HEARTBEAT_SECONDS = 2.0
ASK_SECONDS = 0.2  # how often a running job looks whether it was told to stop
log = logging.getLogger("layer_lab.worker")


def lock_path() -> Path:
    """One lock a device: LAYER_LAB_DEVICE and CUDA_VISIBLE_DEVICES name it, else it is the machine's best."""
    name = "-".join(filter(None, (os.environ.get("LAYER_LAB_DEVICE"), os.environ.get("CUDA_VISIBLE_DEVICES")))) or "auto"
    return home() / f"worker-{''.join(c if c.isalnum() else '-' for c in name)}.lock"


def running() -> bool:
    """Whether a worker of this device holds its lock."""
    lock = FileLock(lock_path())
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def ensure_running() -> None:
    """Start a worker unless one runs. It outlives this process; a second one started at the same time ends at once."""
    facts.put(f"server/{socket.gethostname()}/{os.getpid()}", True)
    if running():
        return
    # Threads that wait by spinning starve the server and the browser on a machine with few cores, and are starved by them.
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    with (home() / "worker.log").open("ab") as out:
        subprocess.Popen(
            [sys.executable, "-m", "core", "work"], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            cwd=Path(__file__).resolve().parent.parent, env=environment,
        )


def work(idle_seconds: float = IDLE_SECONDS) -> None:
    """Take jobs until idle without a server. Returns at once when another worker has the device."""
    lock = FileLock(lock_path())
    try:
        lock.acquire(timeout=1)  # `running` holds it for a moment when somebody looks
    except Timeout:
        return
    me = f"{socket.gethostname()}/{os.getpid()}/{time.time():.0f}"
    device = lock_path().stem.removeprefix("worker-")
    with lock:
        for other in jobs.workers():  # their lock is ours now, so they are dead
            if other["host"] == socket.gethostname() and other["device"] == device:
                jobs.leave(other["id"])
        jobs.fail_orphans()
        beating = threading.Event()
        thread = threading.Thread(target=_beat, args=(me, device, beating), daemon=True)
        jobs.beat(me, os.getpid(), socket.gethostname(), device)
        thread.start()
        try:
            _warm()
            _serve(me, idle_seconds)
        finally:
            beating.set()
            thread.join()
            jobs.leave(me)


def _beat(me: str, device: str, ended: threading.Event) -> None:
    while not ended.wait(HEARTBEAT_SECONDS):
        try:
            jobs.beat(me, os.getpid(), socket.gethostname(), device)
        except LabError as error:
            log.warning("no heartbeat: %s", error)


def _warm() -> None:
    """Import torch and say what the device is."""
    from core.training.device import matmul_rate, pick

    device = pick()
    about = {"device": device.kind, "name": device.name, "dtype": device.dtype, "threads": device.threads}
    facts.put("device", about | {"gflops": matmul_rate(device) / 1e9})


def _serve(me: str, idle_seconds: float) -> None:
    idle_since = time.monotonic()
    while True:
        try:
            job = jobs.claim(me)
        except LabError as error:  # the store is full, busy or gone: it may come back
            log.warning("%s", error)
            job = None
        if job is not None:
            run_job(job)
            idle_since = time.monotonic()
            continue
        if time.monotonic() - idle_since > idle_seconds and not _server_alive():
            return
        time.sleep(0.2)


def _server_alive() -> bool:
    """Whether a process on this machine that asked for a worker still runs."""
    try:
        servers = facts.keys(f"server/{socket.gethostname()}/")
    except LabError:
        return False
    return any(_alive(int(key.rsplit("/", 1)[-1])) for key in servers)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run_job(job: jobs.Job) -> None:
    """Run one job; whatever happens, it ends finished, stopped or failed with a sentence."""
    try:
        status, reason, row = HANDLERS[job.kind](job)
    except LabError as error:
        status, reason, row = "failed", str(error), None
    except MemoryError:
        status, reason, row = "failed", OUT_OF_MEMORY, None
    except Exception as error:
        out_of_memory = type(error).__name__ == "OutOfMemoryError" or "not enough memory" in str(error)
        log.exception("job %s", job.id)
        unexpected = f"The program met an unexpected {type(error).__name__}; details are in {home() / 'worker.log'}. Try another choice."
        status, reason, row = "failed", OUT_OF_MEMORY if out_of_memory else unexpected, None
    try:
        jobs.finish(job.id, status, reason, row)
    except LabError as error:
        log.warning("job %s ended %s, which could not be stored: %s", job.id, status, error)


OUT_OF_MEMORY = "The device ran out of memory; choose a smaller batch, fewer layers or a smaller teacher, and run again."


def _stopper(job_id: int):
    """A function that says whether the job was cancelled, looking at most every ASK_SECONDS."""
    state = {"asked": 0.0, "told": False}

    def stop() -> bool:
        if not state["told"] and time.monotonic() - state["asked"] > ASK_SECONDS:
            state["asked"] = time.monotonic()
            state["told"] = jobs.cancelled(job_id)
        return state["told"]

    return stop


def _distill(job: jobs.Job):
    from core.recipe import Recipe
    from core.training.distill import distill

    recipe = Recipe.from_dict(job.payload)
    for event in distill(recipe, stop=_stopper(job.id)):
        if event.kind != "finished":
            jobs.emit(job.id, event.kind, event.data)
            continue
        record = event.data["record"]
        row = records.add(record)
        jobs.emit(job.id, "finished", {"id": record["id"], "row": row})
        remember(recipe, record)
        return record["status"], "Stopped by the learner." if record["status"] == "stopped" else None, row
    raise RuntimeError("distill ended without a record")


def remember(recipe, record: dict) -> None:
    """Keep what the labels of the budget ladder need: seconds a step by teacher, task and K, and the task's training examples."""
    if record["steps"] >= 10:
        _note("rate", f"{recipe.teacher}/{recipe.task}/{recipe.k}", record["train_seconds"] / record["steps"])
    if recipe.budget.examples is None:
        _note("train_examples", recipe.task, record["train_examples"])


def _note(fact: str, name: str, value) -> None:
    facts.put(fact, facts.get(fact, {}) | {name: value})


def _tune(job: jobs.Job):
    from core.recipe.tuning import default_tuning
    from core.training.tune import tune

    tuning = default_tuning(job.payload["teacher"], job.payload["task"])
    for event in tune(tuning, job.payload["teacher"], stop=_stopper(job.id)):
        if event.kind == "finished":
            jobs.emit(job.id, "finished", {"folder": event.data["folder"]})
            _note("tune_seconds", f"{job.payload['teacher']}/{job.payload['task']}", event.data["card"]["seconds"])
            return "finished", None, None
        if event.kind == "stopped":
            return "stopped", "Stopped by the learner.", None
        jobs.emit(job.id, event.kind, event.data)
    raise RuntimeError("tune ended without a teacher")


def _fetch(job: jobs.Job):
    from core.models.fetch import fetch
    from core.training.events import reported

    for event in reported("fetching", lambda progress: fetch(job.payload["teacher"], progress)):
        jobs.emit(job.id, event.kind, event.data)
    return "finished", None, None


def _prepare(job: jobs.Job):
    """Load a teacher and its task, so that the next click on Run starts at once."""
    from core.training.warm import warm

    for event in warm(job.payload["teacher"], job.payload["task"]):
        jobs.emit(job.id, event.kind, event.data)
    return "finished", None, None


HANDLERS = {"distill": _distill, "tune": _tune, "fetch": _fetch, "prepare": _prepare}
