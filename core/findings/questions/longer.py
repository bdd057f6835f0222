"""Whether the order of choices and the gaps between them survive longer training."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.evidence import Choice
from core.findings.landscape import Landscape, budgets, full_of
from core.statistics.holm import LEVEL, holm
from core.statistics.noise import compare


@dataclass(frozen=True)
class Longer:
    """usual, longer: full runs that differ in their epochs. common: the choices of both, the control among them, best first as usual. told_apart:
    pairs (better, worse) that the usual runs tell apart beyond noise (Holm); None while their noise is unknown. kept: of those, the pairs that
    stand in the same order after longer training."""

    usual: Landscape
    longer: Landscape
    common: tuple[Choice, ...]
    told_apart: tuple[tuple[Choice, Choice], ...] | None
    kept: tuple[tuple[Choice, Choice], ...]

    @property
    def gaps(self) -> tuple[float, float]:
        """From the best to the worst common choice of the usual runs: in the usual runs, and between the same two after longer training."""
        best, worst = self.common[0], self.common[-1]
        return tuple(one.means[best] - one.means[worst] for one in (self.usual, self.longer))


def longer(found: Sequence[Landscape]) -> list[Longer]:
    """Of every landscape of full runs beside those of the same settings with more epochs, that share at least three choices."""
    made = []
    for usual in found:
        if usual.settings["budget"]["epochs"] and full_of(usual, found) is usual:
            for other in budgets(usual, found):
                if (other.settings["budget"]["epochs"] or 0) > usual.settings["budget"]["epochs"] and (one := _beside(usual, other)):
                    made.append(one)
    return made


def _beside(usual: Landscape, other: Landscape) -> Longer | None:
    common = tuple(choice for choice in usual.means if choice in other.runs)
    if len(common) < 3:
        return None
    pairs = list(itertools.combinations(common, 2))
    tests = [compare(usual.runs[a], usual.runs[b], usual.noise, usual.noise, usual.test, usual.flips) for a, b in pairs]
    if any(one.p is None for one in tests):
        return Longer(usual, other, common, None, ())
    adjusted = holm([one.p for one in tests], [1.0] * len(tests))
    apart = tuple(pair for pair, p in zip(pairs, adjusted, strict=True) if p <= LEVEL)
    return Longer(usual, other, common, apart, tuple((a, b) for a, b in apart if other.means[a] > other.means[b]))
