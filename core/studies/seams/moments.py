"""What is read of a teacher's states on texts of train: enough for every bridge between two of its layers, and for how far apart they are."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.bridge import RIDGE, fit_bridge, solved
from core.recipe.seams import Seam
from core.studies.inside.similarity import linear_cka
from core.studies.seams.settings import HEAD_RIDGE


class Moments:
    """Sums of products between L + 1 layers' states of width D (index 0 the embeddings) over tokens; on the CPU in float64."""

    def __init__(self):
        self.tokens = 0
        self._sums: list[Tensor] = []
        self._products: dict[tuple[int, int], Tensor] = {}
        self._shifts: list[Tensor] = []

    def add(self, states: Sequence[Tensor]) -> None:
        """Add the states of n tokens, one (n, D) a layer, without padding."""
        if not self.tokens:  # shifted by a rough mean, products in float32 lose nothing
            self._shifts = [state.float().mean(0) for state in states]
            self._sums = [torch.zeros(len(shift), dtype=torch.float64) for shift in self._shifts]
        shifted = [state.float() - shift for state, shift in zip(states, self._shifts, strict=True)]
        for i, x in enumerate(shifted):
            self._sums[i] += x.sum(0).cpu().double()
            for j in range(i, len(shifted)):
                found = (x.T @ shifted[j]).cpu().double()
                self._products[i, j] = self._products[i, j].add_(found) if (i, j) in self._products else found
        self.tokens += len(states[0])

    def centred(self, i: int, j: int) -> Tensor:
        """Return x'y of the states of layers i <= j, both centred over the tokens: (D, D)."""
        return self._products[i, j] - torch.outer(self._sums[i], self._sums[j]) / self.tokens

    def mean(self, layer: int) -> Tensor:
        return self._shifts[layer].cpu().double() + self._sums[layer] / self.tokens

    def bridge(self, below: int, above: int) -> nn.Linear:
        """Return the least-squares map from the states of one layer to those of a later one (core.models.bridge.fit_bridge)."""
        return solved(self.centred(below, below), self.centred(below, above), self.mean(below), self.mean(above), RIDGE)

    def apart(self, below: int, above: int) -> dict[str, float]:
        """Return how far apart the states of two layers are: cka, linear CKA over tokens (core.studies.inside.similarity.linear_cka), and distance,
        ||x - y|| / ||y||, Frobenius norms."""
        xx, xy, yy = self.centred(below, below), self.centred(below, above), self.centred(above, above)
        between = xx.trace() - 2 * xy.trace() + yy.trace() + self.tokens * (self.mean(below) - self.mean(above)).square().sum()
        whole = yy.trace() + self.tokens * self.mean(above).square().sum()
        return {"cka": float(xy.square().sum() / (xx.norm() * yy.norm())), "distance": float((between.clamp(min=0) / whole).sqrt())}


class Reading:
    """A teacher's states of texts. A layer reads every token, so bridges to it are fitted to all; the head reads the first of each text alone.

    first: L + 1 of (N, D), the states of the first tokens of N texts, on the device."""

    def __init__(self):
        self.moments = Moments()
        self._first: list[list[Tensor]] = []

    def add(self, states: Sequence[Tensor], mask: Tensor) -> None:
        """Add a batch: L + 1 of (B, T, D) and (B, T)."""
        self.moments.add([state[mask.bool()] for state in states])
        self._first.append([state[:, 0].float() for state in states])

    @property
    def first(self) -> list[Tensor]:
        return [torch.cat(batches) for batches in zip(*self._first, strict=True)]

    def bridge(self, seam: Seam) -> nn.Linear:
        """Return the bridge over a seam: from the states below it to those that the layer above it, or the head, read in the teacher."""
        if seam.above < len(self._first[0]):
            return self.moments.bridge(seam.below, seam.above - 1)
        return to_head(self.first[seam.below], self.first[-1])

    def apart(self, seam: Seam) -> dict[str, float]:
        """Return how far the states below the seam are from those that what is above it read (`Moments.apart`)."""
        if seam.above < len(self._first[0]):
            return self.moments.apart(seam.below, seam.above - 1)
        x, y = self.first[seam.below], self.first[-1]
        return {"cka": linear_cka(x.cpu(), y.cpu()), "distance": float((x - y).norm() / y.norm())}


def to_head(own: Tensor, read: Tensor) -> nn.Linear:
    """Return the least-squares map from a student's first tokens to those that the head read in the teacher, (N, D) each."""
    return fit_bridge(own, read, HEAD_RIDGE)
