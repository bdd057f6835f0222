"""Accuracy of each group of examples as a run goes on: a strip a group that grows to the right with every evaluation."""

from collections.abc import Sequence

import altair as alt

from core.figures.curves import ROWS
from core.figures.line_ends import RANGE
from core.figures.style import AXIS, CELL, TEXT, styled

ROW = 21  # px of a strip


def group_strip(names: Sequence[str], total: int) -> alt.LayerChart:
    """Draw a strip for each of `names`, from the top, over `total` steps; the fuller its colour, the more is right. The number is the latest.

    Rows beside it: {"group", "from", "step", "accuracy", "latest"}: the accuracy at a step, drawn from the evaluation before to this one; latest:
    as text, at a group's last evaluation, '' before.
    """
    y = alt.Y("group:N", sort=list(names), title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=150), scale=alt.Scale(domain=list(names)))
    x = lambda field: alt.X(f"{field}:Q", title=None, scale=alt.Scale(domain=[0, max(total, 1)], nice=False, range=RANGE), axis=None)
    base = alt.Chart(ROWS).encode(y=y, tooltip=[
        alt.Tooltip("group:N", title="examples"), alt.Tooltip("step:Q"), alt.Tooltip("accuracy:Q", title="right", format=".0%"),
    ])
    shade = alt.Scale(domain=[0.2, 1], range=[0.02, 1], clamp=True)
    cells = base.mark_rect(color=CELL, stroke=CELL, strokeWidth=0.5, clip=True).encode(
        x=x("from"), x2="step:Q", fillOpacity=alt.FillOpacity("accuracy:Q", scale=shade, legend=None),
    )
    numbers = base.transform_filter("datum.latest").mark_text(align="left", dx=5, baseline="middle", color=TEXT).encode(x=x("step"), text="latest:N")
    return styled(alt.layer(cells, numbers), height=ROW * len(names) + 3 * AXIS // 4, title="Right answers by kind of example",
                  description=f"Accuracy of {len(names)} groups of examples, growing with each evaluation.")
