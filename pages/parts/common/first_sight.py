"""A session's first sight of the Lab: the diagram goes to the browser alone, the rest follows once it has had time to draw it.

A browser that gets the whole page at once lays all of it out before it asks for the code that draws charts, so the diagram comes last.
"""

import time

import streamlit as st

LAY_OUT = 0.15  # seconds; about what a browser takes to make the page as wide as it will be
HEAD_START = 0.6  # seconds; about what a browser takes from the diagram's arrival to its picture
PRESETS, PANEL = 68, 420  # px: the heights of what follows


def begin(is_lab: bool) -> bool:
    """Return, at the start of every run of app.py, whether this is the session's first run of the Lab."""
    st.session_state.first_sight = is_lab and "first_sight" not in st.session_state
    return st.session_state.first_sight


def lay_out() -> None:
    """Wait, before anything is drawn in a session, while the browser lays out the empty page: what stands on it already would jump."""
    if "first_sight" not in st.session_state:
        time.sleep(LAY_OUT)


class Place:
    """Where something follows; at first sight grey until then, and of about its height."""

    def __init__(self, height: int, key: str):
        self.key = key
        # A place that is emptied on a later run takes its buttons and the keyboard focus out of the page for a moment: clicks are lost.
        self.slot = st.empty() if st.session_state.first_sight else None
        self.found = st.container(key=key) if self.slot is None else None
        if self.slot is not None:
            self.slot.skeleton(height)

    def container(self):
        """Return the same container each time."""
        if self.found is None:
            self.found = self.slot.container(key=self.key)
        return self.found


def head_start() -> None:
    """Wait, after the diagram, while the browser draws it."""
    if st.session_state.first_sight:
        time.sleep(HEAD_START)
