"""The Lab's run panel: objective, seed, budget, Run and Stop."""

import streamlit as st

from core.recipe import BUNDLES, RUNGS
from core.store import jobs
from core.views.common import choice as choices
from core.views.common.text import objective_formula, objective_title
from core.views.lab.times import rung_labels, timing_note
from pages.parts.common import machine, state, watch
from pages.parts.common.problems import RUN, draw_problem, reporting_problems
from pages.parts.lab import predict as lab_predict


def draw(job: jobs.Job | None) -> None:
    """job: the run that this session watches."""
    chosen, lesson = state.choice(), state.lesson()
    active = job is not None and not job.over
    seconds = machine.step_seconds(chosen.teacher, chosen.task, len(chosen.layers))
    st.session_state.w_objective, st.session_state.w_budget, st.session_state.w_seed = chosen.objective, chosen.budget, chosen.seed
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if lesson.shows("objective"):
            st.selectbox("Objective", list(BUNDLES), format_func=objective_title, key="w_objective", on_change=changed, args=("objective",),
                         disabled=lesson.locks("objective"))
        if lesson.shows("seed"):
            st.number_input("Seed", 0, choices.LARGEST_SEED, key="w_seed", on_change=changed, args=("seed",), width=110,
                            disabled=lesson.locks("seed"))
        if active:
            label = "Stopping" if job.cancel else "Stop"  # it is measured where it stands, which takes a moment
            st.button(label, icon=":material/stop:", on_click=stop, args=(job.id,), width=120, disabled=job.cancel)
        else:
            st.button("Run", type="primary", icon=":material/play_arrow:", on_click=run, disabled=not chosen.layers, width=110,
                      help=None if chosen.layers else "Choose at least one layer first.")
    if lesson.shows("objective") and not active:
        st.caption(f"{BUNDLES[chosen.objective].line}  \n${objective_formula(chosen.objective)}$")
    if lesson.shows("budget"):
        labels = rung_labels(seconds, machine.train_examples(chosen.task))
        st.segmented_control("Budget", list(RUNGS), format_func=lambda name: labels[name], key="w_budget", on_change=changed, args=("budget",),
                             help=timing_note(seconds), required=True, width="stretch", disabled=lesson.locks("budget"))
    draw_problem(RUN)


def changed(field: str) -> None:
    if st.session_state[f"w_{field}"] is not None:
        state.change(**{field: st.session_state[f"w_{field}"]})


def run() -> None:
    st.session_state.left_note = ""
    with reporting_problems(RUN):
        recipe = state.choice().recipe()
        lab_predict.settle()
        machine.ensure()
        watch.submit(recipe)
        st.session_state.shown_run = None


def stop(job_id: int) -> None:
    """Give a job up; another learner who watches it keeps it going."""
    with reporting_problems(RUN):
        st.session_state.left_note = watch.stop(job_id)
