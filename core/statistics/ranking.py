"""Layer choices ranked by accuracy, with the noise of the ranking: other seeds, and other test examples.

A ranking is compared with another by Kendall's tau. Noise in either lowers tau, so it stands beside its ceiling: what two rankings of exactly the
same order would give with this much noise."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.statistics.agreement import Choice, kendall_tau, sum_of_layers, taus
from core.statistics.distributions import Z_95

TIMES = 1000  # resamples
FEWEST = 4  # choices that two rankings need in common to be compared


@dataclass(frozen=True)
class Ranking:
    """Mean accuracies of C choices and TIMES resampled deviations from them.

    choices: C of them. means: (C,) fractions. noise: (TIMES, C) deviations, about zero; examples are the same for all choices of a row, so that a
    difference of two columns is a paired one. seeds, examples: whether the noise holds that of other seeds (some choice needs two) and that of other
    test examples (the truth of the examples has to be known)."""

    choices: tuple[Choice, ...]
    means: np.ndarray
    noise: np.ndarray
    seeds: bool
    examples: bool

    def take(self, choices: Sequence[Choice]) -> "Ranking":
        """Return the ranking of these choices alone."""
        columns = [self.choices.index(choice) for choice in choices]
        return Ranking(tuple(choices), self.means[columns], self.noise[:, columns], self.seeds, self.examples)

    def with_seeds(self, sd: float, runs: Sequence[int], seed: int = 0) -> "Ranking":
        """Return the ranking with the noise of seeds, measured elsewhere, added: normal, sd of one run. runs: how many each mean is of, (C,)."""
        drawn = np.random.default_rng(seed).normal(0.0, sd, self.noise.shape) / np.sqrt(runs)
        return dataclasses.replace(self, noise=self.noise + drawn, seeds=True)

    def steady(self) -> np.ndarray:
        """Return the means drawn together until they vary as the true accuracies should: (C,).

        The variance of the observed means is that of the true ones plus the noise's; what is left after taking the noise off is kept. Resampling
        around the observed means themselves would count their noise twice."""
        centred = self.means - self.means.mean()
        observed = float(np.mean(centred**2))
        return centred * np.sqrt(max(0.0, 1 - self.noise_variance() / observed)) if observed else centred

    def noise_variance(self) -> float:
        """Return the variance of one choice's mean about the mean of all, averaged over choices."""
        return float(np.mean((self.noise - self.noise.mean(1, keepdims=True)) ** 2))

    def gap_errors(self) -> np.ndarray:
        """Return standard errors of the differences between choices, (C, C)."""
        covariance = np.atleast_2d(np.cov(self.noise, rowvar=False))
        variances = np.diag(covariance)
        return np.sqrt(np.maximum(variances[:, None] + variances[None, :] - 2 * covariance, 0.0))


def ranking(
    accuracies: Mapping[Choice, Sequence[float]], hits: Mapping[Choice, np.ndarray] | None = None, sizes: np.ndarray | None = None, seed: int = 0
) -> Ranking:
    """Build a ranking from the accuracies of each choice's runs, one a seed.

    hits: choice -> (runs, G) right answers by cluster of test examples; sizes: (G,) examples in each cluster; None where the truth of the examples is
    unknown. Clusters are drawn with replacement, the same for all choices. The deviations of seeds from their choice's mean are pooled over choices
    and drawn from there, as many as the choice has runs: two or three seeds of one choice say too little about its own spread. They are first made
    wider by what fitting the means took off, and narrower by the part that the drawn examples hold already: seeds change answers example by
    example."""
    choices = tuple(sorted(accuracies, key=lambda choice: (len(choice), choice)))
    means = np.array([np.mean(accuracies[choice]) for choice in choices])
    random = np.random.default_rng(seed)
    noise = np.zeros((TIMES, len(choices)))
    flips = 0.0
    if hits is not None:
        clusters = len(sizes)
        counts = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=TIMES).astype(np.float32)
        right = np.stack([hits[choice].mean(0) for choice in choices], axis=1)  # (G, C)
        noise += counts @ right / (counts @ sizes)[:, None] - right.sum(0) / sizes.sum()
        flips = _flips([hits[choice] for choice in choices], sizes)
    samples = [np.asarray(accuracies[choice], float) for choice in choices]
    wider = [(sample - sample.mean()) * np.sqrt(len(sample) / (len(sample) - 1)) for sample in samples if len(sample) > 1]
    if wider:
        residuals = np.concatenate(wider)
        variance = float(np.mean(residuals**2))
        residuals = residuals * np.sqrt(max(0.0, 1 - flips / variance)) if variance else residuals
        for column, choice in enumerate(choices):
            noise[:, column] += random.choice(residuals, (TIMES, len(accuracies[choice]))).mean(1)
    return Ranking(choices, means, noise, bool(wider), hits is not None)


def _flips(hits: Sequence[np.ndarray], sizes: np.ndarray) -> float:
    """The variance that drawing clusters gives to one run's accuracy by answers that differ between seeds, pooled over choices."""
    found = []
    for runs in hits:
        if len(runs) > 1:
            rests = runs - runs.sum(1, keepdims=True) / sizes.sum() * sizes
            found.append(rests.var(axis=0, ddof=1).sum() / sizes.sum() ** 2)
    return float(np.mean(found)) if found else 0.0


def tau(a: Ranking, b: Ranking) -> tuple[float, tuple[float, float], float]:
    """Return Kendall's tau between two rankings of the same choices, its 95 % interval over seeds and examples, and its noise ceiling.

    The ceiling is the mean tau when both have the order of b, each with its own spread and its own noise. NaN throughout when either is constant."""
    nan = float("nan")
    if not np.ptp(a.means) or not np.ptp(b.means):
        return nan, (nan, nan), nan
    mine, theirs = steady_pair(a, b)
    low, high = np.nanquantile(taus(mine + a.noise, theirs + b.noise), (0.025, 0.975))
    order = b.steady()
    scaled = order * np.std(a.steady()) / np.std(order) if order.any() else order
    ceiling = np.nanmean(taus(scaled + a.noise, order + b.noise))
    return kendall_tau(a.means, b.means), (float(low), float(high)), float(ceiling)


def steady_pair(a: Ranking, b: Ranking) -> np.ndarray:
    """Return both centred means, (2, C), mapped linearly so that their covariance is that of the observed ones less the noise.

    `Ranking.steady` for two at once: noise also hides part of their correlation, which is given back, so that adding noise again leads to a tau like
    the observed one."""
    observed = np.array([ranking.means - ranking.means.mean() for ranking in (a, b)])
    covariance = observed @ observed.T / len(a.choices)
    strengths, axes = np.linalg.eigh(covariance - np.diag([a.noise_variance(), b.noise_variance()]))
    wanted = axes * np.sqrt(np.maximum(strengths, 0.0)) @ axes.T
    strengths, axes = np.linalg.eigh(covariance)
    kept = strengths > 1e-12 * strengths[-1]
    whitened = axes[:, kept] / np.sqrt(strengths[kept]) @ axes[:, kept].T
    return wanted @ whitened @ observed


@dataclass(frozen=True)
class ShortRunTruth:
    """One rung against the full runs, over the choices that both have.

    tau: Kendall's, with its 95 % interval (seeds and test examples resampled) and its noise ceiling. pairs: of choices. ties: the share of pairs
    whose full gap is within its noise. agreement: over the other pairs, the share that the short runs put in the same order, with its interval; None
    where every pair is a tie. trivial_tau, trivial_agreement: the same for the sum of layer numbers, lower first."""

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
