"""The effect of having each layer, as a point with its interval; the output on top, as in the layer diagram."""

from collections.abc import Sequence

import altair as alt

from core.figures.choice_colour import choice_colour
from core.figures.style import AXIS, LINE, TEXT, styled

ROW = 40  # px


def effect_chart(values: Sequence[float], low: Sequence[float], high: Sequence[float]) -> alt.LayerChart:
    """Fractions by layer, layer 1 first; drawn in points of accuracy."""
    layers = len(values)
    rows = [
        {"layer": n, "effect": 100 * values[n - 1], "low": 100 * low[n - 1], "high": 100 * high[n - 1], "colour": choice_colour((n,), layers),
         "text": f"{100 * values[n - 1]:+z.1f}"}
        for n in range(layers, 0, -1)
    ]
    most = max(abs(row[key]) for row in rows for key in ("low", "high")) or 1.0
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("layer:O", sort=None, title="teacher layer", axis=alt.Axis(domain=False, ticks=False, labelAngle=0)),
        tooltip=[alt.Tooltip("layer:O"), alt.Tooltip("effect:Q", title="points", format="+.2f"),
                 alt.Tooltip("low:Q", title="interval from", format="+.2f"), alt.Tooltip("high:Q", title="to", format="+.2f")],
    )
    x = lambda field: alt.X(f"{field}:Q", title="points of accuracy, against the mean of all layers",
                            scale=alt.Scale(domain=[-1.15 * most, 1.5 * most], nice=False), axis=alt.Axis(tickCount=6))
    colour = alt.Color("colour:N", scale=None)
    zero = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=LINE, strokeWidth=2, aria=False).encode(x=x("x"))
    spans = base.mark_rule(strokeWidth=5, opacity=0.5, aria=False).encode(x=x("low"), x2="high:Q", color=colour)
    points = base.mark_point(filled=True, size=150, opacity=1).encode(x=x("effect"), color=colour)
    texts = base.transform_calculate(end=str(1.25 * most)).mark_text(align="left", color=TEXT, aria=False).encode(x=x("end"), text="text:N")
    return styled(alt.layer(zero, spans, points, texts).properties(height=ROW * layers + AXIS, description="Effect of having each teacher layer."))
