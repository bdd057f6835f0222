"""How far the ranking of choices after few steps agrees with that of the full runs."""

from dataclasses import dataclass

import numpy as np

from core.statistics.agreement import kendall_tau, sum_of_layers
from core.statistics.distributions import Z_95
from core.statistics.ranking import Ranking, steady_pair, tau

FEWEST = 4  # choices that a ranking needs to be compared


@dataclass(frozen=True)
class ShortRunTruth:
    """One rung against the full runs, over the choices that both have.

    tau: Kendall's, with its 95 % interval (seeds and test examples resampled) and its noise ceiling. pairs: of choices. ties: the share
    of pairs whose full gap is within its noise. agreement: over the other pairs, the share that the short runs put in the same order, with
    its interval; None where every pair is a tie. trivial_tau, trivial_agreement: the same for the sum of layer numbers, lower first.
    """

    choices: int
    tau: float
    interval: tuple[float, float]
    ceiling: float
    pairs: int
    ties: float
    agreement: float | None
    agreement_interval: tuple[float, float] | None
    trivial_tau: float
    trivial_agreement: float | None


def short_run_truth(short: Ranking, full: Ranking) -> ShortRunTruth | None:
    """Compare two rankings; None with fewer than FEWEST common choices. A pair ties where |gap| < 1.96 standard errors of the full runs' gap."""
    common = [choice for choice in full.choices if choice in short.choices]
    if len(common) < FEWEST:
        return None
    short, full = short.take(common), full.take(common)
    found, interval, ceiling = tau(short, full)
    trivial = np.array([sum_of_layers(choice) for choice in common])
    rows, columns = np.triu_indices(len(common), 1)
    gaps = full.means[rows] - full.means[columns]
    clear = np.abs(gaps) >= Z_95 * full.gap_errors()[rows, columns]
    clear &= gaps != 0
    signs = np.sign(gaps[clear])

    def agreement(scores: np.ndarray) -> np.ndarray:
        """Return (…, C) scores -> (…,) the share of clear pairs in the order of the full runs; an equal pair counts half."""
        return ((1 + np.sign(scores[..., rows] - scores[..., columns])[..., clear] * signs) / 2).mean(-1)

    some = bool(clear.any())
    drawn = np.quantile(agreement(steady_pair(short, full)[0] + short.noise), (0.025, 0.975)) if some else None
    return ShortRunTruth(
        len(common), found, interval, ceiling, len(rows), 1 - float(np.mean(clear)), float(agreement(short.means)) if some else None,
        (float(drawn[0]), float(drawn[1])) if some else None, kendall_tau(trivial, full.means), float(agreement(trivial)) if some else None,
    )
