"""Heat maps with a number in every cell: between a teacher's layers, or of its layers by something else."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import AXIS, CELL, LINE, SIZE, TEXT, styled

MOST_MARKS = 1900  # cells and numbers; the numbers are left out first (Vega draws more than 2,000 marks to a canvas)
SLANTED = 150  # px that slanted names take
QUIETEST, FULLEST = 0.04, 1.0  # strength of a cell at the ends of the domain
SIMILARITY, SIMILARITY_ROW = 380, 30  # px of all rows together and of one, at least


def layer_map(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[dict],
    domain: tuple[float, float],
    form: str,
    description: str,
    titles: tuple[str | None, str | None] = (None, None),
    height: int = 34,
    slanted: bool = False,
) -> alt.LayerChart:
    """rows from top to bottom, columns from left to right; cells: {"row", "column", "value", "told"}, value None where it is unknown.

    domain: the values of the palest and of the fullest cell. form: a d3 format of the numbers. titles: of rows and of columns.
    height: px of a row. slanted: long names of columns stand aslant.
    """
    axis = {"domain": False, "ticks": False, "labelOverlap": False, "labelLimit": 210}
    heads = alt.Axis(orient="top", labelAngle=-40, **axis) if slanted else alt.Axis(labelAngle=0, **axis)
    room = alt.Scale(paddingInner=0, paddingOuter=0.6) if slanted else alt.Scale()  # a slanted name reaches beyond its column
    base = alt.Chart(alt.Data(values=list(cells))).encode(
        x=alt.X("column:N", sort=list(columns), title=titles[1], axis=heads, scale=room),
        y=alt.Y("row:N", sort=list(rows), title=titles[0], axis=alt.Axis(**axis)),
        tooltip=[alt.Tooltip("told:N", title=" ")],
        description=alt.Description("told:N"),
    )
    strength = alt.FillOpacity("value:Q", scale=alt.Scale(domain=list(domain), range=[QUIETEST, FULLEST], clamp=True), legend=None)
    blocks = base.mark_rect(color=CELL, stroke=LINE, strokeWidth=0.4, cornerRadius=2).encode(fillOpacity=strength)
    layers = [blocks]
    if 2 * len(cells) <= MOST_MARKS:
        number = base.transform_calculate(text=f"isValid(datum.value) ? format(datum.value, '{form}') : '–'")
        layers.append(number.mark_text(fontSize=SIZE, color=TEXT, aria=False).encode(text="text:N"))
    around = SLANTED if slanted else AXIS
    return styled(alt.layer(*layers).properties(height=height * len(rows) + around, description=description))


def similarity_map(matrix: Sequence[Sequence[float | None]], names: Sequence[str], measure: str, domain: tuple[float, float]) -> alt.LayerChart:
    """matrix[i][j]: the measure between the i-th and the j-th of `names`, input first; it runs from the left and from the bottom.

    domain: the values of the palest and of the fullest cell, so that the fullest can be the most alike or the furthest apart.
    """
    cells = [
        {"row": names[i], "column": names[j], "value": value,
         "told": f"{measure} of {names[i]} and {names[j]}: {'unknown' if value is None else f'{value:.3f}'}"}
        for i, row in enumerate(matrix) for j, value in enumerate(row)
    ]
    return layer_map(names[::-1], names, cells, domain, ".2f", f"{measure} between layers.", height=max(SIMILARITY_ROW, SIMILARITY // len(names)))
