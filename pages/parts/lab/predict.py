"""The Lab's prediction: committed before a run with a reason, or skipped; until then the figures stay hidden."""

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
HIDDEN = "Figures stay hidden until you commit or skip. Run commits what has a reason."
FORCED = "This lesson asks for a prediction before the run: choose a reason and press Commit."


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
        with st.container(border=True, key="predict"):
            card(ready, chosen, is_open)


def card(ready: Readiness, chosen: Choice, is_open: bool) -> None:
    left, right = st.columns([2, 3], gap="medium")
    kind = left.segmented_control("Predict first", KINDS, key="w_predict_kind", default="accuracy", required=True)
    note = ""
    if kind != "rank":
        right.slider("How much of it will the student get right?", 0, 100, 50, format="%d %%", key="w_predict_accuracy")
    elif chosen.ordered and len(chosen.layers) < ready.layers:
        among, note = rankable(chosen, ready.layers, ready.weights, ready.data)
        if st.session_state.get("w_predict_rank", 1) > among:  # typed when there were more
            st.session_state.w_predict_rank = among
        right.number_input(f"Which place among {among} choices? (1 is the best)", 1, among, (among + 1) // 2, key="w_predict_rank")
    else:
        note = "There is nothing to rank: only ascending choices of fewer layers than the teacher's have a rank."
    if note:
        st.caption(plain(note))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Because", list(REASONS), index=None, format_func=REASONS.get, placeholder="choose a reason", key="w_predict_reason")
        st.button("Commit", icon=":material/lock:", on_click=commit)
        if not is_open and not state.lesson().locks("predict"):
            st.button("Skip", on_click=skip)
    draw_problem(PREDICTION)
    if not is_open:
        st.caption(HIDDEN if not state.lesson().locks("predict") else FORCED)


def commit() -> None:
    with reporting_problems(PREDICTION):
        _commit()


def _commit() -> None:
    """LabError when there is nothing that can be committed."""
    recipe = state.choice().recipe()
    kind = st.session_state.get("w_predict_kind") or "accuracy"
    value = st.session_state.get("w_predict_rank" if kind == "rank" else "w_predict_accuracy")
    if value is None:
        raise LabError("This choice has no rank; predict its accuracy.")
    predictions.commit(learner(), recipe, kind, value / 100 if kind == "accuracy" else value, st.session_state.get("w_predict_reason"))


def skip() -> None:
    with reporting_problems(PREDICTION):
        predictions.skip(learner(), state.choice().recipe())


def settle() -> None:
    """Before a run: commit what stands in the open card once it has a reason, else skip. LabError when the lesson wants a prediction."""
    st.session_state.predict_problem = ""
    chosen, lesson = state.choice(), state.lesson()
    recipe = chosen.recipe()
    if not lesson.shows("predict") or predictions.of_recipe(learner(), recipe.id) is not None:
        return
    if st.session_state.get("w_predict_reason") and not figures_open(learner(), chosen, lesson):
        _commit()
    elif lesson.locks("predict"):
        raise LabError(FORCED)
    else:
        predictions.skip(learner(), recipe)
