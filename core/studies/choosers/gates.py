"""The chooser that learns gates: a differentiable relaxation of leaving layers out, trained briefly with a penalty on the budget."""

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.models.bypass import gated
from core.models.teachers import Teacher
from core.studies.choosers.ranked import Ranked, added, chooser
from core.studies.choosers.sample import Sample
from core.studies.choosers.settings import GATE_BATCH, GATE_BETA, GATE_DROP, GATE_GAMMA, GATE_RATE, GATE_STEPS, GATE_ZETA


def sampled(location: Tensor, uniform: Tensor) -> Tensor:
    """Hard Concrete gates in [0, 1] from uniform numbers in (0, 1), both broadcast; differentiable in their location.

    s = sigmoid((ln u - ln(1 - u) + location) / β), stretched to (γ, ζ) and cut to [0, 1], so that 0 and 1 themselves are drawn:
    Louizos, Welling and Kingma 2018, "Learning Sparse Neural Networks through L0 Regularization".
    """
    s = torch.sigmoid((torch.log(uniform) - torch.log1p(-uniform) + location) / GATE_BETA)
    return (s * (GATE_ZETA - GATE_GAMMA) + GATE_GAMMA).clamp(0, 1)


def open_probability(location: Tensor) -> Tensor:
    """The probability that a gate is not 0, sigmoid(location - β ln(-γ / ζ)): the same paper's penalty, one term a gate."""
    return torch.sigmoid(location - GATE_BETA * math.log(-GATE_GAMMA / GATE_ZETA))


def settled(location: Tensor) -> Tensor:
    """The gates without noise: 0 far below, 1 far above."""
    return (torch.sigmoid(location) * (GATE_ZETA - GATE_GAMMA) + GATE_GAMMA).clamp(0, 1)


@chooser
def learned_gates(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Keep the layers whose gates stay open when only k of them should: a layer's score is its gate's location, a choice's their sum.

    The teacher's weights stay as they are; only the gates learn, one a layer, drawn for each example, from the cross-entropy with the
    labels plus λ1 d + λ2 d², where d is the expected share of open gates less k / L and the multipliers ascend: the augmented
    Lagrangian of Wang, Wohlwend and Lei 2020, "Structured Pruning of Large Language Models".
    """
    return added(train_gates(teacher, sample, k).tolist(), k)


def train_gates(teacher: Teacher, sample: Sample, k: int, steps: int = GATE_STEPS) -> Tensor:
    """The gates' locations after training, (L,) on the CPU; always the same for the same teacher, sample and k."""
    device, split = sample.device.torch, sample.train
    model = teacher.model.to(device)
    location = torch.full((teacher.layers,), math.log(1 - GATE_DROP) - math.log(GATE_DROP), device=device, requires_grad=True)
    multipliers = torch.zeros(2, device=device, requires_grad=True)
    optimizer = torch.optim.Adam([{"params": [location]}, {"params": [multipliers], "maximize": True}], lr=GATE_RATE)
    generator = torch.Generator().manual_seed(0)
    for step in range(steps):
        sample.progress(step / steps, "Training gates")
        chosen = torch.randint(len(split), (min(GATE_BATCH, len(split)),), generator=generator)
        batch = split.batch(chosen).to(device)
        uniform = torch.rand(teacher.layers, len(chosen), 1, 1, generator=generator).clamp(1e-6, 1 - 1e-6).to(device)
        with gated(model, list(sampled(location[:, None, None, None], uniform))), sample.device.context():
            logits = model(**batch.model_inputs()).logits
        excess = open_probability(location).mean() - k / teacher.layers
        loss = cross_entropy(logits.float(), batch.labels) + multipliers[0] * excess + multipliers[1] * excess.square()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return location.detach().cpu()
