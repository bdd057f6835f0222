"""Follow a job from a page: ask for it, find it again, poll it in a fragment, draw the page again when its status has changed, give it up."""

from collections.abc import Callable

import streamlit as st

from core.errors import LabError
from core.store import jobs
from core.store.jobs import Job
from core.views.common.recipe_runs import ground_text
from pages.parts.common import machine, watch
from pages.parts.common.learner import learner
from pages.parts.common.problems import JOB, reporting_problems, showing_problems

SOON, LATER = 1.0, 3.0  # seconds: what trains or comes next, and what waits behind others; other sessions do not poll


def submit(kind: str, payload: dict, run_id: str | None = None) -> Job:
    """Put a job of this learner into the queue, and see that a worker runs."""
    machine.ensure()
    return jobs.submit(kind, payload, run_id, learner(), ground_text(payload.get("recipe", payload)))


def remember_job(job: Job) -> None:
    """Remember a job of this session, so that `current_job` finds it."""
    st.session_state[f"job_{job.kind}"] = job.id


def current_job(kind: str) -> Job | None:
    """Return the job of this kind that this session started, else one in the queue that this learner waits for, found again after a reload."""
    key = f"job_{kind}"
    if st.session_state.get(key):
        try:
            return jobs.get(st.session_state[key])
        except LabError:
            st.session_state[key] = None
    for job in jobs.queue():
        if job.kind == kind and watch.is_watching(job.id):
            remember_job(job)
            return job
    return None


def events_of(job_id: int) -> list[dict]:
    """Return all events of the job, those of an attempt that was started again included."""
    return watch.events_so_far("job_events", job_id)


def run_or_stop(job: Job | None, name: str, label: str, start: Callable, args: tuple = (), disabled: bool = False) -> None:
    """Draw Stop while the job lasts, else the button that calls start(*args)."""
    if job is not None and not job.over:
        label = "Stopping" if job.cancel else "Stop"
        st.button(label, icon=":material/stop:", on_click=stop, args=(job.id,), key=f"stop_{name}", disabled=job.cancel)
    else:
        st.button(label, type="primary", icon=":material/play_arrow:", on_click=start, args=args, disabled=disabled, key=f"run_{name}")


def stop(job_id: int) -> None:
    """Handle a callback."""
    with reporting_problems():
        st.session_state[JOB] = watch.stop(job_id)


def draw_job(job: Job | None, key: str, find: Callable[[], Job | None], draw: Callable[[Job], None]) -> None:
    """Draw a job in a fragment that polls it. job: as the page was drawn for it, remembered under `key`. find: the job as it is by then.

    What the job leaves behind may have been read before the job was, and it may have ended in between: at the first sight of its end the page is
    drawn once more.
    """

    def draw_now() -> None:
        with showing_problems():
            now = find()
            if now is None:
                return
            redraw_on_change(key, now)
            if not now.over and now.status != "paused":
                machine.keep_running()
            draw(now)

    before = st.session_state.get(key)
    remember_status(key, job)
    if job is not None and job.over and st.session_state[key] != before:
        st.rerun()
    st.fragment(draw_now, run_every=poll_seconds(job))()


def poll_seconds(job: Job | None) -> float | None:
    """Return seconds between two looks at the job; None when there is nothing to wait for."""
    if job is None or job.over:
        return None
    try:
        behind = job.status == "queued" and jobs.position(job.id)
    except LabError:  # the fragment reads the store itself, and says what is wrong with it
        return SOON
    return LATER if behind else SOON


def remember_status(key: str, job: Job | None) -> None:
    """Remember the status that the page around the fragment was drawn for."""
    st.session_state[key] = (job.id, job.status) if job else None


def redraw_on_change(key: str, job: Job) -> None:
    """Draw the whole page again when a watched job's status has changed: its buttons and the polling follow the status."""
    if st.session_state.get(key) != (job.id, job.status):
        remember_status(key, job)
        st.rerun()
