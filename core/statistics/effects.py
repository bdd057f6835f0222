"""The effect of each layer: an additive model of accuracy over all choices of one size, and what it does not explain.

accuracy(choice) = mean + the effects of its layers, the effects summing to zero: all choices have the same number of layers, so only differences
between effects mean anything. Effect i minus effect j is the gain of having layer i in place of layer j, on average."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.statistics.agreement import Choice
from core.statistics.holm import LEVEL
from core.statistics.ranking import Ranking

PERMUTATIONS = 5000


@dataclass(frozen=True)
class Effects:
    """Fractions. values, low, high: (L,) effects by layer, layer 1 first, with 95 % intervals over seeds and test examples."""

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Fit:
    """R² on a held-out seed, averaged over which one is held out. additive: of the model. ceiling: of the true means, were they known."""

    additive: float
    ceiling: float


@dataclass(frozen=True)
class PairBlock:
    """All pairs of layers as one block. share: how much of the variance that the additive model leaves the block explains; expected: by chance.
    p: the share of permutations in which it explains as much or more."""

    share: float
    expected: float
    p: float


def presence(choices: Sequence[Choice], layers: int) -> np.ndarray:
    """Return (C, L): 1 where the choice has the layer."""
    return np.array([[float(layer in choice) for layer in range(1, layers + 1)] for choice in choices])


def separable(choices: Sequence[Choice], layers: int) -> bool:
    """Return whether these choices, all of one size, tell the layers' effects apart."""
    return bool(choices) and int(np.linalg.matrix_rank(_additive(choices, layers))) == layers


def effects(ranking: Ranking, layers: int) -> Effects | None:
    """Estimate the effect of every layer. None where the choices do not tell the layers apart."""
    if not separable(ranking.choices, layers):
        return None
    return _fitted(ranking, presence(ranking.choices, layers))


def neighbours(ranking: Ranking, layers: int) -> Effects | None:
    """Estimate what it goes with that layers i and i + 1 are both missing: L - 1 effects, against choices that lack no two neighbours. None where the
    choices do not tell them apart."""
    design = gone_together(ranking.choices, layers)
    if not ranking.choices or layers < 2 or np.linalg.matrix_rank(design - design.mean(0)) < layers - 1:
        return None
    return _fitted(ranking, design)


def gone_together(choices: Sequence[Choice], layers: int) -> np.ndarray:
    """Return (C, L - 1): 1 where the choice lacks layers i and i + 1 both."""
    gone = 1 - presence(choices, layers)
    return gone[:, :-1] * gone[:, 1:]


def _fitted(ranking: Ranking, design: np.ndarray) -> Effects:
    """Return the coefficients of least squares with an intercept. design: (C, P)."""
    solve = np.linalg.pinv(design - design.mean(0))  # (P, C); of the solutions of least squares, the one of least norm sums to zero
    values = solve @ (ranking.means - ranking.means.mean())
    half = np.array([ranking.contrast(weights).or_examples_alone.half_width(LEVEL) for weights in solve])
    return Effects(values, values - half, values + half)


def _additive(choices: Sequence[Choice], layers: int) -> np.ndarray:
    return np.column_stack([np.ones(len(choices)), presence(choices, layers)])


def _projection(design: np.ndarray) -> tuple[np.ndarray, int]:
    """Onto the columns' span, and its dimension."""
    left, strengths, _ = np.linalg.svd(design, full_matrices=False)
    kept = left[:, strengths > 1e-9 * strengths[0]]
    return kept @ kept.T, kept.shape[1]


def fit(table: np.ndarray, choices: Sequence[Choice], layers: int) -> Fit | None:
    """Measure how well the additive model predicts a held-out seed. table: (C, S) accuracies, the same seeds for all choices.

    None with one seed, or where the choices do not tell the layers apart.

    1 - squared error over squared deviations from the held-out seed's own mean. Seeds share their mean in the model: what a seed adds to all choices
    alike is taken off. The ceiling takes off the expected squared noise of the held-out seed alone."""
    rows, seeds = table.shape
    if seeds < 2 or not separable(choices, layers):
        return None
    centred = table - table.mean(0)
    total = (centred**2).sum(0)
    if not total.all():
        return None
    onto, _ = _projection(_additive(choices, layers))
    shares = []
    for seed in range(seeds):
        others = np.delete(centred, seed, axis=1).mean(1)
        shares.append(1 - ((centred[:, seed] - onto @ others) ** 2).sum() / total[seed])
    noise = ((centred - centred.mean(1, keepdims=True)) ** 2).sum() / (seeds - 1)
    return Fit(float(np.mean(shares)), float(np.mean(1 - noise / total)))


def left_out(means: np.ndarray, design: np.ndarray) -> float | None:
    """Return R² on choices left out in turn: 1 - squared errors over squared deviations from the others' mean. design: (C, P), an intercept is added.

    None where a choice alone decides one of the coefficients, so that the others say nothing about it."""
    onto, _ = _projection(np.column_stack([np.ones(len(design)), design]))
    leverage = np.diag(onto)
    if len(means) < 3 or leverage.max() > 1 - 1e-9 or not means.std():
        return None
    errors = (means - onto @ means) / (1 - leverage)
    others = (means - means.mean()) * len(means) / (len(means) - 1)
    return float(1 - (errors**2).sum() / (others**2).sum())


def pair_block(ranking: Ranking, layers: int, seed: int = 0) -> PairBlock | None:
    """Test whether it matters which layers stand together, beyond their single effects: one test for all pairs at once.

    The residuals of the additive model are permuted over choices (Freedman and Lane 1983, "A nonstochastic interpretation of reported significance
    levels"). None where the choices leave nothing to judge the block by, as all choices of 2 of 6 layers do."""
    if not separable(ranking.choices, layers):
        return None
    additive = _additive(ranking.choices, layers)
    pairs = [additive[:, 1 + i] * additive[:, 1 + j] for i, j in itertools.combinations(range(layers), 2)]
    without, rank_without = _projection(additive)
    with_pairs, rank_with = _projection(np.column_stack([additive, *pairs]))
    terms, left = rank_with - rank_without, len(ranking.choices) - rank_with
    residual = ranking.means - without @ ranking.means
    if not terms or not left or not residual.any():
        return None

    def explained(rows: np.ndarray) -> np.ndarray:
        """Return (P, C) residuals -> (P,) share of what the additive model leaves of them."""
        rest = rows - rows @ without
        return ((rest @ with_pairs) ** 2).sum(1) / (rest**2).sum(1)

    observed = float(explained(residual[None])[0])
    random = np.random.default_rng(seed)
    permuted = explained(random.permuted(np.tile(residual, (PERMUTATIONS, 1)), axis=1))
    p = (1 + int((permuted >= observed - 1e-12).sum())) / (PERMUTATIONS + 1)
    return PairBlock(observed, terms / (terms + left), p)
