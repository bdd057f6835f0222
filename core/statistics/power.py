"""How many seeds it would take to find a gap that was not told apart from noise."""

import bisect
import math

from core.statistics.distributions import t_p_value
from core.statistics.noise import Comparison

POWER, POWER_Z = 0.8, 0.841621  # the chance to find the gap, and its normal quantile
MOST = 100


def seeds_to_settle(comparison: Comparison, level: float) -> int | None:
    """Return the seeds of each side with which a gap of this size would be found in four of five experiments, tested as it was, at `level`
    (two-sided).

    None when no number up to MOST would do: the gap is too small for the seeds, or for the test set. ValueError where the two
    sides have no noise in common.
    """
    noise = comparison.noise
    if noise is None:
        raise ValueError("the two sides have no noise in common")

    def enough(n: int) -> bool:
        error = math.sqrt(2 * noise.sd**2 / n + comparison.test_variance)
        beyond = abs(comparison.difference) / error - POWER_Z if error else math.inf
        return beyond > 0 and t_p_value(beyond, noise.df + (1 if comparison.paired else 2) * (n - 1)) <= level

    first = bisect.bisect_left(range(2, MOST + 1), True, key=enough) + 2
    return first if first <= MOST else None
