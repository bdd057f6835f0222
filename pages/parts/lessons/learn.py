"""One lesson at the learner's own pace: its steps, an answer to each question, and what can be taken away."""

import streamlit as st

from core.classroom import homework, my_work
from core.classroom.homework import Work
from core.classroom.in_words import answer_text
from core.classroom.lesson import Lesson
from core.views.classroom import homework as shown
from core.views.classroom import lessons
from core.views.common.text import plain
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems
from pages.parts.common.remembered import remember, remembered_option
from pages.parts.lessons import step as steps

KEPT = "homework"  # key of the session: the step of each lesson
PROBLEM = "homework_problem"


def draw(name: str) -> None:
    """LabError where there is no such lesson, or its figures are not saved."""
    text = shown.text_of(name, learner())
    lesson = lessons.opened(text, all_landscapes(files_stamp()))
    key = homework.key_of(text)
    work = homework.work(learner(), key)
    st.title(plain(lesson.title), anchor=False)
    st.button("All lessons", icon=":material/arrow_back:", type="tertiary", on_click=leave)
    st.caption(f"{shown.steps_text(lesson.steps, lesson.minutes)}. {my_work.said_of(lesson, work or Work(key, text))}")
    numbers = list(range(len(lesson.steps)))
    number = remembered_option(KEPT, key, numbers, shown.first_open(lesson, work))
    st.selectbox("Step", numbers, format_func=lambda one: shown.step_title(lesson, one, work), key=f"w_{KEPT}_{key}", on_change=remember(KEPT, key))
    step = lesson.steps[number]
    with st.container(border=True):
        st.subheader(plain(step.title), anchor=False)
        steps.draw(step, f"{key}_{number}")
        if step.question:
            draw_question(lesson, text, number, work)
    turn(key, number, len(lesson.steps))
    if work and work.answers:
        take_away(lesson, work)


def draw_question(lesson: Lesson, text: str, number: int, work: Work | None) -> None:
    question = lesson.steps[number].question
    steps.ask(question)
    if work and number in work.answers:
        there = work.answers[number].answer
        st.markdown(f"Your answer: **{plain(answer_text(question, there))}**")
        st.markdown("  \n".join(shown.outcome(question, there)))
        if question.reveal:
            st.markdown(question.reveal)
        return
    key = f"w_answer_{homework.key_of(text)}_{number}"
    with st.form(f"form_{key}", border=False):
        steps.field(question, key)
        st.form_submit_button("Answer", type="primary", icon=":material/check:", on_click=answer, args=(text, number, key))
    st.caption("The first answer stays. Then you see what is true.")
    draw_problem(PROBLEM)


def answer(text: str, number: int, key: str) -> None:
    """Handle a callback. key: of the widget. The step stays, to show what is true."""
    st.session_state.setdefault(KEPT, {})[homework.key_of(text)] = number
    with reporting_problems(PROBLEM):
        homework.answer(learner(), text, number, st.session_state[key])


def turn(key: str, number: int, count: int) -> None:
    """Draw the way to the steps before and after."""
    with st.container(horizontal=True):
        st.button("Back", icon=":material/chevron_left:", disabled=number == 0, on_click=go_to, args=(key, number - 1), key="step_back")
        st.button("Next", icon=":material/chevron_right:", disabled=number == count - 1, on_click=go_to, args=(key, number + 1), key="step_next")


def go_to(key: str, number: int) -> None:
    """Handle a callback."""
    st.session_state.setdefault(KEPT, {})[key] = number
    st.session_state[PROBLEM] = ""


def take_away(lesson: Lesson, work: Work) -> None:
    """Draw the files of the learner's work, and what deletes it."""
    with st.expander("My work", icon=":material/download:"):
        name = st.text_input("Name to stand on it, if you want one", max_chars=80, key="w_homework_name", autocomplete="off",
                             help="It is written into the file and kept nowhere else.")
        with st.container(horizontal=True):
            for file, content in my_work.files(lesson, work, name or "").items():
                ending = file.rpartition(".")[2]
                st.download_button(f"My work as {ending.upper()}", content, file, {"html": "text/html", "json": "application/json"}[ending],
                                   icon=":material/download:", on_click="ignore")
            st.button("Delete my answers", icon=":material/delete:", on_click=forget, args=(work.key,))
        st.caption("Your answers are kept on the machine that runs Layer Lab, under this browser's random number, without a name.")


def forget(key: str) -> None:
    """Handle a callback."""
    with reporting_problems(PROBLEM):
        homework.forget(learner(), key)
        st.session_state.get(KEPT, {}).pop(key, None)


def leave() -> None:
    """Handle a callback: back to the list."""
    st.query_params.pop("lesson", None)
    st.session_state[PROBLEM] = ""
