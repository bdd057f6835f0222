"""What no explanation may hold: two findings that cannot both be true. Tests run this on every saved run."""

from collections.abc import Callable, Iterator, Sequence

from core.findings.finding import Finding
from core.statistics.verdict import EQUAL

Found = Sequence[Finding]


def contradictions(found: Found) -> list[str]:
    """Return a sentence for each contradiction among the findings of one explanation."""
    return [said for rule in RULES for said in rule(found)]


def learning_beside_seeding(found: Found) -> Iterator[str]:
    """What is said of learning agrees with what training added."""
    first = next((one for one in found if one.kind == "learning"), None)
    gained = next((one.figures["trained_verdict"] for one in found if one.kind == "seeding"), None)
    if first is None or first.figures["mistake"] or gained is None:
        return
    learns = first.strength == "clear" and first.figures.get("majority_verdict") == "higher" and first.figures["start_verdict"] == "higher"
    if learns and (gained != "higher" or first.figures["collapsed"]):
        yield "it learns, and it is not shown that training changed anything or it collapsed"
    if "learns" in first.sentence and not learns:
        yield "it is said to learn without having beaten both guessing and its start"
    if first.figures["start_verdict"] != gained:
        yield "the gain since the start has two verdicts"


def one_verdict_a_pair(found: Found) -> Iterator[str]:
    """Every finding that compares with the same choice says the same of it, and what is said fits the gap."""
    words: dict[tuple, set[str]] = {}
    for one in found:
        for name, word in one.figures.items():
            key = name.removesuffix("_verdict")
            if key == name or one.figures.get(f"{key}_difference") is None:
                continue
            difference, ends = one.figures[f"{key}_difference"], [one.figures.get(f"{key}_difference_{end}") for end in ("from", "to")]
            if (word == "higher" and difference <= 0) or (word == "lower" and difference >= 0):
                yield f"{one.kind}: {word} by {difference:+.3f}"
            if word == "within" and max(map(abs, ends)) > EQUAL:
                yield f"{one.kind}: within, and the interval is wider"
            if one.kind in ("standing", "presets", "swap") and f"{key}_layers" in one.figures:
                words.setdefault(tuple(one.figures[f"{key}_layers"]), set()).add(word)
    yield from (f"{layers}: {' and '.join(sorted(said))}" for layers, said in words.items() if len(said) > 1)


def counts_beside_pairs(found: Found) -> Iterator[str]:
    """The counts among all choices leave room for every pair that is named."""
    place = next((one for one in found if one.kind == "standing" and "better_than" in one.figures), None)
    if place is None:
        return
    figures = place.figures
    if figures["better_than"] + figures["worse_than"] + figures["alike"] + figures["untold"] != figures["others"]:
        yield "the counts do not add up to the other choices"
    for one in found:
        said = [word for name, word in one.figures.items() if name.endswith("_verdict")] if one.kind in ("presets", "swap") else []
        if said.count("higher") > figures["better_than"] or said.count("lower") > figures["worse_than"]:
            yield f"{one.kind}: more choices than are counted"


def lost_beside_the_best(found: Found) -> Iterator[str]:
    """Against the best choice no groups are called alike where the whole is clearly lower, nor lost where the whole is shown to be within points."""
    word = next((one.figures.get("best_verdict") for one in found if one.kind == "standing"), None)
    for one in found:
        if one.kind == "phenomena" and "best" in one.figures and word == "lower" and one.strength == "within":
            yield "all groups lie within some points of the best choice's, and the whole is clearly lower"


def forecast_beside_full_runs(found: Found) -> Iterator[str]:
    """A forecast whose interval leaves out what full runs of the same choice reached says so."""
    for one in found:
        figures = one.figures
        if one.kind == "forecast" and "forecast" in figures and "full_mean" in figures:
            outside = not figures["low"] <= figures["full_mean"] <= figures["high"]
            if outside != figures["missed"] or outside == one.sentence.startswith("Trained fully, this run would"):
                yield "the forecast leaves out what full runs reached and does not say so"


RULES: tuple[Callable[[Found], Iterator[str]], ...] = (
    learning_beside_seeding, one_verdict_a_pair, counts_beside_pairs, lost_beside_the_best, forecast_beside_full_runs,
)
