"""A step of a lesson as a learner meets it: its text, the way to its page, and the form for its question."""

import streamlit as st

from core.classroom.controls import PAGES
from core.classroom.lesson import Question, Step
from core.classroom.question import LONGEST_ANSWER
from core.views.classroom import lessons
from core.views.common.text import plain
from pages.parts.common import state

GOING = "lesson_going"  # key of the session: the page that was asked for, with its query


def draw(step: Step, key: str) -> None:
    """Draw text and way. key: different for every step that is on the page."""
    if step.text:
        st.markdown(step.text)
    if step.page:
        st.button(f"Open the page {PAGES[step.page]}", icon=":material/open_in_new:", key=f"open_{key}", on_click=open_page, args=(step,),
                  help="The menu leads back here.")


def open_page(step: Step) -> None:
    """Handle a callback: take over what the step's link sets, hides and locks; the page itself is opened by `go_on`."""
    query = lessons.query(step)
    state.read({name: [value] for name, value in query.items()}, "" if step.page == "lab" else step.page)
    st.session_state.touched = True
    st.session_state[GOING] = lessons.file(step), {} if step.page == "lab" else query


def go_on() -> None:
    """Go, at the start of a page, where a step's page was opened."""
    page, query = st.session_state.pop(GOING, (None, None))
    if page:
        st.switch_page(page, query_params=query)


def ask(question: Question) -> None:
    """Draw a question's text."""
    st.markdown(f"**{' '.join(question.text.split())}**")


def field(question: Question, key: str) -> object:
    """Draw the widget for an answer and return its value; None while there is none."""
    if question.options:
        return st.radio("Your answer", question.options, index=None, format_func=plain, key=key)
    if question.kind == "text":
        return st.text_area("Your answer", max_chars=LONGEST_ANSWER, height=100, key=key)
    if question.kind == "predict":
        return st.number_input("Your answer, in percent", 0.0, 100.0, value=None, step=1.0, format="%.1f", placeholder="0 to 100", key=key)
    return st.number_input("Your answer, a number", -1e6, 1e6, value=None, step=1.0, format="%.1f", key=key)
