"""Layer choices ranked by accuracy, with the noise of every gap between two of them: from seeds, and from the test examples.

How wide noise is taken to be was chosen by simulation alone (core/findings/calibration/coverage.py): the variance between the seeds of a choice is
its own, but never below the variance pooled over the choices, since two or three seeds may lie close together by luck. Degrees of freedom: KEPT of
those of the pooled variance, which are the fewer the more the choices' own differ."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from core.statistics.agreement import Choice, kendall_tau, sum_of_layers, taus
from core.statistics.holm import LEVEL, holm
from core.statistics.noise import LEAST_DF

TIMES = 1000  # draws of noise
FEWEST = 4  # choices that two rankings need in common to be compared
SURE = 1e6  # degrees of freedom of what is taken as known
KEPT = 0.4  # of the degrees of freedom: the larger of two variances looks surer than it is


@dataclass(frozen=True)
class Ranking:
    """Mean accuracies of C choices and their noise.

    choices: C of them. means: (C,) fractions. runs: (C,) how many each is the mean of. own: (C,) variances between seeds, of one run, as measured;
    variances: the same, floored, which gaps are tested with; df: their degrees of freedom, 0 where too few choices were repeated for noise to be
    known. test: (C, C) covariance of the means over other test examples; flips: what seeds alone put into one run's part of it, and is in its
    variance between seeds already; examples: whether that noise is known (the truth of the examples has to be)."""

    choices: tuple[Choice, ...]
    means: np.ndarray
    runs: np.ndarray
    own: np.ndarray
    variances: np.ndarray
    df: float
    test: np.ndarray
    flips: float
    examples: bool

    @property
    def seeds(self) -> bool:
        """Whether the noise of seeds is known."""
        return self.df > 0

    def take(self, choices: Sequence[Choice]) -> "Ranking":
        """Return the ranking of these choices alone."""
        of = [self.choices.index(choice) for choice in choices]
        parts = {name: getattr(self, name)[of] for name in ("means", "runs", "own", "variances")}
        return dataclasses.replace(self, choices=tuple(choices), test=self.test[np.ix_(of, of)], **parts)

    def with_seeds_of(self, other: "Ranking") -> "Ranking":
        """Return the ranking with the noise of seeds that another one measured on the same choices."""
        of = [other.choices.index(choice) for choice in self.choices]
        return dataclasses.replace(self, own=other.own[of], variances=other.variances[of], df=other.df)

    def error(self, weights: np.ndarray, squares: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the standard error of weighted sums of the means and its degrees of freedom, (..., C) weights -> two (...,).

        squares: (..., C) sums over a choice's runs of squared weights, where the runs of a choice do not all weigh the same. What seeds flip counts
        once, but the error is never below that of the test examples with all of it. Degrees of freedom are Satterthwaite's, with many for the test
        noise."""
        squares = weights**2 / self.runs if squares is None else squares
        counts = squares.sum(-1)
        test = ((weights @ self.test) * weights).sum(-1)
        seeds = squares @ self.variances
        variance = np.maximum(seeds + np.maximum(0.0, test - self.flips * counts), test)
        with np.errstate(invalid="ignore", divide="ignore"):
            df = np.where(seeds > 0, self.df * (variance / seeds) ** 2, SURE)
        return np.sqrt(variance), np.maximum(df, 1.0)

    @cached_property
    def gaps(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The gap between every two choices, row less column, with its standard error and degrees of freedom: three (C, C)."""
        one = np.eye(len(self.means))
        return self.means[:, None] - self.means[None, :], *self.error(one[:, None, :] - one[None, :, :])

    @cached_property
    def apart(self) -> np.ndarray:
        """(P,) as `likely`, for the pairs that these runs tell apart: all of them tested together (Holm)."""
        gap, error, df = (table[np.triu_indices(len(self.means), 1)] for table in self.gaps)
        with np.errstate(invalid="ignore", divide="ignore"):
            p = np.where(gap == 0, 1.0, 2 * special.stdtr(df, -np.abs(gap) / error))
        return np.sign(gap) * (np.array(holm(p, [1.0] * len(p))) <= LEVEL) * self.seeds

    @cached_property
    def likely(self) -> np.ndarray:
        """(P,) for every pair, in the order of np.triu_indices: 1 where the first is higher, -1 where the second is, by a gap whose own 95 % interval
        leaves 0 out; 0 where noise could turn it. All 0 where the noise of seeds is unknown."""
        gap, error, df = (table[np.triu_indices(len(self.means), 1)] for table in self.gaps)
        return np.sign(gap) * (np.abs(gap) >= special.stdtrit(df, 1 - LEVEL / 2) * error) * self.seeds

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
        return self.test + np.diag((self.own - self.flips) / self.runs)


def ranking(
    accuracies: Mapping[Choice, Sequence[float]], hits: Mapping[Choice, np.ndarray] | None = None, sizes: np.ndarray | None = None
) -> Ranking:
    """Build a ranking from the accuracies of each choice's runs, one a seed.

    hits: choice -> (runs, G) right answers by cluster of test examples; sizes: (G,) examples in each cluster; None where the truth of the examples is
    unknown. The covariance is what a bootstrap over clusters converges to (Cochran 1977, "Sampling Techniques", 6.3)."""
    choices = tuple(sorted(accuracies, key=lambda choice: (len(choice), choice)))
    if hits is None:
        return measured(choices, [accuracies[choice] for choice in choices])
    rests = [hits[choice] - hits[choice].sum(1, keepdims=True) / sizes.sum() * sizes for choice in choices]
    means, scale = np.stack([rest.mean(0) for rest in rests]), len(sizes) / (len(sizes) - 1) / sizes.sum() ** 2
    repeated = [rest for rest in rests if len(rest) > 1]
    flips = sum(rest.var(axis=0, ddof=1).sum() * (len(rest) - 1) for rest in repeated) / max(1, sum(len(rest) - 1 for rest in repeated))
    return measured(choices, [accuracies[choice] for choice in choices], scale * means @ means.T, scale * float(flips))


def measured(choices: Sequence[Choice], samples: Sequence[Sequence[float]], test: np.ndarray | None = None, flips: float = 0.0) -> Ranking:
    """Build a ranking from the accuracies of each choice's runs and the covariance of the means over test examples."""
    samples = [np.asarray(sample, float) for sample in samples]
    n = np.array([len(sample) for sample in samples])
    own = np.array([sample.var(ddof=1) if len(sample) > 1 else 0.0 for sample in samples])
    total = (n - 1).sum()
    known = total >= LEAST_DF
    pooled = float(((n - 1) * own).sum() / total) if known else 0.0
    spread = (((n - 1) * own) ** 2 / (n + 1)).sum()
    df = KEPT * min(float(total), (total * pooled) ** 2 / spread if spread else np.inf) if known else 0.0
    own = np.where(n > 1, own, pooled) if known else np.zeros(len(n))
    return Ranking(
        tuple(choices), np.array([sample.mean() for sample in samples]), n, own, np.maximum(own, pooled), df,
        np.zeros((len(n), len(n))) if test is None else test, flips, test is not None,
    )


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
