"""What is drawn while something trains, and the curves of what has trained."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core import figures
from core.figures.curves import HEIGHT
from core.figures.style import AXIS
from core.store.jobs import Job
from core.views.common.progress import Curves, Progress, line_names
from core.views.common.text import plain
from pages.parts.common import state

DRAWN = HEIGHT - AXIS - 30  # px of a curve between its title and its axis


def progress_bar(now: Progress) -> None:
    st.progress(now.fraction, text=f"{plain(now.text)}{f' · {now.eta} left' if now.eta else ''}")


def draw_end(job: Job, failed: str, after_stop: str = "") -> None:
    """Say why a job that is over ended without a result. failed: for a failed one without a reason. after_stop: added to a stopped one's."""
    if job.status == "failed":
        st.error(plain(job.reason or failed), icon=":material/error:")
    elif job.status == "stopped":
        st.info(plain((job.reason or "Stopped.") + after_stop), icon=":material/stop:")


def draw_accuracy(found: Curves | None) -> None:
    """Draw accuracy by step; a grey place of the same size while there is nothing to draw."""
    if not (found and found.accuracies):
        st.skeleton(HEIGHT)
        return
    lines = [row if "value" in row else row | {"value": (row["low"] + row["high"]) / 2} for row in found.accuracies]  # a band's name: at its middle
    rows = [*found.accuracies, *figures.end_labels(lines, "line", line_names(found), 1.0, DRAWN)]
    draw_rows(rows, "curve_accuracy", figures.accuracy_curve, found.total, found.title, found.band, found.predicted)


def draw_loss(found: Curves | None) -> None:
    """Draw the training loss and its parts by step; a grey place of the same size while there is nothing to draw."""
    if not (found and found.losses):
        st.skeleton(HEIGHT)
        return
    ends = figures.end_labels(found.losses, "part", dict(zip(found.parts, found.parts)), found.top, DRAWN)
    draw_rows([*found.losses, *ends], "curve_loss", figures.loss_curve, found.parts, found.total, found.top)


def draw_groups(found: Curves | None) -> None:
    """Draw accuracy by kind of example, a strip each that grows; nothing where there are no kinds."""
    if found and found.groups:
        last = {row["group"]: row["accuracy"] for row in found.groups}
        draw_rows(found.groups, "curve_groups", figures.group_strip, sorted(last), found.total)


def draw_curves(found: Curves | None) -> None:
    """Draw accuracy, its strips by kind of example, and for researchers the losses."""
    draw_accuracy(found)
    draw_groups(found)
    if state.researcher():
        draw_loss(found)


def draw_rows(rows, key: str, figure: Callable, *args) -> None:
    """Draw figure(*args), a chart whose rows come beside it: the browser updates it in place. args: JSON, see core/figures/kept.py."""
    st.vega_lite_chart(pd.DataFrame(rows), _without_rows(figures.spec(figure, *args)), theme=None, key=key)


def chart_of_rows(rows, altair_chart, key: str) -> None:
    """Draw a chart that was made anew, whose rows come beside it."""
    st.vega_lite_chart(pd.DataFrame(rows), _without_rows(altair_chart.to_dict()), theme=None, key=key)


def _without_rows(spec: dict) -> dict:
    return {name: value for name, value in spec.items() if name not in ("data", "datasets")}
