"""How far two rankings of the same layer choices agree, and what that agreement is worth."""

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

Choice = tuple[int, ...]


def kendall_tau(a: Sequence[float], b: Sequence[float]) -> float:
    """Kendall's tau-b: pairs in the same order minus pairs in the other order, over the geometric mean of the pairs not tied in
    each. a, b: N scores of the same N items. NaN when either is constant. Kendall 1945, "The treatment of ties in ranking problems".
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    rows, columns = np.triu_indices(len(a), 1)
    x, y = np.sign(a[rows] - a[columns]), np.sign(b[rows] - b[columns])
    untied = float(np.sqrt(np.sum(x != 0) * np.sum(y != 0)))
    return float(np.sum(x * y)) / untied if untied else float("nan")


def icc(scores: np.ndarray) -> float:
    """ICC(1,1), the reliability of one run: the share of the variance of single runs that lies between choices.

    scores: (choices, seeds), at least two of each. Shrout and Fleiss 1979, "Intraclass correlations", case 1. It may be negative.
    """
    scores = np.asarray(scores, float)
    n, k = scores.shape
    means = scores.mean(1)
    between = k * np.sum((means - scores.mean()) ** 2) / (n - 1)
    within = np.sum((scores - means[:, None]) ** 2) / (n * (k - 1))
    return float((between - within) / (between + (k - 1) * within))


def sum_of_layers(choice: Choice) -> float:
    """The trivial predictor: the lower the sum of layer numbers (the nearer the input), the better."""
    return -float(sum(choice))


def relabelling_null(a: Mapping[Choice, float], b: Mapping[Choice, float], layers: int) -> np.ndarray:
    """Kendall's tau of a with b after each of the layers! relabellings of a's teacher layers: what agreement chance would give
    to two rankings of such choices when nothing ties the layers' roles together. The identity is among them. (layers!,)
    """
    choices = sorted(b)
    against = [b[choice] for choice in choices]
    taus = []
    for order in itertools.permutations(range(1, layers + 1)):
        moved = [a[tuple(sorted(order[layer - 1] for layer in choice))] for choice in choices]
        taus.append(kendall_tau(moved, against))
    return np.array(taus)


def bootstrap(statistic: Callable[[np.ndarray], float], n: int, times: int = 2000, seed: int = 0) -> tuple[float, float]:
    """A 95 % interval of statistic(indices) over resamples with replacement of n items."""
    random = np.random.default_rng(seed)
    values = [statistic(random.integers(0, n, n)) for _ in range(times)]
    low, high = np.nanquantile(values, (0.025, 0.975))
    return float(low), float(high)
