"""The editor of lessons, for instructors: the file, and each step as learners see it."""

import streamlit as st

from pages.parts.common import guard
from pages.parts.common.problems import showing_problems
from pages.parts.lessons import editor, step


def draw() -> None:
    step.go_on()
    editor.go_on()
    st.title("Write a lesson", anchor=False)
    with showing_problems():
        editor.draw()


guard.require_app()
draw()
