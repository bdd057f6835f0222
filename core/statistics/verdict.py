"""What a comparison comes to: better, worse, within so many points of each other, or too few runs to tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.statistics.holm import LEVEL, adjusted_together
from core.statistics.noise import Comparison, findable, seeds_to_settle

HIGHER, LOWER, WITHIN, UNKNOWN = "higher", "lower", "within", "unknown"
EQUAL = 0.03  # a gap of which the runs show that it is no wider counts as settled; a wider one may matter to who picks layers


@dataclass(frozen=True)
class Verdict:
    """p: adjusted; None where the noise is unknown. level: what an unadjusted p is compared with at Holm's first step, and what the interval misses
    with, so that all intervals of one family hold together."""

    comparison: Comparison
    p: float | None
    level: float

    @property
    def word(self) -> str:
        """HIGHER or LOWER where the gap exceeds noise, WITHIN where the whole interval lies within EQUAL of 0, else UNKNOWN: too few runs to tell."""
        if self.p is None:
            return UNKNOWN
        if self.clear:
            return HIGHER if self.comparison.difference > 0 else LOWER
        return WITHIN if self.far <= EQUAL else UNKNOWN

    @property
    def clear(self) -> bool:
        """Whether the gap exceeds noise."""
        return self.p is not None and bool(self.p <= LEVEL)

    @property
    def known(self) -> bool:
        """Whether it was tested."""
        return self.p is not None

    @property
    def interval(self) -> tuple[float, float] | None:
        return self.comparison.interval(self.level)

    @property
    def far(self) -> float:
        """How wide the gap may be, either way: the far end of the interval."""
        return max(map(abs, self.interval)) if self.interval else math.inf

    @property
    def findable(self) -> float | None:
        """The gap that such runs would have found in four of five experiments; None where no gap is wide enough."""
        return findable(self.comparison, self.level)

    def figures(self, name: str) -> dict:
        """Return what a finding keeps of the comparison, under a name of its own."""
        one, (low, high) = self.comparison, self.interval or (None, None)
        return {
            f"{name}_difference": one.difference, f"{name}_difference_from": low, f"{name}_difference_to": high,
            f"{name}_standard_error": one.standard_error, f"{name}_seed_error": None if one.seed_variance is None else math.sqrt(one.seed_variance),
            f"{name}_test_error": math.sqrt(one.test_variance), f"{name}_p": one.p, f"{name}_p_holm": self.p,
            f"{name}_seeds": list(one.n), f"{name}_test_noise": one.basis, f"{name}_verdict": self.word,
        }

    @property
    def seeds(self) -> int | None:
        """The seeds of each side that would settle a gap of this size; None where no number would, or the noise is not known."""
        return seeds_to_settle(self.comparison, self.level) if self.comparison.noise and self.known else None


def judged_together(comparisons: Sequence[Comparison]) -> list[Verdict]:
    """Judge comparisons that stand together: one error rate for all (Holm, equal weights)."""
    adjusted = adjusted_together([one.p for one in comparisons])
    level = LEVEL / max(1, sum(p is not None for p in adjusted))
    return [Verdict(one, p, level) for one, p in zip(comparisons, adjusted, strict=True)]
