"""Fragments that poll a job: how often, and when the page around them has to be drawn again."""

import streamlit as st

from core.errors import LabError
from core.store import jobs
from core.store.jobs import Job

SOON, LATER = 1.0, 3.0  # seconds: what trains or comes next, and what waits behind others; other sessions do not poll


def poll_seconds(job: Job | None) -> float | None:
    """Seconds between two looks at the job; None when there is nothing to wait for."""
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
    """When a watched job's status has changed, draw the whole page again: its buttons and the polling follow the status."""
    if st.session_state.get(key) != (job.id, job.status):
        st.rerun()
