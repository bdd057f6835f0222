"""Ridge regression judged on choices that it has not seen, the ridge and the design chosen anew without each of them.

N choices, P features of each. Leaving a choice out needs no new fit: with H the matrix that turns targets into fitted values, the residual of a
choice that was left out is (y - Hy) / (1 - diag H), also with an intercept that is not penalised (Golub, Heath and Wahba 1979, "Generalized
cross-validation as a method for choosing a good ridge parameter"). H depends on the features alone, so thousands of shuffled targets cost little
more than one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

RIDGES = np.logspace(3, -2, 11)  # penalties on a feature's squared weight; the largest first, which is taken of equals


@dataclass(frozen=True)
class Model:
    """A fit: prediction = intercept + features @ weights. design: which of several was chosen. ridge: the penalty. freedom: the degrees of freedom
    that the ridge leaves, the intercept's among them."""

    design: int
    ridge: float
    intercept: float
    weights: np.ndarray
    freedom: float

    def predict(self, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Predict from the same designs of other choices: (M, P) each -> (M,)."""
        return self.intercept + designs[self.design] @ self.weights


class _Design:
    """One design's matrices for every ridge. maps: (R, P, N), centred targets to weights. residuals: (R, N, N), targets to left-out residuals."""

    def __init__(self, features: np.ndarray):
        n = len(features)
        self.mean = features.mean(0)
        left, strengths, right = np.linalg.svd(features - self.mean, full_matrices=False)
        shrunk = strengths / (strengths**2 + RIDGES[:, None])  # (R, r)
        self.maps = (right.T * shrunk[:, None, :]) @ left.T
        hat = 1 / n + (left * (strengths * shrunk)[:, None, :]) @ left.T
        self.freedom = 1 + (strengths * shrunk).sum(1)
        self.residuals = (np.eye(n) - hat) / (1 - np.einsum("rii->ri", hat))[:, :, None]


def fit(designs: Sequence[np.ndarray], targets: np.ndarray) -> Model:
    """Fit the design and the ridge with the smallest left-out error. designs: (N, P) each, any P. targets: (N,)."""
    prepared = [_Design(features) for features in designs]
    errors = np.stack([((one.residuals @ targets) ** 2).sum(-1) for one in prepared])  # (D, R)
    design, ridge = np.unravel_index(errors.argmin(), errors.shape)
    one = prepared[design]
    weights = one.maps[ridge] @ (targets - targets.mean())
    return Model(int(design), float(RIDGES[ridge]), float(targets.mean() - one.mean @ weights), weights, float(one.freedom[ridge]))


class LeftOut:
    """Predicts each of N choices from the others, which choose the design and the ridge by leaving out one more: nothing of a choice is used for its
    own prediction. Made once for the designs, used for any targets."""

    def __init__(self, designs: Sequence[np.ndarray]):
        self.folds = [list(self._fold(designs, n)) for n in range(len(designs[0]))]

    @staticmethod
    def _fold(designs: Sequence[np.ndarray], n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (R, N - 1, N - 1) residual maps and (R, N - 1) maps to the prediction of choice n, a pair a design."""
        for features in designs:
            one = _Design(np.delete(features, n, axis=0))
            maps = (features[n] - one.mean) @ one.maps
            yield one.residuals, maps - maps.mean(-1, keepdims=True) + 1 / (len(features) - 1)

    def predict(self, targets: np.ndarray) -> np.ndarray:
        """Predict every choice from the others: (..., N) targets -> (..., N)."""
        rows = np.atleast_2d(targets)
        found = np.empty(rows.shape)
        for n, fold in enumerate(self.folds):
            others = np.delete(rows, n, axis=1)
            errors = np.concatenate([((others @ residuals.transpose(0, 2, 1)) ** 2).sum(-1) for residuals, _ in fold])  # (D R, B)
            guesses = np.concatenate([maps @ others.T for _, maps in fold])
            found[:, n] = np.take_along_axis(guesses, errors.argmin(0)[None], 0)[0]
        return found.reshape(np.shape(targets))


def r_squared(targets: np.ndarray, predicted: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Compute R² on left-out choices, (..., N) -> (...,): 1 - squared error over that of the mean of the other choices, which therefore has 0.

    among: (N,) true for the choices whose errors count; all without it."""
    targets = np.asarray(targets, float)
    n = targets.shape[-1]
    kept = slice(None) if among is None else among
    others = (targets - targets.mean(-1, keepdims=True)) * (n / (n - 1))
    return 1 - ((targets - predicted) ** 2)[..., kept].sum(-1) / (others**2)[..., kept].sum(-1)
