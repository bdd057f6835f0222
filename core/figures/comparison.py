"""Accuracies side by side, each with the interval that the number of examples allows."""

from collections.abc import Sequence

import altair as alt

from core.figures.bars import ROW
from core.figures.style import AXIS, BLUE, LINE, SERIES, TEXT, styled

KINDS = {"this": (BLUE, "circle"), "teacher": (SERIES[1], "diamond"), "other": (LINE, "circle"), "level": (LINE, "square")}


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
    kinds = lambda place: alt.Scale(domain=list(KINDS), range=[value[place] for value in KINDS.values()])
    colour = alt.Color("kind:N", scale=kinds(0), legend=None)
    spans = base.transform_filter("isNumber(datum.low)").mark_rule(strokeWidth=4, opacity=0.5).encode(x=x("low"), x2="high:Q", color=colour)
    points = base.mark_point(filled=True, size=130, opacity=1).encode(
        x=x("accuracy"), color=colour, shape=alt.Shape("kind:N", scale=kinds(1), legend=None)
    )
    text = base.transform_calculate(
        end="1.06", text="format(datum.accuracy, '.1%') + (isNumber(datum.loss) ? ' · loss ' + format(datum.loss, '.2f') : '')"
    ).mark_text(align="left", color=TEXT).encode(x=x("end"), text="text:N")
    chart = alt.layer(spans, points, text)
    return styled(chart.properties(height=ROW * len(rows) + AXIS, description="Accuracy of this run, its teacher and other runs."))
