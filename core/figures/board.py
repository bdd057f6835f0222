"""The class's answers as dots, one a learner, to be read from the back of a room; colour and shape both say the reason."""

import math
import textwrap
from collections.abc import Sequence

import altair as alt

from core.figures.style import BLUE, LINE, SERIES, TEXT, chart_of, styled

LARGE = 26  # px: every text of the board
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-left", "triangle-right")
LEAST = 8  # dots that a stack or a row has room for
HEIGHT, ROW, LINE_HEIGHT = 270, 50, 26  # px: of stacks, of a row of options, and of each further line of its name
WIDE = 36  # characters of a line
DOT, WIDTH = 19, 560  # px: the largest dot, and what a row of them has at least
COLUMNS, LEGEND_ROW = 2, 30  # of the legend; px
TRUTH = "light-dark(#00745a, #3fd0a8)"


def stacks(dots: Sequence[dict], domain: tuple[float, float], truth: tuple[float, float] | None, unit: str) -> alt.LayerChart:
    """Draw numbers: {"x", "n", "reason", "told"}, n: the place in its stack, from 1. truth: (value, how far off still counts), once it is known.

    unit: behind a number on the axis, such as ' %'. told: what a screen reader says of a dot.
    """
    x = lambda field: alt.X(f"{field}:Q", scale=alt.Scale(domain=list(domain), nice=False, zero=False), title=None,
                            axis=alt.Axis(labelFontSize=LARGE, labelExpr=f"datum.label + '{unit}'", tickCount=6, grid=False, labelPadding=8))
    most = max(LEAST, *(dot["n"] for dot in dots), 0)
    y = alt.Y("n:Q", scale=alt.Scale(domain=[0, most + 1], nice=False), axis=None)
    layers = []
    if truth is not None:
        value, within = truth
        band = {"low": value - within, "high": value + within, "value": value, "top": most + 1, "n": 0, "told": f"The answer: {value:g}{unit}"}
        known = chart_of([band])
        layers.append(known.mark_rect(color=TRUTH, opacity=0.22, clip=True, aria=False).encode(x=x("low"), x2="high:Q"))
        layers.append(known.mark_rule(color=TRUTH, strokeWidth=5).encode(x=x("value"), description="told:N"))
    layers.append(_dots(dots, HEIGHT / (most + 2)).encode(x=x("x"), y=y))
    what = "The class's answers, a dot a learner." + (f" The answer is {truth[0]:g}{unit}." if truth else "")
    return styled(alt.layer(*layers), height=HEIGHT + legend_height(dots), description=what)


def option_rows(dots: Sequence[dict], options: Sequence[str], right: Sequence[str]) -> alt.LayerChart:
    """Draw options, a row each in this order: {"option", "n", "reason", "told"}, n: the place in its row, from 1. right: those that are right."""
    written = lambda option: "\n".join(textwrap.wrap(f"✓ {option}" if option in right else option, WIDE))
    named = [{"option": option, "name": written(option), "n": 0, "right": option in right} for option in options]
    lines = max(row["name"].count("\n") + 1 for row in named)
    names = {row["option"]: row["name"] for row in named}
    most = max(LEAST, *(dot["n"] for dot in dots), 0)
    y = alt.Y("name:N", sort=[row["name"] for row in named], title=None,
              axis=alt.Axis(labelFontSize=LARGE, labelLimit=480, labelExpr="split(datum.label, '\\n')", labelPadding=10, domain=False, ticks=False,
                            grid=False))
    x = alt.X("n:Q", scale=alt.Scale(domain=[0, most + 2], nice=False), axis=None)
    band = chart_of(row | {"end": most + 2} for row in named).mark_rect(color=TRUTH, aria=False).encode(
        y=y, x=x, x2="end:Q", opacity=alt.condition("datum.right", alt.value(0.22), alt.value(0)))
    counts = {option: max((dot["n"] for dot in dots if dot["option"] == option), default=0) for option in options}
    texts = chart_of({"name": names[option], "n": count, "text": str(count)} for option, count in counts.items()).mark_text(
        align="left", dx=16, fontSize=LARGE, color=TEXT).encode(x=x, y=y, text="text:N")
    drawn = _dots([dot | {"name": names[dot["option"]]} for dot in dots], WIDTH / (most + 2)).encode(x=x, y=y)
    what = "The class's answers, a dot a learner: " + ", ".join(f"{option}: {count}" for option, count in counts.items()) + "."
    return styled(alt.layer(band, drawn, texts), height=(ROW + LINE_HEIGHT * (lines - 1)) * len(options) + legend_height(dots), description=what)


def legend_height(dots: Sequence[dict]) -> int:
    """Return the px that the legend takes, which a chart's height includes."""
    return math.ceil(len(_reasons(dots)) / COLUMNS) * LEGEND_ROW + 16


def _reasons(dots: Sequence[dict]) -> list[str]:
    return list(dict.fromkeys(dot["reason"] for dot in dots if dot["reason"]))


def _dots(dots: Sequence[dict], room: float) -> alt.Chart:
    """Begin the dots; a legend only where there are reasons. room: px that each has."""
    reasons = _reasons(dots)
    colours = [SERIES[n % len(SERIES)] for n in range(len(reasons))]
    shapes = [SHAPES[n % len(SHAPES)] for n in range(len(reasons))]
    size = min(DOT, max(room, 4.0)) ** 2
    base = chart_of(dots).mark_point(filled=True, size=size, opacity=1, stroke=LINE, strokeWidth=0.5).encode(description="told:N")
    if not reasons:
        return base.encode(color=alt.value(BLUE), shape=alt.value("circle"))
    legend = alt.Legend(title=None, orient="bottom", columns=COLUMNS, labelFontSize=LARGE - 4, labelLimit=320, symbolSize=220, columnPadding=20)
    return base.encode(
        color=alt.Color("reason:N", scale=alt.Scale(domain=reasons, range=colours), legend=legend),
        shape=alt.Shape("reason:N", scale=alt.Scale(domain=reasons, range=shapes), legend=legend),
    )
