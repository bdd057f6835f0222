"""Figures from elsewhere, drawn apart from the saved runs: other teachers, other data, other seeds."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import AXIS, BLUE, LINE, SERIES, styled

ROW = 30  # px
STRATEGIES = ("top", "bottom", "odd", "even")


def notebooks(rows: Sequence[dict]) -> alt.Chart:
    """rows: {"notebook", "strategy", "accuracy", "told"}; strategy: one of STRATEGIES, by its own name for it; told: what was copied."""
    names = list(dict.fromkeys(row["notebook"] for row in rows))
    shapes = alt.Scale(domain=list(STRATEGIES), range=["circle", "square", "triangle-up", "diamond"])
    colours = alt.Scale(domain=list(STRATEGIES), range=list(SERIES))
    legend = alt.Legend(title="called", columns=4)
    low = min(row["accuracy"] for row in rows)
    chart = alt.Chart(alt.Data(values=list(rows))).mark_point(size=170, strokeWidth=2.5, filled=False, opacity=1).encode(
        x=alt.X("accuracy:Q", title="accuracy", scale=alt.Scale(domain=[low - 0.03, 0.8], nice=False), axis=alt.Axis(format=".0%", tickCount=6)),
        y=alt.Y("notebook:N", sort=names, title=None, axis=alt.Axis(labelLimit=300, grid=True, domain=False, ticks=False)),
        color=alt.Color("strategy:N", scale=colours, legend=legend), shape=alt.Shape("strategy:N", scale=shapes, legend=legend),
        tooltip=[alt.Tooltip("notebook:N"), alt.Tooltip("strategy:N", title="called"), alt.Tooltip("told:N", title="layers copied"),
                 alt.Tooltip("accuracy:Q", format=".1%")],
    )
    return styled(chart.properties(height=ROW * len(names) + AXIS + 40, description="Accuracies that eleven tables report for four layer choices."))


def published(rows: Sequence[dict], unit: str) -> alt.LayerChart:
    """rows, top first: {"name", "value", "source", "teacher"}; teacher: whether it is the teacher's figure. unit: '%' or 'points'."""
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=560, grid=True, domain=False, ticks=False)),
        tooltip=[alt.Tooltip("source:N"), alt.Tooltip("name:N", title="student"), alt.Tooltip("value:Q", format=".2f")],
    )
    values = [row["value"] for row in rows]
    low, high = min([*values, 0] if unit == "points" else values), max([*values, 0] if unit == "points" else values)
    margin = 0.1 * (high - low)
    scale = alt.Scale(domain=[low - margin, high + 2 * margin], nice=False)
    x = alt.X("value:Q", title="accuracy, %" if unit == "%" else "change in points", scale=scale, axis=alt.Axis(tickCount=6))
    if_teacher = lambda yes, no: alt.condition("datum.teacher", alt.value(yes), alt.value(no))
    points = base.mark_point(size=150, filled=True, opacity=1).encode(x=x, color=if_teacher(LINE, BLUE), shape=if_teacher("diamond", "circle"))
    texts = base.transform_calculate(text="format(datum.value, '.1f')").mark_text(align="left", dx=12, aria=False).encode(x=x, text="text:N")
    return styled(alt.layer(points, texts).properties(height=ROW * len(rows) + AXIS, description="Published figures, each with its source."))
