"""How far two rankings of the same layer choices agree, beside what chance gives."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

Choice = tuple[int, ...]


def kendall_tau(a: Sequence[float], b: Sequence[float]) -> float:
    """Return Kendall's tau-b between N scores of the same N items; NaN when either is constant. As scipy.stats.kendalltau, which loads half a second
    longer and knows no batches."""
    return float(taus(np.asarray(a, float)[None], np.asarray(b, float)[None])[0])


def taus(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return Kendall's tau-b of each row of a with the same row of b: two (T, N) -> (T,).

    Pairs in the same order minus pairs in the other order, over the geometric mean of the pairs not tied in each. Kendall 1945, "The treatment of
    ties in ranking problems"."""
    rows, columns = np.triu_indices(a.shape[1], 1)
    x, y = np.sign(a[:, rows] - a[:, columns]), np.sign(b[:, rows] - b[:, columns])
    with np.errstate(invalid="ignore"):
        return (x * y).sum(1) / np.sqrt((x != 0).sum(1) * (y != 0).sum(1))


def icc(scores: np.ndarray) -> float:
    """Return ICC(1,1), the reliability of one run: the share of the variance of single runs that lies between choices.

    scores: (choices, seeds), at least two of each. Shrout and Fleiss 1979, "Intraclass correlations", case 1. It may be negative."""
    scores = np.asarray(scores, float)
    n, k = scores.shape
    means = scores.mean(1)
    between = k * np.sum((means - scores.mean()) ** 2) / (n - 1)
    within = np.sum((scores - means[:, None]) ** 2) / (n * (k - 1))
    return float((between - within) / (between + (k - 1) * within))


def sum_of_layers(choice: Choice) -> float:
    """Return the trivial predictor: the lower the sum of layer numbers (the nearer the input), the better."""
    return -float(sum(choice))


def relabelling_null(a: Mapping[Choice, float], b: Mapping[Choice, float], layers: int) -> np.ndarray:
    """Compute Kendall's tau of a with b after each of the layers! relabellings of a's teacher layers: what agreement chance would give to two
    rankings of such choices when nothing ties the layers' roles together. The identity is among them. (layers!,)"""
    choices, orders = sorted(b), itertools.permutations(range(1, layers + 1))
    moved = np.array([[a[tuple(sorted(order[layer - 1] for layer in choice))] for choice in choices] for order in orders])
    return taus(moved, np.broadcast_to([b[choice] for choice in choices], moved.shape))

