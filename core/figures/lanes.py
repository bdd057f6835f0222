"""A few named students in several lanes of one chart: a lane a teacher and task, a student a shape and a colour of its own."""

from collections.abc import Sequence

import altair as alt

from core.figures.layer_rows import ticks
from core.figures.style import AXIS, LINE, OWN_COLOUR, chart_of, styled

LANE = 84  # px
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


def lanes(rows: Sequence[dict], names: Sequence[str], description: str) -> alt.LayerChart:
    """Draw rows {"lane", "name", "value", "low", "high", "teacher", "colour"} in the order of their lanes; low and high may be None.

    names: of the students, in the order of the legend. teacher: its accuracy, the same in a lane, a line.
    """
    drawn = [value for row in rows for value in (row["value"], row["low"], row["high"], row["teacher"]) if value is not None]
    marks = ticks(min(drawn), max(drawn))
    x = lambda field: alt.X(f"{field}:Q", title="accuracy", scale=alt.Scale(domain=[marks[0], marks[-1]], nice=False, zero=False),
                            axis=alt.Axis(format=".0%", tickCount=5))
    order = list(dict.fromkeys(row["lane"] for row in rows))
    lane = alt.Y("lane:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, domain=False, ticks=False, grid=False,
                                                                 labelExpr="split(datum.label, '\\n')"))
    base = chart_of(rows).encode(
        y=lane, yOffset=alt.YOffset("name:N", sort=list(names), scale=alt.Scale(paddingOuter=1)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("value:Q", title="accuracy", format=".1%"),
                 alt.Tooltip("low:Q", title="interval from", format=".1%"), alt.Tooltip("high:Q", title="to", format=".1%")],
    )
    spans = base.transform_filter("isNumber(datum.low)").mark_rule(strokeWidth=4, opacity=0.5, aria=False)
    legend = alt.Legend(title=None, columns=2, symbolFillColor="currentColor")
    points = base.mark_point(filled=True, size=130, opacity=1).encode(
        x=x("value"), color=OWN_COLOUR,
        shape=alt.Shape("name:N", scale=alt.Scale(domain=list(names), range=list(SHAPES[: len(names)])), legend=legend),
    )
    known = {row["lane"]: row["teacher"] for row in rows}
    level = chart_of({"lane": name, "teacher": value} for name, value in known.items()).mark_tick(
        thickness=2, size=LANE * 0.8, color=LINE, aria=False).encode(x=x("teacher"), y=lane)
    layers = [level, spans.encode(x=x("low"), x2="high:Q", color=OWN_COLOUR), points]
    return styled(alt.layer(*layers), height=LANE * len(order) + AXIS, description=description)
