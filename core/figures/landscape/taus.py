"""Rankings beside each other: Kendall's tau with interval and ceiling, and the ranks themselves as lines."""

import math
from collections.abc import Sequence

import altair as alt

from core.figures.style import AXIS, BLUE, LINE, SERIES, TEXT, styled

ROW, LINE_HEIGHT = 56, 20  # px
TICK, MARK = 0.2, 0.04  # in tau: from tick to tick, and the room that a mark needs


def tau_chart(rows: Sequence[dict]) -> alt.LayerChart:
    """rows, top first: {"name", "tau", "low", "high", "ceiling", "trivial"}; a name may have lines, trivial may be None."""
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=330, labelExpr="split(datum.label, '\\n')", domain=False, ticks=False)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("tau:Q", format=".2f"), alt.Tooltip("low:Q", title="interval from", format=".2f"),
                 alt.Tooltip("high:Q", title="to", format=".2f"), alt.Tooltip("ceiling:Q", title="noise ceiling", format=".2f"),
                 alt.Tooltip("trivial:Q", title="sum of layer numbers", format=".2f")],
    )
    lowest = min(row[key] for row in rows for key in ("low", "tau", "trivial") if row[key] is not None)
    scale = alt.Scale(domain=[min(0.0, math.floor((lowest - MARK) / TICK) * TICK), 1], nice=False)  # no mark on the names
    x = lambda field: alt.X(f"{field}:Q", title="Kendall's tau", scale=scale, axis=alt.Axis(tickCount=6, format=".1f"))
    kinds = {
        "tau": ("tau with its interval", BLUE, "circle", 170), "ceiling": ("noise ceiling", LINE, "stroke", 500),
        "trivial": ("sum of layer numbers", SERIES[1], "triangle-up", 130),
    }
    kinds = {field: kind for field, kind in kinds.items() if any(row[field] is not None for row in rows)}
    names, colours, shapes, _ = zip(*kinds.values())
    legend = alt.Legend(title=None, columns=len(kinds))
    colour = alt.Color("kind:N", scale=alt.Scale(domain=names, range=colours), legend=legend)
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=names, range=shapes), legend=legend)
    spans = base.mark_rule(strokeWidth=5, opacity=0.45, color=BLUE, aria=False).encode(x=x("low"), x2="high:Q")
    marks = [
        base.transform_filter(f"isNumber(datum.{field})").transform_calculate(kind=f"'{name}'").mark_point(
            filled=field != "ceiling", size=size, strokeWidth=4, opacity=1, angle=90 if field == "ceiling" else 0
        ).encode(x=x(field), color=colour, shape=shape)
        for field, (name, _, _, size) in reversed(kinds.items())
    ]
    return styled(alt.layer(spans, *marks).properties(height=ROW * len(rows) + AXIS + 30, description="Kendall's tau between rankings."))


def rank_lines(rows: Sequence[dict], columns: Sequence[str], ranks: int) -> alt.LayerChart:
    """rows: {"id", "column", "rank", "colour"}; one line a choice, rank 1 on top; its layers are written at the first and last column.
    A column's name may have lines."""
    more = max(column.count("\n") for column in columns)  # a top axis lets further lines grow into the chart
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X("column:N", sort=list(columns), title=None, scale=alt.Scale(type="point", padding=0.35),
                axis=alt.Axis(orient="top", labelAngle=0, labelLimit=300, labelExpr="split(datum.label, '\\n')",
                              labelPadding=4 + LINE_HEIGHT * more, domain=False)),
        y=alt.Y("rank:Q", title="rank", scale=alt.Scale(domain=[ranks + 0.5, 0.5], nice=False), axis=alt.Axis(tickMinStep=1, grid=False)),
        tooltip=[alt.Tooltip("id:N", title="layers"), alt.Tooltip("column:N", title="task"), alt.Tooltip("rank:Q")],
    )
    lines = base.mark_line(strokeWidth=2.5, opacity=0.75, aria=False).encode(color=alt.Color("colour:N", scale=None), detail="id:N")
    points = base.mark_point(filled=True, size=90, opacity=1).encode(color=alt.Color("colour:N", scale=None))
    ends = [
        base.transform_filter(f"datum.column == {quoted(column)}").mark_text(align=align, dx=dx, color=TEXT, aria=False).encode(text="id:N")
        for column, align, dx in ((columns[0], "right", -10), (columns[-1], "left", 10))
    ]
    return styled(alt.layer(lines, points, *ends).properties(height=24 * ranks + AXIS, description="Rank of each choice by task."))


def quoted(text: str) -> str:
    """A string literal of Vega's expression language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"
