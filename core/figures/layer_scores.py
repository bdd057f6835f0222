"""Scores along a teacher's layers, from the input on the left to the output on the right."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import BLUE, DASHES, LINE, SERIES, SIZE, TEXT, chart_of, styled

HEIGHT = 300  # px


def _layers(names: Sequence[str]) -> alt.X:
    return alt.X("layer:N", sort=list(names), title=None, axis=alt.Axis(labelAngle=0, grid=False, labelOverlap=False, ticks=False))


def score_bars(names: Sequence[str], values: Sequence[float], title: str) -> alt.LayerChart:
    """Draw one bar a layer with its number above; `names` and values from the input to the output."""
    rows = [{"layer": name, "value": value} for name, value in zip(names, values, strict=True)]
    top = max(values, default=0.0) or 1.0
    base = chart_of(rows).encode(
        x=_layers(names), y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1.15 * top], nice=False), axis=alt.Axis(tickCount=4)),
        tooltip=[alt.Tooltip("layer:N"), alt.Tooltip("value:Q", title=title, format=".4f")],
    )
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=3)
    text = base.mark_text(dy=-10, color=TEXT, fontSize=SIZE).encode(text=alt.Text("value:Q", format=".2f"))
    return styled(alt.layer(bars, text), title=title, height=HEIGHT, description=f"{title} by layer.")


def accuracy_lines(names: Sequence[str], series: dict[str, Sequence[float]], level: tuple[str, float]) -> alt.LayerChart:
    """Draw one line for each of `series`, name -> an accuracy for each of `names`; `level` is a name and an accuracy, a dashed line across."""
    shown = [*series, level[0]]
    rows = [{"layer": layer, "line": name, "value": value} for name, values in series.items() for layer, value in zip(names, values, strict=True)]
    rows += [{"layer": layer, "line": level[0], "value": level[1]} for layer in names]
    legend = alt.Legend(title=None, columns=len(shown), symbolType="stroke")
    scale = lambda values, last: alt.Scale(domain=shown, range=[*values[: len(series)], last])
    base = chart_of(rows).encode(
        x=_layers(names),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(format=".0%", tickCount=5)),
        color=alt.Color("line:N", scale=scale(SERIES, LINE), legend=legend),
        strokeDash=alt.StrokeDash("line:N", scale=scale(DASHES, DASHES[-1]), legend=legend),
        tooltip=[alt.Tooltip("layer:N"), alt.Tooltip("line:N"), alt.Tooltip("value:Q", format=".1%")],
    )
    measured = base.transform_filter({"field": "line", "oneOf": list(series)})
    points = measured.mark_point(filled=True, size=90, opacity=1).encode(strokeDash=alt.value([1, 0]))
    return styled(alt.layer(base.mark_line(strokeWidth=2.5), points), height=HEIGHT + 40, description="Accuracy by layer.")


def head_spread(names: Sequence[str], heads: Sequence[Sequence[float | None]], means: Sequence[float | None], title: str) -> alt.LayerChart:
    """Draw a ring for each attention head of each layer, and a line through the layers' means. heads: L x H, means: L, names: L."""
    rows = [{"layer": names[i], "value": value, "head": head} for i, row in enumerate(heads) for head, value in enumerate(row, 1)]
    middle = [{"layer": name, "value": value} for name, value in zip(names, means, strict=True)]
    x = _layers(names)
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5))
    rings = chart_of(rows).mark_point(size=70, color=LINE, strokeWidth=1.5, opacity=0.9).encode(
        x=x, y=y, tooltip=[alt.Tooltip("layer:N"), alt.Tooltip("head:Q"), alt.Tooltip("value:Q", title=title, format=".2f")]
    )
    line = chart_of(middle).mark_line(color=BLUE, strokeWidth=2.5, point=alt.OverlayMarkDef(color=BLUE, size=90)).encode(x=x, y=y)
    return styled(alt.layer(rings, line), title=title, height=HEIGHT, description=f"{title} by layer and head.")
