"""The noise of a difference between two layer choices: from seeds, each choice's own, and from the test examples.

Noise pooled over choices calls two noisy ones different eight times as often as it should, and moderated variances (Smyth 2004) still do so
too often. What is used here was chosen by simulation (core/findings/calibration), by the rates of false verdicts and by power; the verdicts of a
stricter first rule on the saved runs had been seen by then. A choice's variance is measured in two ways, and the smaller p of both is doubled: by
its own seeds, kept from being small by luck by the mean of all choices' SDs; and by a bound, the largest variance of all choices, made larger
still. The first finds small gaps of many seeds, the second wide gaps of few. Two seeds have the bound alone,
but for a sum over many choices (the effect of a layer), whose seeds together do show their noise."""

import bisect
import dataclasses
import functools
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from core.statistics.distributions import t_p_value, t_quantile
from core.statistics.testset import TestSet

Key = TypeVar("Key", bound=Hashable)
LEAST_DF = 4  # degrees of freedom over all choices, below which nothing is tested: too little shows how large noise can be
BOUND, BOUND_OF_TWO, BOUND_DF = 1.5, 2.5, 8.0  # times the largest variance of all, from three seeds on and of two; its degrees of freedom
MANY = 20  # choices whose seeds, two of each, together show how far they scatter
POWER, POWER_Z = 0.8, 0.841621  # the chance to find a gap, and its normal quantile
MOST = 100  # seeds of each side
TINY = 1e-300  # in place of 0, to divide by
TEST_DF = 1000.0  # about as many as a test set has clusters, where plans are made


@dataclass(frozen=True)
class SeedNoise:
    """sd: standard deviation between seeds of the same choice, as a fraction, pooled over choices; None where no choice has two seeds. df: its
    degrees of freedom."""

    sd: float | None
    df: int

    @property
    def known(self) -> bool:
        """Whether enough choices were repeated for noise to be spoken of."""
        return self.df >= LEAST_DF


def pooled(samples: Iterable[Sequence[float]]) -> SeedNoise:
    """Return the pooled standard deviation: squared deviations from each sample's own mean, over the sum of n - 1. It says how large noise is on
    average; no choices are tested with it."""
    squares, df = 0.0, 0
    for sample in samples:
        mean = sum(sample) / len(sample) if len(sample) else 0.0
        squares += sum((value - mean) ** 2 for value in sample)
        df += max(0, len(sample) - 1)
    return SeedNoise(math.sqrt(squares / df), df) if df else SeedNoise(None, 0)


@dataclass(frozen=True)
class ChoiceNoise:
    """What one choice's mean is tested with. sd: of its n seeds, at least the mean of all choices' SDs. most: the largest SD of all choices. own: its
    own SD, which nothing is tested with."""

    sd: float
    most: float
    n: int
    own: float
    known = True

    def bound(self, n: int) -> float:
        """Return a variance of one run that lies above its own, as far as n seeds of any choice show, with BOUND_DF degrees of freedom."""
        return np.maximum(self.most, self.sd) ** 2 * (BOUND if n > 2 else BOUND_OF_TWO)

    def half_width(self) -> float:
        """Return half the width of the 95 % interval of the mean. From three seeds on it is Student's, which covers whatever the others' noise is;
        the floor can only widen it."""
        variance, df = (self.sd**2, self.n - 1) if self.n > 2 else (self.bound(self.n), BOUND_DF)
        return t_quantile(0.95, df) * math.sqrt(variance / self.n)


@dataclass(frozen=True)
class Untold:
    """The noise of a choice with one seed, or of any where too few were repeated."""

    known = False
    sd = None


UNTOLD = Untold()


def each_its_own(samples: Mapping[Key, Sequence[float]], beside: Iterable[Key] = ()) -> dict[Key, ChoiceNoise | Untold]:
    """Return the noise of each sample; UNTOLD for a sample of one seed, and for all where fewer than LEAST_DF degrees of freedom show any.

    beside: samples that get a noise but say nothing about that of others (the control)."""
    typical = {key: values for key, values in samples.items() if key not in set(beside)}
    if not pooled(typical.values()).known:
        return dict.fromkeys(samples, UNTOLD)
    spreads = {key: pooled([values]).sd for key, values in samples.items()}
    usual = [spreads[key] for key in typical if spreads[key] is not None]
    mean, most = sum(usual) / len(usual), max(usual)
    return {
        key: UNTOLD if (own := spreads[key]) is None else ChoiceNoise(max(own, mean), most, len(values), own) for key, values in samples.items()
    }


@dataclass(frozen=True)
class Comparison:
    """The mean of A minus the mean of B, or many such at once, of as many seeds each, whose figures are arrays.

    difference: a fraction. ways: (variance from seeds, degrees of freedom of the whole), each a test by itself; where there are two, the smaller p
    counts twice; none where the noise is unknown. test_variance: that of the test set.

    least_variance: what the sum never falls below: the test-set variance with all that seeds flip in it. n: seeds of A and of B (0 for no sample of
    seeds). basis: how the test-set variance was found. runs: the ids compared. noise: of A and B, where both are samples of seeds."""

    difference: float
    ways: tuple[tuple[float, float], ...]
    test_variance: float
    n: tuple[int, int]
    basis: str
    runs: tuple[str, ...]
    least_variance: float = 0.0
    noise: tuple[ChoiceNoise, ChoiceNoise] | None = None

    def _error(self, seed_variance: float) -> float:
        return np.sqrt(np.maximum(self.least_variance, seed_variance + self.test_variance))

    def _p(self, way: tuple[float, float]) -> float:
        return t_p_value(self.difference / np.maximum(self._error(way[0]), TINY), way[1])

    @functools.cached_property
    def way(self) -> tuple[float, float] | None:
        """The way by which the difference stands out most."""
        return min(self.ways, key=self._p, default=None)

    @property
    def seed_variance(self) -> float | None:
        return self.way and self.way[0]

    @property
    def df(self) -> float | None:
        return self.way and self.way[1]

    @property
    def standard_error(self) -> float | None:
        return self.way and self._error(self.way[0])

    @functools.cached_property
    def p(self) -> float | None:
        """The two-sided p-value of difference / standard error under Student's t; None where the noise is unknown."""
        return np.minimum(1.0, len(self.ways) * functools.reduce(np.minimum, map(self._p, self.ways))) if self.ways else None

    @property
    def or_examples_alone(self) -> "Comparison":
        """The same; tested with the noise of the test examples alone where that of seeds is unknown."""
        return self if self.ways else dataclasses.replace(self, ways=((0.0, TEST_DF),))

    def widths(self, level: float) -> list[tuple[float, float]]:
        """Return (half the width of the interval that misses with a chance of `level` over all ways, standard error) by each way."""
        errors = [(self._error(variance), df) for variance, df in self.ways]
        return [(t_quantile(1 - level / len(self.ways), df) * error, error) for error, df in errors]

    def half_width(self, level: float) -> float:
        """Return half the width of `interval`; 1 where the noise is unknown, since accuracies differ by 1 at most."""
        return functools.reduce(np.minimum, (width for width, _ in self.widths(level)), 1.0)

    def interval(self, level: float) -> tuple[float, float] | None:
        """Return the two-sided interval of the difference that misses with a chance of `level`; None where the noise is unknown."""
        half = self.half_width(level)
        return (self.difference - half, self.difference + half) if self.ways else None


def joined(difference: float, seed_parts: Sequence[tuple[float, float]], test_variance: float, test_df: float, **rest) -> Comparison:
    """Build a comparison from parts of its variance, each with its degrees of freedom."""
    return Comparison(difference, (_way(seed_parts, test_variance, test_df),), test_variance, **rest)


def _way(seed_parts: Sequence[tuple[float, float]], test_variance: float, test_df: float) -> tuple[float, float]:
    """Return the sum of the parts, and degrees of freedom with the test set's: Satterthwaite's (1946), the squared sum over the sum of squares, each
    divided by its own df."""
    parts = [*seed_parts, (test_variance, test_df)]
    total, spread = sum(variance for variance, _ in parts), sum(variance**2 / df for variance, df in parts)
    return sum(variance for variance, _ in seed_parts), np.where(spread > 0, total**2 / np.maximum(spread, TINY), test_df)[()]


def ways_of(
    noises: Sequence[ChoiceNoise], n: Sequence[int], test_variance: float, test_df: float, squares: Sequence[float] | None = None
) -> tuple[tuple[float, float], ...]:
    """Return the `ways` of a comparison of choices whose noise n seeds each show.

    squares: for each choice the sum over its runs of their squared weights; by default that of means over the n seeds, one less the other."""
    squares = [1 / count for count in n] if squares is None else squares
    bound = _way([(noise.bound(count) * square, BOUND_DF) for noise, count, square in zip(noises, n, squares)], test_variance, test_df)
    if min(n, default=0) < 3 and len(n) < MANY:
        return (bound,)  # two seeds say next to nothing about their own noise
    return _way([(noise.sd**2 * square, count - 1) for noise, count, square in zip(noises, n, squares)], test_variance, test_df), bound


def compare(a: list[dict], b: list[dict], noise_a: ChoiceNoise, noise_b: ChoiceNoise, test: TestSet, flips: float = 0.0) -> Comparison:
    """Compare the mean final accuracies of two sets of runs: difference over sqrt(s1²/n1 + s2²/n2 + paired test-set variance).

    Each choice's variance is measured in two ways, by its own seeds and by a bound. flips: `TestSet.flips`, which is part of the seeds' variance and
    counted once; but the sum is never less than the whole test-set variance."""
    n, (whole, test_df, basis) = (len(a), len(b)), test.between(a, b)
    test_variance = max(0.0, whole - flips * (1 / n[0] + 1 / n[1]))
    rest = {"n": n, "basis": basis, "runs": tuple(run["id"] for run in (*a, *b)), "least_variance": whole}
    difference = mean_accuracy(a) - mean_accuracy(b)
    if not (noise_a.known and noise_b.known):
        return Comparison(difference, (), test_variance, **rest)
    return Comparison(difference, ways_of((noise_a, noise_b), n, test_variance, test_df), test_variance, noise=(noise_a, noise_b), **rest)


def mean_accuracy(runs: list[dict]) -> float:
    return sum(run["final"]["accuracy"] for run in runs) / len(runs)


def seeds_to_settle(comparison: Comparison, level: float) -> int | None:
    """Return the seeds of each side with which a gap of this size would be found in four of five experiments, at `level` (two-sided).

    None when no number up to MOST would do: the gap is too small for the seeds, or for the test set. Both sides need a known noise."""

    def enough(n: int) -> bool:
        ways = ways_of(comparison.noise, (n, n), comparison.test_variance, TEST_DF)
        gap = findable(dataclasses.replace(comparison, ways=ways, least_variance=0.0), level)
        return gap is not None and gap <= abs(comparison.difference)

    first = bisect.bisect_left(range(2, MOST + 1), True, key=enough) + 2
    return first if first <= MOST else None


def findable(comparison: Comparison, level: float) -> float | None:
    """Return the gap that runs like these would have found in four of five experiments, at `level`; None where that is more than any gap can be."""
    gap = min((width + POWER_Z * error for width, error in comparison.widths(level)), default=math.inf)
    return gap if gap <= 1 else None
