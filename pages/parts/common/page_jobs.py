"""What the pages that ask for jobs of their own share: asking, finding a job again, reading its events, giving it up."""

import contextlib
from collections.abc import Iterator

import streamlit as st

from core.errors import LabError
from core.store import jobs
from core.views.common.text import plain
from pages.parts.common import watch

PROBLEM = "job_problem"  # in the session: what went wrong with the last click


@contextlib.contextmanager
def reporting_problems() -> Iterator[None]:
    """In a callback. What cannot be is said on the page (`problem`)."""
    st.session_state[PROBLEM] = ""
    st.session_state.touched = True
    try:
        yield
    except LabError as error:
        st.session_state[PROBLEM] = str(error)


def draw_problem() -> None:
    if st.session_state.get(PROBLEM):
        st.warning(plain(st.session_state[PROBLEM]))


def remember_job(job: jobs.Job) -> None:
    """From now on `current` finds it."""
    st.session_state[f"job_{job.kind}"] = job.id


def current_job(kind: str) -> jobs.Job | None:
    """The job of this kind that this session started, else one in the queue that this learner waits for, found again after a reload."""
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


def stop(job_id: int) -> None:
    """In a callback."""
    with reporting_problems():
        st.session_state[PROBLEM] = watch.stop(job_id)


def events_of(job_id: int) -> list[dict]:
    """All events of the job; only those that are new are read from the store."""
    kept_id, kept = st.session_state.get("job_events", (None, []))
    if kept_id != job_id:
        kept = []
    kept = kept + jobs.events(job_id, kept[-1]["n"] if kept else 0)
    st.session_state.job_events = (job_id, kept)
    return kept
