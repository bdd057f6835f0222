"""The losses, one function each (those between attention in attention_losses.py), and their weighted sum.

B examples, T tokens, C classes, D hidden size. Every loss is a mean over the batch and a scalar, computed in float32 at
least, whatever autocast does around it. What comes from the teacher is detached: no gradient reaches it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from core.errors import LabError
from core.recipe import LAYER_LOSSES, Objective, layers_compared
from core.training.attention_losses import MAPS, RELATIONS, attention_term
from core.training.batch import Batch, Share, Signal, StudentOutput
from core.training.layer_weights import Emphasis


def cross_entropy(student_logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy with the labels: -log softmax(z)[label].

    student_logits: (B, C). labels: (B,) int64. Mean over the batch. It has no teacher, so it is not zero when student
    and teacher agree.
    """
    return F.cross_entropy(_full(student_logits), labels)


def soft_targets(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """T² KL(p || q), with p = softmax(z_teacher / T) and q = softmax(z_student / T).

    Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network", section 2. T² keeps the gradient's size
    when T changes. The paper has the cross-entropy of q with p, which differs by the entropy of p, without gradient.
    Both logits (B, C). Sum over the classes, mean over the batch.
    """
    student = F.log_softmax(_full(student_logits) / temperature, dim=-1)
    teacher = F.log_softmax(_full(teacher_logits.detach()) / temperature, dim=-1)
    return F.kl_div(student, teacher, reduction="batchmean", log_target=True) * temperature**2


def logit_mse(student_logits: Tensor, teacher_logits: Tensor) -> Tensor:
    """Mean of (z_student - z_teacher)² over batch and classes.

    Ba and Caruana 2014, "Do Deep Nets Really Need to be Deep?", equation 1 (there a sum over classes, halved).
    Both logits (B, C). No temperature.
    """
    return F.mse_loss(_full(student_logits), _full(teacher_logits.detach()))


def logit_cosine(student_logits: Tensor, teacher_logits: Tensor) -> Tensor:
    """1 - cos(z_student, z_teacher), the cosine over the classes.

    The course assignment's third term, written as a loss. Both logits (B, C). Mean over the batch. No temperature.
    """
    return _cosine_distance(student_logits, teacher_logits.detach()).mean()


def hidden_mse(student_hidden: Tensor, teacher_hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean of (h_student - h_teacher)² over non-pad tokens and hidden units.

    Jiao et al. 2020, "TinyBERT", equation 8, without its learnt projection: the sizes are equal here.
    Both hidden (B, T, D), mask (B, T), 1 for a token and 0 for padding. Every non-pad token of the batch weighs the same.
    """
    distance = (_full(student_hidden) - _full(teacher_hidden.detach())).square().mean(-1)  # (B, T)
    return _token_mean(distance, mask)


def hidden_cosine(student_hidden: Tensor, teacher_hidden: Tensor, mask: Tensor) -> Tensor:
    """1 - cos(h_student, h_teacher) over the hidden units, averaged over non-pad tokens.

    Sanh, Debut, Chaumond and Wolf 2019, "DistilBERT", section 3 (L_cos, on the last layer).
    Both hidden (B, T, D), mask (B, T). Every non-pad token of the batch weighs the same.
    """
    return _token_mean(_cosine_distance(student_hidden, teacher_hidden.detach()), mask)


def hidden_pkd(student_hidden: Tensor, teacher_hidden: Tensor) -> Tensor:
    """||h_student / |h_student| - h_teacher / |h_teacher| ||² of the first token, [CLS].

    Sun, Cheng, Gan and Liu 2019, "Patient Knowledge Distillation for BERT Model Compression", equation 7 (there summed over
    layers and examples). Both hidden (B, T, D); only token 0 is read, which padding on the right never is.
    Sum over the hidden units, mean over the batch. Lies between 0 and 4.
    """
    student = F.normalize(_full(student_hidden[:, 0]), dim=-1)
    teacher = F.normalize(_full(teacher_hidden[:, 0].detach()), dim=-1)
    return (student - teacher).square().sum(-1).mean()


TOKEN_MEANS = ("hidden_mse", "hidden_cosine", *MAPS, *RELATIONS)  # means over tokens; the others are means over examples


def total(
    objective: Objective, student: StudentOutput, signal: Signal | None, batch: Batch, matched: tuple[int, ...], share: Share | None = None,
    emphasis: Emphasis | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The objective's weighted sum, and each loss unweighted and detached by name. All stay on the device.

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
        if name not in LAYER_LOSSES:
            terms[name] = _output_term(name, objective, student, signal, batch)
        elif compared:
            between[name] = torch.stack([_layer_term(name, j, matched[j - 1], student, signal, batch) for j in compared])  # (J,)
        else:
            terms[name] = torch.zeros((), device=student.logits.device)
    counted = terms | {name: losses.mean() for name, losses in between.items()}
    weighed = counted
    if emphasis is not None and between:
        weights = emphasis(torch.stack([weight * between[name] for name, weight in objective.weights if name in between]).sum(0))
        weighed = counted | {name: (weights * losses).mean() for name, losses in between.items()}
    if share is not None:
        of = lambda name: share.tokens if name in TOKEN_MEANS else share.examples
        counted, weighed = ({name: term * of(name) for name, term in those.items()} for those in (counted, weighed))
    loss = torch.stack([weight * weighed[name] for name, weight in objective.weights]).sum()
    return loss, {name: term.detach() for name, term in counted.items()}


def _output_term(name: str, objective: Objective, student: StudentOutput, signal: Signal | None, batch: Batch) -> Tensor:
    """One loss of the objective on logits."""
    if name == "cross_entropy":
        return cross_entropy(student.logits, batch.labels)
    if name == "soft_targets":
        return soft_targets(student.logits, signal.logits, objective.temperature)
    if name == "logit_mse":
        return logit_mse(student.logits, signal.logits)
    return logit_cosine(student.logits, signal.logits)


def _layer_term(name: str, ours: int, theirs: int, student: StudentOutput, signal: Signal, batch: Batch) -> Tensor:
    """One loss between student layer `ours` and teacher layer `theirs`."""
    if name in MAPS or name in RELATIONS:
        return attention_term(name, student.attention[ours], signal.attention[theirs], batch.attention_mask)
    a, b = student.hidden[ours], signal.hidden[theirs]
    if a.shape[-1] != b.shape[-1]:
        raise LabError(
            f"The student's hidden states have {a.shape[-1]} units and the teacher's {b.shape[-1]}; "
            "hidden-state losses need equal sizes, so choose an objective on logits."
        )
    if name == "hidden_mse":
        return hidden_mse(a, b, batch.attention_mask)
    if name == "hidden_cosine":
        return hidden_cosine(a, b, batch.attention_mask)
    return hidden_pkd(a, b)


def _full(x: Tensor) -> Tensor:
    """x in float32, or in float64 when it already is."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _cosine_distance(a: Tensor, b: Tensor) -> Tensor:
    """1 - cos over the last dimension, as half the squared distance of the unit vectors: exactly zero for equal vectors."""
    return (F.normalize(_full(a), dim=-1) - F.normalize(_full(b), dim=-1)).square().sum(-1) / 2


def _token_mean(per_token: Tensor, mask: Tensor) -> Tensor:
    """The mean of (B, T) values over the tokens where the mask (B, T) is 1."""
    mask = mask.to(per_token.dtype)
    return (per_token * mask).sum() / mask.sum()
