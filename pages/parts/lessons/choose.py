"""The list of lessons, and a lesson of one's own."""

import streamlit as st

from core.classroom import homework
from core.classroom.lesson import LARGEST_FILE
from core.errors import LabError
from core.views.classroom import homework as shown
from core.views.classroom import lessons
from core.views.classroom.homework import Card
from core.views.common.text import plain
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems

PROBLEM, ROUND = "lessons_problem", "lessons_round"  # keys of the session


def draw() -> None:
    st.title("Lessons", anchor=False)
    st.markdown("Work through a lesson at your own pace. Each step has a text, a page to try it on, and a question.")
    for card in shown.cards(learner()):
        draw_card(card)
    draw_problem(PROBLEM)
    with st.expander("A lesson of your own", icon=":material/upload_file:"):
        upload()
    st.page_link("pages/lesson_editor.py", label="For instructors: write a lesson, or change one", icon=":material/edit_note:")


def draw_card(card: Card) -> None:
    with st.container(border=True, key=f"card_{card.name}"):
        st.markdown(f"**{plain(card.title)}**  \n{plain(card.about)}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Go on" if card.done else "Begin", key=f"begin_{card.name}", icon=":material/play_arrow:", on_click=begin, args=(card.name,))
            said = f"{card.minutes:g} minutes, {card.done} of {card.of} questions answered"
            st.caption(f"{said}, your own lesson" if card.own else said, width="content")


def begin(name: str) -> None:
    """Handle a callback: a link to the lesson is the page's address."""
    st.query_params["lesson"] = name
    st.session_state.touched = True


def upload() -> None:
    number = st.session_state.setdefault(ROUND, 0)
    file = st.file_uploader("A lesson's file (TOML)", type=["toml"], max_upload_size=1, key=f"w_lesson_file_{number}")
    if file is None:
        return
    with reporting_problems(PROBLEM):
        text = decoded(file.getvalue())
        lessons.opened(text, all_landscapes(files_stamp()))
        st.query_params["lesson"] = homework.begin(learner(), text).key
    st.session_state[ROUND] = number + 1
    st.rerun()


def decoded(content: bytes) -> str:
    """Return an uploaded file as text. LabError where it is none, or too large."""
    if len(content) > LARGEST_FILE:
        raise LabError(f"The file is larger than a lesson can be ({LARGEST_FILE // 1000} kB); split it into two lessons.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LabError("The file is not UTF-8 text; save it as UTF-8 and upload it again.") from None
