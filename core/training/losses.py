"""What the losses see of student and teacher, and the objective's weighted sum of its losses, each declared in core/objectives/losses/."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.data.batches import Batch
from core.errors import LabError
from core.models.attention import Vectors
from core.objectives import LOSSES, Loss
from core.objectives.declarations import ATTENTION_MAPS, LABELS, RELATIONS, TOKENS
from core.objectives.layer_weights import LayerWeights
from core.recipe import Objective, layers_compared


@dataclass
class Signal:
    """What a teacher says of a batch, never with a gradient; live or cached, the losses cannot tell.

    logits: (B, C). hidden: teacher layer (1-based) -> (B, T, D), the output of that layer at every token. attention: teacher layer ->
    its scores, or its queries, keys and values.
    """

    logits: Tensor | None = None
    hidden: dict[int, Tensor] = field(default_factory=dict)
    attention: dict[int, Vectors] = field(default_factory=dict)


@dataclass
class StudentOutput:
    """logits: (B, C). hidden: student layer (1-based) -> (B, T, D). attention: student layer -> its queries, keys and values."""

    logits: Tensor
    hidden: dict[int, Tensor] = field(default_factory=dict)
    attention: dict[int, Vectors] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """How much of a whole batch a part of it is: the shares, from 0 to 1, of its examples and of its non-pad tokens."""

    examples: float
    tokens: float


def total(
    objective: Objective, student: StudentOutput, signal: Signal | None, batch: Batch, matched: tuple[int, ...], share: Share | None = None,
    emphasis: LayerWeights | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the objective's weighted sum, and each loss unweighted and detached by name. All stay on the device.

    signal: None will do when cross-entropy is the only loss.
    matched: teacher layer for each of the K student layers (core.recipe.matched_layers); a loss between layers is averaged
    over the student layers it reads, and zero when it reads none (all-but-last of one layer).
    share: this batch is a part of a larger one, and every loss is weighted by the share of what it is a mean of, so that
    losses and gradients of all parts add up to those of the whole. None: it is whole.
    emphasis: weights the layers in that average; the losses that are reported stay plain averages. None: all count the same.
    Raises LabError when student and teacher have hidden states of different sizes or different numbers of attention heads.
    """
    compared = layers_compared(objective, len(matched))
    terms, between = {}, {}
    for name, _ in objective.weights:
        one = LOSSES[name]
        if not one.between_layers:
            theirs = (batch.labels,) if one.needs == LABELS else (signal.logits, objective.temperature)
            terms[name] = one.function(student.logits, *theirs)
        elif compared:
            between[name] = torch.stack([_layer_term(one, j, matched[j - 1], student, signal, batch) for j in compared])  # (J,)
        else:
            terms[name] = torch.zeros((), device=student.logits.device)
    counted = terms | {name: losses.mean() for name, losses in between.items()}
    weighed = counted
    if emphasis is not None and between:
        weights = emphasis(torch.stack([weight * between[name] for name, weight in objective.weights if name in between]).sum(0))
        weighed = counted | {name: (weights * losses).mean() for name, losses in between.items()}
    if share is not None:
        part = lambda name: share.tokens if LOSSES[name].mean_over == TOKENS else share.examples
        counted, weighed = ({name: term * part(name) for name, term in those.items()} for those in (counted, weighed))
    loss = torch.stack([weight * weighed[name] for name, weight in objective.weights]).sum()
    return loss, {name: term.detach() for name, term in counted.items()}


def _layer_term(loss: Loss, ours: int, theirs: int, student: StudentOutput, signal: Signal, batch: Batch) -> Tensor:
    """Return a loss between student layer `ours` and teacher layer `theirs`."""
    if loss.needs in (ATTENTION_MAPS, RELATIONS):
        a, b = student.attention[ours], signal.attention[theirs]
        if a.heads != b.heads:
            raise LabError(
                f"The student's layers have {a.heads} attention heads and the teacher's {b.heads}; "
                "attention losses need equal numbers, so choose an objective on logits."
            )
    else:
        a, b = student.hidden[ours], signal.hidden[theirs]
        if a.shape[-1] != b.shape[-1]:
            raise LabError(
                f"The student's hidden states have {a.shape[-1]} units and the teacher's {b.shape[-1]}; "
                "hidden-state losses need equal sizes, so choose an objective on logits."
            )
    return loss.function(a, b, batch.attention_mask)
