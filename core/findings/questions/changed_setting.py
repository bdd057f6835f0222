"""Two landscapes that differ in one setting: what the change does to every choice that both have, tested together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.findings.evidence import Choice
from core.findings.landscape import Landscape
from core.statistics.holm import LEVEL, holm
from core.statistics.noise import Comparison, compare


@dataclass(frozen=True)
class Changed:
    """comparisons: accuracy with the change less accuracy as usual, of every choice that both have, the control among them. clear: the choices whose
    difference exceeds the noise of seeds and test examples, all tested together (Holm); None where the seeds' noise is unknown."""

    usual: Landscape
    other: Landscape
    comparisons: dict[Choice, Comparison]
    clear: frozenset[Choice] | None

    @property
    def higher(self) -> list[Choice]:
        return [choice for choice in self.comparisons if choice in (self.clear or ()) and self.comparisons[choice].difference > 0]

    @property
    def lower(self) -> list[Choice]:
        return [choice for choice in self.comparisons if choice in (self.clear or ()) and self.comparisons[choice].difference < 0]


def changed(usual: Landscape, other: Landscape) -> Changed | None:
    """None where they share no choice. Each has its own seed noise, since what is changed may change it."""
    common = [choice for choice in usual.means if choice in other.runs]
    if not common:
        return None
    found = {choice: compare(other.runs[choice], usual.runs[choice], other.noise, usual.noise, usual.test) for choice in common}
    if any(one.p is None for one in found.values()):
        return Changed(usual, other, found, None)
    adjusted = holm([one.p for one in found.values()], [1.0] * len(found))
    return Changed(usual, other, found, frozenset(choice for choice, p in zip(found, adjusted, strict=True) if p <= LEVEL))


def differing(found: Sequence[Landscape], change: Callable[[dict], dict | None]) -> list[tuple[Landscape, Landscape]]:
    """Pairs that differ in nothing but what `change` makes of the settings of the first; None: nothing to look for."""
    twins = []
    for one in found:
        wanted = change(one.settings)
        if wanted:
            twins += [(one, other) for other in found if (other.pair, other.ground, other.k, other.settings) == (one.pair, one.ground, one.k, wanted)]
    return twins
