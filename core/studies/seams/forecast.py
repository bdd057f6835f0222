"""How well the end of a full run is forecast from what is known of a choice: its own short run, a score such as that of its seams, or both.

Whole choices are left out in turn, and the forecast is least squares on the others, as on the pages (core/statistics/conformal.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.statistics.agreement import Choice
from core.statistics.conformal import Example, Moments, design
from core.statistics.distributions import t_quantile
from core.statistics.ridge import r_squared

Known = Mapping[Choice, Sequence[Sequence[float]]]  # (S, F) numbers of a choice, a row a short run; a score that needs no run has one row


@dataclass(frozen=True)
class Forecast:
    """misses: (C,) mean distances of a choice's forecasts from its mean full accuracy, fractions. r_squared: of the forecasts, 0 is the mean of the
    other choices."""

    misses: np.ndarray
    r_squared: float

    @property
    def error(self) -> float:
        return float(self.misses.mean())


def of(predicted: Sequence[np.ndarray], targets: np.ndarray) -> Forecast:
    """Judge forecasts: for each of C choices one or more, of which each counts as much."""
    squares = np.array([np.mean((some - target) ** 2) for some, target in zip(predicted, targets, strict=True)])
    misses = np.array([np.mean(np.abs(some - target)) for some, target in zip(predicted, targets, strict=True)])
    return Forecast(misses, float(r_squared(targets, targets - np.sqrt(squares))))


def left_out(full: Mapping[Choice, Sequence[float]], *known: Known) -> Forecast:
    """Forecast every choice from the others by all that is known of it. full: choice -> accuracies of its full runs, a fraction a seed.

    Where several have more than one row, they are of the same short runs in the same order."""
    rows = {choice: max(len(one[choice]) for one in known) for choice in full}
    features = {choice: np.hstack([np.broadcast_to(np.asarray(one[choice], float), (count, len(one[choice][0]))) for one in known])
                for choice, count in rows.items()}
    examples = [Example(features[choice], np.asarray(full[choice], float)) for choice in full]
    moments = Moments(examples)
    return of([design(one.features) @ moments.fit(n) for n, one in enumerate(examples)], np.array([one.targets.mean() for one in examples]))


@dataclass(frozen=True)
class Gain:
    """By how much the first of two forecasts misses less, a fraction, on the same choices, with its standard error and 95 % interval (Student's): how
    far the gain hangs on which choices were forecast, not on seeds."""

    value: float
    error: float
    interval: tuple[float, float]


def gain(first: Forecast, second: Forecast) -> Gain:
    """Compare two forecasts of the same choices, choice by choice."""
    gains = second.misses - first.misses
    error = float(gains.std(ddof=1) / len(gains) ** 0.5)
    half = t_quantile(0.95, len(gains) - 1) * error
    return Gain(float(gains.mean()), error, (float(gains.mean()) - half, float(gains.mean()) + half))
