"""About the runs: where they were made, with what, and what they cannot say."""

import importlib.metadata
import platform

import pandas as pd
import streamlit as st

from core.errors import LabError
from core.store import records
from core.store.database import store_path
from pages.shared import guard, machine, provenance
from pages.shared.text import plain

LIBRARIES = ("torch", "transformers", "tokenizers", "streamlit", "altair")


def draw() -> None:
    st.title("About the runs", anchor=False)
    runs()
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("This machine", anchor=False)
        st.markdown(f"Device: **{plain(machine.device_text() or 'not known yet; the training process is starting')}**")
        st.markdown(f"Queue: {plain(machine.queue_text())}")
        versions = " · ".join(f"{name} {version(name)}" for name in LIBRARIES)
        st.markdown(f"Versions: {plain(f'python {platform.python_version()} · {versions}')}")
        st.markdown("Runs, teachers and caches are kept in")
        st.code(str(store_path().parent), language=None, wrap_lines=True)
        st.caption("Set LAYER_LAB_HOME to keep them elsewhere. Deleting the folder deletes every run and every fine-tuned teacher.")
    with right:
        st.subheader("What is shown so far, and what it cannot say", anchor=False)
        st.markdown(provenance.LIMITS)


def runs() -> None:
    st.subheader("Runs on this machine", anchor=False)
    try:
        rows = provenance.rows(records.runs())
    except LabError as error:
        st.error(plain(error))
        return
    if not rows:
        st.info("No run has been made here yet. Choose layers on the Lab page and press Run.", icon=":material/science:")
        return
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, key="runs",
        column_config={
            "again": st.column_config.LinkColumn("Lab", display_text="open"), "student": share, "teacher's": share, "before": share,
            "when": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"), "seconds": st.column_config.NumberColumn(format="%.0f"),
        },
    )
    st.caption("Accuracies on the named split: a short run's is the check part of validation, a full run's the test split.")


def version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


guard.require_app()
draw()
