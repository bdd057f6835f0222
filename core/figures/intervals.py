"""Points with their intervals: accuracies side by side, the effect of each layer, and how far rankings agree."""

import math
from collections.abc import Callable, Sequence

import altair as alt

from core.figures.bars import ROW
from core.figures.choice_colour import choice_colour
from core.figures.layer_rows import ticks
from core.figures.style import AXIS, BLUE, LINE, OWN_COLOUR, SERIES, TEXT, chart_of, styled

KINDS = {"this": (BLUE, "circle"), "teacher": (SERIES[1], "diamond"), "other": (LINE, "circle"), "level": (LINE, "square")}
DOT_ROW, EFFECT_ROW, TAU_ROW = 26, 40, 56  # px of a row of `interval_dots`, `effect_chart` and `tau_chart`
LABELS = 4  # figures that stand beneath the axis without touching
ROOM = 0.32  # of the axis, beside it, for the figures
TICK, MARK = 0.2, 0.04  # in tau: from tick to tick, and the room that a mark needs


def comparison(rows: Sequence[dict]) -> alt.LayerChart:
    """Draw {"name", "accuracy", "low", "high", "loss", "kind"} in this order; kind: this, teacher, other (students), level.

    low and high may be None (no interval), loss too. A level is what a student starts from or has to beat.
    """
    base = chart_of(rows).encode(
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
    return styled(chart, height=ROW * len(rows) + AXIS, description="Accuracy of this run, its teacher and other runs.")


def interval_dots(rows: Sequence[dict], description: str) -> alt.LayerChart:
    """Draw rows, top first: {"name", "value", "low", "high", "kind"}; low and high may be None; kind: a key of `KINDS`.

    The axis holds what is drawn and need not start at zero.
    """
    drawn = [value for row in rows for value in (row["value"], row["low"], row["high"]) if value is not None]
    marks = ticks(min(drawn), max(drawn))
    end = marks[-1] + ROOM * (marks[-1] - marks[0])
    scale = alt.Scale(domain=[marks[0], end], nice=False, zero=False)
    axis = alt.Axis(format=".0%", values=marks[:: math.ceil(len(marks) / LABELS)], grid=True)
    x = lambda field: alt.X(f"{field}:Q", title="accuracy", scale=scale, axis=axis)
    base = chart_of(row | {"end": marks[-1]} for row in rows).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=330, domain=False, ticks=False, grid=False)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("value:Q", title="accuracy", format=".1%"),
                 alt.Tooltip("low:Q", title="interval from", format=".1%"), alt.Tooltip("high:Q", title="to", format=".1%")],
    )
    text = base.transform_calculate(text="format(datum.value, '.1%')").mark_text(align="left", dx=12, color=TEXT).encode(x=x("end"), text="text:N")
    return styled(alt.layer(*_spans_and_points(base, x, "value", 110), text), height=DOT_ROW * len(rows) + AXIS, description=description)


def effect_chart(values: Sequence[float], low: Sequence[float], high: Sequence[float], pairs: bool = False) -> alt.LayerChart:
    """Draw effects in points of accuracy, with the output on top. Given: fractions, nearest the input first, of having each layer; with `pairs` of
    having neither of layers 1 and 2, of 2 and 3, and so on."""
    count = len(values)
    name = (lambda n: f"{n} and {n + 1}") if pairs else str
    rows = [
        {"name": name(n), "effect": 100 * values[n - 1], "low": 100 * low[n - 1], "high": 100 * high[n - 1],
         "colour": choice_colour((n,), count), "text": f"{100 * values[n - 1]:+z.1f}"}
        for n in range(count, 0, -1)
    ]
    most = max(abs(row[key]) for row in rows for key in ("low", "high")) or 1.0
    base = chart_of(rows).encode(
        y=alt.Y("name:O", sort=None, title="both missing" if pairs else "teacher layer", axis=alt.Axis(domain=False, ticks=False, labelAngle=0)),
        tooltip=[alt.Tooltip("name:O", title="layers" if pairs else "layer"), alt.Tooltip("effect:Q", title="points", format="+.2f"),
                 alt.Tooltip("low:Q", title="interval from", format="+.2f"), alt.Tooltip("high:Q", title="to", format="+.2f")],
    )
    beside = "choices that lack no two neighbours" if pairs else "the mean of all layers"
    x = lambda field: alt.X(f"{field}:Q", title=f"points of accuracy, against {beside}",
                            scale=alt.Scale(domain=[-1.15 * most, 1.5 * most], nice=False), axis=alt.Axis(tickCount=6))
    zero = chart_of([{"x": 0}]).mark_rule(color=LINE, strokeWidth=2, aria=False).encode(x=x("x"))
    spans = base.mark_rule(strokeWidth=5, opacity=0.5, aria=False).encode(x=x("low"), x2="high:Q", color=OWN_COLOUR)
    points = base.mark_point(filled=True, size=150, opacity=1).encode(x=x("effect"), color=OWN_COLOUR)
    texts = base.transform_calculate(end=str(1.25 * most)).mark_text(align="left", color=TEXT, aria=False).encode(x=x("end"), text="text:N")
    what = "Effect of lacking two neighbouring layers of the teacher." if pairs else "Effect of having each teacher layer."
    return styled(alt.layer(zero, spans, points, texts), height=EFFECT_ROW * count + AXIS, description=what)


def tau_chart(rows: Sequence[dict]) -> alt.LayerChart:
    """Draw Kendall's tau, rows top first: {"name", "tau", "low", "high", "ceiling", "ceiling_low", "ceiling_high", "trivial"}; a name may have lines;
    low, high and trivial may be None."""
    base = chart_of(rows).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=330, labelExpr="split(datum.label, '\\n')", domain=False, ticks=False)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("tau:Q", format=".2f"), alt.Tooltip("low:Q", title="interval from", format=".2f"),
                 alt.Tooltip("high:Q", title="to", format=".2f"), alt.Tooltip("ceiling:Q", title="noise ceiling", format=".2f"),
                 alt.Tooltip("ceiling_low:Q", title="ceiling from", format=".2f"), alt.Tooltip("ceiling_high:Q", title="to", format=".2f"),
                 alt.Tooltip("trivial:Q", title="sum of layer numbers", format=".2f")],
    )
    lowest = min(row[key] for row in rows for key in ("low", "tau", "ceiling_low", "trivial") if row[key] is not None)
    scale = alt.Scale(domain=[min(0.0, math.floor((lowest - MARK) / TICK) * TICK), 1], nice=False)  # no mark on the names
    x = lambda field: alt.X(f"{field}:Q", title="agreement of two orders (tau)", scale=scale, axis=alt.Axis(tickCount=6, format=".1f"))
    kinds = {
        "tau": ("tau with its interval", BLUE, "circle", 170), "ceiling": ("noise ceiling with its range", LINE, "stroke", 500),
        "trivial": ("sum of layer numbers", SERIES[1], "triangle-up", 130),
    }
    kinds = {field: kind for field, kind in kinds.items() if any(row[field] is not None for row in rows)}
    names, colours, shapes, _ = zip(*kinds.values())
    legend = alt.Legend(title=None, columns=len(kinds))
    colour = alt.Color("kind:N", scale=alt.Scale(domain=names, range=colours), legend=legend)
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=names, range=shapes), legend=legend)
    known = base.transform_filter("isNumber(datum.low)")
    spans = known.mark_rule(strokeWidth=5, opacity=0.45, color=BLUE, aria=False).encode(x=x("low"), x2="high:Q")
    ceilings = base.mark_rule(strokeWidth=2, color=LINE, aria=False).encode(x=x("ceiling_low"), x2="ceiling_high:Q")
    marks = [
        base.transform_filter(f"isNumber(datum.{field})").transform_calculate(kind=f"'{name}'").mark_point(
            filled=field != "ceiling", size=size, strokeWidth=4, opacity=1, angle=90 if field == "ceiling" else 0
        ).encode(x=x(field), color=colour, shape=shape)
        for field, (name, _, _, size) in reversed(kinds.items())
    ]
    words = "How far two orders of choices agree (Kendall's tau)."
    return styled(alt.layer(spans, ceilings, *marks), height=TAU_ROW * len(rows) + AXIS + 30, description=words)


def _spans_and_points(base: alt.Chart, x: Callable[[str], alt.X], field: str, size: int) -> tuple[alt.Chart, alt.Chart]:
    """Return the intervals, where there are any, and the points, by kind."""
    kinds = lambda place: alt.Scale(domain=list(KINDS), range=[value[place] for value in KINDS.values()])
    colour = alt.Color("kind:N", scale=kinds(0), legend=None)
    spans = base.transform_filter("isNumber(datum.low)").mark_rule(strokeWidth=4, opacity=0.5).encode(x=x("low"), x2="high:Q", color=colour)
    points = base.mark_point(filled=True, size=size, opacity=1).encode(
        x=x(field), color=colour, shape=alt.Shape("kind:N", scale=kinds(1), legend=None)
    )
    return spans, points
