"""What went wrong, as a sentence: drawn at once, or in a widget's callback kept in the session and drawn by the run that follows."""

import contextlib
from collections.abc import Iterator

import streamlit as st

from core.errors import LabError
from core.views.common.text import plain

JOB, RUN, PREDICTION = "job_problem", "run_problem", "predict_problem"  # keys of the session


@contextlib.contextmanager
def reporting_problems(key: str = JOB) -> Iterator[None]:
    """Keep, in a callback, the sentence of a LabError under `key`; '' where nothing went wrong."""
    st.session_state[key] = ""
    st.session_state.touched = True
    try:
        yield
    except LabError as error:
        st.session_state[key] = str(error)


@contextlib.contextmanager
def showing_problems() -> Iterator[None]:
    """Show, while drawing, the sentence of a LabError where it came up."""
    try:
        yield
    except LabError as error:
        st.error(plain(error))


def draw_problem(key: str = JOB, box=st.error) -> None:
    """Draw the sentence that is kept under `key`, if any, in `box`, a function of Streamlit."""
    if st.session_state.get(key):
        box(plain(st.session_state[key]))
