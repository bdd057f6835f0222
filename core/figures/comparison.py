"""Accuracies side by side, each with the interval that the number of examples allows."""

import math
from collections.abc import Callable, Sequence

import altair as alt

from core.figures.bars import ROW
from core.figures.landscape.choices import ticks
from core.figures.style import AXIS, BLUE, LINE, SERIES, TEXT, styled

KINDS = {"this": (BLUE, "circle"), "teacher": (SERIES[1], "diamond"), "other": (LINE, "circle"), "level": (LINE, "square")}
DOT_ROW = 26  # px of a row of `interval_dots`
LABELS = 4  # figures that stand beneath the axis without touching
ROOM = 0.32  # of the axis, beside it, for the figures


def comparison(rows: Sequence[dict]) -> alt.LayerChart:
    """rows: {"name", "accuracy", "low", "high", "loss", "kind"}, drawn in this order; kind: this, teacher, other (students), level.

    low and high may be None (no interval), loss too. A level is what a student starts from or has to beat.
    """
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=230, domain=False, ticks=False, grid=False)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("accuracy:Q", format=".1%"), alt.Tooltip("loss:Q", format=".3f"),
                 alt.Tooltip("low:Q", title="interval from", format=".1%"), alt.Tooltip("high:Q", title="to", format=".1%")],
    )
    scale = alt.Scale(domain=[0, 1.8], nice=False)
    axis = alt.Axis(format=".0%", values=[0, 0.5, 1], grid=True)
    x = lambda field: alt.X(f"{field}:Q", title="accuracy", scale=scale, axis=axis)
    text = base.transform_calculate(
        end="1.06", text="format(datum.accuracy, '.1%') + (isNumber(datum.loss) ? ' · loss ' + format(datum.loss, '.2f') : '')"
    ).mark_text(align="left", color=TEXT).encode(x=x("end"), text="text:N")
    chart = alt.layer(*_spans_and_points(base, x, "accuracy", 130), text)
    return styled(chart.properties(height=ROW * len(rows) + AXIS, description="Accuracy of this run, its teacher and other runs."))


def interval_dots(rows: Sequence[dict], description: str) -> alt.LayerChart:
    """rows, top first: {"name", "value", "low", "high", "kind"}; low and high may be None; kind: a key of `KINDS`.

    The axis holds what is drawn and need not start at zero.
    """
    drawn = [value for row in rows for value in (row["value"], row["low"], row["high"]) if value is not None]
    marks = ticks(min(drawn), max(drawn))
    end = marks[-1] + ROOM * (marks[-1] - marks[0])
    scale = alt.Scale(domain=[marks[0], end], nice=False, zero=False)
    axis = alt.Axis(format=".0%", values=marks[:: math.ceil(len(marks) / LABELS)], grid=True)
    x = lambda field: alt.X(f"{field}:Q", title="accuracy", scale=scale, axis=axis)
    base = alt.Chart(alt.Data(values=[row | {"end": marks[-1]} for row in rows])).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=330, domain=False, ticks=False, grid=False)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("value:Q", title="accuracy", format=".1%"),
                 alt.Tooltip("low:Q", title="interval from", format=".1%"), alt.Tooltip("high:Q", title="to", format=".1%")],
    )
    text = base.transform_calculate(text="format(datum.value, '.1%')").mark_text(align="left", dx=12, color=TEXT).encode(x=x("end"), text="text:N")
    return styled(alt.layer(*_spans_and_points(base, x, "value", 110), text).properties(height=DOT_ROW * len(rows) + AXIS, description=description))


def _spans_and_points(base: alt.Chart, x: Callable[[str], alt.X], field: str, size: int) -> tuple[alt.Chart, alt.Chart]:
    """Return the intervals, where there are any, and the points, by kind."""
    kinds = lambda place: alt.Scale(domain=list(KINDS), range=[value[place] for value in KINDS.values()])
    colour = alt.Color("kind:N", scale=kinds(0), legend=None)
    spans = base.transform_filter("isNumber(datum.low)").mark_rule(strokeWidth=4, opacity=0.5).encode(x=x("low"), x2="high:Q", color=colour)
    points = base.mark_point(filled=True, size=size, opacity=1).encode(
        x=x(field), color=colour, shape=alt.Shape("kind:N", scale=kinds(1), legend=None)
    )
    return spans, points
