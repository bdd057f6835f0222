"""Losses between the attention of a student layer and that of the teacher layer it is matched with.

B examples, H heads, T tokens, d a head's width. Each is averaged over heads and over all non-pad query tokens of the batch, a scalar,
computed in float32 at least. Keys at padding count nowhere. What comes from the teacher is detached.
"""

import torch
from torch import Tensor

from core.errors import LabError
from core.models.attention import Vectors, scaled_products

NO_ATTENTION = -1e9  # a score that the softmax turns into 0 exactly, and that stays finite in float32


def attention_kl(student_scores: Tensor, teacher_scores: Tensor, mask: Tensor) -> Tensor:
    """KL(A_teacher || A_student), A = softmax(scores) over the keys of each query.

    Wang, Wei, Dong, Bao, Yang and Zhou 2020, "MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained
    Transformers", the self-attention distribution transfer (there of the last layer). Both scores (B, H, T, T) before mask and softmax,
    mask (B, T). Sum over the keys.
    """
    student, teacher = (torch.log_softmax(_masked(scores, mask), dim=-1) for scores in (student_scores, teacher_scores.detach()))
    return _query_mean((teacher.exp() * (teacher - student)).sum(-1), mask)


def attention_mse(student_scores: Tensor, teacher_scores: Tensor, mask: Tensor) -> Tensor:
    """Mean of (A_student - A_teacher)², A = softmax(scores), over the keys of each query.

    The normalised variant that Jiao et al. 2020, "TinyBERT", set against their own (attention_scores). Both scores (B, H, T, T) before
    mask and softmax, mask (B, T).
    """
    student, teacher = (torch.softmax(_masked(scores, mask), dim=-1) for scores in (student_scores, teacher_scores.detach()))
    return _query_mean(_key_mean((student - teacher).square(), mask), mask)


def attention_scores(student_scores: Tensor, teacher_scores: Tensor, mask: Tensor) -> Tensor:
    """Mean of (s_student - s_teacher)², s the scores before the softmax, over the keys of each query.

    Jiao et al. 2020, "TinyBERT: Distilling BERT for Natural Language Understanding", the attention-based distillation. Both scores
    (B, H, T, T), mask (B, T). The authors' code averages over all pairs of positions, padding with them.
    """
    return _query_mean(_key_mean((_full(student_scores) - _full(teacher_scores.detach())).square(), mask), mask)


def relation(student: Tensor, teacher: Tensor, mask: Tensor) -> Tensor:
    """KL between the relations of vectors, R = softmax(x x' / sqrt(d)): how alike each token's vector is to every other's.

    Of values: Wang et al. 2020, "MiniLM", the value-relation transfer. Of queries and of keys: Wang, Bao, Huang, Dong and Wei 2021,
    "MiniLMv2: Multi-Head Self-Attention Relation Distillation for Compressing Pretrained Transformers". student, teacher: (B, H, T, d)
    and (B, H, T, e), the widths may differ; mask (B, T).
    """
    teacher = teacher.detach()
    return attention_kl(scaled_products(student, student), scaled_products(teacher, teacher), mask)


def attention_term(name: str, student: Vectors, teacher: Vectors, mask: Tensor) -> Tensor:
    """The named loss between two matched layers. LabError when they have different numbers of heads."""
    if student.heads != teacher.heads:
        raise LabError(
            f"The student's layers have {student.heads} attention heads and the teacher's {teacher.heads}; "
            "attention losses need equal numbers, so choose an objective on logits."
        )
    if name in MAPS:
        return MAPS[name](student.scores(), teacher.scores(), mask)
    part = RELATIONS[name]
    return relation(getattr(student, part), getattr(teacher, part), mask)


MAPS = {"attention_kl": attention_kl, "attention_mse": attention_mse, "attention_scores": attention_scores}
RELATIONS = {"query_relation": "queries", "key_relation": "keys", "value_relation": "values"}


def _full(x: Tensor) -> Tensor:
    """x in float32, or in float64 when it already is."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _masked(scores: Tensor, mask: Tensor) -> Tensor:
    return _full(scores).masked_fill(mask[:, None, None, :] == 0, NO_ATTENTION)


def _key_mean(values: Tensor, mask: Tensor) -> Tensor:
    """(B, H, T, T) averaged over the keys that are tokens of the same example: (B, H, T)."""
    keys = mask[:, None, None, :].to(values.dtype)
    return (values * keys).sum(-1) / keys.sum(-1)


def _query_mean(values: Tensor, mask: Tensor) -> Tensor:
    """(B, H, T) averaged over heads and over the queries that are tokens: a scalar."""
    queries = mask[:, None, :].to(values.dtype)
    return (values * queries).sum() / (queries.sum() * values.shape[1])
