"""Mistakes beside correct runs: both on one scale, how far each part moved, a published log, and the two ends of a teacher."""

from collections.abc import Sequence

import altair as alt

from core.figures.curves import ROWS, _steps
from core.figures.style import AXIS, BLUE, DASHES, LINE, ON_ORANGE, ORANGE, QUIET, SERIES, SIZE, TEXT, styled

BLOCK = 24  # px a layer of the small teacher
SIDES = ("correct", "mistaken")


def _lines(field: str, names: Sequence[str]) -> dict:
    """Colour and dash by name, the legend showing strokes although points lie on the lines."""
    legend = alt.Legend(title=None, columns=2 if len(names) > 2 else len(names), symbolType="stroke")
    scale = lambda values: alt.Scale(domain=list(names), range=list(values[: len(names)]))
    return {
        "color": alt.Color(f"{field}:N", scale=scale(SERIES), legend=legend),
        "strokeDash": alt.StrokeDash(f"{field}:N", scale=scale(DASHES), legend=legend),
    }


def log_lines(names: Sequence[str], rows: Sequence[dict], title: str, form: str, domain: tuple[float, float]) -> alt.LayerChart:
    """A figure per epoch. rows: {"epoch", "value", "strategy"}; names: the strategies in order. form: a d3 format."""
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, grid=False, format="d")),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=list(domain), nice=False), axis=alt.Axis(format=form, tickCount=5)),
        tooltip=[alt.Tooltip("strategy:N"), alt.Tooltip("epoch:Q"), alt.Tooltip("value:Q", format=form)],
        **_lines("strategy", names),
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(strokeDash=alt.value([1, 0]))
    return styled(alt.layer(base.mark_line(strokeWidth=2.5), points).properties(title=title, height=260, description=f"{title} by epoch."))


def side(names: Sequence[str], total: int, title: str, domain: tuple[float, float], form: str, teacher: float | None, height: int = 230):
    """One side of a comparison: the same domain on both makes one scale. Rows beside it: {"step", "value", "line"}, line one of names.

    teacher: its level, a dashed rule, with points on the lines; None without one.
    """
    base = alt.Chart(ROWS).encode(
        x=_steps(total),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=list(domain), nice=False), axis=alt.Axis(format=form, tickCount=5)),
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=form)],
        **_lines("line", names),
    )
    parts = [base.mark_line(strokeWidth=2.5, clip=True)]
    if teacher is not None:
        parts.append(base.mark_point(filled=True, size=70, opacity=1).encode(strokeDash=alt.value([1, 0])))
        level = alt.Chart(ROWS).mark_rule(color=LINE, strokeWidth=2, strokeDash=DASHES[1], aria=False)
        parts.append(level.encode(y=alt.YDatum(teacher)))  # on the same rows: they stand once, beside the chart
    return styled(alt.layer(*parts).properties(title=title, height=height, description=f"{title} by step."))


def norms_beside(rows: Sequence[dict]) -> alt.LayerChart:
    """rows: {"part", "side", "norm"} from the input to the output, side one of SIDES; drawn with the output on top."""
    top = max((row["norm"] for row in rows), default=0.0) or 1.0
    parts = list(dict.fromkeys(row["part"] for row in rows))[::-1]
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=alt.Y("part:N", sort=parts, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=200)),
        yOffset=alt.YOffset("side:N", sort=list(SIDES), scale=alt.Scale(domain=list(SIDES), paddingInner=0.1)),
        tooltip=[alt.Tooltip("part:N"), alt.Tooltip("side:N"), alt.Tooltip("norm:Q", format=".4f")],
    )
    x = alt.X("norm:Q", title="norm of the weight update", scale=alt.Scale(domain=[0, 1.35 * top], nice=False), axis=alt.Axis(tickCount=4))
    colour = alt.Color("side:N", scale=alt.Scale(domain=list(SIDES), range=[BLUE, SERIES[1]]), legend=alt.Legend(title=None))
    text = base.transform_calculate(text="datum.norm > 0 ? format(datum.norm, '.3~g') : 'did not move'").mark_text(
        align="left", dx=5, color=TEXT
    ).encode(x=x, text="text:N")
    height = 46 * len(parts) + AXIS
    return styled(
        alt.layer(base.mark_bar(cornerRadiusEnd=3).encode(x=x, color=colour), text).properties(
            height=height, title="How far each part moved", description="Norm of the weight update by part, correct and mistaken."
        )
    )


def ends(layers: int, low: str, high: str, chosen: Sequence[int] = ()) -> alt.LayerChart:
    """The teacher's layers, 1 lowest, with what stands at layer 1 (low) and at the last one (high); chosen layers are coloured."""
    blocks = [{"layer": layer, "x": 0, "x2": 46, "y": layer - 0.42, "y2": layer + 0.42, "mid": layer, "at": 23} for layer in range(1, layers + 1)]
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 100], nice=False, zero=False), axis=None)
    y = lambda field: alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0.4, layers + 0.6], nice=False, zero=False), axis=None)
    chart = lambda values: alt.Chart(alt.Data(values=values))
    told = lambda some: [block for block in blocks if (block["layer"] in chosen) == some]
    parts = [
        chart(told(some)).mark_rect(cornerRadius=3, color=ORANGE if some else QUIET, aria=False).encode(x=x, x2="x2:Q", y=y("y"), y2="y2:Q")
        for some in (False, True) if told(some)
    ]
    parts += [
        chart([block | {"x": block["at"]} for block in told(some)]).mark_text(
            fontSize=SIZE, fontWeight=600, baseline="middle", color=ON_ORANGE if some else TEXT, aria=False
        ).encode(x=x, y=y("mid"), text="layer:Q")
        for some in (False, True) if told(some)
    ]
    words = [{"x": 50, "mid": at, "text": text} for at, text in ((1, low), (layers, high)) if text]
    if words:
        mark = chart(words).mark_text(align="left", baseline="middle", fontSize=SIZE, color=TEXT, aria=False)
        parts.append(mark.encode(x=x, y=y("mid"), text="text:N"))
    where = f"layer 1: {low or 'no label yet'}; layer {layers}: {high or 'no label yet'}"
    return styled(alt.layer(*parts).properties(height=BLOCK * layers + 10, description=f"The teacher's {layers} layers. {where}."))
