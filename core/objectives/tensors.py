"""Arithmetic that several losses share. torch is imported inside the functions, so that declarations load without it."""

import math

NO_ATTENTION = -1e9  # a score that the softmax turns into 0 exactly, and that stays finite in float32


def full(x):
    """Return x in float32, or in float64 when it already is."""
    import torch

    return x.to(torch.promote_types(x.dtype, torch.float32))


def cosine_distance(a, b):
    """Return 1 - cos over the last dimension, as half the squared distance of the unit vectors: exactly zero for equal vectors."""
    from torch.nn.functional import normalize

    return (normalize(full(a), dim=-1) - normalize(full(b), dim=-1)).square().sum(-1) / 2


def token_mean(per_token, mask):
    """Return the mean of (B, T) values over the tokens where the mask (B, T) is 1."""
    mask = mask.to(per_token.dtype)
    return (per_token * mask).sum() / mask.sum()


def key_mean(values, mask):
    """Return (B, H, T, T) averaged over the keys that are tokens of the same example: (B, H, T)."""
    keys = mask[:, None, None, :].to(values.dtype)
    return (values * keys).sum(-1) / keys.sum(-1)


def query_mean(values, mask):
    """Return (B, H, T) averaged over heads and over the queries that are tokens: a scalar."""
    queries = mask[:, None, :].to(values.dtype)
    return (values * queries).sum() / (queries.sum() * values.shape[1])


def masked(scores, mask):
    """Return scores (B, H, T, T) in float32 at least, with keys at padding out of the softmax's reach."""
    return full(scores).masked_fill(mask[:, None, None, :] == 0, NO_ATTENTION)


def scaled_products(a, b):
    """Return a·b / sqrt(d) of every pair of tokens, (B, H, T, T), from a and b (B, H, T, d); in float32 at least, also under autocast."""
    import torch

    kind = torch.promote_types(a.dtype, torch.float32)
    with torch.autocast(a.device.type, enabled=False):
        return a.to(kind) @ b.to(kind).transpose(-1, -2) / math.sqrt(a.shape[-1])


def map_divergence(student_scores, teacher_scores, mask):
    """Return KL(A_teacher || A_student), A = softmax(scores) over the keys of each query; sum over keys, mean over queries and heads."""
    student, teacher = (masked(scores, mask).log_softmax(dim=-1) for scores in (student_scores, teacher_scores.detach()))
    return query_mean((teacher.exp() * (teacher - student)).sum(-1), mask)


def relation_divergence(student, teacher, mask):
    """Return the KL divergence between relations R = softmax(x x' / sqrt(d)): how alike each token's vector is to every other's.

    student, teacher: (B, H, T, d) and (B, H, T, e), the widths may differ.
    """
    teacher = teacher.detach()
    return map_divergence(scaled_products(student, student), scaled_products(teacher, teacher), mask)
