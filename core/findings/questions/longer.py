"""Whether the order of choices and the gaps between them survive longer training."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.evidence import Choice
from core.findings.landscape import Landscape, budgets, full_counterpart
from core.statistics.holm import LEVEL


@dataclass(frozen=True)
class Longer:
    """usual, longer: full runs that differ in their epochs. common: the choices of both, the control among them, best first as usual. distinguished:
    pairs (better, worse) that the usual runs tell apart beyond noise (Holm); None while their noise is unknown. kept: of those, the pairs that
    stand in the same order after longer training."""

    usual: Landscape
    longer: Landscape
    common: tuple[Choice, ...]
    distinguished: tuple[tuple[Choice, Choice], ...] | None
    kept: tuple[tuple[Choice, Choice], ...]

    @property
    def gaps(self) -> tuple[float, float]:
        """The gap from the best to the worst common choice of the usual runs: in these runs, and between the same two after longer training."""
        best, worst = self.common[0], self.common[-1]
        return tuple(one.means[best] - one.means[worst] for one in (self.usual, self.longer))


def longer(found: Sequence[Landscape]) -> list[Longer]:
    """Compare every landscape of full runs with those of the same settings and more epochs that share at least three choices."""
    made = []
    for usual in found:
        if usual.settings["budget"]["epochs"] and full_counterpart(usual, found) is usual:
            for other in budgets(usual, found):
                if (other.settings["budget"]["epochs"] or 0) > usual.settings["budget"]["epochs"] and (one := _beside(usual, other)):
                    made.append(one)
    return made


def _beside(usual: Landscape, other: Landscape) -> Longer | None:
    common = tuple(choice for choice in usual.means if choice in other.runs)
    if len(common) < 3:
        return None
    if not usual.noise.known:
        return Longer(usual, other, common, None, ())
    pairs = list(itertools.combinations(common, 2))
    apart = tuple(pair for pair, (_, p) in zip(pairs, usual.compare(pairs), strict=True) if p <= LEVEL)
    return Longer(usual, other, common, apart, tuple((a, b) for a, b in apart if other.means[a] > other.means[b]))
