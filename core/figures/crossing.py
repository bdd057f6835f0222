"""Two students' curves that cross, with what a short run of each had said."""

from collections.abc import Mapping, Sequence

import altair as alt

from core.figures.style import LINE, TEXT, chart_of, styled

HEIGHT = 280  # px
ROOM = 0.16  # of the width, right of the last step, for the lines' names


def crossing_curves(curves: Sequence[dict], dots: Sequence[dict], colours: Mapping[str, str], total: int, short: int) -> alt.LayerChart:
    """Draw {"line", "step", "value", "low", "high"} as lines with their range, {"line", "step", "value"} as diamonds, and a rule at step `short`.

    colours: line -> CSS colour. total: steps of the whole run. The lines carry their names at their ends.
    """
    values = [row["low"] for row in curves] + [row["high"] for row in curves] + [row["value"] for row in dots]
    low, high = min(values), max(values)
    x = alt.X("step:Q", title="step", scale=alt.Scale(domain=[0, total * (1 + ROOM)], nice=False),
              axis=alt.Axis(values=sorted({row["step"] for row in curves if row["step"] % (total // 3) == 0}), grid=False, format="d"))
    y = lambda field: alt.Y(f"{field}:Q", title="accuracy", scale=alt.Scale(domain=[low - 0.02, high + 0.03], nice=False),
                            axis=alt.Axis(format=".0%", tickCount=5))
    colour = alt.Color("line:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None)
    dash = alt.StrokeDash("line:N", scale=alt.Scale(domain=list(colours), range=[[1, 0], [7, 4]]), legend=None)
    tip = [alt.Tooltip("line:N", title="layers"), alt.Tooltip("step:Q"), alt.Tooltip("value:Q", title="accuracy", format=".1%")]
    base = chart_of(curves).encode(x=x, color=colour)
    band = base.mark_area(opacity=0.22, aria=False).encode(y=y("low"), y2="high:Q")
    line = base.mark_line(strokeWidth=3).encode(y=y("value"), strokeDash=dash, tooltip=tip)
    points = base.mark_point(filled=True, size=60, opacity=1, aria=False).encode(y=y("value"), tooltip=tip)
    last = max(row["step"] for row in curves)
    names = chart_of(row for row in curves if row["step"] == last).mark_text(align="left", dx=9, fontWeight=600, baseline="middle").encode(
        x=x, y=y("value"), text="line:N", color=colour
    )
    at = chart_of([{"step": short, "text": f"{short} steps", "value": low - 0.005}])
    rule = at.mark_rule(color=LINE, strokeWidth=1.5, strokeDash=[5, 4], aria=False).encode(x=x)
    words = at.mark_text(align="left", dx=6, baseline="bottom", color=TEXT, aria=False).encode(x=x, y=y("value"), text="text:N")
    diamonds = chart_of(dots).mark_point(shape="diamond", size=190, filled=False, strokeWidth=3, opacity=1).encode(
        x=x, y=y("value"), color=colour, tooltip=tip
    )
    chart = alt.layer(band, rule, line, points, diamonds, words, names)
    return styled(chart, height=HEIGHT, description=f"Accuracy by step of {' and '.join(colours)}, which cross; a rule marks {short} steps.")
