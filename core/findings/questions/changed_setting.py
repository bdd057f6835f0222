"""Two landscapes that differ in one setting: what the change does to every choice that both have, tested together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.findings.evidence import Choice
from core.findings.landscape import Landscape
from core.statistics.holm import LEVEL, adjusted_together
from core.statistics.noise import Comparison, compare


@dataclass(frozen=True)
class SettingChange:
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


def compare_settings(usual: Landscape, other: Landscape) -> SettingChange | None:
    """Compare every choice of both, each side with its own seed noise, since the change may change it. None where they share no choice."""
    common = [choice for choice in usual.means if choice in other.runs]
    found = {choice: compare(other.runs[choice], usual.runs[choice], other.noise, usual.noise, usual.test) for choice in common}
    if not found:
        return None
    adjusted = adjusted_together([one.p for one in found.values()])
    clear = None if None in adjusted else frozenset(choice for choice, p in zip(found, adjusted, strict=True) if p <= LEVEL)
    return SettingChange(usual, other, found, clear)


def differing_by(found: Sequence[Landscape], change: Callable[[dict], dict | None]) -> list[tuple[Landscape, Landscape]]:
    """Return the pairs that differ in nothing but what `change` makes of the settings of the first; None: nothing to look for."""
    pairs = []
    for one in found:
        wanted = change(one.settings)
        if wanted:
            pairs += [(one, other) for other in found if (other.pair, other.ground, other.k, other.settings) == (one.pair, one.ground, one.k, wanted)]
    return pairs
