"""Accuracies as points: against what they came from, by task as ranks, and those that others report (other teachers, data and seeds)."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import AXIS, BLUE, LINE, OWN_COLOUR, SERIES, TEXT, chart_of, quoted, styled

HEIGHT = 430  # px
ROW, LINE_HEIGHT = 30, 20  # px
STRATEGIES = ("top", "bottom", "odd", "even")


def _axis(field: str, title: str, values: Sequence[float], form: str, side=alt.X, room: float = 1.0):
    """room: share of the margin that the axis ends with; a text beside the last point needs more."""
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or 0.02 * abs(high) or 1.0
    scale = alt.Scale(domain=[low - margin, high + room * margin], nice=False)
    return side(f"{field}:Q", title=title, scale=scale, axis=alt.Axis(format=form, tickCount=6))


def before_after(rows: Sequence[dict], teacher: float) -> alt.LayerChart:
    """Draw {"name", "before", "after", "colour", "label"}; label: written beside the point, '' for most. teacher: its accuracy, a line."""
    x = _axis("before", "accuracy before the first step", [row["before"] for row in rows], ".1%", room=2.0)
    y = _axis("after", "accuracy after training", [*(row["after"] for row in rows), teacher], ".0%", alt.Y)
    base = chart_of(rows).encode(
        x=x, y=y, tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("before:Q", format=".1%"), alt.Tooltip("after:Q", format=".1%")],
    )
    level = chart_of([{"name": "teacher", "after": teacher}]).encode(y=y)
    rule = level.mark_rule(color=LINE, strokeWidth=2, strokeDash=[5, 4], aria=False)
    name = level.mark_text(align="right", dy=-9, color=TEXT, aria=False).encode(x=alt.value("width"), text="name:N")
    points = base.mark_point(filled=True, size=170, opacity=1).encode(color=OWN_COLOUR, description="name:N")
    labels = base.mark_text(align="left", dx=11, color=TEXT, aria=False).encode(text="label:N")
    description = "Accuracy of each choice before its first step and after training."
    return styled(alt.layer(rule, name, points, labels), height=HEIGHT, description=description)


def sizes(rows: Sequence[dict], field: str, title: str, form: str) -> alt.LayerChart:
    """Draw {"name", "accuracy", field, "colour", "front", "label"}; those of the front are joined by a line. field: size or speed."""
    x = _axis(field, title, [row[field] for row in rows], form, room=1.5)
    y = _axis("accuracy", "accuracy", [row["accuracy"] for row in rows], ".0%", alt.Y)
    base = chart_of(rows).encode(
        x=x, y=y, tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip(f"{field}:Q", title=title, format=form),
                           alt.Tooltip("accuracy:Q", format=".1%")],
    )
    front = base.transform_filter("datum.front")
    line = front.mark_line(color=LINE, strokeWidth=2, strokeDash=[6, 4], interpolate="step-after", aria=False)
    points = base.mark_point(filled=True, size=130, opacity=0.85).encode(color=OWN_COLOUR, description="name:N")
    rings = front.mark_point(size=330, color=TEXT, strokeWidth=2, opacity=1, aria=False)
    labels = base.mark_text(align="right", dx=-15, color=TEXT, aria=False).encode(text="label:N")
    chart = alt.layer(line, points, rings, labels)
    return styled(chart, height=HEIGHT, description=f"Accuracy against {title}; rings mark what no other beats at the same cost.")


def rank_lines(rows: Sequence[dict], columns: Sequence[str], ranks: int) -> alt.LayerChart:
    """Draw {"id", "column", "rank", "colour"}, one line a choice, rank 1 on top; its layers are written at the first and last column.

    A column's name may have lines.
    """
    more = max(column.count("\n") for column in columns)  # a top axis lets further lines grow into the chart
    base = chart_of(rows).encode(
        x=alt.X("column:N", sort=list(columns), title=None, scale=alt.Scale(type="point", padding=0.5),
                axis=alt.Axis(orient="top", labelAngle=0, labelLimit=300, labelExpr="split(datum.label, '\\n')",
                              labelPadding=4 + LINE_HEIGHT * more, domain=False)),
        y=alt.Y("rank:Q", title="rank", scale=alt.Scale(domain=[ranks + 0.5, 0.5], nice=False), axis=alt.Axis(tickMinStep=1, grid=False)),
        tooltip=[alt.Tooltip("id:N", title="layers"), alt.Tooltip("column:N", title="task"), alt.Tooltip("rank:Q")],
    )
    lines = base.mark_line(strokeWidth=2.5, opacity=0.75, aria=False).encode(color=OWN_COLOUR, detail="id:N")
    points = base.mark_point(filled=True, size=90, opacity=1).encode(color=OWN_COLOUR)
    ends = [
        base.transform_filter(f"datum.column == {quoted(column)}").mark_text(align=align, dx=dx, color=TEXT, aria=False).encode(text="id:N")
        for column, align, dx in ((columns[0], "right", -10), (columns[-1], "left", 10))
    ]
    return styled(alt.layer(lines, points, *ends), height=24 * ranks + AXIS, description="Rank of each choice by task.")


def notebooks(rows: Sequence[dict]) -> alt.Chart:
    """Draw {"notebook", "strategy", "accuracy", "told"}; strategy: one of STRATEGIES, by its own name for it; told: what was copied."""
    names = list(dict.fromkeys(row["notebook"] for row in rows))
    shapes = alt.Scale(domain=list(STRATEGIES), range=["circle", "square", "triangle-up", "diamond"])
    colours = alt.Scale(domain=list(STRATEGIES), range=list(SERIES))
    legend = alt.Legend(title="called", columns=4)
    low = min(row["accuracy"] for row in rows)
    chart = chart_of(rows).mark_point(size=170, strokeWidth=2.5, filled=False, opacity=1).encode(
        x=alt.X("accuracy:Q", title="accuracy", scale=alt.Scale(domain=[low - 0.03, 0.8], nice=False), axis=alt.Axis(format=".0%", tickCount=6)),
        y=alt.Y("notebook:N", sort=names, title=None, axis=alt.Axis(labelLimit=300, grid=True, domain=False, ticks=False)),
        color=alt.Color("strategy:N", scale=colours, legend=legend), shape=alt.Shape("strategy:N", scale=shapes, legend=legend),
        tooltip=[alt.Tooltip("notebook:N"), alt.Tooltip("strategy:N", title="called"), alt.Tooltip("told:N", title="layers copied"),
                 alt.Tooltip("accuracy:Q", format=".1%")],
    )
    return styled(chart, height=ROW * len(names) + AXIS + 40, description="Accuracies that eleven tables report for four layer choices.")


def published(rows: Sequence[dict], unit: str) -> alt.LayerChart:
    """Draw published figures, top first: {"name", "value", "source", "teacher"}; teacher: whether it is a teacher's. unit: '%' or 'points'."""
    base = chart_of(rows).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=560, grid=True, domain=False, ticks=False)),
        tooltip=[alt.Tooltip("source:N"), alt.Tooltip("name:N", title="student"), alt.Tooltip("value:Q", format=".2f")],
    )
    values = [row["value"] for row in rows] + ([0] if unit == "points" else [])
    low, high = min(values), max(values)
    margin = 0.1 * (high - low)
    scale = alt.Scale(domain=[low - margin, high + 2 * margin], nice=False)
    x = alt.X("value:Q", title="accuracy, %" if unit == "%" else "change in points", scale=scale, axis=alt.Axis(tickCount=6))
    if_teacher = lambda yes, no: alt.condition("datum.teacher", alt.value(yes), alt.value(no))
    points = base.mark_point(size=150, filled=True, opacity=1).encode(x=x, color=if_teacher(LINE, BLUE), shape=if_teacher("diamond", "circle"))
    texts = base.transform_calculate(text="format(datum.value, '.1f')").mark_text(align="left", dx=12, aria=False).encode(x=x, text="text:N")
    return styled(alt.layer(points, texts), height=ROW * len(rows) + AXIS, description="Published figures, each with its source.")
