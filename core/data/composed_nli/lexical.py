"""Specific and general (hypernyms, modifiers) and exclusion (co-hyponyms, contraries), said of two people or things at once.

Two clauses, one of them negated, hold the same two words in all premises; who holds which of them, and on which side of the
negation, decides. What holds of the specific holds of the general; what is denied of the general is denied of the specific.
"""

import random
from collections.abc import Callable, Sequence
from itertools import product

from . import taxonomy as words
from .items import C, E, Item, N, holders, item, template
from .taxonomy import a

Clause = Callable[[str, str, bool], str]  # who, what, is it said (or denied)
Label = Callable[[bool, str, bool, str], int]  # said?, what -> asked as said?, what
Draw = Callable[[random.Random], tuple[str, str, Clause]]  # specific, general, the clause that says them
SPOTS = ("in the box", "on the bench", "in the window", "near the door", "on the left", "on the right", "in the corner")


def inclusion(specific: str, general: str) -> Label:
    """Return the label of '(said?) what' -> '(asked?) what' for two nested classes."""
    def label(said: bool, known: str, asked: bool, what: str) -> int:
        if said:
            settled = E if known in (what, specific) else N
        else:
            settled = C if known in (what, general) else N
        return settled if asked else E + C - settled  # N stays N
    return label


def exclusion(said: bool, known: str, asked: bool, what: str) -> int:
    """Return the same for two words that exclude each other with other possibilities left."""
    settled = (E if said else C) if known == what else (C if said else N)
    return settled if asked else E + C - settled


def two_holders(rng: random.Random, who: list[str], pair: Sequence[str], clause: Clause, label: Label, link: str,
                again: list[str] | None = None) -> Item:
    """Give the pair's words to the two holders in all ways, one said and one denied; `again`: how the second clause names them."""
    again = again or who
    what, positive = rng.choice(pair), rng.random() < 0.5
    premises = []
    for (x, y), (known, other) in product(((0, 1), (1, 0)), (pair, pair[::-1])):
        verdict = label(True, known, positive, what) if x == 0 else label(False, other, positive, what)
        premises += [(f"{clause(who[x], known, True)}, {link} {clause(again[y], other, False)}", verdict),
                     (f"{clause(who[y], other, False)}, {link} {clause(again[x], known, True)}", verdict)]
    return item(clause(who[0], what, positive), premises)


def said_or_not(past: str, base: str) -> Clause:
    return lambda who, what, said: f"{who} {past} {what}" if said else f"{who} did not {base} {what}"


def buying(rng: random.Random, kind: str) -> tuple[str, str]:
    return rng.choice(words.ANY_VERBS + words.SHOP_VERBS if kind in words.SHOP_KINDS else words.ANY_VERBS)


def hypernyms(rng: random.Random) -> tuple[str, str, Clause]:
    kind = rng.choice(tuple(words.KINDS))
    return a(rng.choice(words.KINDS[kind])), a(kind), said_or_not(*buying(rng, kind))


def adjectives(rng: random.Random) -> tuple[str, str, Clause]:
    thing = rng.choice(words.THINGS)
    return a(f"{rng.choice(words.MODIFIERS_THING)} {thing}"), a(thing), said_or_not(*buying(rng, "tool"))


def attachments(rng: random.Random) -> tuple[str, str, Clause]:
    thing, *extras = rng.choice(words.ATTACHED)
    return f"{a(thing)} {rng.choice(extras)}", a(thing), said_or_not(*rng.choice(words.ANY_VERBS))


def manners(rng: random.Random) -> tuple[str, str, Clause]:
    past, base, adverbs = rng.choice(words.MANNERS)
    return " " + rng.choice(adverbs), "", lambda who, what, said: f"{who} {past if said else 'did not ' + base}{what}"


def double_adjectives(rng: random.Random) -> tuple[str, str, Clause]:
    thing, size = rng.choice(words.THINGS), rng.choice(("big", "small", "expensive"))
    colour = rng.choice(words.MODIFIERS_THING[:5])
    return a(f"{size} {colour} {thing}"), a(f"{colour} {thing}"), said_or_not(*buying(rng, "tool"))


@template
def nested(rng: random.Random, *draws: Draw, link: str = "and") -> Item:
    specific, general, clause = rng.choice(draws)(rng)
    return two_holders(rng, holders(rng, 2), (specific, general), clause, inclusion(specific, general), link)


@template
def nested_bare(rng: random.Random, *draws: Draw) -> Item:
    """Return one clause against one clause: only the moves from one word to the other."""
    specific, general, clause = rng.choice(draws)(rng)
    who = holders(rng, 1)[0]
    said, denied = ({what: clause(who, what, positive) for what in (specific, general)} for positive in (True, False))
    if rng.random() < 0.5:
        return item(said[general], [(said[specific], E), (denied[specific], N), (denied[general], C)])
    return item(denied[specific], [(denied[general], E), (said[general], N), (said[specific], C)])


def is_or_not(who: str, what: str, said: bool) -> str:
    return f"{who} is {what}" if said else f"{who} is not {what}"


def owned(rng: random.Random, thing: str, pair: Sequence[str], link: str) -> Item:
    """'Anna's coat is long, and Tom's is not brief.'"""
    names = rng.sample(words.NAMES, 2)
    return two_holders(rng, [f"{name}'s {thing}" for name in names], pair, is_or_not, exclusion, link, [f"{name}'s" for name in names])


@template
def favorites(rng: random.Random, link: str) -> Item:
    kind = rng.choice(words.FAVORITES)
    return owned(rng, f"favorite {kind}", ["the " + word for word in rng.sample(words.KINDS[kind], 2)], link)


@template
def located(rng: random.Random, drawn: bool = False) -> Item:
    """'The tool in the box is a saw, and the one on the bench is not a hammer.'"""
    kind = rng.choice(words.SMALL)
    pair = [a(word) for word in rng.sample(words.KINDS[kind], 2)]
    if drawn:
        verb = rng.choice(words.ANY_VERBS)[0]
        where = [f"that {name} {verb}" for name in rng.sample(words.NAMES, 2)]
    else:
        where = rng.sample(SPOTS, 2)
    return two_holders(rng, [f"the {kind} {spot}" for spot in where], pair, is_or_not, exclusion, "and", [f"the one {spot}" for spot in where])


@template
def things_contrary(rng: random.Random, link: str) -> Item:
    *pair, things = rng.choice(words.THING_CONTRARIES)
    return two_holders(rng, ["the " + thing for thing in rng.sample(things, 2)], pair, is_or_not, exclusion, link)


@template
def owned_contrary(rng: random.Random) -> Item:
    *pair, things = rng.choice(words.THING_CONTRARIES)
    return owned(rng, rng.choice(things), pair, "and")


@template
def people_contrary(rng: random.Random, link: str) -> Item:
    pair = rng.choice(words.PERSON_CONTRARIES)
    return two_holders(rng, holders(rng, 2), pair, is_or_not, exclusion, link)


@template
def contrary_alone(rng: random.Random, people: bool) -> Item:
    """Return one clause: 'really hot' is hot, 'cold' is not, 'not cold' may be either."""
    if people:
        pair = rng.choice(words.PERSON_CONTRARIES)
        who = holders(rng, 1)[0]
    else:
        *pair, things = rng.choice(words.THING_CONTRARIES)
        who = f"the {rng.choice(things)}"
    this, other = pair if rng.random() < 0.5 else pair[::-1]
    if rng.random() < 0.5:
        return item(f"{who} is {this}", [(f"{who} is really {this}", E), (f"{who} is not {other}", N), (f"{who} is {other}", C),
                                         (f"{who} is really {other}", C), (f"{who} is not {this}", C)])
    return item(f"{who} is not {this}", [(f"{who} is {other}", E), (f"{who} is really {other}", E), (f"{who} is not {other}", N),
                                         (f"{who} is {this}", C), (f"{who} is really {this}", C)])


def favorite_alone(rng: random.Random) -> Item:
    kind = rng.choice(words.FAVORITES)
    this, other = ("the " + word for word in rng.sample(words.KINDS[kind], 2))
    who, friend = rng.sample(words.NAMES, 2)
    owner = f"{who}'s favorite {kind}"
    if rng.random() < 0.5:
        return item(f"{owner} is {this}", [(f"{this} is {owner}", E), (f"{owner} is not {other}", N), (f"{other} is {owner}", C),
                                           (f"{owner} is {other}", C), (f"{friend}'s favorite {kind} is {this}", N)])
    return item(f"{owner} is not {this}", [(f"{other} is {owner}", E), (f"{owner} is {other}", E), (f"{owner} is not {other}", N),
                                           (f"{this} is {owner}", C), (f"{friend}'s favorite {kind} is {other}", N)])


TEMPLATES = {
    "hypernymy": ({"two-holders": nested(hypernyms), "bare": nested_bare(hypernyms)}, {"but": nested(hypernyms, link="but")}),
    "cohyponymy": ({"alone": favorite_alone, "favorite": favorites("and"), "located": located()},
                   {"but": favorites("but"), "drawn": located(drawn=True)}),
    "antonymy": ({"alone": contrary_alone(people=False), "people-alone": contrary_alone(people=True), "things": things_contrary("and"),
                  "owned": owned_contrary(), "people": people_contrary("and")},
                 {"but": things_contrary("but"), "but-people": people_contrary("but")}),
    "modifiers": ({"two-holders": nested(adjectives, attachments), "manner": nested(manners), "bare": nested_bare(adjectives, attachments, manners)},
                  {"but": nested(adjectives, attachments, manners, link="but"), "two-adjectives": nested(double_adjectives)}),
}
