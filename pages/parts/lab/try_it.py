"""A student that was kept, asked about a text of one's own: its teacher, itself, its start and other kept students side by side."""

import time

import streamlit as st

from core.figures import layer_map
from core.store import jobs, students
from core.store.students import Student
from core.studies.limits import LONGEST, MOST_STUDENTS
from core.views.common.text import plain
from core.views.lab import trying
from pages.parts.common import follow, machine, state, watch
from pages.parts.common.problems import draw_problem, reporting_problems, showing_problems
from pages.parts.inside.forming import examples_of

ASKED, PROBLEM = "try_asked", "try_problem"  # in the session: (job, student, texts) that was asked last; why it could not be
ASKING = ":material/hourglass_empty: Asking; the first question loads the models."
PATIENCE, LOOK = 2.5, 0.15  # seconds: how long the fields stand still for an answer, and between two looks for it meanwhile
POLL = 1.0  # seconds between two looks afterwards


def draw(record: dict) -> None:
    """Draw the fields and the answers. record: of a run that is over.

    They are a fragment of their own: a question draws nothing else of the page again, which thirty learners at once would wait for.
    """
    with st.expander("Try this student on a text of your own", icon=":material/keyboard:"):
        st.fragment(lambda: ask_and_answer(record))()


def ask_and_answer(record: dict) -> None:
    """Draw, inside the fragment, all there is."""
    with showing_problems():
        student = students.of(record)
        if student is None:
            st.caption(":material/inventory_2: " + plain(not_kept(record)))
            return
        with st.form("try_texts", border=False):
            fields(student)
            others = trying.fitting_others(student, students.students()) if state.researcher() else []
            keys = {one.key: one for one in others}
            if others:
                st.multiselect("Ask other kept students too", list(keys), format_func=lambda key: trying.student_title(keys[key]), key="w_try_others",
                               max_selections=MOST_STUDENTS - 1, placeholder="None")
            st.form_submit_button("Ask them all", type="primary", icon=":material/forum:", on_click=submit, args=(student,))
        draw_problem(PROBLEM)
        asked = asked_of(student)
        waits = asked is not None and not came_soon(asked[0])
        st.fragment(lambda: answers(student, waits), run_every=POLL if waits else None)()


def not_kept(record: dict) -> str:
    """Say why there is no student to be asked, and how to get one."""
    if record.get("file"):
        return "This run came with the program, without its student. Press Run to train it here; its student is then kept."
    return "The student of this run is not kept on this machine: it was deleted, gave way to newer ones, or had no room. Press Run to have it again."


def fields(student: Student) -> None:
    """Draw the text fields, filled with what was asked last, else with an example of the task."""
    task, pair = student.record["recipe"]["task"], student.about["pair"]
    if "w_try_first" not in st.session_state or st.session_state.get("try_texts_of") != student.key:
        st.session_state.try_texts_of = student.key
        asked = asked_of(student)
        examples = examples_of(task)[1]
        first, second = asked[2] if asked else examples[0][:2] if examples else ("", "")
        st.session_state.w_try_first, st.session_state.w_try_second = first, second or ""
    st.text_area("First text" if pair else "Text", key="w_try_first", max_chars=LONGEST, height=70)
    if pair:
        st.text_area("Second text", key="w_try_second", max_chars=LONGEST, height=70)


def came_soon(job_id: int) -> bool:
    """Wait a moment for an answer; return whether it came."""
    spot, end = st.empty(), time.monotonic() + PATIENCE
    while not jobs.get(job_id).over:
        if time.monotonic() > end:
            spot.empty()
            return False
        machine.keep_running()
        spot.caption(ASKING)  # again and again: between two looks another click on the page goes first
        time.sleep(LOOK)
    spot.empty()
    return True


def asked_of(student: Student) -> tuple | None:
    """Return what was asked last of this student, as ASKED holds it."""
    found = st.session_state.get(ASKED)
    return found if found and found[1] == student.key else None


def submit(student: Student) -> None:
    """Handle a callback: ask about the text, or the pair, in the fields."""
    first, second = st.session_state.w_try_first, st.session_state.w_try_second if student.about["pair"] else None
    keys = [student.key, *st.session_state.get("w_try_others", ())]
    st.session_state[ASKED] = None
    with reporting_problems(PROBLEM):
        job = follow.submit("try_it", {"students": keys, "first": first, "second": second})
        st.session_state[ASKED] = (job.id, student.key, (first, second))


def answers(student: Student, waits: bool) -> None:
    """Inside a fragment: the answers. When those that the page was drawn for have come, the page is drawn again and polls no more."""
    with showing_problems():
        asked = asked_of(student)
        still = asked is not None and not jobs.get(asked[0]).over
        if waits and not still:
            st.rerun()
        answer = watch.answer(asked[0]) if asked and not still else None
        if answer is not None:
            draw_answer(answer, asked[0])
        elif still:
            machine.keep_running()
            st.caption(ASKING)
        else:
            st.caption("Words that the task never used are fine: the student has its whole vocabulary.")


def draw_answer(answer: dict, asked: int) -> None:
    """asked: the question's number; another one starts with the class that the teacher names."""
    st.markdown("  \n".join(map(plain, trying.sentences(answer))))
    classes, names, cells = trying.answers_map(answer)
    chart = layer_map(classes, names, cells, (0.0, 100.0), ".1f", "Class probabilities by model, in percent.", slanted=trying.slanted(names))
    st.altair_chart(chart, theme=None, key="try_answers")
    st.caption("Probabilities in percent; the start is the student before its first step. They were not calibrated: a high one is no promise.")
    label = st.selectbox("Layer by layer: the probability of", classes, key=f"w_try_label_{asked}", index=classes.index(trying.named(answer)))
    rows, names, cells = trying.stages_map(answer, label)
    chart = layer_map(rows, names, cells, (0.0, 100.0), ".0f", f"Probability of {label} after each layer, in percent.", slanted=trying.slanted(names))
    st.altair_chart(chart, theme=None, key="try_stages")
    where = ("A student's layer stands beside the layer of the teacher that it was seeded from; an empty place is a layer that it lacks."
             if trying.aligned(answer) else "Layers are counted within each model, from the input.")
    st.caption(f"In percent, from each model's own head after every layer; the output is on top. {where}")
