"""Accuracy by group of examples and choice, as a heat map."""

from collections.abc import Sequence

import altair as alt

from core.figures.landscape.choices import MOST_MARKS
from core.figures.style import CELL, SIZE, TEXT, styled

ROW = 27  # px
HEADS = 150  # px that the slanted names of the groups take


def most_rows(groups: int) -> int:
    return MOST_MARKS // (2 * max(groups, 1) + 1) - 1


def group_map(rows: Sequence[str], groups: Sequence[str], cells: Sequence[dict]) -> alt.LayerChart:
    """rows, groups: names, in order. cells: {"row", "group", "accuracy"}, a cell's strength its place between the least and the most."""
    base = alt.Chart(alt.Data(values=list(cells))).encode(
        x=alt.X("group:N", sort=list(groups), title=None, axis=alt.Axis(orient="top", labelAngle=-40, labelLimit=190, domain=False, ticks=False,
                                                                       labelOverlap=False)),
        y=alt.Y("row:N", sort=list(rows), title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=220, labelOverlap=False)),
        tooltip=[alt.Tooltip("row:N", title="choice"), alt.Tooltip("group:N"), alt.Tooltip("accuracy:Q", format=".1%")],
    )
    found = [cell["accuracy"] for cell in cells]
    scale = alt.Scale(domain=[min(found), max(found)], range=[0.05, 1])
    blocks = base.mark_rect(color=CELL, cornerRadius=2).encode(fillOpacity=alt.FillOpacity("accuracy:Q", scale=scale, legend=None))
    texts = base.transform_calculate(text="format(100 * datum.accuracy, '.0f')").mark_text(
        fontSize=SIZE, color=TEXT, aria=False
    ).encode(text="text:N")
    chart = alt.layer(blocks, texts).properties(height=ROW * len(rows) + HEADS, description="Accuracy by group of examples and choice, in percent.")
    return styled(chart)
