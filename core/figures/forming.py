"""An answer forming: after each layer a bar that is shared among the labels, and which tokens every layer reads."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import CELL, LINE, SERIES, SIZE, TEXT, chart_of, quoted, styled

BAR_ROW, KEY, FOOT = 30, 32, 8  # px: of a bar, of the key to the colours, beneath the bars
TOKEN_ROW, TOKEN_HEAD = 23, 52  # px: of a token, and of the names of the layers above
STRENGTH = 0.42  # of the colours, on which TEXT stays readable in both themes
FULLEST = 50  # percent: the share that fills a cell


def bars_height(rows: int) -> int:
    """Return the px that the bars of so many rows take."""
    return BAR_ROW * rows + FOOT


def tokens_height(tokens: int) -> int:
    return TOKEN_ROW * tokens + TOKEN_HEAD


def _colour(names: Sequence[str]) -> alt.Color:
    return alt.Color("label:N", scale=alt.Scale(domain=list(names), range=SERIES[:len(names)]), legend=None)


def forming_bars(rows: Sequence[str], parts: Sequence[dict], names: Sequence[str], description: str) -> alt.LayerChart:
    """Draw {"row", "label", "low", "high", "middle", "text", "told"} as bars from 0 to 100, rows top first; a row without parts stays empty.

    names: the labels from left to right, four at most. A part's place in its bar says which label it is, as its colour does.
    """
    scale = alt.Scale(domain=[0, 100], nice=False)
    x = lambda field: alt.X(f"{field}:Q", scale=scale, axis=None)
    y = alt.Y("row:N", sort=list(rows), scale=alt.Scale(domain=list(rows), paddingInner=0.16), title=None,
              axis=alt.Axis(domain=False, ticks=False, labelOverlap=False))
    base = chart_of(parts).encode(y=y, tooltip=[alt.Tooltip("told:N", title=" ")])
    blocks = base.mark_bar(fillOpacity=STRENGTH, stroke=LINE, strokeWidth=0.6).encode(
        x=x("low"), x2="high:Q", color=_colour(names), description=alt.Description("told:N"))
    texts = base.transform_filter("datum.text").mark_text(fontSize=SIZE, color=TEXT, aria=False).encode(x=x("middle"), text="text:N")
    return styled(alt.layer(blocks, texts), height=bars_height(len(rows)), description=description)


def colour_key(names: Sequence[str]) -> alt.LayerChart:
    """Draw what the bars' colours mean, in their order."""
    x = alt.X("label:N", sort=list(names), axis=None, scale=alt.Scale(paddingInner=0))
    base = chart_of({"label": name} for name in names).encode(x=x, y=alt.value(KEY / 2))
    squares = base.mark_square(size=220, opacity=1, fillOpacity=STRENGTH, stroke=LINE, strokeWidth=1, xOffset=-46, aria=False).encode(
        color=_colour(names))
    texts = base.mark_text(align="left", dx=-33, fontSize=SIZE, color=TEXT, limit=140, aria=False).encode(text="label:N")
    return styled(alt.layer(squares, texts), height=KEY, description=f"The bars from left to right: {', '.join(names)}.")


def token_map(tokens: Sequence[str], columns: Sequence[str], cells: Sequence[dict], description: str) -> alt.LayerChart:
    """Draw {"place", "column", "value", "told"}: how much each column's layer reads of the token at a place, in percent. A column may be empty."""
    named = f"[{','.join(map(quoted, tokens))}][datum.value]"
    y = alt.Y("place:O", title=None, scale=alt.Scale(domain=list(range(len(tokens)))),
              axis=alt.Axis(labelExpr=named, domain=False, ticks=False, labelOverlap=False, labelLimit=130))
    x = alt.X("column:N", sort=list(columns), scale=alt.Scale(domain=list(columns)), title="layer",
              axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelOverlap=False))
    base = chart_of(cells).encode(x=x, y=y, tooltip=[alt.Tooltip("told:N", title=" ")], description=alt.Description("told:N"))
    strength = alt.FillOpacity("value:Q", scale=alt.Scale(domain=[0, FULLEST], range=[0.03, 1], clamp=True), legend=None)
    blocks = base.mark_rect(color=CELL, stroke=LINE, strokeWidth=0.3).encode(fillOpacity=strength)
    numbers = base.transform_filter("datum.value >= 0.5").transform_calculate(text="format(datum.value, '.0f')").mark_text(
        fontSize=SIZE, color=TEXT, aria=False).encode(text="text:N")
    return styled(alt.layer(blocks, numbers), height=tokens_height(len(tokens)), description=description)
