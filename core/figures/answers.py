"""Small pictures of an answer: a few means with their intervals, and two things that change places between two columns."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import BLUE, DASHES, LINE, OWN_COLOUR, SERIES, SIZE, TEXT, chart_of, quoted, styled

DOT_ROW, SLOPE, FOOT = 44, 190, 34  # px: of a mean with its name above, of the other picture, and of an axis
ROOM = 0.12  # of the axis, on each side
SIDES = 0.55, 1.15  # room left and right of a slope for figures and names, in its own width
KINDS = {"good": (BLUE, "circle"), "bad": (SERIES[1], "diamond"), "level": (LINE, "square")}


def answer_dots(rows: Sequence[dict], zero: bool = False, points: bool = False) -> alt.LayerChart:
    """Draw {"name", "value", "low", "high", "kind"}, fractions, top first: names above, figures at the right; low and high may be None.

    kind: a key of KINDS. zero: a rule marks 0, as for differences. points: figures are points of accuracy, else percent.
    """
    drawn = [value for row in rows for value in (row["value"], row["low"], row["high"]) if value is not None] + [0.0] * zero
    room = ROOM * ((max(drawn) - min(drawn)) or 0.1)
    scale = alt.Scale(domain=[min(drawn) - room, max(drawn) + room], nice=False, zero=False)
    form = "format(100 * datum.value, '+.1f')" if points else "format(datum.value, '.1%')"
    labels = {"labelExpr": "datum.value ? format(100 * datum.value, '+.0f') : '0'"} if points else {"format": ".0%"}
    axis = alt.Axis(tickCount=4, grid=True, title="points of accuracy" if points else None, **labels)
    x = lambda field: alt.X(f"{field}:Q", scale=scale, axis=axis)
    y = alt.Y("place:O", axis=None, scale=alt.Scale(domain=list(range(len(rows)))))
    unit = "points" if points else "%"
    told = [row | {"place": place, "told": f"{row['name']}: {100 * row['value']:.1f} {unit}"} for place, row in enumerate(rows)]
    base = chart_of(told).encode(y=y)
    kinds = lambda n: alt.Scale(domain=list(KINDS), range=[kind[n] for kind in KINDS.values()])
    colour, shape = alt.Color("kind:N", scale=kinds(0), legend=None), alt.Shape("kind:N", scale=kinds(1), legend=None)
    figured = base.transform_calculate(text=form)
    spans = base.transform_filter("isNumber(datum.low)").mark_rule(strokeWidth=4, opacity=0.5, yOffset=9, aria=False).encode(
        x=x("low"), x2="high:Q", color=colour)
    dots = figured.mark_point(filled=True, size=130, opacity=1, yOffset=9).encode(
        x=x("value"), color=colour, shape=shape, tooltip=[alt.Tooltip("told:N", title=" ")], description=alt.Description("told:N"))
    text = lambda align, place, field: figured.mark_text(align=align, yOffset=-10, color=TEXT, fontSize=SIZE, aria=False).encode(
        x=alt.value(place), text=f"{field}:N")
    names, figures = text("left", 0, "name"), text("right", "width", "text")
    marks = [chart_of([{"value": 0}]).mark_rule(color=LINE, strokeDash=[5, 4], strokeWidth=1.5, aria=False).encode(x=x("value"))] * zero
    return styled(alt.layer(*marks, spans, dots, names, figures), height=DOT_ROW * len(rows) + FOOT * (1 + points), description=described(told))


def answer_slope(rows: Sequence[dict], columns: Sequence[str]) -> alt.LayerChart:
    """Draw {"line", "column", "value", "colour"}, fractions, of two lines that run from the first column to the second, where their names stand."""
    values, lines = [row["value"] for row in rows], list(dict.fromkeys(row["line"] for row in rows))
    room = 0.25 * ((max(values) - min(values)) or 0.1)
    y = alt.Y("value:Q", axis=None, scale=alt.Scale(domain=[min(values) - room, max(values) + room], nice=False, zero=False))
    heads = f"datum.value === 0 ? {quoted(columns[0])} : {quoted(columns[1])}"
    x = alt.X("at:Q", title=None, scale=alt.Scale(domain=[-SIDES[0], 1 + SIDES[1]], nice=False),
              axis=alt.Axis(values=[0, 1], labelExpr=heads, orient="top", domain=False, ticks=False, grid=True, labelOverlap=False))
    told = [row | {"at": columns.index(row["column"]), "text": (figure := f"{100 * row['value']:.1f} %"),
                   "told": f"layers {row['line']}, {row['column']}: {figure}"} for row in rows]
    base = chart_of(told).encode(x=x, y=y)
    dash = alt.StrokeDash("line:N", scale=alt.Scale(domain=lines, range=DASHES[:len(lines)]), legend=None)
    drawn = base.mark_line(strokeWidth=3, aria=False).encode(strokeDash=dash, color=OWN_COLOUR)
    dots = base.mark_point(filled=True, size=120, opacity=1).encode(
        color=OWN_COLOUR, tooltip=[alt.Tooltip("told:N", title=" ")], description=alt.Description("told:N"))
    texts = [
        base.transform_filter(f"datum.at === {at}").transform_calculate(end=end).mark_text(align=align, dx=dx, color=TEXT, fontSize=SIZE, aria=False)
        .encode(text="end:N") for at, align, dx, end in ((0, "right", -12, "datum.text"), (1, "left", 12, "datum.text + '  (' + datum.line + ')'"))
    ]
    return styled(alt.layer(drawn, dots, *texts), height=SLOPE, description=described(told))


def described(rows: Sequence[dict]) -> str:
    return f"{'; '.join(row['told'] for row in rows)}."
