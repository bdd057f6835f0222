"""Heat maps with a number in every cell: of a teacher's layers, of groups of examples, and the confusion matrix."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import AXIS, CELL, LINE, MOST_MARKS, SIZE, TEXT, chart_of, quoted, styled

SLANTED = 150  # px that slanted names of columns take
GROUP_ROW = 27  # px
LIMIT = 22  # characters of a class name
QUIETEST, FULLEST = 0.04, 1.0  # strength of a cell at the ends of the domain
SIMILARITY, SIMILARITY_ROW = 380, 30  # px of all rows together and of one, at least


def layer_map(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[dict], domain: tuple[float, float], form: str, description: str, *,
    titles: tuple[str | None, str | None] = (None, None), height: int = 34, slanted: bool = False,
) -> alt.LayerChart:
    """Draw rows from top to bottom, columns from left to right; cells: {"row", "column", "value", "told"}, value None where it is unknown.

    domain: the values of the palest and of the fullest cell. form: a d3 format of the numbers. titles: of rows and of columns.
    height: px of a row. slanted: long names of columns stand aslant. Of too many marks the numbers are left out.
    """
    axis = {"domain": False, "ticks": False, "labelOverlap": False, "labelLimit": 210}
    heads = alt.Axis(orient="top", labelAngle=-40, **axis) if slanted else alt.Axis(labelAngle=0, **axis)
    room = alt.Scale(paddingInner=0, paddingOuter=0.6) if slanted else alt.Scale()  # a slanted name reaches beyond its column
    base = chart_of(cells).encode(
        x=alt.X("column:N", sort=list(columns), title=titles[1], axis=heads, scale=room),
        y=alt.Y("row:N", sort=list(rows), title=titles[0], axis=alt.Axis(**axis)),
        tooltip=[alt.Tooltip("told:N", title=" ")],
        description=alt.Description("told:N"),
    )
    strength = alt.FillOpacity("value:Q", scale=alt.Scale(domain=list(domain), range=[QUIETEST, FULLEST], clamp=True), legend=None)
    blocks = base.mark_rect(color=CELL, stroke=LINE, strokeWidth=0.4, cornerRadius=2).encode(fillOpacity=strength)
    texts = base.transform_calculate(text=f"isValid(datum.value) ? format(datum.value, '{form}') : '–'")
    numbers = texts.mark_text(fontSize=SIZE, color=TEXT, aria=False).encode(text="text:N")
    chart = alt.layer(blocks, numbers) if 2 * len(cells) <= MOST_MARKS else alt.layer(blocks)
    return styled(chart, height=height * len(rows) + (SLANTED if slanted else AXIS), description=description)


def similarity_map(matrix: Sequence[Sequence[float | None]], names: Sequence[str], measure: str, domain: tuple[float, float]) -> alt.LayerChart:
    """Draw matrix[i][j], the measure between the i-th and the j-th of `names`, input first; it runs from the left and from the bottom.

    domain: the values of the palest and of the fullest cell, so that the fullest can be the most alike or the furthest apart.
    """
    cells = [
        {"row": names[i], "column": names[j], "value": value,
         "told": f"{measure} of {names[i]} and {names[j]}: {'unknown' if value is None else f'{value:.3f}'}"}
        for i, row in enumerate(matrix) for j, value in enumerate(row)
    ]
    return layer_map(names[::-1], names, cells, domain, ".2f", f"{measure} between layers.", height=max(SIMILARITY_ROW, SIMILARITY // len(names)))


def most_group_rows(groups: int) -> int:
    """Return how many rows a map of so many groups can hold."""
    return MOST_MARKS // (2 * max(groups, 1) + 1) - 1


def group_map(rows: Sequence[str], groups: Sequence[str], cells: Sequence[dict]) -> alt.LayerChart:
    """Draw accuracy by choice and group of examples. rows, groups: names, in order. cells: {"row", "group", "accuracy"}.

    A cell's strength is its place between the least and the most.
    """
    axis = {"domain": False, "ticks": False, "labelOverlap": False}
    base = chart_of(cells).encode(
        x=alt.X("group:N", sort=list(groups), title=None, axis=alt.Axis(orient="top", labelAngle=-40, labelLimit=190, **axis)),
        y=alt.Y("row:N", sort=list(rows), title=None, axis=alt.Axis(labelLimit=220, **axis)),
        tooltip=[alt.Tooltip("row:N", title="choice"), alt.Tooltip("group:N"), alt.Tooltip("accuracy:Q", format=".1%")],
    )
    found = [cell["accuracy"] for cell in cells]
    scale = alt.Scale(domain=[min(found), max(found)], range=[0.05, 1])
    blocks = base.mark_rect(color=CELL, cornerRadius=2).encode(fillOpacity=alt.FillOpacity("accuracy:Q", scale=scale, legend=None))
    texts = base.transform_calculate(text="format(100 * datum.accuracy, '.0f')")
    numbers = texts.mark_text(fontSize=SIZE, color=TEXT, aria=False).encode(text="text:N")
    description = "Accuracy by group of examples and choice, in percent."
    return styled(alt.layer(blocks, numbers), height=GROUP_ROW * len(rows) + SLANTED, description=description)


def confusion_map(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> alt.LayerChart:
    """Draw matrix[i][j], the number of examples of class i that were called class j. A cell's strength is its share of the row."""
    values = [
        {"true": i, "called": j, "n": n, "share": n / max(sum(row), 1), "was": labels[i], "said": labels[j]}
        for i, row in enumerate(matrix) for j, n in enumerate(row)
    ]
    names = f"[{','.join(quoted(short(label)) for label in labels)}][datum.value]"
    axis = lambda **more: alt.Axis(labelExpr=names, labelAngle=0, labelLimit=170, domain=False, ticks=False, **more)
    base = chart_of(values).encode(
        x=alt.X("called:O", title="the student says", axis=axis(orient="top", labelOverlap=False)),
        y=alt.Y("true:O", title="the label is", axis=axis()),
        tooltip=[alt.Tooltip("was:N", title="label"), alt.Tooltip("said:N", title="student says"), alt.Tooltip("n:Q", title="examples"),
                 alt.Tooltip("share:Q", title="share of the row", format=".1%")],
    )
    cells = base.mark_rect(color=CELL, stroke=LINE, strokeWidth=0.5, cornerRadius=3).encode(
        fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None)
    )
    counts = base.mark_text(fontSize=18 if len(labels) <= 8 else SIZE, color=TEXT).encode(text="n:Q")
    height = max(44, min(78, 320 // max(len(labels), 1))) * len(labels) + AXIS
    return styled(alt.layer(cells, counts), height=height, description="Confusion matrix: rows are labels, columns what the student says.")


def short(name: str) -> str:
    """Return a class name on one line, cut where it is long."""
    name = name.replace("\n", " ").replace("\r", " ")
    return name if len(name) <= LIMIT else name[: LIMIT - 1] + "…"
