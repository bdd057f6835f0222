"""Gradient-norm balancing: every layer's weighted loss pulls about as hard at the weights that all share, the slower the harder.

In the source weights w descend Σ |G - mean(G) r^α|, G the norms of the gradients of w l, r how little of its loss a layer has lost beside the mean.
Departures: the shared weights are the student's first layer, the only one that all losses between layers reach; norms are looked at every NORM_EVERY
steps; FLOOR of the mean initial loss is added before losses are divided by initial ones; the step is relative to the mean gradient; bounds.
"""

from collections.abc import Iterable

from core.objectives.declarations import Weighting
from core.objectives.layer_weights import TINY, LayerWeights, balanced

ALPHA = 1.5  # GradNorm's asymmetry: the default of public implementations
NORM_RATE = 0.025  # ours: the step of a weight
NORM_EVERY = 10  # ours: steps from one look at gradient norms to the next, since each costs a backward pass a layer
FLOOR = 0.05  # ours: of the mean initial loss, added to losses whose ratio is taken


class GradientNorm(LayerWeights):
    """shared: the parameters of the student's first layer."""

    def __init__(self, count: int, shared: Iterable):
        super().__init__(count)
        self.shared = [parameter for parameter in shared if parameter.requires_grad]
        self.initial = None  # (J,), the losses at the first step
        self.calls = 0

    def update(self, losses) -> None:
        import torch

        self.calls += 1
        if (self.calls - 1) % NORM_EVERY:
            return
        now = losses.detach()
        self.initial = now if self.initial is None else self.initial
        norms = torch.stack([self._norm(loss) for loss in losses])
        pulls = self.weights * norms
        floor = FLOOR * self.initial.mean() + TINY
        left = (now + floor) / (self.initial + floor)
        wanted = pulls.mean() * (left / left.mean()) ** ALPHA
        step = (pulls - wanted).sign() * norms / norms.mean().clamp_min(TINY)
        self.weights = balanced(self.weights - NORM_RATE * step)

    def _norm(self, loss):
        import torch

        gradients = torch.autograd.grad(loss, self.shared, retain_graph=True, allow_unused=True)
        return torch.stack([gradient.float().square().sum() for gradient in gradients if gradient is not None]).sum().sqrt()


WEIGHTING = Weighting(
    name="gradient-norm", title="Gradient balancing", order=3,
    make=lambda compared, shared, relevance: GradientNorm(len(compared), shared()),
    reading="Every layer's loss pulls about as hard at the student's first layer, a slower one harder.",
    formula=r"\min_w\sum_j\left|\,\|\nabla w_j l_j\|-\overline{\|\nabla w l\|}\;r_j^{\,\alpha}\right|",
    source='Chen, Badrinarayanan, Lee and Rabinovich 2018, "GradNorm: Gradient Normalization for Adaptive Loss Balancing in Deep '
           'Multitask Networks"',
)
