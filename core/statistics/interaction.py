"""How far one condition (another teacher) shifts all choices, and how far it shifts each choice by itself."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from core.statistics.distributions import t_quantile
from core.statistics.noise import SeedNoise


@dataclass(frozen=True)
class Interaction:
    """shift: the mean difference over choices, with its 95 % interval. between: the SD that one choice has between conditions besides that shift
    and besides the noise of seeds; 0 where the noise alone explains the differences. p: the chance of such
    differences by the noise of seeds alone."""

    shift: float
    interval: tuple[float, float]
    between: float
    p: float


def interaction(differences: Sequence[float], seeds: Sequence[tuple[int, int]], noise: SeedNoise) -> Interaction:
    """Separate the differences of at least two choices into a shift, an interaction and the noise of seeds.

    seeds: how many each side of a difference is the mean of. The variance of the differences over choices is that of the interaction, twice (one a
    condition), plus s² (1/n + 1/m), where s is the seed SD, n and m the seeds of both; under no interaction the ratio of the two has an F
    distribution.
    """
    count, shift, variance = len(differences), statistics.mean(differences), statistics.variance(differences)
    of_seeds = noise.sd**2 * statistics.mean(1 / n + 1 / m for n, m in seeds)
    half = t_quantile(0.95, count - 1) * math.sqrt(variance / count)
    p = float(special.fdtrc(count - 1, noise.df, variance / of_seeds)) if of_seeds else 0.0
    return Interaction(shift, (shift - half, shift + half), math.sqrt(max(0.0, (variance - of_seeds) / 2)), p)
