"""The pile of training examples as small squares: with the right label, with a wrong one, without any."""

import altair as alt

from core.figures.style import BLUE, LINE, ORANGE, chart_of, styled, unit

SQUARES = 50
KINDS = {"right": (BLUE, "square"), "wrong": (ORANGE, "cross"), "none": (LINE, "stroke")}  # colour and shape


def label_pile(right: int, wrong: int, said: str) -> alt.LayerChart:
    """Draw SQUARES examples, `right` of them with their own label, then `wrong` with another, the rest with none. said: for a screen reader."""
    kinds = ["right"] * right + ["wrong"] * wrong + ["none"] * (SQUARES - right - wrong)
    base = chart_of({"x": i + 0.5, "kind": kind} for i, kind in enumerate(kinds)).encode(x=unit(alt.X, "x", 0, SQUARES))
    layers = []
    for kind, (colour, shape) in KINDS.items():
        of_kind = base.transform_filter(alt.datum.kind == kind)
        hollow = shape == "stroke"
        layers.append(of_kind.mark_point(shape="square" if hollow else shape, size=36, filled=not hollow, color=colour, strokeWidth=1, opacity=1))
    return styled(alt.layer(*layers), height=14, description=said)
