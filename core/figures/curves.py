"""Curves of a run. Axes keep their domain while a run goes on, so that nothing jumps.

Each function returns the chart without its data: the page hands the rows beside it, and a live chart is then updated
in place. Rows of loss_curve: {"step", "value", "part"}; of accuracy_curve: {"step", "value", "line"}.
"""

from collections.abc import Sequence

import altair as alt

from core.figures.style import DASHES, SERIES, styled

DATA = "rows"


def _steps(total: int) -> alt.X:
    return alt.X("step:Q", title="step", scale=alt.Scale(domain=[0, max(total, 1)], nice=False), axis=alt.Axis(tickCount=4, grid=False, format="d"))


def _series(field: str, names: Sequence[str]) -> dict:
    """Colour and dash by name, with one legend for both."""
    dashes = alt.Scale(domain=list(names), range=DASHES[: len(names)])
    colours = alt.Scale(domain=list(names), range=SERIES[: len(names)])
    legend = alt.Legend(title=None, columns=2 if len(names) > 2 else len(names))
    return {"color": alt.Color(f"{field}:N", scale=colours, legend=legend), "strokeDash": alt.StrokeDash(f"{field}:N", scale=dashes, legend=legend)}


def loss_curve(parts: Sequence[str], total: int, top: float, height: int = 250) -> alt.Chart:
    """Training loss over `total` steps, one line for each of `parts`; the axis ends at `top`."""
    chart = alt.Chart(alt.NamedData(name=DATA)).mark_line(strokeWidth=2.5, clip=True, interpolate="monotone").encode(
        x=_steps(total),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=4)),
        tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("part:N"), alt.Tooltip("value:Q", format=".3f")],
        **_series("part", parts),
    )
    return styled(chart.properties(title="Training loss", height=height, description="Training loss by step."))


def accuracy_curve(total: int, height: int = 250, low: float = 0.0) -> alt.LayerChart:
    """Accuracy over `total` steps: the student's points on a line, the teacher's as a level. The axis runs from `low` to 1."""
    names = ("student", "teacher")
    base = alt.Chart(alt.NamedData(name=DATA)).encode(
        x=_steps(total),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[low, 1], nice=False), axis=alt.Axis(format=".0%", tickCount=5)),
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=".1%")],
        **_series("line", names),
    )
    lines = base.mark_line(strokeWidth=2.5, clip=True)
    points = base.transform_filter("datum.line == 'student'").mark_point(filled=True, size=90, opacity=1).encode(
        color=alt.value(SERIES[0]), strokeDash=alt.value([1, 0])
    )
    chart = alt.layer(lines, points).properties(title="Accuracy", height=height, description="Accuracy by step, student and teacher.")
    return styled(chart)

