"""What went wrong? A published table as a mystery, its mistakes as switches, the same choices done right, and a table of one's own."""

import streamlit as st

from core import figures
from core.store import saved
from core.views.common import glossary, lesson
from core.views.common.choice import choice_query
from core.views.common.level import level_query
from core.views.common.text import plain
from core.views.wrong import answers as wrong_answers
from core.views.wrong import case_study
from core.views.wrong import done_right as at_scale
from pages.parts.common import guard, state
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.learner import learner
from pages.parts.common.problems import showing_problems
from pages.parts.wrong import case as wrong_case
from pages.parts.wrong import live as wrong_live
from pages.parts.wrong import own as wrong_own
from pages.parts.wrong.findings import findings, table


def draw() -> None:
    st.title("What went wrong?", anchor=False)
    st.markdown("A course assignment compared four choices of teacher layers and drew a conclusion from its table. Would you draw it too?")
    step = case_study.step_of(st.query_params.get("step"))
    if step == case_study.OWN and not state.researcher():
        step = "table"
        go(step)
    st.session_state.w_wrong_step = step
    steps = [name for name in case_study.STEPS if state.researcher() or name != case_study.OWN]
    st.segmented_control("Step", steps, format_func=case_study.STEPS.get, key="w_wrong_step", required=True,
                         on_change=lambda: go(st.session_state.w_wrong_step or "table"), label_visibility="collapsed", width="stretch")
    with showing_problems():
        answers = wrong_answers.answers(learner())
        first = case_study.waits_for(step, answers)
        if first:
            st.info("This step comes after an answer of yours.", icon=":material/lock:")
            st.button(f"Go to {case_study.STEPS[first]}", type="primary", icon=":material/arrow_back:", on_click=go, args=(first,))
            return
        DRAW[step](answers)


def go(step: str) -> None:
    """Handle a callback: the step and the choice, in the address."""
    st.session_state.touched = True
    level = level_query(st.session_state.level, state.choice())
    st.query_params.from_dict(choice_query(state.choice()) | lesson.lesson_query(state.lesson()) | level | {"step": step})


@st.cache_resource(max_entries=2, show_spinner="Comparing the saved runs")
def scales(files: tuple) -> list[at_scale.Scale]:
    """files: as `files_stamp` gives them. LabError for damaged files."""
    return at_scale.scales(all_landscapes(files), saved.blocks())


def done_right(answers: dict) -> None:
    st.subheader("The same four choices, each with a student of its own that was trained", anchor=False)
    full = at_scale.full_runs(all_landscapes(files_stamp()))
    if full:
        told = "Accuracy of the four choices, each trained in full, by teacher and task."
        chart = figures.lanes(at_scale.rows(full), list(at_scale.PRESETS.values()), told)
        st.altair_chart(chart, theme=None, key="wrong_lanes")
        st.caption("Mark: mean accuracy over seeds. Bar: its interval. Line: the teacher. The first layers are nearest the input, the last nearest "
                   "the output.", help=glossary.define_all("interval", "random seed"))
    if not state.researcher():
        for one in full:
            heading = at_scale.lane(one).replace("\n", ", ")
            st.markdown(f"**{plain(heading)}.** {plain(' '.join(at_scale.sentences(one)))}", help=glossary.define("too few runs to tell"))
        if full:
            with st.expander("The figures"):
                table(at_scale.figures(full))
        else:
            st.info("No full runs of these choices are saved.", icon=":material/hourglass_empty:")
        return
    st.markdown("Accuracies are means over seeds. All pairs of the four are tested together: better, within some points, or too few runs to tell.")
    for scale in scales(files_stamp()):
        st.subheader(plain(scale.title), anchor=False)
        for shown in scale.shown:
            st.markdown(f"**{plain(shown.title)}**")
            table(shown.rows)
            if shown.note:
                st.caption(plain(shown.note))
            findings(shown.findings)
        if scale.missing:
            st.info("  \n".join(map(plain, scale.missing)), icon=":material/hourglass_empty:")
        if scale.commands:
            st.code("\n".join(scale.commands), language=None, wrap_lines=True)
    st.button("Now your own table", type="primary", icon=":material/arrow_forward:", on_click=go, args=("own",))


def own_step() -> None:
    wrong_own.own_table()
    cases()


def cases() -> None:
    """Draw ten public solutions of the assignment."""
    st.subheader("Ten solutions of one assignment", anchor=False)
    st.markdown("Their tables, anonymous. Diagnose one from its figures; then add the layers that its code copied.")
    cohort = {one.name: one for one in case_study.cohort()}
    picked = st.selectbox("Notebook", list(cohort), format_func=lambda name: cohort[name].title, key="w_wrong_case")
    one = cohort[picked]
    table(case_study.case_rows(one))
    st.caption(plain(one.source) + ".")
    layers = st.toggle("Also tell the layers that were copied", key="w_wrong_layers")
    findings(case_study.diagnosis(one, layers))
    with st.expander("What its code did", key=f"truth_{picked}"):
        for line in case_study.case_truth(one):
            st.markdown(plain(line))


DRAW = {
    "table": lambda answers: wrong_case.table_step(answers, go), "log": lambda answers: wrong_case.log_step(answers, go),
    "hunt": lambda answers: wrong_live.hunt_step(), "right": done_right, "own": lambda answers: own_step(),
}

guard.require_app()
draw()
