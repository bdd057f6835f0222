"""The objective as a user would write it, with torch's own loss functions: what the notebook loop and the Trainer subclass compute."""

import torch
import torch.nn.functional as F
from torch import Tensor

from core.recipe import Objective
from tests.bench.protocol import Setting

EXPRESSED = {"cross_entropy", "soft_targets", "logit_cosine", "hidden_cosine", "hidden_pkd"}


def takes(objective: Objective) -> bool:
    return {name for name, _ in objective.weights} <= EXPRESSED


def losses(setting: Setting, student, teacher, labels: Tensor, mask: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum and its terms. student, teacher: model outputs. labels: (B,). mask: (B, T).

    Cross-entropy, KL divergence and cosine of the logits are always computed, as the assignment's notebook does; a term without
    a weight in the objective counts zero.
    """
    t = setting.objective.temperature
    divergence = F.kl_div(F.log_softmax(student.logits / t, -1), F.softmax(teacher.logits / t, -1), reduction="batchmean")
    terms = {
        "cross_entropy": F.cross_entropy(student.logits, labels),
        "soft_targets": divergence * t * t,
        "logit_cosine": (1 - F.cosine_similarity(student.logits, teacher.logits, dim=-1)).mean(),
    }
    pairs = [(student.hidden_states[j], teacher.hidden_states[setting.matched[j - 1]]) for j in setting.used]
    weights = dict(setting.objective.weights)
    if "hidden_cosine" in weights:
        terms["hidden_cosine"] = torch.stack([_token_cosine(ours, theirs, mask) for ours, theirs in pairs]).mean()
    if "hidden_pkd" in weights:
        terms["hidden_pkd"] = torch.stack([_first_token(ours, theirs) for ours, theirs in pairs]).mean()
    return sum(weights.get(name, 0.0) * value for name, value in terms.items()), terms


def _token_cosine(ours: Tensor, theirs: Tensor, mask: Tensor) -> Tensor:
    real = mask.bool()
    ours, theirs = ours[real], theirs[real]
    return F.cosine_embedding_loss(ours, theirs, torch.ones(len(ours), device=ours.device))


def _first_token(ours: Tensor, theirs: Tensor) -> Tensor:
    return (F.normalize(ours[:, 0], dim=-1) - F.normalize(theirs[:, 0], dim=-1)).pow(2).sum(-1).mean()
