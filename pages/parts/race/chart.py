"""The curves of several runs in one chart, on one scale."""

import streamlit as st

from core.figures import side
from core.views.common.text import percent
from core.views.race.curves import RunCurves
from pages.parts.common import live

EMPTY = [{"step": None, "value": None, "line": None}]


def draw(view: RunCurves, key: str) -> None:
    """Accuracy and training loss side by side; each holds every run."""
    charts = (
        (view.accuracies, side(view.names, view.total, view.title, (0.0, 1.0), ".0%", view.teacher), "accuracy"),
        (view.losses, side(view.names, view.total, "Training loss", (0.0, view.top), ".2~f", None), "loss"),
    )
    for column, (rows, chart, what) in zip(st.columns(2, gap="small"), charts, strict=True):
        with column:
            live.chart_of_rows(list(rows) or EMPTY, chart, f"{key}_{what}")
    if view.teacher is not None:
        st.caption(f"Dashed: the teacher's own accuracy, {percent(view.teacher)}.")
    if not view.one_objective:
        st.caption("These runs have different objectives, so their losses are no common measure; compare the accuracies.")
