"""The noise of a difference between two layer choices: from seeds, each choice's own, and from the test examples.

The rule was chosen by simulation before its verdicts were looked at (core/studies/calibration, saved_runs/RESULTS.md): the variance of a choice is
that of its own seeds, kept from being small by luck by what the other choices show (`each_its_own`). Noise pooled over all choices
calls two noisy choices different eight times as often as it should, and moderated variances (Smyth 2004) still do so too often."""

import bisect
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.statistics.distributions import t_p_value, t_quantile
from core.statistics.testset import TestSet

Key = TypeVar("Key", bound=Hashable)
LEAST_DF = 4  # degrees of freedom over all choices, below which nothing is tested: too little shows how large noise can be
TWO_FACTOR, TWO_DF = 2.5, 8.0  # of a choice with two seeds
LOST_DF = 0.5  # what the floor costs: a variance is the larger of two, and the larger of two looks surer than it is
POWER, POWER_Z = 0.8, 0.841621  # the chance to find a gap, and its normal quantile
MOST = 100  # seeds of each side


@dataclass(frozen=True)
class SeedNoise:
    """sd: standard deviation between seeds of the same choice, as a fraction; pooled over choices, or one choice's own; None where it is not known.
    df: its degrees of freedom."""

    sd: float | None
    df: float

    @property
    def known(self) -> bool:
        """Whether enough choices were repeated for noise to be spoken of. A choice's own noise is made only where they were."""
        return self.df >= LEAST_DF

    def half_width(self, n: int) -> float:
        """Return half the width of the 95 % interval of a mean over n seeds."""
        return t_quantile(0.95, self.df) * self.sd / math.sqrt(n)


@dataclass(frozen=True)
class ChoiceNoise(SeedNoise):
    """What one choice's mean is tested with. plain: the best guess at its SD, to plan with. interval_df: degrees of freedom for its own interval."""

    plain: float | None = None
    interval_df: float = 0.0

    @property
    def known(self) -> bool:
        return self.sd is not None

    def half_width(self, n: int) -> float:
        """Return half the width of the 95 % interval of a mean over n seeds. From three seeds on it is Student's, which covers whatever the others'
        noise is; the floor can only widen it."""
        return t_quantile(0.95, self.interval_df) * self.sd / math.sqrt(n)


UNKNOWN = ChoiceNoise(None, 0.0)


def pooled(samples: Iterable[Sequence[float]]) -> SeedNoise:
    """Return the pooled standard deviation: squared deviations from each sample's own mean, over the sum of n - 1. It describes; nothing is tested
    with it but the floor of `each_its_own`."""
    squares, df = 0.0, 0
    for sample in samples:
        mean = sum(sample) / len(sample) if len(sample) else 0.0
        squares += sum((value - mean) ** 2 for value in sample)
        df += max(0, len(sample) - 1)
    return SeedNoise(math.sqrt(squares / df), df) if df else SeedNoise(None, 0)


def each_its_own(samples: Mapping[Key, Sequence[float]], beside: Iterable[Key] = ()) -> dict[Key, ChoiceNoise]:
    """Return the noise of each sample; UNKNOWN for a sample of one seed, and for all where fewer than LEAST_DF degrees of freedom show any.

    Three seeds or more: the larger of their own SD and the mean of all samples' SDs, with n - 1 - LOST_DF degrees of freedom. Two seeds say next to
    nothing by themselves: they are taken to be noisier than the noisiest sample of all, TWO_FACTOR times its variance with TWO_DF degrees of freedom.
    beside: samples that get a noise but say nothing about that of others (the control)."""
    typical = {key: values for key, values in samples.items() if key not in set(beside)}
    if not pooled(typical.values()).known:
        return dict.fromkeys(samples, UNKNOWN)
    spreads = {key: pooled([values]).sd for key, values in samples.items()}
    usual = [spreads[key] for key in typical if spreads[key] is not None]
    mean, most = sum(usual) / len(usual), math.sqrt(TWO_FACTOR) * max(usual)

    def noise(spread: float | None, n: int) -> ChoiceNoise:
        if spread is None:
            return UNKNOWN
        plain = max(spread, mean)
        return ChoiceNoise(plain, n - 1 - LOST_DF, plain, n - 1) if n > 2 else ChoiceNoise(max(spread, most), TWO_DF, plain, TWO_DF)

    return {key: noise(spreads[key], len(values)) for key, values in samples.items()}


@dataclass(frozen=True)
class Comparison:
    """The mean of A minus the mean of B. difference: a fraction. seed_variance, test_variance: its two variances; df: of their sum.

    n: seeds of A and of B (0 for no sample of seeds). p: two-sided; None where the noise is unknown. basis: how the test-set variance was found.
    least_variance: what the sum never falls below: the test-set variance with all that seeds flip in it. runs: the ids compared. noise: the seed
    noise of A and of B, where both are samples of seeds."""

    difference: float
    seed_variance: float | None
    test_variance: float
    df: float
    n: tuple[int, int]
    basis: str
    runs: tuple[str, ...]
    least_variance: float = 0.0
    noise: tuple[ChoiceNoise, ChoiceNoise] | None = None

    @property
    def standard_error(self) -> float | None:
        return None if self.seed_variance is None else math.sqrt(max(self.least_variance, self.seed_variance + self.test_variance))

    @property
    def p(self) -> float | None:
        """The p-value of difference / standard error under Student's t."""
        error = self.standard_error
        if error is None:
            return None
        return t_p_value(self.difference / error, self.df) if error else float(self.difference == 0)

    def interval(self, level: float) -> tuple[float, float] | None:
        """Return the two-sided interval of the difference that misses with a chance of `level`; None where the noise is unknown."""
        error = self.standard_error
        if error is None:
            return None
        half = min(1.0, t_quantile(1 - level, self.df) * error)  # accuracies differ by 1 at most
        return self.difference - half, self.difference + half


def joined(difference: float, seed_parts: Sequence[tuple[float, float]], test_variance: float, test_df: float, **rest) -> Comparison:
    """Build a comparison from parts of its variance, each with its degrees of freedom.

    The df of the sum are Satterthwaite's (1946): the squared sum over the sum of squares, each divided by its own df."""
    df = satterthwaite([*seed_parts, (test_variance, test_df)]) or test_df
    return Comparison(difference, sum(variance for variance, _ in seed_parts), test_variance, df, **rest)


def satterthwaite(parts: Sequence[tuple[float, float]]) -> float | None:
    """Return the degrees of freedom of a sum of variances, each with its own; None where all are 0."""
    total, spread = sum(variance for variance, _ in parts), sum(variance**2 / df for variance, df in parts)
    return total**2 / spread if spread else None


def compare(a: list[dict], b: list[dict], noise_a: SeedNoise, noise_b: SeedNoise, test: TestSet, flips: float = 0.0) -> Comparison:
    """Compare the mean final accuracies of two sets of runs: difference over sqrt(s1²/n1 + s2²/n2 + paired test-set variance).

    flips: `TestSet.flips`, which is part of the seeds' variance and counted once; but the sum is never less than the whole test-set variance."""
    difference = mean_accuracy(a) - mean_accuracy(b)
    whole, test_df, basis = test.between(a, b)
    test_variance = max(0.0, whole - flips * (1 / len(a) + 1 / len(b)))
    rest = {"n": (len(a), len(b)), "basis": basis, "runs": tuple(run["id"] for run in (*a, *b)), "least_variance": whole}
    if not (noise_a.known and noise_b.known):
        return Comparison(difference, None, test_variance, 0.0, **rest)
    seeds = [(noise_a.sd**2 / len(a), noise_a.df), (noise_b.sd**2 / len(b), noise_b.df)]
    both = (noise_a, noise_b) if isinstance(noise_a, ChoiceNoise) and isinstance(noise_b, ChoiceNoise) else None
    return joined(difference, seeds, test_variance, test_df, noise=both, **rest)


def mean_accuracy(runs: list[dict]) -> float:
    return sum(run["final"]["accuracy"] for run in runs) / len(runs)


def seeds_to_settle(comparison: Comparison, level: float) -> int | None:
    """Return the seeds of each side with which a gap of this size would be found in four of five experiments, at `level` (two-sided).

    None when no number up to MOST would do: the gap is too small for the seeds, or for the test set. Both sides need a known noise."""

    def enough(n: int) -> bool:
        parts = [(noise.plain**2 / n, n - 1 - LOST_DF) for noise in comparison.noise]
        error = math.sqrt(sum(variance for variance, _ in parts) + comparison.test_variance)
        beyond = abs(comparison.difference) / error - POWER_Z if error else math.inf
        df = satterthwaite([*parts, (comparison.test_variance, 1000.0)]) or 1.0
        return beyond > 0 and t_p_value(beyond, df) <= level

    first = bisect.bisect_left(range(3, MOST + 1), True, key=enough) + 3
    return first if first <= MOST else None


def findable(comparison: Comparison, level: float) -> float | None:
    """Return the gap that runs like these would have found in four of five experiments, at `level`; None where that is more than any gap can be."""
    error = comparison.standard_error
    gap = math.inf if error is None else (t_quantile(1 - level, comparison.df) + POWER_Z) * error
    return gap if gap <= 1 else None
