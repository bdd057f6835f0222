"""The noise of a difference between two layer choices: between seeds, pooled over choices, and from the test examples."""

import bisect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.statistics.distributions import t_p_value, t_quantile
from core.statistics.testset import TestSet

LEAST_DF = 4  # degrees of freedom of s, below which nothing is tested: with 1 or 2 the joined degrees of freedom overshoot (5 to 8 % false)
POWER, POWER_Z = 0.8, 0.841621  # the chance to find a gap, and its normal quantile
MOST = 100  # seeds of each side


@dataclass(frozen=True)
class SeedNoise:
    """sd: standard deviation between seeds of the same choice, pooled over choices; None where no choice has two seeds. df: its
    degrees of freedom; with fewer than LEAST_DF the noise does not count as known."""

    sd: float | None
    df: int

    @property
    def known(self) -> bool:
        return self.df >= LEAST_DF

    def half_width(self, n: int) -> float:
        """Return half the width of the 95 % interval of a mean over n seeds."""
        return t_quantile(0.95, self.df) * self.sd / math.sqrt(n)


def pooled(samples: Iterable[Sequence[float]]) -> SeedNoise:
    """Return the pooled standard deviation: squared deviations from each sample's own mean, over the sum of n - 1."""
    squares, df = 0.0, 0
    for sample in samples:
        mean = sum(sample) / len(sample) if len(sample) else 0.0
        squares += sum((value - mean) ** 2 for value in sample)
        df += max(0, len(sample) - 1)
    return SeedNoise(math.sqrt(squares / df), df) if df else SeedNoise(None, 0)


@dataclass(frozen=True)
class Comparison:
    """The mean of A minus the mean of B. difference: a fraction. seed_variance, test_variance: its two variances; df: of their sum.

    n: seeds of A and of B (0 for no sample of seeds). p: two-sided; None where the noise is unknown. basis: how the test-set variance was found.
    runs: the ids compared. noise: the seed noise, where both sides have the same; paired: it is that of paired runs, so that a further seed is one
    further difference."""

    difference: float
    seed_variance: float | None
    test_variance: float
    df: float
    n: tuple[int, int]
    basis: str
    runs: tuple[str, ...]
    noise: SeedNoise | None = None
    paired: bool = False

    @property
    def standard_error(self) -> float | None:
        return None if self.seed_variance is None else math.sqrt(self.seed_variance + self.test_variance)

    @property
    def p(self) -> float | None:
        """The p-value of difference / standard error under Student's t."""
        error = self.standard_error
        if error is None:
            return None
        return t_p_value(self.difference / error, self.df) if error else float(self.difference == 0)


def joined(difference: float, seed_parts: Sequence[tuple[float, float]], test_variance: float, test_df: float, **rest) -> Comparison:
    """Build a comparison from parts of its variance, each with its degrees of freedom.

    The df of the sum are Satterthwaite's (1946): the squared sum over the sum of squares, each divided by its own df."""
    parts = [*seed_parts, (test_variance, test_df)]
    total = sum(variance for variance, _ in parts)
    spread = sum(variance**2 / df for variance, df in parts)
    df = total**2 / spread if spread else test_df
    return Comparison(difference, sum(variance for variance, _ in seed_parts), test_variance, df, **rest)


def compare(a: list[dict], b: list[dict], noise_a: SeedNoise, noise_b: SeedNoise, test: TestSet, flips: float = 0.0) -> Comparison:
    """Compare the mean final accuracies of two sets of runs: difference over sqrt(s² (1/n1 + 1/n2) + paired test-set variance).

    s is the pooled seed SD, one for both where noise_a is noise_b. flips: `TestSet.flips`."""
    difference = mean_accuracy(a) - mean_accuracy(b)
    test_variance, test_df, basis = test.between(a, b, flips)
    rest = {"n": (len(a), len(b)), "basis": basis, "runs": tuple(run["id"] for run in (*a, *b))}
    if not (noise_a.known and noise_b.known):
        return Comparison(difference, None, test_variance, 0.0, **rest)
    if noise_a == noise_b:
        seeds, rest["noise"] = [(noise_a.sd**2 * (1 / len(a) + 1 / len(b)), noise_a.df)], noise_a
    else:
        seeds = [(noise_a.sd**2 / len(a), noise_a.df), (noise_b.sd**2 / len(b), noise_b.df)]
    return joined(difference, seeds, test_variance, test_df, **rest)


def mean_accuracy(runs: list[dict]) -> float:
    return sum(run["final"]["accuracy"] for run in runs) / len(runs)


def seeds_to_settle(comparison: Comparison, level: float) -> int | None:
    """Return the seeds of each side with which a gap of this size would be found in four of five experiments, at `level` (two-sided).

    None when no number up to MOST would do: the gap is too small for the seeds, or for the test set. Both sides need the same noise."""
    noise = comparison.noise

    def enough(n: int) -> bool:
        error = math.sqrt(2 * noise.sd**2 / n + comparison.test_variance)
        beyond = abs(comparison.difference) / error - POWER_Z if error else math.inf
        return beyond > 0 and t_p_value(beyond, noise.df + (1 if comparison.paired else 2) * (n - 1)) <= level

    first = bisect.bisect_left(range(2, MOST + 1), True, key=enough) + 2
    return first if first <= MOST else None
