"""A teacher and what is left of it without some layers: how many examples each gets right, and what each says of one text after every layer."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import AXIS, BLUE, CELL, LINE, ORANGE, SIZE, TEXT, chart_of, styled

ROW, BAR = 38, 34  # px of a layer, and of a bar
QUIETEST, FULLEST = 0.08, 1.0  # strength of a cell at 0 and at 100 %
ROOM = 14  # px of a cell that its text leaves free


def kept_bars(rows: Sequence[dict], level: tuple[str, float], description: str) -> alt.LayerChart:
    """Draw a bar with its number for each of {"name", "accuracy", "whole"}, top first; whole: it is the teacher's, in the teacher's colour.

    level: a name and an accuracy, a dashed line with its name below."""
    axis, scale = alt.Axis(format=".0%", values=[0, 0.5, 1], grid=False, title=None), alt.Scale(domain=[0, 1.22], nice=False)
    x = lambda field: alt.X(f"{field}:Q", axis=axis, scale=scale)
    base = chart_of(rows).transform_calculate(told="datum.name + ': ' + format(100 * datum.accuracy, '.1f') + ' %'").encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=210)), x=x("accuracy"),
        tooltip=alt.Tooltip("told:N", title=" "), description="told:N",
    )
    colour = alt.condition("datum.whole", alt.value(ORANGE), alt.value(BLUE))
    text = base.mark_text(align="left", dx=6, color=TEXT, aria=False).encode(text=alt.Text("accuracy:Q", format=".1%"))
    line = chart_of([{"accuracy": level[1], "told": f"{level[0]}: {100 * level[1]:.1f} %"}]).mark_rule(
        color=TEXT, strokeWidth=2, strokeDash=[5, 4]
    ).encode(x=x("accuracy"), tooltip=alt.Tooltip("told:N", title=" "), description="told:N")
    bars = base.mark_bar(cornerRadiusEnd=3, size=20).encode(color=colour)
    return styled(alt.layer(bars, text, line), height=BAR * len(rows) + AXIS - 26, description=description)


def chain_answers(rows: Sequence[str], columns: Sequence[str], cells: Sequence[dict], description: str) -> alt.LayerChart:
    """Draw what is said after every layer: rows from top to bottom, columns side by side.

    cells: {"row", "column", "said", "share", "differs", "told"}. said: the likeliest class, None where the layer is missing; share: its probability,
    0 to 1, which the strength of the cell says too; differs: from the first column, which a sign and a dashed frame say."""
    axis = {"domain": False, "ticks": False, "labelOverlap": False}
    apart = alt.Scale(paddingInner=0.03, paddingOuter=0.01)
    base = chart_of(cells).encode(
        x=alt.X("column:N", sort=list(columns), title=None, scale=apart, axis=alt.Axis(orient="top", labelAngle=0, labelLimit=210, **axis)),
        y=alt.Y("row:N", sort=list(rows), title=None, scale=alt.Scale(paddingInner=0.1), axis=alt.Axis(**axis)),
        tooltip=alt.Tooltip("told:N", title=" "), description="told:N",
    )
    there = base.transform_filter("isValid(datum.said)")
    strength = alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[QUIETEST, FULLEST]), legend=None)
    blocks = there.mark_rect(color=CELL, stroke=LINE, strokeWidth=0.4, cornerRadius=3).encode(fillOpacity=strength)
    gone = base.transform_filter("!isValid(datum.said)").mark_rect(color="transparent")  # for pointers and readers alone
    frames = there.transform_filter("datum.differs").mark_rect(
        color="transparent", stroke=TEXT, strokeWidth=2, strokeDash=[5, 3], cornerRadius=3, aria=False
    )
    limit = alt.ExprRef(f"width / {len(columns)} - {ROOM}")
    texts = base.transform_calculate(
        text="isValid(datum.said) ? (datum.differs ? '≠ ' : '') + format(100 * datum.share, '.0f') + ' ' + datum.said : 'missing'"
    ).mark_text(color=TEXT, fontSize=SIZE, aria=False, limit=limit).encode(text="text:N")
    return styled(alt.layer(blocks, gone, frames, texts), height=ROW * len(rows) + 30, description=description)
