"""Accuracies on one scale, a row each, with the interval of each where it has one."""

import math
from collections.abc import Sequence

import altair as alt

from core.figures.comparison import KINDS
from core.figures.landscape.choices import ticks
from core.figures.style import AXIS, TEXT, styled

ROW = 26  # px
LABELS = 4  # figures that stand beneath the axis without touching
ROOM = 0.32  # of the axis, beside it, for the figures


def interval_dots(rows: Sequence[dict], description: str) -> alt.LayerChart:
    """rows, top first: {"name", "value", "low", "high", "kind"}; low and high may be None; kind: a key of `comparison.KINDS`.

    The axis holds what is drawn and need not start at zero.
    """
    drawn = [value for row in rows for value in (row["value"], row["low"], row["high"]) if value is not None]
    marks = ticks(min(drawn), max(drawn))
    end = marks[-1] + ROOM * (marks[-1] - marks[0])
    scale = alt.Scale(domain=[marks[0], end], nice=False, zero=False)
    axis = alt.Axis(format=".0%", values=marks[:: math.ceil(len(marks) / LABELS)], grid=True)
    x = lambda field: alt.X(f"{field}:Q", title="accuracy", scale=scale, axis=axis)
    kinds = lambda place: alt.Scale(domain=list(KINDS), range=[value[place] for value in KINDS.values()])
    colour = alt.Color("kind:N", scale=kinds(0), legend=None)
    base = alt.Chart(alt.Data(values=[row | {"end": marks[-1]} for row in rows])).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=330, domain=False, ticks=False, grid=False)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("value:Q", title="accuracy", format=".1%"),
                 alt.Tooltip("low:Q", title="interval from", format=".1%"), alt.Tooltip("high:Q", title="to", format=".1%")],
    )
    spans = base.transform_filter("isNumber(datum.low)").mark_rule(strokeWidth=4, opacity=0.5).encode(x=x("low"), x2="high:Q", color=colour)
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=x("value"), color=colour, shape=alt.Shape("kind:N", scale=kinds(1), legend=None)
    )
    text = base.transform_calculate(text="format(datum.value, '.1%')").mark_text(align="left", dx=12, color=TEXT).encode(x=x("end"), text="text:N")
    return styled(alt.layer(spans, points, text).properties(height=ROW * len(rows) + AXIS, description=description))
