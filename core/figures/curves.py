"""Curves of a run. Axes keep their domain while a run goes on, so that nothing jumps.

Each function returns the chart without its data: the page hands the rows beside it, and a live chart is then updated
in place. Rows of loss_curve: {"step", "value", "part"}; of accuracy_curve: {"step", "value", "line"}, of its band
{"step", "low", "high", "line"}.
"""

from collections.abc import Sequence

import altair as alt

from core.figures.style import DASHES, LINE, SERIES, styled

ROWS = alt.NamedData(name="rows")  # one object, so that Altair hoists it out of every layer


def _steps(total: int) -> alt.X:
    return alt.X("step:Q", title="step", scale=alt.Scale(domain=[0, max(total, 1)], nice=False), axis=alt.Axis(tickCount=4, grid=False, format="d"))


def _series(field: str, names: Sequence[str], colours: Sequence[str] = SERIES) -> dict:
    """Colour and dash by name, with one legend for both."""
    dashes = alt.Scale(domain=list(names), range=DASHES[: len(names)])
    colours = alt.Scale(domain=list(names), range=list(colours[: len(names)]))
    legend = alt.Legend(title=None, columns=2 if len(names) > 2 else len(names))
    return {"color": alt.Color(f"{field}:N", scale=colours, legend=legend), "strokeDash": alt.StrokeDash(f"{field}:N", scale=dashes, legend=legend)}


def loss_curve(parts: Sequence[str], total: int, top: float, height: int = 250) -> alt.Chart:
    """Training loss over `total` steps, one line for each of `parts`; the axis ends at `top`."""
    chart = alt.Chart(ROWS).mark_line(strokeWidth=2.5, clip=True, interpolate="monotone").encode(
        x=_steps(total),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=4)),
        tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("part:N"), alt.Tooltip("value:Q", format=".3f")],
        **_series("part", parts),
    )
    return styled(chart.properties(title="Training loss", height=height, description="Training loss by step."))


def accuracy_curve(total: int, height: int = 250, low: float = 0.0, title: str = "Accuracy", band: str = "") -> alt.LayerChart:
    """Accuracy over `total` steps: the student's points on a line, the teacher's as a level. The axis runs from `low` to 1.

    band: what the area behind them is called, between the rows' low and high; none is drawn without a name.
    """
    names = ("student", "teacher", band) if band else ("student", "teacher")
    base = alt.Chart(ROWS).encode(
        x=_steps(total),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[low, 1], nice=False), axis=alt.Axis(format=".0%", tickCount=5)),
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=".1%")],
        **_series("line", names, [*SERIES[:2], LINE]),
    )
    lines = base.transform_filter("isNumber(datum.value)").mark_line(strokeWidth=2.5, clip=True)
    points = base.transform_filter("datum.line == 'student'").mark_point(filled=True, size=90, opacity=1).encode(
        color=alt.value(SERIES[0]), strokeDash=alt.value([1, 0])
    )
    chart = alt.layer(*([_band(total, low)] if band else []), lines, points)
    return styled(chart.properties(title=title, height=height, description="Accuracy by step, student and teacher."))


def _band(total: int, low: float) -> alt.Chart:
    """The area between low and high, with an edge, so that a band of one run is seen as well; the lines' legend names it."""
    y = alt.Y("low:Q", title=None, scale=alt.Scale(domain=[low, 1], nice=False), axis=alt.Axis(format=".0%", tickCount=5))
    return alt.Chart(ROWS).transform_filter("isNumber(datum.low)").mark_area(
        color=LINE, fillOpacity=0.3, stroke=LINE, strokeWidth=1.5, strokeDash=DASHES[2], clip=True
    ).encode(
        x=_steps(total), y=y, y2="high:Q",
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("step:Q"), alt.Tooltip("low:Q", format=".1%"), alt.Tooltip("high:Q", format=".1%")],
    )
