"""Student's t and the beta distribution, from the regularised incomplete beta function. Checked against SciPy in the tests."""

import functools
import math

TINY = 1e-300


def beta_cdf(x: float, a: float, b: float) -> float:
    """I_x(a, b), the regularised incomplete beta function, by its continued fraction (DLMF 8.17.22), evaluated as Lentz does."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges quickly below this point only
        return 1 - beta_cdf(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 500):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _nonzero(1 + term * d)
            c = _nonzero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-13:
            break
    return front * value


@functools.lru_cache(maxsize=1024)
def beta_quantile(q: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = q, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_cdf(middle, a, b) < q else (low, middle)
    return (low + high) / 2


def t_p_value(t: float, df: float) -> float:
    """Two-sided p-value of Student's t with df degrees of freedom (any positive number)."""
    return beta_cdf(df / (df + t * t), df / 2, 0.5)


def t_quantile(level: float, df: float) -> float:
    """The t that a two-sided interval of this level uses: 2.57 for 0.95 and 5 degrees of freedom."""
    x = beta_quantile(1 - level, df / 2, 0.5)
    return math.sqrt(df * (1 / x - 1))


def exact_interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval for a share, hits of n (Clopper and Pearson 1934)."""
    tail = (1 - level) / 2
    low = beta_quantile(tail, hits, n - hits + 1) if hits else 0.0
    high = beta_quantile(1 - tail, hits + 1, n - hits) if hits < n else 1.0
    return low, high


def wilson(share: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's interval for a share of n (Wilson 1927); 95 % by default."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def _nonzero(value: float) -> float:
    return value if abs(value) > TINY else TINY
