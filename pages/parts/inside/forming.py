"""The page's first view: an answer forming layer by layer, as head and probe read it, a kept student beside it, and what the layers read."""

from contextlib import suppress

import streamlit as st

from core.data.catalogue import info_of
from core.data.task import stratified
from core.errors import LabError
from core.figures.forming import KEY, bars_height, colour_key, forming_bars
from core.store import jobs, records, students
from core.store.students import Student
from core.views.common.disagreements import local_task
from core.views.common.readiness import Readiness
from core.views.common.text import plain, shortened
from core.views.inside import forming as view
from core.views.inside.formulas import SCORES
from core.views.lab.trying import student_title
from pages.parts.common import follow, machine, sized, state, watch
from pages.parts.common.learner import learner
from pages.parts.common.problems import showing_problems
from pages.parts.inside import reading, texts

KEPT = "inside"  # in the session: what is asked for
EXAMPLES = 6  # of validation, offered as pairs to try
ASKED = "inside_forming"  # in the session: (job, what `asked_for` was given) of what was asked last
POLL = 0.3  # seconds between two looks for an answer
SENTENCE = 54  # px that the sentence above the picture takes
NO_STUDENT = "To see a student's answer form here too, press Run on the Lab: it keeps the student that it trains."


@st.cache_data(max_entries=8, ttl=600, show_spinner="Reading the task")
def examples_of(task: str) -> tuple[bool | None, list[tuple[str, str | None, str]]]:
    """Return whether the task's examples are pairs, None where that is not known here; and a few of validation, with their labels."""
    found = local_task(task)
    if found is None:
        return (info.pair if (info := info_of(task)) else None), []
    split = found.validation
    return split.second is not None, [
        (split.first[i], split.second[i] if split.second else None, found.labels[split.labels[i]]) for i in stratified(split.labels, EXAMPLES, seed=0)
    ]


def forming(ready: Readiness) -> None:
    chosen = state.choice()
    pair, examples = examples_of(chosen.task)
    saved = view.told(chosen.teacher, chosen.task, ready)
    offered = view.offered(saved, examples)
    texts.fill(chosen.task, *(offered[0][:2] if offered else (None, None)))
    first, second = texts.shown(pair)
    fields, others = st.columns([5, 2], gap="small")
    with others:
        draw_offered(offered, chosen.task)
        student = draw_students(view.fitting(students.students(), ready))
    with fields, st.form("inside_pair", border=False):
        texts.draw(pair, beside=True)
        st.form_submit_button("Show it forming", type="primary", icon=":material/layers:", on_click=take_typed, args=(chosen.task, pair))
    if first is None:
        st.info("Write a text, and see what the teacher would answer after every layer.", icon=":material/layers:")
        return
    job, problem = asked_for((chosen.teacher, chosen.task, first, second, student.key if student else None, ready.weights, ready.data))
    if problem:
        st.warning(plain(problem))
    waits = job is not None and not job.over
    known = view.at_once(saved, first, second)
    label = next((one[2] for one in offered if one[:2] == (first, second)), None)
    draw_now = lambda: draw_forming(ready, (first, second, label), known, saved is not None, student, job, waits)
    st.fragment(draw_now, run_every=POLL if waits else None)()
    draw_score_formula("forming", opened=False)
    draw_score_formula("reading", opened=False)


def draw_offered(offered: list[tuple], task: str) -> None:
    if offered:
        st.selectbox("Examples of validation", range(len(offered)), format_func=lambda i: f"{offered[i][2]}: {shortened(offered[i][0])}",
                     index=None, key="w_inside_offered", on_change=take_offered, args=(offered, task), placeholder="Take an example",
                     label_visibility="collapsed")


def take_offered(offered: list[tuple], task: str) -> None:
    """Handle a callback: an example into the fields, and show it."""
    place = st.session_state.w_inside_offered
    if place is not None:
        show(task, *offered[place][:2])


def take_typed(task: str, pair: bool | None) -> None:
    """Handle a callback: show what stands in the fields."""
    show(task, *texts.typed(pair))


def show(task: str, first: str | None, second: str | None) -> None:
    """Put texts into the fields, and have them asked about."""
    texts.put(task, first, second)
    st.session_state[KEPT]["reader"] = None  # a token of the text before
    give_up()  # so that the same text can be asked once more
    st.session_state.touched = True


def give_up() -> None:
    """Forget what was asked, and take it out of the queue where it waits."""
    asked, st.session_state[ASKED] = st.session_state.get(ASKED), None
    with suppress(LabError):  # it is gone
        if asked is not None and jobs.get(asked[0]).status == "queued":
            watch.stop(asked[0])


def draw_students(kept: list[Student]) -> Student | None:
    """Draw which kept student stands beside the teacher, and return it."""
    if not kept:
        st.selectbox("Student beside it", ["No student is kept yet"], disabled=True, key="w_inside_no_student", label_visibility="collapsed")
        return None
    by_key, mine = {one.key: one for one in kept}, set()
    with suppress(LabError):
        mine = view.keys_of(records.of_learner(learner()))
    asked = st.session_state[KEPT].get("student")
    st.session_state.w_inside_student = asked if asked in by_key else view.preferred(kept, mine).key
    key = st.selectbox("Student beside it", list(by_key), format_func=lambda key: f"Student: {student_title(by_key[key])}", key="w_inside_student",
                       on_change=take_student, label_visibility="collapsed")
    return by_key[key]


def take_student() -> None:
    """Handle a callback."""
    st.session_state[KEPT]["student"] = st.session_state.w_inside_student
    st.session_state.touched = True


def asked_for(wanted: tuple) -> tuple[jobs.Job | None, str]:
    """Return the question for (teacher, task, first, second, student's key, what teacher and data are now), asked now where it was not yet; and what
    kept it from being asked, a sentence.
    """
    asked = st.session_state.get(ASKED)
    if asked is not None and asked[1] == wanted:
        with suppress(LabError):  # it is gone
            return jobs.get(asked[0]), ""
    give_up()
    teacher, task, first, second, student, *_ = wanted
    try:
        job = follow.submit("forming", {"teacher": teacher, "task": task, "first": first, "second": second, "student": student, "attention": True})
    except LabError as error:
        return None, str(error)
    st.session_state[ASKED] = (job.id, wanted)
    return job, ""


def draw_forming(
    ready: Readiness, told: tuple, known: dict | None, probed: bool, student: Student | None, job: jobs.Job | None, waits: bool
) -> None:
    """Inside a fragment: the answer. When the one that the page was drawn for has come, the page is drawn again and polls no more.

    told: both texts and the right answer, None where it is not known. known: an answer that needs no worker. probed: whether probes of this teacher
    are saved.
    """
    with showing_problems():
        now = jobs.get(job.id) if job else None
        if waits and now.over:
            st.rerun()
        answer, problem = known, ""
        if now is not None and now.over:
            try:
                answer = watch.answer(now.id) or known
            except LabError as error:
                problem = str(error)
        if waits:
            machine.keep_running()
        if problem:
            st.error(plain(problem))
        if answer is None and not waits:
            return
        draw_panels(ready, told, answer, probed, student, waits)
        reading.draw(answer if answer and "words" in answer else None, told[:2], student, waits)


def draw_panels(ready: Readiness, told: tuple, answer: dict | None, probed: bool, student: Student | None, waits: bool) -> None:
    """Draw the sentence and the pictures side by side; a grey place of the same size while there is no answer yet."""
    layers, rows = ready.layers, bars_height(ready.layers + 1)
    with st.container(gap="xxsmall"):
        title = " → ".join(shortened(text, 160) for text in told[:2] if text)
        st.markdown(f"**{plain(title)}**")
        if answer is None:
            st.skeleton(SENTENCE + KEY + rows)
            return
        st.markdown(plain(" ".join(view.sentences(answer, told[2]))))
        names = view.bar_names(answer["labels"], answer["layers"][-1])
        sized.draw(colour_key(names), "inside_key")
    columns = iter(st.columns(2 + probed, gap="small"))
    with next(columns):
        panel("The head would say, after layer", answer, answer["layers"], "head")
    if probed:
        with next(columns):
            panel("A probe reads, after layer", answer, answer.get("probe"), "probe")
    with next(columns):
        draw_student(answer, student, layers, rows, waits)
    if not probed:
        st.caption("Probes are saved for the built-in teacher and task; here only the head reads.")


def panel(title: str, answer: dict, stages: list | None, name: str, at: list | None = None, whole: int | None = None) -> None:
    with st.container(gap="xxsmall"):
        st.markdown(f"**{title}**")
        if not stages:
            return
        rows, parts = view.bars(answer["labels"], answer["layers"][-1], stages, at, whole)
        chart = forming_bars(rows, parts, view.bar_names(answer["labels"], answer["layers"][-1]), f"{title}: the share of each label, in percent.")
        sized.draw(chart, f"inside_bars_{name}")


def draw_student(answer: dict, student: Student | None, layers: int, height: int, waits: bool) -> None:
    """Draw the student's answer forming, or what keeps it from it."""
    if student is None:
        st.markdown("**A student beside it**")
        st.info(NO_STUDENT, icon=":material/school:")
        st.page_link("pages/lab.py", label="Train one on the Lab", icon=":material/arrow_forward:")
        return
    title, said = "The student's head, after its layer", answer.get("student")
    if said is None:
        st.markdown(f"**{title}**")
        if waits:
            st.skeleton(height)
        return
    if "problem" in said:
        st.markdown(f"**{title}**")
        st.warning(plain(said["problem"]))
        return
    panel(title, answer, said["stages"], "student", *view.beside(said["layers"], layers))
    st.caption(plain(f"{view.student_sentence(answer)} {view.student_caption(said['layers'], layers)}"))


def draw_score_formula(name: str, opened: bool = True) -> None:
    """Draw a score's formula, how it is read, and what it does not say."""
    score = SCORES[name]
    with st.expander(f"{score.name}: the formula, and what it does not say", expanded=opened):
        st.latex(score.formula)
        st.markdown(f"**Reads:** {plain(score.reads)}")
        st.markdown(f"**Does not say:** {plain(score.silent)}")
        st.caption(plain(f"{score.source}."))
