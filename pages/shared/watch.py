"""Which job a session is looking at, and its events so far."""

import streamlit as st

from core.errors import LabError
from core.store import jobs, records
from pages.shared.learner import learner


def watched() -> jobs.Job | None:
    """The run this session started, else this learner's newest, found again after a reload."""
    try:
        if "run_job" in st.session_state:
            return jobs.get(st.session_state.run_job) if st.session_state.run_job else None
        job = jobs.latest(learner())
    except LabError:
        st.session_state.run_job = None
        return None
    st.session_state.run_job = job.id if job else None
    return job


def readying(teacher: str, task: str) -> jobs.Job | None:
    """The job that fetches this teacher or fine-tunes it on this task, whoever asked; else the session's last one for it."""

    def meant(job: jobs.Job) -> bool:
        same = job.payload.get("teacher") == teacher
        return same and (job.kind == "fetch" or (job.kind == "tune" and job.payload.get("task") == task))

    for job in jobs.queue():
        if meant(job):
            st.session_state.ready_job = job.id
            return job
    if st.session_state.get("ready_job"):
        job = jobs.get(st.session_state.ready_job)
        return job if meant(job) else None
    return None


def events(job_id: int) -> list[dict]:
    """All events of the job; only those that are new are read from the store."""
    kept_id, kept = st.session_state.get("events", (None, []))
    if kept_id != job_id:
        kept = []
    kept = kept + jobs.events(job_id, kept[-1]["n"] if kept else 0)
    st.session_state.events = (job_id, kept)
    return kept


def record_of(job: jobs.Job) -> dict | None:
    return records.by_row(job.run_row) if job.run_row is not None else None
