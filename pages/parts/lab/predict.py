"""The Lab's prediction: made before a run, or skipped; until then Run waits and the figures stay hidden."""

import streamlit as st

from core.errors import LabError
from core.store import predictions
from core.store.predictions import REASONS
from core.views.common.choice import Choice
from core.views.common.prediction import figures_open, prediction_text, rankable
from core.views.common.readiness import Readiness
from core.views.common.text import plain
from pages.parts.common import state
from pages.parts.common.learner import learner
from pages.parts.common.problems import PREDICTION, draw_problem, reporting_problems

KINDS = ("accuracy", "rank")
FIRST = {"accuracy": 50, "rank": 1}  # where the slider stands untouched; a place starts in the middle
NO_REASON = "guess"
HIDDEN = "Move the slider to what you expect, or skip: Run waits for it. Until then the figures stay hidden."
FORCED = "This lesson asks for a prediction before the run: move the slider, choose a reason and press Commit."
UNTOUCHED = "Move the slider to what you expect first, or skip."
MOVED = "predict_moved"  # in the session: what the learner has set a prediction for


def draw(ready: Readiness, active: bool, is_open: bool, shown: dict | None) -> None:
    """active: a run goes on. is_open: the figures of this teacher, task and K may be seen. shown: the run on the page, which has the verdict."""
    chosen = state.choice()
    if not chosen.layers or not state.lesson().shows("predict"):
        return
    made = predictions.of_recipe(learner(), chosen.recipe().id)
    if made is not None:
        if not made.skipped and (shown is None or shown["id"] != made.recipe_id):
            icon, locked = ("lock", " Locked while it runs.") if active else ("target", "")
            st.markdown(f":material/{icon}: **You predicted {plain(prediction_text(made))}.**{locked}")
    elif active:
        return
    elif is_open:
        with st.popover("Predict this run too", icon=":material/target:", type="tertiary"):
            card(ready, chosen, is_open)
    else:
        with st.container(border=True, key="predict", gap="xsmall"):
            card(ready, chosen, is_open)


def waits(is_open: bool) -> bool:
    """Return whether Run waits: the figures are hidden, and the learner has neither set a prediction nor skipped it."""
    return not is_open and not moved()


def moved() -> bool:
    return st.session_state.get(MOVED) == subject()


def subject() -> tuple:
    """Return what a prediction that is being set is about: the pair, the size, and what is predicted."""
    chosen = state.choice()
    return chosen.teacher, chosen.task, len(chosen.layers), kind_asked()


def kind_asked() -> str:
    return (st.session_state.get("w_predict_kind") if state.researcher() else None) or "accuracy"


def touch() -> None:
    """Handle a callback: the slider or the place was set."""
    st.session_state[MOVED] = subject()


def card(ready: Readiness, chosen: Choice, is_open: bool) -> None:
    setting = st.container()
    if state.researcher():
        left, setting = st.columns([2, 3], gap="medium")
        left.segmented_control("Predict first", KINDS, key="w_predict_kind", default="accuracy", required=True)
    with setting:
        ask(ready, chosen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Because", list(REASONS), index=None, format_func=REASONS.get, placeholder="it is a guess", key="w_predict_reason")
        st.button("Commit", icon=":material/lock:", on_click=commit)
        if not is_open and not state.lesson().locks("predict"):
            st.button("Skip", on_click=skip)
    draw_problem(PREDICTION)
    if not is_open:
        st.caption(HIDDEN if not state.lesson().locks("predict") else FORCED)


def ask(ready: Readiness, chosen: Choice) -> None:
    """Draw what is predicted: the share of right answers, or a place."""
    if kind_asked() == "accuracy":
        if not moved():
            st.session_state.w_predict_accuracy = FIRST["accuracy"]
        st.slider("How much of it will the student get right?", 0, 100, format="%d %%", key="w_predict_accuracy", on_change=touch)
    elif chosen.ordered and len(chosen.layers) < ready.layers:
        among, note = rankable(chosen, ready.layers, ready.weights, ready.data)
        kept = st.session_state.get("w_predict_rank")
        if not moved() or not kept or kept > among:  # typed when there were more
            st.session_state.w_predict_rank = (among + 1) // 2
        st.number_input(f"Which place among {among} choices? (1 is the best)", 1, among, key="w_predict_rank", on_change=touch)
        st.caption(plain(note))
    else:
        st.caption("There is nothing to rank: only ascending choices of fewer layers than the teacher's have a rank.")


def commit() -> None:
    with reporting_problems(PREDICTION):
        _commit()


def _commit() -> None:
    """LabError when there is nothing that can be committed."""
    recipe, kind = state.choice().recipe(), kind_asked()
    value = st.session_state.get(f"w_predict_{kind}")
    reason = st.session_state.get("w_predict_reason")
    if value is None:
        raise LabError("This choice has no rank; predict its accuracy.")
    if not moved():
        raise LabError(UNTOUCHED)
    if reason is None and state.lesson().locks("predict"):
        raise LabError(FORCED)
    predictions.commit(learner(), recipe, kind, value / 100 if kind == "accuracy" else value, reason or NO_REASON)
    st.session_state[MOVED] = None


def skip() -> None:
    with reporting_problems(PREDICTION):
        predictions.skip(learner(), state.choice().recipe())


def settle() -> None:
    """Before a run: commit the prediction that was set in the open card, else skip. LabError when the lesson wants one."""
    st.session_state.predict_problem = ""
    chosen, lesson = state.choice(), state.lesson()
    recipe = chosen.recipe()
    if not lesson.shows("predict") or predictions.of_recipe(learner(), recipe.id) is not None:
        return
    if moved() and not figures_open(learner(), chosen, lesson):
        _commit()
    elif lesson.locks("predict"):
        raise LabError(FORCED)
    else:
        predictions.skip(learner(), recipe)
