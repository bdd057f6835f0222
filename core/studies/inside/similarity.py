"""How alike two layers' representations of the same examples are."""

import math

import torch
from torch import Tensor


def linear_cka(x: Tensor, y: Tensor) -> float:
    """Compute linear centered kernel alignment of representations (N, D) and (N, E) of the same N examples.

    ||y' x||² / (||x' x|| ||y' y||), Frobenius norms, both centred over the examples: Kornblith, Norouzi, Lee and Hinton 2019, "Similarity
    of Neural Network Representations Revisited". 1 for equal, rotated, shifted or scaled ones. Independent ones come near 0 only when
    N is much larger than D and E: this is the paper's estimator, whose bias is upward. NaN when one is the same for all examples.
    """
    x, y = (z.double() - z.double().mean(0) for z in (x, y))
    if len(x) < x.shape[1] + y.shape[1]:  # the same numbers from (N, N) matrices
        a, b = x @ x.T, y @ y.T
        cross, mine, theirs = (a * b).sum(), a.square().sum().sqrt(), b.square().sum().sqrt()
    else:
        cross, mine, theirs = (y.T @ x).square().sum(), (x.T @ x).square().sum().sqrt(), (y.T @ y).square().sum().sqrt()
    scale = float(mine * theirs)
    return float(cross) / scale if scale > 1e-20 else math.nan


def angular_distance(x: Tensor, y: Tensor) -> float:
    """Compute arccos(cos(x, y)) / π, the mean over N examples: 0 for the same direction, 0.5 for orthogonal, 1 for opposite. x, y: (N, D).

    Gromov et al., "The Unreasonable Ineffectiveness of the Deeper Layers" (arXiv 2403.17887), which takes the last token's hidden
    states; an encoder's classifier reads the first token, so pass the first token's.
    """
    x, y = (torch.nn.functional.normalize(z.double(), dim=1) for z in (x, y))
    # twice the arc sine of half the chord: accurate for nearly equal directions, where arccos is not
    angles = 2 * torch.asin(((x - y).norm(dim=1) / 2).clamp(max=1))
    return float(angles.mean() / math.pi)


def cka_matrix(states: Tensor) -> list[list[float]]:
    """Compute linear CKA between all layers. states: (L + 1, N, D). (L + 1) x (L + 1), symmetric."""
    return _symmetric(states, linear_cka)


def angular_matrix(states: Tensor) -> list[list[float]]:
    """Compute the angular distance between all layers. states: (L + 1, N, D). (L + 1) x (L + 1), symmetric, 0 on the diagonal."""
    return _symmetric(states, angular_distance)


def _symmetric(states: Tensor, measure) -> list[list[float]]:
    n = len(states)
    upper = {(i, j): measure(states[i], states[j]) for i in range(n) for j in range(i, n)}
    return [[upper[min(i, j), max(i, j)] for j in range(n)] for i in range(n)]
