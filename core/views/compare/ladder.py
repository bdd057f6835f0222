"""The entries of a comparison as a ladder: best on top, each with its interval, and in a few sentences which of them are told apart."""

from collections.abc import Sequence

from core.findings.evidence import choice_of
from core.findings.finding import names
from core.findings.finding import points as plain_points
from core.findings.versus import GROUND, SEED, SPLIT, Pair, Side
from core.views.compare.results import colours

WHY = {SEED: "differ in the random seed alone", SPLIT: "were measured on other examples", GROUND: "belong to other weights or data"}


def letter(side: Side) -> str:
    """Return 'A' of 'A (layers 1, 3, 5)'."""
    return side.name.partition(" ")[0]


def rows(found: Sequence[Side]) -> list[dict]:
    """Return rows of `core.figures.ladder`, best first."""
    made = []
    for side, colour in zip(found, colours(found), strict=True):
        low, high = side.interval or (None, None)
        made.append({"id": letter(side), "letter": letter(side), "name": side.name, "layers": list(choice_of(side.run)), "colour": colour,
                     "mean": side.mean, "low": low, "high": high, "seeds": [run["final"]["accuracy"] for run in side.own], "own": [], "note": ""})
    return sorted(made, key=lambda row: -row["mean"])


def levels(found: Sequence[Side]) -> dict[str, float]:
    """Return the teacher's accuracy, where all entries were measured on the same examples."""
    known = {side.run["teacher"]["accuracy"] for side in found}
    return {"teacher": known.pop()} if len(known) == 1 else {}


def sentences(pairs: Sequence[Pair]) -> list[str]:
    """Return which entries are ahead of which beyond noise, which are equal within some points, and where too few runs can tell."""
    ahead: dict[str, list[str]] = {}
    for pair in pairs:
        if pair.word in ("higher", "lower"):
            first, second = (pair.a, pair.b) if pair.word == "higher" else (pair.b, pair.a)
            ahead.setdefault(letter(first), []).append(letter(second))
    said = [f"{one} is ahead of {names(sorted(others))}." for one, others in sorted(ahead.items(), key=lambda item: (-len(item[1]), item[0]))]
    said += [f"{both(pair)} are equal within {plain_points(pair.verdict.far)}." for pair in pairs if pair.word == "within"]
    untold = [both(pair) for pair in pairs if pair.word == "unknown" and pair.verdict is not None]
    said += [f"Too few runs to tell: {'; '.join(untold)}."] if untold else []
    return said + [f"{both(pair)} {WHY[pair.why]}." for pair in pairs if pair.why]


def both(pair: Pair) -> str:
    return f"{letter(pair.a)} and {letter(pair.b)}"
