"""The Lab: pick teacher layers, predict, run a short distillation live, see what came out."""

import streamlit as st

from core.errors import LabError
from pages.shared import guard, lab_outcome, lab_pick, lab_predict, lab_ready, lab_run, machine, shown, state, watch
from pages.shared.learner import learner
from pages.shared.prediction import opened, visible
from pages.shared.readiness import Readiness, readiness
from pages.shared.text import plain


def draw() -> None:
    chosen = state.choice()
    ready = readiness(chosen.teacher, chosen.task)
    st.title("Which teacher layers should a student start from?", anchor=False)
    if state.problems():
        st.warning("  \n".join(map(plain, state.problems())), icon=":material/link_off:")
    if ready.problem and not ready.can_tune:
        st.error(plain(ready.problem))
    if ready.layers is None:
        lab_ready.draw(ready)
        return
    if ready.ready:
        machine.warm(chosen.teacher, chosen.task)
    lab_pick.presets(ready.layers)
    left, right = st.columns([20, 29], gap="medium")
    try:
        parts(ready, left, right)
    except LabError as error:
        right.error(plain(error))


def parts(ready: Readiness, left, right) -> None:
    """LabError when the store cannot be read."""
    chosen = state.choice()
    job = watch.watched()
    is_open = opened(learner(), chosen, state.lesson())
    record = shown.shown(job)
    with left, st.container(key="pick"):
        lab_pick.pick(ready, record if record and visible(record, chosen, is_open) else None, is_open)
    with right:
        if not ready.ready:
            lab_ready.draw(ready)
            return
        lab_run.draw(job)
        lab_predict.draw(ready, job is not None and not job.over, is_open, record)
        lab_outcome.draw(job)


guard.require_app()
draw()
