"""Learned gates: a differentiable relaxation of leaving layers out, trained briefly with a penalty on the budget."""

import math

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Ranked, rank_by_sum

TRAIN_EXAMPLES = 2000  # ours: the stratified part of train that gates learn from
GATE_STEPS = 200  # ours: "trained briefly"
GATE_BATCH = 32  # ours
GATE_RATE = 0.1  # ours: of the gates' locations and of the multipliers, under Adam
GATE_DROP = 0.5  # the share of gates shut at the start: the default of Louizos et al.'s and of later authors' code
GATE_BETA, GATE_GAMMA, GATE_ZETA = 2 / 3, -0.1, 1.1  # temperature and stretch: Louizos, Welling and Kingma 2018


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by the sum of their layers' gates' locations, trained so that only k of the gates should stay open.

    The teacher's weights stay as they are; only the gates learn, one a layer, drawn for each example, from the cross-entropy with the
    labels plus λ1 d + λ2 d², where d is the expected share of open gates less k / L and the multipliers ascend: the augmented
    Lagrangian of Wang, Wohlwend and Lei.
    """
    return rank_by_sum(train_gates(teacher, sample, k).tolist(), k)


def sampled(location, uniform):
    """Return hard Concrete gates in [0, 1] from uniform numbers in (0, 1), both broadcast; differentiable in their location.

    s = sigmoid((ln u - ln(1 - u) + location) / β), stretched to (γ, ζ) and cut to [0, 1], so that 0 and 1 themselves are drawn:
    Louizos, Welling and Kingma.
    """
    s = ((uniform.log() - (-uniform).log1p() + location) / GATE_BETA).sigmoid()
    return (s * (GATE_ZETA - GATE_GAMMA) + GATE_GAMMA).clamp(0, 1)


def open_probability(location):
    """Return the probability that a gate is not 0, sigmoid(location - β ln(-γ / ζ)): the same paper's penalty, one term a gate."""
    return (location - GATE_BETA * math.log(-GATE_GAMMA / GATE_ZETA)).sigmoid()


def train_gates(teacher, sample, k: int, steps: int = GATE_STEPS):
    """Return the gates' locations after training, (L,) on the CPU; always the same for the same teacher, sample and k."""
    import torch
    from torch.nn.functional import cross_entropy

    from core.models.bypass import gated

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


LEARNED_GATES = Method(
    "learned-gates", "learned gates", rank, order=8, labels=True, trains=True,
    settings=SEARCH_SETTINGS | {
        "train_examples": TRAIN_EXAMPLES, "gate_steps": GATE_STEPS, "gate_batch": GATE_BATCH, "gate_rate": GATE_RATE, "gate_drop": GATE_DROP,
        "gate_beta": GATE_BETA, "gate_gamma": GATE_GAMMA, "gate_zeta": GATE_ZETA,
    },
    page_title="Learned gates",
    line="Put a gate on every layer, train the gates alone with a penalty on more than k open ones, keep the layers that stay open.",
    formula=r"S(C)=\sum_{l\in C}\alpha_l,\quad \min_\alpha\max_\lambda\ \mathrm{CE}+\lambda_1 d+\lambda_2 d^2,"
            r"\ d=\tfrac1L\sum_l P(g_l\neq0)-\tfrac kL",
    source='Louizos, Welling and Kingma 2018, "Learning Sparse Neural Networks through L0 Regularization"; Wang, Wohlwend and Lei 2020, '
           '"Structured Pruning of Large Language Models"',
)
