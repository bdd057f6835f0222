"""Sums of products between the states of a teacher's layers: enough for every bridge between two of them, and for how far apart they are."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.bridge import RIDGE, solved
from core.recipe.seams import Seam


class Moments:
    """Of L + 1 layers' states of width D (index 0 the embeddings), over the tokens that were added; kept on the CPU in float64."""

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

    def bridge(self, seam: Seam, ridge: float = RIDGE) -> nn.Linear:
        """Return the least-squares map from the states below the seam to those that the layer above it knew (core.models.bridge.fit_bridge)."""
        a, b = seam.below, seam.above - 1
        return solved(self.centred(a, a), self.centred(a, b), self.mean(a), self.mean(b), ridge)

    def apart(self, seam: Seam, bridge: nn.Linear) -> dict[str, float]:
        """Return how far the states below the seam are from those that the layer above it knew.

        cka: linear CKA over tokens (core.studies.inside.similarity.linear_cka). distance: ||x - y|| / ||y||. left: the same of what the bridge
        leaves, with y centred; Frobenius norms."""
        a, b = seam.below, seam.above - 1
        xx, xy, yy = self.centred(a, a), self.centred(a, b), self.centred(b, b)
        means = self.tokens * (self.mean(a) - self.mean(b)).square().sum()
        between = xx.trace() - 2 * xy.trace() + yy.trace() + means
        weight = bridge.weight.double().cpu()
        left = yy.trace() - 2 * (weight * xy.T).sum() + ((weight @ xx) * weight).sum()
        root = lambda part, whole: float((part.clamp(min=0) / whole).sqrt())
        return {"cka": float(xy.square().sum() / (xx.norm() * yy.norm())),
                "distance": root(between, yy.trace() + self.tokens * self.mean(b).square().sum()), "left": root(left, yy.trace())}
