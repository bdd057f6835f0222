"""How alike a teacher's layers are, as a map of layers by layers."""

from collections.abc import Sequence

import altair as alt

from core.figures.layer_map import layer_map

HEIGHT = 380  # px of the rows together, at least
ROW = 30  # px, at least


def similarity_map(matrix: Sequence[Sequence[float | None]], names: Sequence[str], measure: str, domain: tuple[float, float]) -> alt.LayerChart:
    """matrix[i][j]: the measure between the i-th and the j-th of `names`, input first; it runs from the left and from the bottom.

    domain: the values of the palest and of the fullest cell, so that the fullest can be the most alike or the furthest apart.
    """
    cells = [
        {"row": names[i], "column": names[j], "value": value,
         "told": f"{measure} of {names[i]} and {names[j]}: {'unknown' if value is None else f'{value:.3f}'}"}
        for i, row in enumerate(matrix) for j, value in enumerate(row)
    ]
    return layer_map(names[::-1], names, cells, domain, ".2f", f"{measure} between layers.", height=max(ROW, HEIGHT // len(names)))
