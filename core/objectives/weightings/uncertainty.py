"""Learned uncertainty weights: a layer that agrees well with its teacher layer is certain, and counts more.

In the source s, the log variances, make ½ Σ (exp(-s) l + s) small, and the weights are exp(-s). Departures: l is taken relative to the
mean loss of all layers, since only the ratio of the weights is left once their sum is fixed; s follows its own gradient descent; bounds.
"""

import math

from core.objectives.declarations import Weighting
from core.objectives.layer_weights import BOUND, TINY, LayerWeights, balanced

RATE = 0.05  # ours: gradient descent on the log variances


class Uncertainty(LayerWeights):
    """Weights that the layers' losses alone decide."""

    def __init__(self, count: int):
        super().__init__(count)
        self.log_variances = self.weights.new_zeros(count)

    def update(self, losses) -> None:
        losses, s = losses.detach(), self.log_variances.to(losses.device)
        relative = losses / losses.mean().clamp_min(TINY)
        gradient = (1 - (-s).exp() * relative) / 2
        self.log_variances = (s - RATE * gradient).clamp(-math.log(BOUND), math.log(BOUND))
        self.weights = balanced((-self.log_variances).exp())


WEIGHTING = Weighting(
    name="uncertainty", title="Learned uncertainty", make=lambda compared, shared, relevance: Uncertainty(len(compared)), order=2,
    reading="The layer that agrees best with its teacher layer counts most.",
    formula=r"w_j\propto e^{-s_j},\quad s\ \mathrm{descends}\ \tfrac12\sum_j\left(e^{-s_j}\,l_j/\bar l+s_j\right)",
    source='Kendall, Gal and Cipolla 2018, "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and Semantics"',
)
