"""The editor: a lesson's file as text, its first fault in a sentence, and each step as learners see it."""

import streamlit as st

from core.classroom import homework, sheet
from core.classroom.lesson import KINDS, Lesson, built_in
from core.errors import LabError
from core.views.classroom import homework as shown
from core.views.classroom import lessons
from core.views.common.text import plain
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems
from pages.parts.lessons import choose
from pages.parts.lessons import step as steps

TEXT, PROBLEM, ROUND, DONE = "editor_text", "editor_problem", "editor_round", "editor_done"  # keys of the session
FIRST = "luck"
HELP = f"""
- A lesson has a `title`, and steps that each begin with `[[step]]`: a `title`, `minutes`, a `text` in Markdown without HTML.
- A step can open a `page`, with a `link` (as `link = {{layers = "1,3,5", budget = "60"}}`), and `hide` or `lock` controls of the Lab.
- A question begins with `[step.question]`: its `kind`, its `text`, and `reveal`, what is said with the answer. Kinds: {", ".join(f"`{one}` ({what})"
  for one, what in KINDS.items())}.
- Figures are looked up, not typed. Name them under `[figures]`, as `best = {{layers = [2, 4, 6]}}`, and write `{{best}}` in a text.
- `choice` asks for the accuracy of one choice. `choices` asks which of several wins. Their answers come from the saved runs, with their margin.
"""


def draw() -> None:
    if TEXT not in st.session_state:
        st.session_state[TEXT] = built_in()[FIRST]
    left, right = st.columns(2, gap="medium")
    with left:
        draw_text()
    with right:
        draw_preview()


def draw_text() -> None:
    st.subheader("The file", anchor=False)
    titles = lessons.titles()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Begin with", list(titles), format_func=titles.get, key="w_editor_from", index=list(titles).index(FIRST))
        st.button("Take it", icon=":material/content_copy:", on_click=take, help="It replaces the text below.")
    with st.expander("Upload a lesson's file", icon=":material/upload_file:"):
        upload()
    st.session_state.w_editor_text = st.session_state[TEXT]
    st.text_area("The lesson, as TOML", key="w_editor_text", height=460, on_change=changed)
    with st.container(horizontal=True):
        st.button("Check", icon=":material/rule:", type="primary")
        st.download_button("Download", st.session_state[TEXT].encode(), "lesson.toml", "application/toml", icon=":material/download:",
                           on_click="ignore")
    with st.expander("What a file can say", icon=":material/help:"):
        st.markdown(HELP)


def changed() -> None:
    """Handle a callback."""
    st.session_state[TEXT] = st.session_state.w_editor_text


def take() -> None:
    """Handle a callback: begin with a lesson of the program."""
    st.session_state[TEXT] = built_in()[st.session_state.w_editor_from]


def upload() -> None:
    number = st.session_state.setdefault(ROUND, 0)
    file = st.file_uploader("A lesson's file (TOML)", type=["toml"], max_upload_size=1, key=f"w_editor_file_{number}", label_visibility="collapsed")
    if file is not None:
        with reporting_problems(PROBLEM):
            st.session_state[TEXT] = choose.decoded(file.getvalue())
        st.session_state[ROUND] = number + 1
        st.rerun()
    draw_problem(PROBLEM)


def draw_preview() -> None:
    st.subheader("As learners see it", anchor=False)
    try:
        lesson = lessons.opened(st.session_state[TEXT], all_landscapes(files_stamp()))
    except LabError as error:
        st.error(plain(error), icon=":material/error:")
        return
    st.markdown(f":material/check_circle: **{plain(lesson.title)}**: {shown.steps_text(lesson.steps, lesson.minutes)}.")
    numbers = list(range(len(lesson.steps)))
    if st.session_state.get("w_editor_step") not in numbers:
        st.session_state.w_editor_step = 0
    number = st.selectbox("Step", numbers, format_func=lambda one: shown.step_title(lesson, one, None), key="w_editor_step")
    preview(lesson, number)
    with st.container(horizontal=True):
        st.button("Work through it", icon=":material/play_arrow:", on_click=work, help="As homework, with this browser's answers.")
        st.download_button("Print it", sheet.html(lesson).encode(), "lesson.html", "text/html", icon=":material/print:", on_click="ignore",
                           help="For learners without a device: a sheet with the questions, and letters to hold up at a vote.")


def preview(lesson: Lesson, number: int) -> None:
    step = lesson.steps[number]
    with st.container(border=True, key="preview"):
        st.markdown(f"#### {plain(step.title)}")
        steps.draw(step, "preview")
        if question := step.question:
            steps.ask(question)
            steps.field(question, f"w_preview_{number}")
    if step.question:
        with st.container(border=True):
            st.caption("Once it is answered")
            st.markdown(shown.truth(step.question) if step.question.answer is not None else "Nothing is marked here.")
            if step.question.reveal:
                st.markdown(step.question.reveal)


def work() -> None:
    """Handle a callback: open the lesson as homework."""
    with reporting_problems(PROBLEM):
        st.session_state[DONE] = homework.begin(learner(), st.session_state[TEXT]).key


def go_on() -> None:
    """Go, at the start of the page, to the lesson that was opened as homework."""
    if key := st.session_state.pop(DONE, None):
        st.switch_page("pages/homework.py", query_params={"lesson": key})
