"""How much of a difference between two students the choice of test examples alone can make."""

import numpy as np

from core.store.saved import Truth


class TestSet:
    """N examples in G clusters (examples that share a premise share one). With no truth, only a bound can be given."""

    __test__ = False  # not a test, whatever pytest makes of its name

    def __init__(self, truth: Truth | None):
        self.known = truth is not None
        if truth is not None:
            self.labels = _digits(truth.labels)
            self.cluster = np.unique(np.asarray(truth.clusters), return_inverse=True)[1]
            self.sizes = np.bincount(self.cluster).astype(float)  # (G,)
            self.n, self.clusters = len(self.labels), len(self.sizes)
        self._sums: dict[str, np.ndarray] = {}
        self._means: dict[tuple[str, ...], np.ndarray] = {}
        self._flips: dict[frozenset, float] = {}

    def fits(self, records) -> bool:
        """Return whether these are the examples that the records were measured on."""
        return self.known and all(len(record["predictions"]) == self.n for record in records)

    def hits(self, record: dict) -> np.ndarray:
        """Return right answers by cluster, (G,)."""
        predictions = record["predictions"]
        if predictions not in self._sums:
            self._sums[predictions] = np.bincount(self.cluster, _digits(predictions) == self.labels, self.clusters)
        return self._sums[predictions]

    def _mean_hits(self, runs: list[dict]) -> np.ndarray:
        """Return the mean of `hits` over runs, (G,). Kept, since a choice is compared with every other."""
        key = tuple(run["predictions"] for run in runs)
        if key not in self._means:
            self._means[key] = np.mean([self.hits(run) for run in runs], 0)
        return self._means[key]

    def majority_hits(self) -> np.ndarray:
        """Return right answers by cluster of always naming the most frequent class, (G,)."""
        return np.bincount(self.cluster, self.labels == np.bincount(self.labels).argmax(), self.clusters)

    def recalls(self, predictions: str) -> dict[int, tuple[float, int]]:
        """Return class -> share of its examples that are predicted right, and how many there are."""
        right = _digits(predictions) == self.labels
        return {int(label): (float(right[self.labels == label].mean()), int((self.labels == label).sum())) for label in np.unique(self.labels)}

    def variance(self, difference: np.ndarray) -> float:
        """Return variance of a paired difference in accuracy when whole clusters are drawn anew.

        difference: (G,) differences in right answers by cluster. This is what a bootstrap over clusters converges to (the linearised variance of a
        ratio, Cochran 1977, "Sampling Techniques", 6.3), without the draws."""
        rest = difference - difference.sum() / self.n * self.sizes
        return float(self.clusters / (self.clusters - 1) * (rest @ rest) / self.n**2)

    def flips(self, samples) -> float:
        """Return the share of `variance` that seeds alone put into one run: examples that go either way from seed to seed.

        samples: lists of runs, one list a choice. Their variance between seeds of right answers by cluster, pooled. It is part of the seed variance
        already and is taken off, so that it counts once. 0 where the truth of their examples is unknown."""
        samples = list(samples)
        if not self.fits(run for runs in samples for run in runs):
            return 0.0
        key = frozenset(tuple(run["predictions"] for run in runs) for runs in samples)
        if key not in self._flips:
            self._flips[key] = self._count_flips(samples)
        return self._flips[key]

    def _count_flips(self, samples: list[list[dict]]) -> float:
        total, df = 0.0, 0
        for runs in samples:
            if len(runs) > 1:
                rests = np.array([hits - hits.sum() / self.n * self.sizes for hits in map(self.hits, runs)])  # (seeds, G)
                total += float(rests.var(axis=0, ddof=1).sum()) * (len(runs) - 1)
                df += len(runs) - 1
        return self.clusters / (self.clusters - 1) * total / df / self.n**2 if df else 0.0

    def between(self, a: list[dict], b: list[dict]) -> tuple[float, float, str]:
        """Return variance, degrees of freedom and kind of the paired difference between the mean accuracies of two sets of runs.

        Without truth, the bound that the predictions give by themselves: two students' accuracies differ only on examples where their predictions do,
        so the variance is at most that share over n, clusters left aside."""
        if self.fits([*a, *b]):
            return self.variance(self._mean_hits(a) - self._mean_hits(b)), self.clusters - 1, "paired by example, clustered"
        shares = [disagreement(one["predictions"], other["predictions"]) for one in a for other in b]
        n = len(a[0]["predictions"])
        return float(np.mean(shares)) / n, n - 1, "bound from differing predictions, examples taken as independent"

    def design_effect(self, record: dict) -> float:
        """Return how much clustering widens the variance of one student's accuracy; at least 1, and 1 where the clusters are unknown."""
        if not self.fits([record]):
            return 1.0
        hits = self.hits(record)
        share = hits.sum() / self.n
        return max(1.0, self.variance(hits) * self.n / (share * (1 - share))) if 0 < share < 1 else 1.0


def disagreement(a: str, b: str) -> float:
    """Return share of examples on which two strings of predictions differ; 1 where they are not of the same examples."""
    return float(np.mean(_digits(a) != _digits(b))) if len(a) == len(b) else 1.0


def share_variance(share: float, n: int) -> float:
    """Return variance of a share of n, kept above zero at 0 and 1 by counting one more hit and one more miss."""
    share = (share * n + 1) / (n + 2)
    return share * (1 - share) / n


def _digits(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8) - ord("0")
