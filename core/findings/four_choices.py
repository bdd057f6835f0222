"""The same choices of layers, each with a student that was trained: every pair tested, and what may be concluded."""

from dataclasses import dataclass
from itertools import combinations

from core.findings.evidence import Choice
from core.findings.finding import Finding, write
from core.findings.landscape import Landscape
from core.findings.names import choice_name
from core.recipe import preset
from core.statistics.holm import verdict

PRESETS = ("first-k", "last-k", "odd", "even")
AS_TAKEN: dict[Choice, str] = {  # of twelve layers, by a slip in its list of odd layers and a position of -1 among the even ones
    (2, 4, 6, 9, 10, 12): 'the assignment\'s "Odd"', (3, 5, 7, 9, 11, 1): 'the assignment\'s "Even"',
}
BETTER, TIE, UNKNOWN = "better", "tie", "unknown"


@dataclass(frozen=True)
class Pair:
    """Two of the choices, the one with the higher mean first. word: BETTER (beyond the noise, after Holm over all pairs), TIE or UNKNOWN."""

    higher: Choice
    lower: Choice
    difference: float
    word: str
    runs: tuple[str, ...]


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
    """Test all pairs of the four choices together, by seeds and test examples; UNKNOWN where too few choices were repeated with other seeds."""
    ordered = [choice for choice in one.means if choice in named(one)]
    both = list(combinations(ordered, 2))
    words = lambda difference, p: verdict(difference, p, BETTER, BETTER)
    return [Pair(a, b, found.difference, words(found.difference, p), found.runs) for (a, b), (found, p) in zip(both, one.compare(both), strict=True)]


def conclusions(one: Landscape) -> list[Finding]:
    """Say what the runs support: a finding for each choice that is better than others, the best first, one for the ties, one for what is unknown."""
    names, found, findings = named(one), pairs(one), []
    runs = lambda some: [run for pair in some for run in pair.runs]
    for choice in sorted(names, key=one.means.get, reverse=True):
        better = [pair for pair in found if pair.word == BETTER and pair.higher == choice]
        if better:
            figures = {"higher": names[choice]} | {f"lower_{n}": names[pair.lower] for n, pair in enumerate(better)}
            figures |= {f"by_{n}": pair.difference for n, pair in enumerate(better)}
            text = "; ".join(f"than {{lower_{n}}} by {{by_{n}:points}}" for n in range(len(better)))
            findings.append(write("four", f"Better, {{higher}}: {text}.", figures, runs(better), "clear"))
    ties = [pair for pair in found if pair.word == TIE]
    if ties:
        figures = {"pairs": "; ".join(f"{names[pair.higher]} and {names[pair.lower]}" for pair in ties), "largest": max(p.difference for p in ties)}
        findings.append(write("four", "Ties, with gaps of up to {largest:points} that the noise explains: {pairs}.", figures, runs(ties), "tie"))
    unknown = [pair for pair in found if pair.word == UNKNOWN]
    if unknown:
        figures = {"choices": len(names), "seeds": max(len(one.runs[choice]) for choice in names)}
        text = "Nothing may be concluded from these runs ({seeds} to a choice at most): too few were repeated with another seed to know the noise."
        findings.append(write("four", text, figures, runs(unknown), "unknown"))
    return findings
