"""The pile of training examples as small squares: with the right label, with a wrong one, without any."""

import altair as alt

from core.figures.style import BLUE, LINE, ORANGE, chart_of, styled, unit

COLUMNS, ROWS = 40, 2
SQUARES = COLUMNS * ROWS
KINDS = {"right": (BLUE, "square"), "wrong": (ORANGE, "cross"), "none": (LINE, "stroke")}  # colour and shape


def label_pile(right: int, wrong: int, said: str) -> alt.LayerChart:
    """Draw SQUARES examples, `right` of them with their own label, then `wrong` with another, the rest with none. said: for a screen reader."""
    kinds = ["right"] * right + ["wrong"] * wrong + ["none"] * (SQUARES - right - wrong)
    rows = [{"x": i // ROWS + 0.5, "y": ROWS - i % ROWS - 0.5, "kind": kind} for i, kind in enumerate(kinds)]
    base = chart_of(rows).encode(x=unit(alt.X, "x", 0, COLUMNS), y=unit(alt.Y, "y", 0, ROWS))
    layers = []
    for kind, (colour, shape) in KINDS.items():
        of_kind = base.transform_filter(alt.datum.kind == kind)
        hollow = shape == "stroke"
        layers.append(of_kind.mark_point(shape="square" if hollow else shape, size=44, filled=not hollow, color=colour, strokeWidth=1, opacity=1))
    return styled(alt.layer(*layers), height=11 * ROWS, description=said)
