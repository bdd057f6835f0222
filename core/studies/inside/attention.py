"""Where attention looks: how widely it is spread, and how far away. scores: (B, H, T, T) before the softmax; mask: (B, T), 1 for a token."""

import torch
from torch import Tensor

LEAST = torch.finfo(torch.float32).min


def maps(scores: Tensor, mask: Tensor) -> Tensor:
    """Compute attention probabilities (B, H, T, T): each query's row sums to 1 over the tokens; keys at padding get none."""
    return torch.softmax(scores.masked_fill(mask[:, None, None, :] == 0, LEAST), dim=-1)


def entropy(scores: Tensor, mask: Tensor) -> Tensor:
    """Compute the entropy of each query's attention in nats, (B, H, T); 0 at padding. 0 is one token alone, ln(tokens) is all alike.

    Clark et al. 2019, "What Does BERT Look At? An Analysis of BERT's Attention", which averages it over queries and examples.
    """
    found = maps(scores, mask)
    return torch.special.entr(found).sum(-1) * mask[:, None, :]


def distance(scores: Tensor, mask: Tensor) -> Tensor:
    """Return how many tokens away each query's attention lies, its mean of |i - j|, (B, H, T); 0 at padding.

    Vig and Belinkov 2019, "Analyzing the Structure of Attention in a Transformer Language Model".
    """
    place = torch.arange(scores.shape[-1], device=scores.device)
    away = (place[:, None] - place[None, :]).abs().to(scores.dtype)  # (T, T)
    return (maps(scores, mask) * away).sum(-1) * mask[:, None, :]
