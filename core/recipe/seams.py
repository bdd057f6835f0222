"""Seams: the places in a student where two layers meet that were not neighbours in the teacher."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Seam:
    """From `below` (0: the embeddings) to `above` (L + 1: the head), in the teacher's layers."""

    below: int
    above: int

    @property
    def length(self) -> int:
        """Return how many of the teacher's layers are missing in between."""
        return self.above - self.below - 1

    @property
    def missing(self) -> tuple[int, ...]:
        """Return the layers that are missing in between."""
        return tuple(range(self.below + 1, self.above))

    def __str__(self) -> str:
        return f"{self.below}→{self.above}"


def seams(layers: Sequence[int], count: int) -> tuple[Seam, ...]:
    """Return the seams of an ascending choice of a teacher's `count` layers, from the input to the output; () where nothing is missing.

    Raises ValueError where the choice does not ascend: a repeat or another order leaves more than gaps."""
    chain = (0, *layers, count + 1)
    if any(a >= b for a, b in zip(chain, chain[1:])):
        raise ValueError(f"{tuple(layers)} is no ascending choice of {count} layers")
    return tuple(Seam(a, b) for a, b in zip(chain, chain[1:]) if b - a > 1)
