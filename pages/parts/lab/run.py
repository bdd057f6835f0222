"""The Lab's run panel: objective, seed and labels for researchers, the budget, Run and Stop."""

import streamlit as st

from core.recipe import BUNDLES, RUNGS
from core.store import jobs
from core.views.common import choice as choices
from core.views.common.text import objective_formula, objective_title
from core.views.lab.times import BUDGETS, run_time, timing_note
from pages.parts.common import machine, state, watch
from pages.parts.common.problems import RUN, draw_problem, reporting_problems
from pages.parts.lab import labels as lab_labels
from pages.parts.lab import predict as lab_predict


def settings() -> None:
    """Draw what only researchers set."""
    chosen, lesson = state.choice(), state.lesson()
    st.session_state.w_objective, st.session_state.w_seed = chosen.objective, chosen.seed
    with st.container(horizontal=True, vertical_alignment="bottom", key="settings"):
        if lesson.shows("objective"):
            st.selectbox("Objective", list(BUNDLES), format_func=objective_title, key="w_objective", on_change=changed, args=("objective",),
                         disabled=lesson.locks("objective"), help=f"{BUNDLES[chosen.objective].line}  \n${objective_formula(chosen.objective)}$")
        if lesson.shows("seed"):
            st.number_input("Seed", 0, choices.LARGEST_SEED, key="w_seed", on_change=changed, args=("seed",), width=110,
                            disabled=lesson.locks("seed"))
        lab_labels.controls()


def draw(job: jobs.Job | None, is_open: bool, shown: bool) -> None:
    """job: the run that this session watches. is_open: the figures of this size may be seen. shown: a run's figures stand below."""
    chosen, lesson = state.choice(), state.lesson()
    active = job is not None and not job.over
    seconds = machine.step_seconds(chosen.teacher, chosen.task, len(chosen.layers))
    train = machine.train_examples(chosen.task)
    st.session_state.w_budget = chosen.budget
    with st.container(horizontal=True, vertical_alignment="bottom", key="go"):
        if lesson.shows("budget"):
            st.segmented_control("Budget: how long it trains", list(RUNGS), format_func=BUDGETS.get, key="w_budget", on_change=changed,
                                 args=("budget",), help=timing_note(seconds, train), required=True, disabled=lesson.locks("budget"))
        if active:
            label = "Stopping" if job.cancel else "Stop"  # it is measured where it stands, which takes a moment
            st.button(label, icon=":material/stop:", on_click=stop, args=(job.id,), width=120, disabled=job.cancel)
        else:
            missing = "Choose at least one layer first." if not chosen.layers else lab_predict.UNTOUCHED if lab_predict.waits(is_open) else None
            st.button("Run", type="primary", icon=":material/play_arrow:", on_click=run, disabled=missing is not None, width=110, help=missing)
    if not active and not shown:
        st.caption(run_time(chosen.budget, seconds, train))
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
