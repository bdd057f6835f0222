"""Which finished run the Lab shows: the one that this session watches, or a saved one that was asked for."""

import streamlit as st

from core.store import jobs, records
from core.store.saved import saved_runs
from pages.parts.common import watch


def request_saved_run(record: dict) -> None:
    """Show this saved run instead of the watched one."""
    pair = record["recipe"]["teacher"], record["recipe"]["task"]
    st.session_state.shown_run = {"row": record.get("row"), "id": record["id"], "file": record.get("file"), "pair": pair}


def requested_run() -> dict | None:
    """The saved run that was asked for; None when there is none, or it is gone."""
    wanted = st.session_state.get("shown_run")
    if not wanted:
        return None
    if wanted["row"] is not None:
        return records.by_row(wanted["row"])
    return next((r for r in saved_runs(*wanted["pair"]) if (r["id"], r["file"]) == (wanted["id"], wanted["file"])), None)


def displayed_record(job: jobs.Job | None) -> dict | None:
    """The record on the page: none while the watched run trains; else the saved one that was asked for, else the watched one's.

    A watched job whose row is gone (the store was deleted) shows nothing.
    """
    if job is not None and job.status == "running":
        return None
    return requested_run() or (watch.record_of(job) if job is not None and job.over else None)
