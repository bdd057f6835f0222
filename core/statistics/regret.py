"""Regret: the accuracy that a pick gives away against the best choice, with the best found on other seeds than it is measured on.

The highest of many noisy means is too high. So for each seed the best choice is found on the other seeds, and its accuracy and the pick's are taken
from this seed; the regret is the mean over seeds. C choices, S seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.statistics.agreement import Choice, kendall_tau
from core.statistics.holm import LEVEL
from core.statistics.noise import Comparison
from core.statistics.ranking import Ranking, score_interval


@dataclass(frozen=True)
class Trials:
    """What is known of every choice. choices: C of them. accuracies: (C, S) fractions, one column a seed. ranking: the same with its noise; None
    while the seeds' spread is unknown."""

    choices: tuple[Choice, ...]
    accuracies: np.ndarray
    ranking: Ranking | None

    @property
    def means(self) -> np.ndarray:
        return self.accuracies.mean(1)

    def always(self, choice: Choice) -> np.ndarray:
        """Return the policy that picks this choice whatever the seed: (S, C)."""
        return np.tile(np.arange(len(self.choices)) == self.choices.index(choice), (self.accuracies.shape[1], 1)).astype(float)

    def chance(self) -> np.ndarray:
        """Return the policy that draws a choice: (S, C)."""
        return np.full(self.accuracies.T.shape, 1 / len(self.choices))


    def contrast(self, weights: np.ndarray) -> Comparison:
        """Compare by a sum of all runs, (C, S) weights; its noise is known where that of seeds is."""
        difference = float((self.accuracies * weights).sum())
        if self.ranking is None:
            return Comparison(difference, (), 0.0, (0, 0), "", ())
        return self.ranking.contrast(weights.sum(1), (weights**2).sum(1), difference)


def best_elsewhere(accuracies: np.ndarray) -> np.ndarray:
    """Return for each seed, (…, C, S) -> (…, S), the choice with the highest mean over the other seeds; with one seed, on that seed itself."""
    if accuracies.shape[-1] == 1:
        return accuracies.argmax(-2)
    return (accuracies.sum(-1, keepdims=True) - accuracies).argmax(-2)


def regret(accuracies: np.ndarray, policy: np.ndarray) -> np.ndarray:
    """Compute the regret, (…, C, S) accuracies -> (…,). policy: (S, C), for each seed the probabilities of the picks measured on it."""
    best = np.take_along_axis(accuracies, best_elsewhere(accuracies)[..., None, :], -2)[..., 0, :]
    return (best - np.einsum("...cs,sc->...s", accuracies, policy)).mean(-1)


def bounds(ranking: Ranking) -> np.ndarray:
    """Compute what the true regret of each choice is at most, with a chance of 95 % for all of them together: (C,).

    Only one choice is truly the best. So the gaps from one choice to the C - 1 others have to hold, each one-sided at 5 % / (C - 1), whichever that
    one is; a pick's bound is the highest upper end of its gaps to all. It holds for a pick made by looking at these very runs too."""
    level = 2 * LEVEL / max(1, len(ranking.choices) - 1)  # of intervals with two ends, of which one counts
    return (ranking.means[:, None] - ranking.means + ranking.spread(ranking.half_width(level))).max(0)


def bound(trials: Trials, policy: np.ndarray) -> float | None:
    """Compute what the true regret of a policy is at most (`bounds`); None while the noise is unknown."""
    return None if trials.ranking is None else float(policy.mean(0) @ bounds(trials.ranking))


def score_tau(trials: Trials, scores: Sequence[float]) -> tuple[float, tuple[float, float] | None]:
    """Compute Kendall's tau of a chooser's scores, (C,) in the order of the choices, with the truth, and a 95 % interval for its tau with the true
    order."""
    found = kendall_tau(scores, trials.means)
    return found, None if trials.ranking is None or found != found else score_interval(trials.ranking, scores)


def kept_on_validation(validation: np.ndarray, candidates: Sequence[int]) -> np.ndarray:
    """Return the policy that runs a few choices once and keeps the one with the highest validation accuracy: (S, C).

    validation: (C, S). candidates: their rows. The pick is made with one seed and its regret measured on another, averaged over all pairs; with one
    seed alone, on that seed."""
    candidates = list(candidates)
    choices, seeds = validation.shape
    kept = np.zeros((seeds, choices))  # by the seed that it was picked with
    kept[np.arange(seeds), [candidates[int(validation[candidates, seed].argmax())] for seed in range(seeds)]] = 1
    return kept if seeds == 1 else (kept.sum(0) - kept) / (seeds - 1)
