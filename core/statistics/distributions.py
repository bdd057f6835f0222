"""P-values and intervals, from SciPy's special functions (which load faster than its statistics)."""

import math

from scipy import special

Z_95 = 1.959964  # of a two-sided 95 % interval


def t_p_value(t: float, df: float) -> float:
    """Return two-sided p-value of Student's t with df degrees of freedom (any positive number); of many at once where they are arrays."""
    return 2 * special.stdtr(df, -abs(t))


def t_quantile(level: float, df: float) -> float:
    """Return the t that a two-sided interval of this level uses: 2.57 for 0.95 and 5 degrees of freedom."""
    return special.stdtrit(df, (1 + level) / 2)


def exact_interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval for a share, hits of n (Clopper and Pearson 1934)."""
    tail = (1 - level) / 2
    low = float(special.betaincinv(hits, n - hits + 1, tail)) if hits else 0.0
    high = float(special.betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return low, high


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval for a share of n (Wilson 1927); all of [0, 1] for n = 0."""
    if n == 0:
        return 0.0, 1.0
    z = Z_95
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)
