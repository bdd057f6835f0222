"""What the pages that ask for jobs of their own share: asking, finding a job again, reading its events, giving it up."""

import streamlit as st

from core.errors import LabError
from core.store import jobs
from pages.parts.common import watch
from pages.parts.common.problems import JOB, reporting_problems


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
        st.session_state[JOB] = watch.stop(job_id)


def events_of(job_id: int) -> list[dict]:
    """Return all events of the job, those of an attempt that was started again included."""
    return watch.events_so_far("job_events", job_id)
