"""Published claims and what the saved runs say of each, as rows: the sentence, the verdict as a word and an icon, and what both rest on."""

from collections.abc import Callable
from dataclasses import dataclass

from core.findings.literature.statements import AGREES, DISAGREES, OPEN
from core.findings.literature.verdicts import DEPENDS, Judged, Literature, Tried
from core.studies.published import Published

ICONS = {
    AGREES: (":material/check_circle:", "blue"), DISAGREES: (":material/cancel:", "orange"),
    DEPENDS: (":material/call_split:", "violet"), OPEN: (":material/help:", "gray"),
}
DIRECTION = "The publications have other models, other data and other training. So only the direction can agree, never the size of a difference."
MADE = "The claims are the publications'. Which saved runs stand for each was settled when those runs were known already."


@dataclass(frozen=True)
class Row:
    """who: the publication. word, icon, colour: the verdict. here: what the saved runs say. sources: where the claim stands. figures: what was
    published. compared: what was compared here. places: a line a comparison. left_out: comparisons whose figures may not be seen yet."""

    who: str
    sentence: str
    word: str
    icon: str
    colour: str
    here: str
    sources: tuple[str, ...]
    figures: tuple[str, ...]
    compared: str
    places: tuple[str, ...]
    left_out: int = 0


def by_topic(found: Literature, seen: Callable[[Tried], bool] = lambda _: True) -> dict[str, list[Row]]:
    """Return the rows under the topic that they belong to, in order. seen: whether a comparison's figures may be seen."""
    topics: dict[str, list[Row]] = {}
    for one in found.claims:
        topics.setdefault(one.topic, []).append(row(one, seen))
    return topics


def row(one: Judged, seen: Callable[[Tried], bool] = lambda _: True) -> Row:
    claim = one.claim
    return Row(
        claim.who, claim.sentence, one.word, *ICONS[one.word], one.here,
        tuple(dict.fromkeys([*(each.source for each in claim.rows.values()), *(f"{each.source}: {each.statement}" for each in claim.told)])),
        tuple(map(figure_text, claim.rows.values())), claim.compared,
        tuple(f"{each.where}: {each.told}. {each.came[0].upper()}{each.came[1:]}." for word in (AGREES, DISAGREES, OPEN) for each in one.of(word)
              if seen(each)),
        sum(not seen(each) for each in one.tried),
    )


def figure_text(one: Published) -> str:
    """Return '84.39: stsb-roberta-base cut to 3 layers (STSbenchmark, performance)'."""
    about = ", ".join(filter(None, (one.model, one.init_or_mapping)))
    return f"{one.value:g}: {about} ({one.dataset}, {one.metric})"


def together(found: Literature) -> str:
    """Say how the verdicts were reached, for who asks."""
    return (f"{MADE} A claim agrees where at least one comparison says so clearly and none the opposite. All {found.comparisons} comparisons with "
            "known noise are judged together by Holm's method, so that at most one time in twenty even one of them is called clear by chance.")
