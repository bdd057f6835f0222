"""The Lab: pick teacher layers, predict, run a short distillation live, see what came out."""

import streamlit as st

from core.errors import LabError
from core.views.common.fit import kept_fit
from core.views.common.prediction import figures_open, run_visible
from core.views.common.readiness import Readiness, readiness
from core.views.common.text import plain
from pages.parts.common import first_sight, fits, guard, machine, state, terms, watch
from pages.parts.common.learner import learner
from pages.parts.lab import guide as lab_guide
from pages.parts.lab import labels as lab_labels
from pages.parts.lab import outcome as lab_outcome
from pages.parts.lab import pick as lab_pick
from pages.parts.lab import predict as lab_predict
from pages.parts.lab import ready as lab_ready
from pages.parts.lab import run as lab_run

WHAT = (
    "A small student copies layers of a trained teacher, then learns to answer like it. Click layers, guess the result, and run it."
)


def draw() -> None:
    chosen = state.choice()
    ready = readiness(chosen.teacher, chosen.task)
    with st.container(key="head", gap=None):
        st.title("Which teacher layers should a student start from?", anchor=False)
        terms.text(WHAT, "teacher", "student", "layer", "distillation", key="lab")
    others = [problem for problem in state.problems() if problem != ready.problem]
    if others:
        st.warning("  \n".join(map(plain, others)), icon=":material/link_off:")
    if ready.problem and not ready.can_tune:
        st.error(plain(ready.problem))
    if ready.layers is None:
        lab_ready.draw(ready)
        return
    if ready.ready:
        machine.warm(chosen.teacher, chosen.task)
    lab_guide.draw()
    with st.container(key="above"):
        above = first_sight.Place(first_sight.PRESETS, "presets")
    left, right = st.columns([20, 29], gap="medium")
    try:
        parts(ready, above, left, right)
    except LabError as error:
        above.container()  # no longer grey
        right.error(plain(error))


def parts(ready: Readiness, above: first_sight.Place, left, right) -> None:
    """above: the place of the presets. left, right: the columns. LabError when the store cannot be read."""
    chosen = state.choice()
    job = watch.watched_run()
    is_open = figures_open(learner(), chosen, state.lesson())
    record = lab_outcome.displayed_record(job)
    shown = record if record and run_visible(record, chosen, is_open) else None
    with left, st.container(key="pick"):
        scores = lab_pick.scores(ready, shown, is_open)
        lab_pick.diagram(ready, scores)
        with right:  # after the diagram: on a phone it stands below it
            beside = first_sight.Place(first_sight.PANEL, "panel")
        first_sight.head_start()
        with above.container():
            lab_pick.presets(ready.layers)
        lab_pick.below(ready, scores)
    with beside.container():
        if not ready.ready:
            lab_ready.draw(ready)
            return
        if state.researcher():
            lab_run.settings()
        lab_labels.draw()
        if record is None and (job is None or job.status == "stopped"):
            fits.draw(kept_fit(chosen.teacher, chosen.task))
        lab_predict.draw(ready, job is not None and not job.over, is_open, record)
        lab_run.draw(job, is_open, shown is not None)
        lab_outcome.draw(job, record)


guard.require_app()
draw()
