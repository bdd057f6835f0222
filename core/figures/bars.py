"""Bars: accuracy by group, and how far each part of the student moved."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import AXIS, BLUE, LINE, ORANGE, SERIES, TEXT, chart_of, styled

ROW = 32  # px a bar
SIDES = ("correct", "mistaken")
NORM_TEXT = "datum.norm > 0 ? format(datum.norm, '.3~g') : 'did not move'"


def accuracy_bars(rows: Sequence[dict], overall: float) -> alt.LayerChart:
    """Draw {"name", "accuracy", "n"} in the order given, top first; "teacher", where it is there, is drawn as a tick.

    A line marks `overall`, the accuracy on all examples. The figures stand in a column of their own, right of 100 %.
    """
    base = chart_of(rows).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, domain=False, ticks=False)),
        tooltip=[alt.Tooltip("name:N", title="group"), alt.Tooltip("accuracy:Q", format=".1%"), alt.Tooltip("n:Q", title="examples")],
    )
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], grid=False)
    scale = alt.Scale(domain=[0, 1.4], nice=False)
    x = alt.X("accuracy:Q", title="accuracy", scale=scale, axis=axis)
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=3, size=20).encode(x=x)
    label = base.transform_calculate(text="format(datum.accuracy, '.0%') + '  of ' + datum.n", end="1.04")
    text = label.mark_text(align="left", color=TEXT).encode(x=alt.X("end:Q", scale=scale, axis=axis), text="text:N")
    ticks = []
    if any(row.get("teacher") is not None for row in rows):
        known = base.transform_filter("isNumber(datum.teacher)")
        ticks.append(known.mark_tick(color=ORANGE, thickness=4, height=26, opacity=1).encode(x=alt.X("teacher:Q", scale=scale, axis=axis)))
    line = chart_of([{"accuracy": overall}]).mark_rule(color=LINE, strokeWidth=2, strokeDash=[5, 4]).encode(x=x)
    return styled(alt.layer(bars, line, *ticks, text), height=ROW * len(rows) + AXIS, description="Accuracy by group of examples.")


def norm_bars(rows: Sequence[dict]) -> alt.LayerChart:
    """Draw {"part", "norm"}, given from the input to the output, with the output on top, like the diagram."""
    base = chart_of(rows[::-1]).encode(
        y=alt.Y("part:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, domain=False, ticks=False)), x=_norms(rows, 1.25),
        tooltip=[alt.Tooltip("part:N"), alt.Tooltip("norm:Q", title="norm of the update", format=".4f")],
    )
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=3, size=20)
    text = base.transform_calculate(text=NORM_TEXT).mark_text(align="left", dx=5, color=TEXT).encode(text="text:N")
    return styled(alt.layer(bars, text), height=ROW * len(rows) + AXIS, description="Norm of the weight update by part of the student.")


def norms_beside(rows: Sequence[dict]) -> alt.LayerChart:
    """Draw {"part", "side", "norm"}, given from the input to the output, with the output on top; side: one of SIDES."""
    parts = list(dict.fromkeys(row["part"] for row in rows))[::-1]
    base = chart_of(rows).encode(
        y=alt.Y("part:N", sort=parts, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=200)), x=_norms(rows, 1.35),
        yOffset=alt.YOffset("side:N", sort=list(SIDES), scale=alt.Scale(domain=list(SIDES), paddingInner=0.1)),
        tooltip=[alt.Tooltip("part:N"), alt.Tooltip("side:N"), alt.Tooltip("norm:Q", format=".4f")],
    )
    colour = alt.Color("side:N", scale=alt.Scale(domain=list(SIDES), range=[BLUE, SERIES[1]]), legend=alt.Legend(title=None))
    text = base.transform_calculate(text=NORM_TEXT).mark_text(align="left", dx=5, color=TEXT).encode(text="text:N")
    return styled(
        alt.layer(base.mark_bar(cornerRadiusEnd=3).encode(color=colour), text), height=46 * len(parts) + AXIS,
        title="How far each part moved", description="Norm of the weight update by part, correct and mistaken.",
    )


def _norms(rows: Sequence[dict], room: float) -> alt.X:
    """room: end of the axis, for the texts, as a multiple of the largest norm."""
    top = max((row["norm"] for row in rows), default=0.0) or 1.0
    scale = alt.Scale(domain=[0, room * top], nice=False)
    return alt.X("norm:Q", title="norm of the weight update", scale=scale, axis=alt.Axis(tickCount=4))
