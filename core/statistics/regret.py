"""Regret: the accuracy that a pick gives away against the best choice, with the best found on other seeds than it is measured on.

The highest of many noisy means is too high. So for each seed the best choice is found on the other seeds, and its accuracy and the pick's are taken
from this seed; the regret is the mean over seeds. C choices, S seeds, T resamples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.statistics.agreement import Choice, kendall_tau, taus
from core.statistics.ranking import Ranking

TIMES = 2000


@dataclass(frozen=True)
class Trials:
    """What is known of every choice. choices: C of them. accuracies: (C, S) fractions, one column a seed.

    noise: (T, C, S) deviations that other seeds and other test examples would bring, about zero; None while the seeds' spread is unknown."""

    choices: tuple[Choice, ...]
    accuracies: np.ndarray
    noise: np.ndarray | None

    @property
    def means(self) -> np.ndarray:
        return self.accuracies.mean(1)

    def ranking(self) -> Ranking:
        return Ranking(self.choices, self.means, self.noise.mean(2), True, True)

    def always(self, choice: Choice) -> np.ndarray:
        """Return the policy that picks this choice whatever the seed: (S, C)."""
        return np.tile(np.arange(len(self.choices)) == self.choices.index(choice), (self.accuracies.shape[1], 1)).astype(float)

    def chance(self) -> np.ndarray:
        """Return the policy that draws a choice: (S, C)."""
        return np.full(self.accuracies.T.shape, 1 / len(self.choices))


def noise(hits: np.ndarray | None, sizes: np.ndarray | None, shape: tuple[int, int], seed_sd: float, seed: int = 0) -> np.ndarray:
    """Draw (T, C, S) deviations. hits: (C, S, G) right answers by cluster of test examples, None where the truth of the examples is unknown;
    sizes: (G,) examples a cluster. shape: (C, S). seed_sd: the standard deviation between seeds less what answers that flip from seed to
    seed explain. Clusters are drawn with replacement, the same for all choices and seeds of a resample."""
    random = np.random.default_rng(seed)
    found = random.normal(0.0, seed_sd, (TIMES, *shape))
    if hits is not None:
        clusters = len(sizes)
        counts = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=TIMES).astype(np.float32)
        right = hits.mean(1)  # (C, G)
        found += (counts @ right.T / (counts @ sizes)[:, None] - right.sum(1) / sizes.sum())[:, :, None]
    return found


def best_elsewhere(accuracies: np.ndarray) -> np.ndarray:
    """Return for each seed, (…, C, S) -> (…, S), the choice with the highest mean over the other seeds; with one seed, on that seed itself."""
    if accuracies.shape[-1] == 1:
        return accuracies.argmax(-2)
    return (accuracies.sum(-1, keepdims=True) - accuracies).argmax(-2)


def regret(accuracies: np.ndarray, policy: np.ndarray) -> np.ndarray:
    """Compute the regret, (…, C, S) accuracies -> (…,). policy: (S, C), for each seed the probabilities of the picks measured on it."""
    best = np.take_along_axis(accuracies, best_elsewhere(accuracies)[..., None, :], -2)[..., 0, :]
    return (best - np.einsum("...cs,sc->...s", accuracies, policy)).mean(-1)


def interval(trials: Trials, policy: np.ndarray) -> tuple[float, float] | None:
    """Compute the 95 % interval of the regret against the truly best choice; never below 0, as the true regret. None while the noise is unknown.

    A pivot: the estimate is made again on resamples around means that vary as the true ones should (Ranking.steady), where the true regret is known;
    the quantiles of its error there are taken off the estimate (Davison and Hinkley 1997, "Bootstrap Methods and their Application", section 5.2). So
    the search for the best choice is part of the uncertainty."""
    if trials.noise is None:
        return None
    steady = trials.ranking().steady()
    errors = regret(steady[:, None] + trials.noise, policy) - (steady.max() - float((policy @ steady).mean()))
    low, high = np.quantile(errors, ((1 - 0.95) / 2, (1 + 0.95) / 2))
    found = float(regret(trials.accuracies, policy))
    return max(0.0, found - float(high)), max(0.0, found - float(low))


def within_noise(trials: Trials) -> float | None:
    """Compute the share of all choices whose regret's interval reaches 0; None while the noise is unknown."""
    if trials.noise is None:
        return None
    return float(np.mean([interval(trials, trials.always(choice))[0] == 0 for choice in trials.choices]))


def score_tau(trials: Trials, scores: Sequence[float]) -> tuple[float, tuple[float, float] | None]:
    """Compute Kendall's tau of a chooser's scores, (C,) in the order of the choices, with the truth, and its 95 % interval of seeds and examples."""
    found = kendall_tau(scores, trials.means)
    if trials.noise is None or found != found:
        return found, None
    drawn = trials.ranking().steady() + trials.noise.mean(2)
    low, high = np.nanquantile(taus(np.tile(np.asarray(scores, float), (len(drawn), 1)), drawn), (0.025, 0.975))
    return found, (float(low), float(high))


def kept_on_validation(validation: np.ndarray, candidates: Sequence[int]) -> np.ndarray:
    """Return the policy that runs a few choices once and keeps the one with the highest validation accuracy: (S, C).

    validation: (C, S). candidates: their rows. The pick is made with one seed and its regret measured on another, averaged over all pairs; with one
    seed alone, on that seed."""
    candidates = list(candidates)
    choices, seeds = validation.shape
    kept = np.zeros((seeds, choices))  # by the seed that it was picked with
    kept[np.arange(seeds), [candidates[int(validation[candidates, seed].argmax())] for seed in range(seeds)]] = 1
    return kept if seeds == 1 else (kept.sum(0) - kept) / (seeds - 1)
