"""An interval for where a choice ends, learnt from other choices, and an honest check of it: whole choices are left out."""

import math
from dataclasses import dataclass

import numpy as np

from core.statistics.distributions import exact_interval

LEVEL = 0.8


@dataclass(frozen=True)
class Example:
    """What is known of a choice. features: (S, F), one row a short run; targets: (T,), the final accuracies of its full runs."""

    features: np.ndarray
    targets: np.ndarray


@dataclass(frozen=True)
class Check:
    """What happened when each choice was left out in turn. hits: choices whose full runs fell inside (shares of a choice's runs are
    added, the sum is rounded); interval: exact 95 % for that share; width and score: means over choices."""

    hits: int
    choices: int
    interval: tuple[float, float]
    width: float
    score: float

    @property
    def calibrated(self) -> bool:
        return self.interval[0] <= LEVEL <= self.interval[1]

    def beats(self, other: "Check") -> bool:
        """Return whether this one is narrower and has a lower interval score, both on average."""
        return self.width < other.width and self.score < other.score


class Forecaster:
    """Least squares from the features to the mean full accuracy of a choice, every choice with the same weight; its interval is the
    quantile of what it missed when each choice was left out (the symmetric jackknife of Barber et al. 2021, "Predictive inference with
    the jackknife+", by choice). half: half the interval's width, infinite with too few choices."""

    def __init__(self, examples: list[Example]):
        moments = Moments(examples)
        self.coefficients = moments.fit()
        self.half = half_width([misses_of(moments.fit(i), example) for i, example in enumerate(examples)])

    def centre(self, features: np.ndarray) -> float:
        return float(design(features[None])[0] @ self.coefficients)


class Moments:
    """What least squares needs of each choice, so that choices can be left out without summing the rest anew."""

    def __init__(self, examples: list[Example]):
        rows = [design(example.features) for example in examples]
        self.squares = np.stack([x.T @ x / len(x) for x in rows])  # (N, 1 + F, 1 + F)
        self.products = np.stack([x.mean(0) * example.targets.mean() for x, example in zip(rows, examples, strict=True)])  # (N, 1 + F)

    def fit(self, *without: int) -> np.ndarray:
        """Return (1 + F,) coefficients from all choices but those. The minimum-norm solution where features do not vary."""
        left_out = list(without)
        squares = self.squares.sum(0) - self.squares[left_out].sum(0)
        products = self.products.sum(0) - self.products[left_out].sum(0)
        return np.linalg.pinv(squares, rcond=1e-10, hermitian=True) @ products


def design(features: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(features)), features])


def misses_of(coefficients: np.ndarray, example: Example) -> np.ndarray:
    """Return (S * T,) distances of every full run from the forecast of every short run."""
    return np.abs((design(example.features) @ coefficients)[:, None] - example.targets[None]).ravel()


def half_width(misses: list[np.ndarray]) -> float:
    """Return the smallest miss that covers LEVEL of the left-out choices, one more choice counted as missed by any distance.

    misses: one array a choice; a choice's runs share its weight."""
    sizes = np.concatenate(misses)
    shares = np.concatenate([np.full(len(some), 1 / len(some) / (len(misses) + 1)) for some in misses])
    order = np.argsort(sizes)
    enough = np.nonzero(np.cumsum(shares[order]) >= LEVEL - 1e-12)[0]
    return float(sizes[order][enough[0]]) if len(enough) else math.inf


def check(examples: list[Example]) -> Check:
    """Leave out each choice with all its runs, forecast it from the rest, and see: coverage, width, and the interval score of Gneiting and
    Raftery 2007 (width, plus 2 / (1 - LEVEL) times the distance by which a run falls outside)."""
    moments, everything = Moments(examples), range(len(examples))
    hits, widths, scores = 0.0, [], []
    for i in everything:
        half = half_width([misses_of(moments.fit(i, j), examples[j]) for j in everything if j != i])
        misses = misses_of(moments.fit(i), examples[i])
        hits += float(np.mean(misses <= half))
        widths.append(2 * half)
        scores.append(2 * half + 2 / (1 - LEVEL) * float(np.mean(np.maximum(0.0, misses - half))))
    whole = round(hits)
    return Check(whole, len(examples), exact_interval(whole, len(examples)), float(np.mean(widths)), float(np.mean(scores)))
