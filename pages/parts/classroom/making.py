"""Making a class, or opening one with its key."""

import datetime

import streamlit as st

from core.classroom import host, limits
from core.errors import LabError
from core.views.classroom import lessons
from core.views.common.text import plain
from pages.parts.classroom import hosting
from pages.parts.classroom.browser_address import browser_address
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems

WEEK = datetime.timedelta(days=7)


def draw() -> None:
    """Draw both forms side by side."""
    st.title("Host a class", anchor=False)
    draw_problem(hosting.PROBLEM)
    left, right = st.columns(2, gap="large")
    with left:
        make()
    with right:
        enter()


def make() -> None:
    st.subheader("Make a class", anchor=False)
    titles = lessons.titles()
    with st.form("make"):
        st.text_input("Title", key="w_host_title", max_chars=limits.TITLE, placeholder="Tuesday, group 2", autocomplete="off")
        st.selectbox("Lesson", list(titles), format_func=titles.get, key="w_host_lesson")
        st.file_uploader("Or a lesson of your own", type="toml", max_upload_size=1, key="w_host_file", help="A file in TOML, as the lessons are.")
        today = datetime.date.today()
        st.date_input("Last day", today + WEEK, min_value=today, max_value=today + datetime.timedelta(days=limits.LONGEST_DAYS), key="w_host_day",
                      help="After this day the class is deleted, with all nicknames and answers.")
        st.form_submit_button("Make the class", type="primary", icon=":material/add:", on_click=make_it)
    st.caption("Nothing personal is kept beside nicknames and answers, and they go with the class.")


def make_it() -> None:
    """Handle a callback."""
    kept = st.session_state
    with reporting_problems(hosting.PROBLEM):
        lesson = lessons.opened(lesson_text(), all_landscapes(files_stamp()))
        found, key = host.create(kept.w_host_title or "", lesson, kept.w_host_day, learner(), browser_address())
        hosting.begin(found, key, new=True)


def lesson_text() -> str:
    """Return the file that was uploaded, else that of the chosen lesson. LabError where it is no text."""
    own = st.session_state.get("w_host_file")
    if own is None:
        return lessons.built_in_text(st.session_state.w_host_lesson)
    try:
        return own.getvalue().decode()
    except UnicodeDecodeError:
        raise LabError("The lesson's file is not UTF-8 text; save it again as UTF-8.") from None


def enter() -> None:
    st.subheader("Open your class again", anchor=False)
    with st.form("enter"):
        st.text_input("Code of the class", key="w_host_code", max_chars=12, autocomplete="off")
        st.text_input("Host key", key="w_host_key", type="password", max_chars=80, autocomplete="off")
        st.form_submit_button("Open the class", icon=":material/key:", on_click=enter_it)


def enter_it() -> None:
    """Handle a callback."""
    kept = st.session_state
    with reporting_problems(hosting.PROBLEM):
        hosting.begin(host.enter(kept.w_host_code, kept.w_host_key, learner(), browser_address()), kept.w_host_key)


def show_key(title: str) -> None:
    """Draw the host key, which is shown only now."""
    st.title("Keep the host key", anchor=False)
    st.markdown(f"The class **{plain(title)}** is made. Copy its host key now: it is shown only this once. "
                "With it you can open the class again, after a reload or on another device. Without it nobody can steer the class.")
    st.code(hosting.key(), language=None)
    st.button("I have kept the key", type="primary", icon=":material/check:", on_click=kept_it)


def kept_it() -> None:
    """Handle a callback."""
    st.session_state[hosting.HOST]["new"] = False
