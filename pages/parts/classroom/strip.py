"""On every other page: the class that this learner is in, what it does now, and the way back."""

import streamlit as st

from core.views.classroom import words
from core.views.common.text import plain
from pages.parts.classroom import poll, room

OWN = ("join", "host")  # addresses of the class's own pages


def draw(page: str) -> None:
    """Draw it, for learners in a class. page: the address of the one that is drawn."""
    if page not in OWN and room.remembered() is not None:
        st.fragment(now, run_every=poll.SECONDS)()


def now() -> None:
    """Draw the line as things are; a class that is over leaves none."""
    found = room.remembered()
    if found is not None:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="class_strip", gap="small"):
            st.markdown(f":material/groups: **{plain(found.title)}**: {plain(words.learner_text(found))}", width="stretch")
            st.page_link("pages/join.py", label="Back to the class", icon=":material/undo:")
