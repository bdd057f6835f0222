"""The same choices of layers, each with a student that was trained: every pair tested, and what may be concluded."""

from dataclasses import dataclass
from itertools import combinations

from core.findings.evidence import Choice
from core.findings.finding import Finding, write
from core.findings.landscape import Landscape
from core.findings.names import choice_name
from core.findings.words import few, no_noise
from core.recipe import preset
from core.statistics.verdict import HIGHER, LOWER, UNKNOWN, WITHIN, Verdict

PRESETS = ("first-k", "last-k", "odd", "even")
AS_TAKEN: dict[Choice, str] = {  # of twelve layers, by a slip in its list of odd layers and a position of -1 among the even ones
    (2, 4, 6, 9, 10, 12): 'the assignment\'s "Odd"', (3, 5, 7, 9, 11, 1): 'the assignment\'s "Even"',
}
BETTER = "better"


@dataclass(frozen=True)
class Pair:
    """Two of the choices, the one with the higher mean first."""

    higher: Choice
    lower: Choice
    verdict: Verdict

    @property
    def word(self) -> str:
        """BETTER (beyond the noise, after Holm over all pairs), WITHIN some points or UNKNOWN: too few runs to tell."""
        return {HIGHER: BETTER, LOWER: BETTER}.get(self.verdict.word, self.verdict.word)

    @property
    def difference(self) -> float:
        return self.verdict.comparison.difference

    @property
    def runs(self) -> tuple[str, ...]:
        return self.verdict.comparison.runs


def named(one: Landscape) -> dict[Choice, str]:
    """Return those of the four choices that were saved, with their names."""
    made: dict[Choice, str] = {}
    for name in PRESETS:
        choice = preset(name, one.layers, one.k) if one.k <= one.layers // 2 else ()
        if choice in one.runs and choice:
            made[choice] = choice_name(choice, one.layers)
    return made


def taken(one: Landscape) -> dict[Choice, str]:
    """Return what the assignment's code took for its odd and even layers, of twelve, where it was saved, with its name. No part of the pairs."""
    return {choice: f"{choice_name(choice, one.layers)} ({name})" for choice, name in AS_TAKEN.items() if choice in one.runs and one.layers == 12}


def pairs(one: Landscape) -> list[Pair]:
    """Test all pairs of the four choices together, by seeds and test examples."""
    ordered = [choice for choice in one.means if choice in named(one)]
    both = list(combinations(ordered, 2))
    return [Pair(a, b, found) for (a, b), found in zip(both, one.judge(both), strict=True)]


def conclusions(one: Landscape) -> list[Finding]:
    """Say what the runs support: a finding for each choice that is better than others, the best first, one for those no more than some points apart,
    one for what too few runs tell."""
    names, found, findings = named(one), pairs(one), []
    runs = lambda some: [run for pair in some for run in pair.runs]
    for choice in sorted(names, key=one.means.get, reverse=True):
        better = [pair for pair in found if pair.word == BETTER and pair.higher == choice]
        if better:
            figures = {"higher": names[choice]} | {f"lower_{n}": names[pair.lower] for n, pair in enumerate(better)}
            figures |= {f"by_{n}": pair.difference for n, pair in enumerate(better)}
            text = "; ".join(f"than {{lower_{n}}} by {{by_{n}:points}}" for n in range(len(better)))
            findings.append(write("four", f"Better, {{higher}}: {text}.", figures, runs(better), "clear"))
    listed = lambda some: "; ".join(f"{names[pair.higher]} and {names[pair.lower]}" for pair in some)
    alike = [pair for pair in found if pair.word == WITHIN]
    if alike:
        figures = {"pairs": listed(alike), "within_far": max(pair.verdict.far for pair in alike)}
        findings.append(write("four", "Within {within_far:points} of each other: {pairs}.", figures, runs(alike), "within"))
    untested, untold = ([pair for pair in found if pair.word == UNKNOWN and pair.verdict.known is known] for known in (False, True))
    if untold:
        figures = {"pairs": listed(untold), "largest": max(pair.difference for pair in untold)}
        end = few(figures, max(untold, key=lambda pair: pair.difference).verdict)
        text = "For {pairs}, with gaps of up to {largest:points}: " + end
        findings.append(write("four", text, figures, runs(untold), "unknown"))
    if untested:
        whole = len(untested) == len(found)
        figures = {"pairs": listed(untested), "seeds": max(len(one.runs[choice]) for choice in names)}
        text = "Nothing may be concluded from these runs ({seeds} to a choice at most): " if whole else "For {pairs}: "
        findings.append(write("four", text + no_noise(figures, one.noise) + ".", figures, runs(untested), "unknown"))
    return findings
