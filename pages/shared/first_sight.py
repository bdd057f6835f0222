"""A session's first sight of the Lab: the diagram goes to the browser alone, the rest follows once it has had time to draw it.

A browser that gets the whole page at once lays all of it out before it asks for the code that draws charts, so the diagram comes last.
"""

import time

import streamlit as st

HEAD_START = 0.6  # seconds; about what a browser takes from the diagram's arrival to its picture
PRESETS, PANEL = 68, 420  # px: the heights of what follows


def begin(is_lab: bool) -> bool:
    """At the start of every run of app.py: whether this is the session's first run of the Lab."""
    st.session_state.first_sight = is_lab and "first_sight" not in st.session_state
    return st.session_state.first_sight


def place(height: int):
    """Where something follows; grey, of about its height, where it is not there at once."""
    slot = st.empty()
    if st.session_state.first_sight:
        slot.skeleton(height)
    return slot


def head_start() -> None:
    """After the diagram."""
    if st.session_state.first_sight:
        time.sleep(HEAD_START)
