"""A score a layer, drawn on the teacher's blocks."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Overlay:
    """title: what the numbers are. values: layer (1-based) -> score; a layer without one is left plain.

    A block's bar is empty at `low` and full at `high`. form: a d3 format of the number, e.g. '.2f' or '.1%'.
    """

    title: str
    values: Mapping[int, float]
    low: float
    high: float
    form: str = ".2f"

    def share(self, layer: int) -> float | None:
        """How full the layer's bar is, 0 to 1; None where it has no score."""
        value = self.values.get(layer)
        if value is None:
            return None
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0) if self.high > self.low else 0.0
