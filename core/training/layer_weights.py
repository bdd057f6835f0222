"""How the compared layers are weighted among themselves while the student trains.

A layer's loss is the objective's weighted sum of its losses between that student layer and the teacher layer it is matched with. The
weights of J layers sum to J, as the fixed equal weights do, so that the share of the losses between layers in the objective stays;
no gradient flows through them. A layer seeded by the very layer that it is compared with has a loss near 0, so nothing is ever divided
by one layer's loss, and no weight leaves [1 / BOUND, BOUND] before the weights are brought to their sum.
"""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from core.data.batches import EncodedSplit
from core.data.task import stratified
from core.models.families import layers
from core.models.teachers import Teacher
from core.recipe import Objective, layers_compared
from core.training.device import Device
from core.training.relevance import fisher

BOUND = 4.0  # ours: of two layers none counts more than 16 times the other
UNCERTAINTY_RATE = 0.05  # ours: gradient descent on the log variances
ALPHA = 1.5  # GradNorm's asymmetry: the default of public implementations
NORM_RATE = 0.025  # ours: the step of a weight
NORM_EVERY = 10  # ours: steps from one look at gradient norms to the next, since each costs a backward pass a layer
FLOOR = 0.05  # ours: of the mean initial loss, added to losses whose ratio is taken
RELEVANCE_EXAMPLES = 512  # ours: of train
TINY = 1e-12


def balanced(weights: Tensor) -> Tensor:
    """(J,) positive weights within the bounds, and then brought to the sum J."""
    weights = weights.clamp(1 / BOUND, BOUND)
    return weights * (len(weights) / weights.sum())


class Emphasis:
    """Weights of J layers, all 1 until an update moves them. Called with the layers' losses, (J,), it returns the weights, (J,)."""

    def __init__(self, count: int):
        self.weights = torch.ones(count)

    def __call__(self, losses: Tensor) -> Tensor:
        self.weights = self.weights.to(losses.device)
        if torch.is_grad_enabled():  # an evaluation moves nothing
            self.update(losses)
        return self.weights

    def update(self, losses: Tensor) -> None:
        """Move the weights by what the losses, which carry their graph, say at this step."""

    def record(self) -> list[float]:
        """The weights now, for the curve."""
        return [round(weight, 6) for weight in self.weights.tolist()]


class Uncertainty(Emphasis):
    """Learned uncertainty weights: a layer that agrees well with its teacher layer is certain, and counts more.

    Kendall, Gal and Cipolla 2018, "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and Semantics": s, the log
    variances, make ½ Σ (exp(-s) l + s) small, and the weights are exp(-s). Departures: l is taken relative to the mean loss of all
    layers, since only the ratio of the weights is left once their sum is fixed; s follows its own gradient descent; bounds.
    """

    def __init__(self, count: int):
        super().__init__(count)
        self.log_variances = torch.zeros(count)

    def update(self, losses: Tensor) -> None:
        losses, s = losses.detach(), self.log_variances.to(losses.device)
        relative = losses / losses.mean().clamp_min(TINY)
        gradient = (1 - torch.exp(-s) * relative) / 2
        self.log_variances = (s - UNCERTAINTY_RATE * gradient).clamp(-math.log(BOUND), math.log(BOUND))
        self.weights = balanced(torch.exp(-self.log_variances))


class GradientNorm(Emphasis):
    """Gradient-norm balancing: every layer's weighted loss pulls about as hard at the weights that all share, the slower the harder.

    Chen, Badrinarayanan, Lee and Rabinovich 2018, "GradNorm: Gradient Normalization for Adaptive Loss Balancing in Deep Multitask
    Networks": weights w descend Σ |G - mean(G) r^α|, G the norms of the gradients of w l, r how little of its loss a layer has lost beside
    the mean. Departures: the shared weights are the student's first layer, the only one that all losses between layers reach; norms are
    looked at every NORM_EVERY steps; FLOOR of the mean initial loss is added before losses are divided by initial ones; the step is
    relative to the mean gradient; bounds.

    shared: the parameters of the student's first layer.
    """

    def __init__(self, count: int, shared: Iterable[Tensor]):
        super().__init__(count)
        self.shared = [parameter for parameter in shared if parameter.requires_grad]
        self.initial: Tensor | None = None
        self.calls = 0

    def update(self, losses: Tensor) -> None:
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
        step = torch.sign(pulls - wanted) * norms / norms.mean().clamp_min(TINY)
        self.weights = balanced(self.weights - NORM_RATE * step)

    def _norm(self, loss: Tensor) -> Tensor:
        gradients = torch.autograd.grad(loss, self.shared, retain_graph=True, allow_unused=True)
        return torch.stack([gradient.float().square().sum() for gradient in gradients if gradient is not None]).sum().sqrt()


class Relevance(Emphasis):
    """Layers weighted by the relevance of the teacher layers that they are compared with, measured once before training; the weights stay.

    relevance: one number a teacher layer, layer 1 first, such as core.training.relevance.fisher. compared: the J teacher layers.
    """

    def __init__(self, relevance: Sequence[float], compared: Sequence[int]):
        super().__init__(len(compared))
        scores = torch.tensor([relevance[layer - 1] for layer in compared])
        if scores.sum() > 0:
            self.weights = balanced(scores / scores.mean())


def emphasis_for(
    objective: Objective, teacher: Teacher, train: EncodedSplit, matched: tuple[int, ...], student, device: Device
) -> Emphasis | None:
    """What weights the compared layers among themselves; None where all count the same throughout. matched: K teacher layers.

    Relevance is measured on RELEVANCE_EXAMPLES training examples, the same for every seed.
    """
    compared = layers_compared(objective, len(matched))
    if objective.emphasis == "fixed" or not compared:
        return None
    if objective.emphasis == "uncertainty":
        return Uncertainty(len(compared))
    if objective.emphasis == "gradient-norm":
        return GradientNorm(len(compared), layers(student)[0].parameters())
    sample = train.take(torch.tensor(stratified(train.labels.tolist(), RELEVANCE_EXAMPLES, seed=0)))
    return Relevance(fisher(teacher, sample, device), [matched[j - 1] for j in compared])
