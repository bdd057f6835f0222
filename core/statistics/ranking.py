"""Layer choices ranked by accuracy, with the noise of every gap between two of them, from seeds and from the test examples: the comparisons and
verdicts of core/statistics/noise.py and verdict.py. How often what is made of them is right is counted in core/findings/calibration/coverage.py."""

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.statistics.agreement import Choice, kendall_tau, sum_of_layers, taus
from core.statistics.holm import LEVEL
from core.statistics.noise import TEST_DF, ChoiceNoise, Comparison, Untold, each_its_own, ways_of
from core.statistics.verdict import Verdict, judged_together

TIMES = 1000  # draws of noise
FEWEST = 4  # choices that two rankings need in common to be compared


@dataclass(frozen=True, eq=False)
class Ranking:
    """Mean accuracies of C choices and their noise.

    choices: C of them. means: (C,) fractions. runs: (C,) how many each is the mean of. noises: of each choice. Of every two, (P,) in the order of
    np.triu_indices: p, each by itself, 1 where the noise is unknown; clear, whether they are told apart, all tested together; whole, the variance of
    their gap over other test examples; half_width, of the interval that misses with a given chance. flips: `TestSet.flips`."""

    choices: tuple[Choice, ...]
    means: np.ndarray
    runs: np.ndarray
    noises: tuple[ChoiceNoise | Untold, ...]
    p: np.ndarray
    clear: np.ndarray
    whole: np.ndarray
    half_width: Callable[[float], np.ndarray]
    flips: float = 0.0

    @property
    def seeds(self) -> bool:
        """Whether the noise of seeds is known."""
        return any(noise.known for noise in self.noises)

    def take(self, choices: Sequence[Choice]) -> "Ranking":
        """Return the ranking of these choices alone, with the same verdicts: those of all choices tested together."""
        of, (rows, columns) = [self.choices.index(choice) for choice in choices], np.triu_indices(len(choices), 1)
        part = lambda values: self.spread(values)[np.ix_(of, of)][rows, columns]
        return Ranking(
            tuple(choices), self.means[of], self.runs[of], tuple(self.noises[i] for i in of), part(self.p), part(self.clear) > 0, part(self.whole),
            lambda level: part(self.half_width(level)), self.flips,
        )

    def with_seeds_of(self, other: "Ranking") -> "Ranking":
        """Return the ranking with the noise of seeds that another one measured on the same choices."""
        noises = dict(zip(other.choices, other.noises, strict=True))
        return compared(self.choices, self.means, self.runs, [noises[choice] for choice in self.choices], self.whole, self.flips)

    def spread(self, values: Sequence[float]) -> np.ndarray:
        """Return one value a pair as a symmetric table with zeros in its diagonal: (P,) -> (C, C)."""
        table = np.zeros((len(self.choices),) * 2)
        table[np.triu_indices(len(table), 1)] = values
        return table + table.T

    @functools.cached_property
    def test(self) -> np.ndarray:
        """The covariance of the means, less the mean of all, over other test examples: (C, C)."""
        half = self.spread(-self.whole / 2)
        return half - half.mean(0) - half.mean(1)[:, None] + half.mean()

    def contrast(self, weights: np.ndarray, squares: np.ndarray | None = None, difference: float | None = None) -> Comparison:
        """Compare the means of several choices: a sum of all means, weighted by (C,) weights that sum to zero.

        Where the runs of a choice do not weigh alike, squares: (C,) sums over them of squared weights, and difference: the weighted sum of all."""
        squares = weights**2 / self.runs if squares is None else squares
        used = np.flatnonzero(squares)
        difference = float(weights @ self.means) if difference is None else difference
        return _comparison(
            difference, [self.noises[i] for i in used], squares[used], float(weights @ self.test @ weights), self.flips,
        )

    @functools.cached_property
    def apart(self) -> np.ndarray:
        """(P,) as `likely`, for the pairs that these runs tell apart: all of them tested together (Holm)."""
        return self._signs * self.clear

    @functools.cached_property
    def likely(self) -> np.ndarray:
        """(P,) for every pair, in the order of np.triu_indices: 1 where the first is higher, -1 where the second is, by a gap whose own 95 % interval
        leaves 0 out; 0 where noise could turn it. All 0 where the noise of seeds is unknown."""
        return self._signs * (self.p <= LEVEL)

    @property
    def _signs(self) -> np.ndarray:
        rows, columns = np.triu_indices(len(self.means), 1)
        return np.sign(self.means[rows] - self.means[columns])

    def steady(self) -> np.ndarray:
        """Return the means drawn together until they vary as the true accuracies should: (C,), about zero.

        The variance of the observed means is that of the true ones plus the noise's; what is left after taking the noise off is kept."""
        centred = self.means - self.means.mean()
        observed = float(np.mean(centred**2))
        covariance = self._covariance()
        noise = float(np.trace(covariance) - covariance.mean() * len(centred)) / len(centred)
        return centred * np.sqrt(max(0.0, 1 - noise / observed)) if observed else centred

    def deviations(self, seed: int) -> np.ndarray:
        """Draw what noise does to the means: (TIMES, C)."""
        strengths, axes = np.linalg.eigh(self._covariance())
        return np.random.default_rng(seed).standard_normal((TIMES, len(self.means))) @ (axes * np.sqrt(np.maximum(strengths, 0.0))).T

    def _covariance(self) -> np.ndarray:
        return self.test + np.diag([noise.known and (noise.own**2 - self.flips) / n for noise, n in zip(self.noises, self.runs, strict=True)])


def measured(samples: Mapping[Choice, Sequence[float]], test: np.ndarray | float = 0.0, flips: float = 0.0) -> Ranking:
    """Build a ranking from the accuracies of each choice's runs, one a seed, all its pairs tested together.

    test: (P,) variances of the gap of every two means over other test examples."""
    runs, means = (np.array([value(values) for values in samples.values()]) for value in (len, np.mean))
    whole = np.broadcast_to(test, len(means) * (len(means) - 1) // 2)
    return compared(tuple(samples), means, runs, list(each_its_own(samples).values()), whole, flips)


def compared(choices: Sequence[Choice], means: np.ndarray, runs: np.ndarray, noises: list, whole: np.ndarray, flips: float) -> Ranking:
    """Build a ranking from what is known of each choice, all its pairs tested together."""
    pairs = zip(itertools.combinations(range(len(choices)), 2), whole, strict=True)
    found = [_comparison(means[a] - means[b], [noises[a], noises[b]], [1 / runs[a], 1 / runs[b]], one, flips) for (a, b), one in pairs]
    return judged(choices, means, runs, noises, judged_together(found), flips)


def judged(choices: Sequence[Choice], means: np.ndarray, runs: np.ndarray, noises: Sequence, verdicts: Sequence[Verdict], flips: float) -> Ranking:
    """Build a ranking from the verdicts on all its pairs."""
    comparisons = [one.comparison for one in verdicts]
    return Ranking(
        tuple(choices), means, runs, tuple(noises), np.array([1.0 if one.p is None else one.p for one in comparisons]),
        np.array([one.clear for one in verdicts], bool), np.array([one.least_variance for one in comparisons]),
        lambda level: np.array([one.half_width(level) for one in comparisons]), flips,
    )


def _comparison(difference: float, noises: list, squares: Sequence[float], whole: float, flips: float) -> Comparison:
    test = max(0.0, whole - flips * sum(squares))
    ways = ways_of(noises, [noise.n for noise in noises], test, TEST_DF, squares) if all(noise.known for noise in noises) else ()
    return Comparison(difference, ways, test, (0, 0), "", (), least_variance=whole)


@dataclass(frozen=True)
class Agreement:
    """Two rankings of the same choices.

    tau: Kendall's, between the observed orders. interval: 95 %, for the tau of the true orders; None where the noise of seeds of either is unknown.
    ceiling: what tau would be on average if both had the same true order, and the 95 % range of it; either order is taken, so that it is the same
    whichever is named first."""

    tau: float
    interval: tuple[float, float] | None
    ceiling: float
    ceiling_range: tuple[float, float]


def agreement(a: Ranking, b: Ranking) -> Agreement:
    """Compare two rankings of the same choices; NaN for tau when either is constant."""
    return Agreement(kendall_tau(a.means, b.means), tau_interval(a.likely, b.likely) if a.seeds and b.seeds else None, *_ceiling(a, b))


def tau_interval(a: np.ndarray, b: np.ndarray, tied: np.ndarray | None = None) -> tuple[float, float]:
    """Return a 95 % interval for the tau of two true orders, from what is likely of each pair (`Ranking.likely`).

    Its ends are the tau that all pairs give which noise could turn, if they stood in opposite orders, and if in the same. Resampling the means would
    not do: noise moves every tau towards 0, by how much depends on the gaps, and most of those are not known. tied: (P,) pairs that one order has
    tied, for good."""
    free = np.ones(len(a), bool) if tied is None else ~tied
    product, pairs = (a * b)[free], np.sqrt(len(a) * free.sum())
    if not pairs:
        return -1.0, 1.0
    known, left = product.sum(), (product == 0).sum()
    return float((known - left) / pairs), float((known + left) / pairs)


def score_interval(ranking: Ranking, scores: Sequence[float]) -> tuple[float, float]:
    """Return a 95 % interval for the tau of the true order with scores, (C,), that are known."""
    rows, columns = np.triu_indices(len(scores), 1)
    order = np.sign(np.asarray(scores, float)[rows] - np.asarray(scores, float)[columns])
    return tau_interval(ranking.likely, order, order == 0)


def _ceiling(a: Ranking, b: Ranking) -> tuple[float, tuple[float, float]]:
    """The mean and 95 % range of tau when both have one order, a's and b's in turn, each with its own spread and its own noise."""
    first, second = sorted((a, b), key=lambda one: one.means.tolist())  # so that the draws are the same whichever is named first
    noise, spreads = (first.deviations(0), second.deviations(1)), [np.std(one.steady()) for one in (first, second)]
    orders = [one.steady() / spread for one, spread in zip((first, second), spreads, strict=True) if spread]
    drawn = [tau for order in orders for tau in taus(order * spreads[0] + noise[0], order * spreads[1] + noise[1]) if np.isfinite(tau)]
    if not drawn:
        return float("nan"), (float("nan"), float("nan"))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(np.mean(drawn)), (float(low), float(high))


@dataclass(frozen=True)
class ShortRunTruth:
    """One rung against the full runs, over the choices that both have.

    tau, interval, ceiling, ceiling_range: as `Agreement` has them. pairs: of choices. ties: the share of pairs that the full runs do not tell apart
    (all tested together). agreement: over the other pairs, the share that the short runs put in the same order, with its 95 % interval: the pairs
    that other seeds and examples of the short runs could turn, all turned wrong or all right; None where the full runs tell no pair apart.
    trivial_tau, trivial_agreement: the same for the sum of layer numbers, lower first."""

    choices: int
    tau: float
    interval: tuple[float, float] | None
    ceiling: float
    ceiling_range: tuple[float, float]
    pairs: int
    ties: float
    agreement: float | None
    agreement_interval: tuple[float, float] | None
    trivial_tau: float
    trivial_agreement: float | None


def short_run_truth(short: Ranking, full: Ranking) -> ShortRunTruth | None:
    """Compare two rankings; None with fewer than FEWEST choices in common."""
    common = [choice for choice in full.choices if choice in short.choices]
    if len(common) < FEWEST:
        return None
    short, full = short.take(common), full.take(common)
    found = agreement(short, full)
    trivial = np.array([sum_of_layers(choice) for choice in common])
    rows, columns = np.triu_indices(len(common), 1)
    clear = full.apart != 0
    signs = full.apart[clear]

    def right(scores: np.ndarray) -> float | None:
        """Return the share of clear pairs in the order of the full runs; an equal pair counts half."""
        return float(np.mean((1 + np.sign(scores[rows] - scores[columns])[clear] * signs) / 2)) if len(signs) else None

    likely = short.likely[clear] * signs
    span = (float(np.mean(likely > 0)), float(np.mean(likely >= 0))) if len(signs) and short.seeds else None
    return ShortRunTruth(
        len(common), found.tau, found.interval, found.ceiling, found.ceiling_range, len(rows), 1 - float(np.mean(clear)), right(short.means),
        span, kendall_tau(trivial, full.means), right(trivial),
    )
