"""Specific and general (hypernyms, modifiers) and exclusion (co-hyponyms, contraries), said of two people or things at once.

Two clauses, one of them negated, hold the same two words in all premises; who holds which of them, and on which side of the
negation, decides. What holds of the specific holds of the general; what is denied of the general is denied of the specific.
"""

import random
from collections.abc import Callable

from . import taxonomy as words
from .grammar import a
from .items import C, E, Item, N, holders, item, template

Clause = Callable[[str, str, bool], str]  # who, what, is it said (or denied)
Label = Callable[[bool, str, bool, str], int]  # said?, what -> asked as said?, what
JOINS = ("{0}, and {1}",)
JOINS_UNSEEN = ("{0}, but {1}",)


def inclusion(specific: str, general: str) -> Label:
    """Label of '(said?) what' -> '(asked?) what' for two nested classes."""
    def label(said: bool, known: str, asked: bool, what: str) -> int:
        if said:  # X has `known`
            settled = E if known in (what, specific) else N
        else:  # X has no `known`
            settled = C if known in (what, general) else N
        return settled if asked or settled == N else E + C - settled
    return label


def exclusion(said: bool, known: str, asked: bool, what: str) -> int:
    """The same for two words that exclude each other with other possibilities left."""
    if said:
        settled = E if known == what else C
    else:
        settled = C if known == what else N
    return settled if asked or settled == N else E + C - settled


def two_holders(rng: random.Random, who: list[str], pair: tuple[str, str], full: Clause, short: Clause, asked: Clause, label: Label,
                joins: tuple[str, ...]) -> Item:
    """All ways to give the pair's words to the two holders, one said and one denied; `short` words the second clause."""
    first = who[0]
    what, positive = rng.choice(pair), rng.random() < 0.5
    premises = []
    for x, y in (who, who[::-1]):
        for known, other in (pair, pair[::-1]):
            verdict = label(True, known, positive, what) if x == first else label(False, other, positive, what)
            for join in joins:
                premises.append((join.format(full(x, known, True), short(y, other, False)), verdict))
                premises.append((join.format(full(y, other, False), short(x, known, True)), verdict))
    return item(asked(first, what, positive), premises)


def said_or_not(past: str, base: str) -> Clause:
    return lambda who, what, said: f"{who} {past} {what}" if said else f"{who} did not {base} {what}"


def bare(rng: random.Random, who: str, specific: str, general: str, clause: Clause) -> Item:
    """One clause against one clause: only the moves from one word to the other."""
    if rng.random() < 0.5:
        return item(clause(who, general, True), [(clause(who, specific, True), E), (clause(who, specific, False), N),
                                                 (clause(who, general, False), C)])
    return item(clause(who, specific, False), [(clause(who, general, False), E), (clause(who, general, True), N),
                                               (clause(who, specific, True), C)])


def buying(rng: random.Random, kind: str) -> tuple[str, str]:
    return rng.choice(words.ANY_VERBS + words.SHOP_VERBS if kind in words.SHOP_KINDS else words.ANY_VERBS)


def hypernyms(rng: random.Random) -> tuple[str, str, Clause]:
    kind = rng.choice(words.GOODS)
    return a(rng.choice(words.KINDS[kind])), a(kind), said_or_not(*buying(rng, kind))


def adjectives(rng: random.Random) -> tuple[str, str, Clause]:
    thing = rng.choice(words.THINGS)
    return a(f"{rng.choice(words.MODIFIERS_THING)} {thing}"), a(thing), said_or_not(*buying(rng, "tool"))


def attachments(rng: random.Random) -> tuple[str, str, Clause]:
    thing, *extras = rng.choice(words.ATTACHED)
    return f"{a(thing)} {rng.choice(extras)}", a(thing), said_or_not(*rng.choice(words.ANY_VERBS))


def manners(rng: random.Random) -> tuple[str, str, Clause]:
    past, base, adverbs = rng.choice(words.MANNERS)
    adverb = rng.choice(adverbs)

    def clause(who: str, what: str, said: bool) -> str:
        return f"{who} {past if said else 'did not ' + base}{what}"
    return " " + adverb, "", clause


def double_adjectives(rng: random.Random) -> tuple[str, str, Clause]:
    thing, size = rng.choice(words.THINGS), rng.choice(("big", "small", "expensive"))
    colour = rng.choice(words.MODIFIERS_THING[:5])
    return a(f"{size} {colour} {thing}"), a(f"{colour} {thing}"), said_or_not(*buying(rng, "tool"))


@template
def nested(rng: random.Random, *draws: Callable[[random.Random], tuple[str, str, Clause]], joins: tuple[str, ...] = JOINS) -> Item:
    specific, general, clause = rng.choice(draws)(rng)
    return two_holders(rng, holders(rng, 2), (specific, general), clause, clause, clause, inclusion(specific, general), joins)


@template
def nested_bare(rng: random.Random, *draws: Callable[[random.Random], tuple[str, str, Clause]]) -> Item:
    specific, general, clause = rng.choice(draws)(rng)
    return bare(rng, holders(rng, 1)[0], specific, general, clause)


def is_or_not(who: str, what: str, said: bool) -> str:
    return f"{who} is {what}" if said else f"{who} is not {what}"


@template
def favorites(rng: random.Random, joins: tuple[str, ...]) -> Item:
    kind = rng.choice(words.FAVORITES)
    one, other = ("the " + word for word in rng.sample(words.KINDS[kind], 2))
    full: Clause = lambda who, what, said: is_or_not(f"{who}'s favorite {kind}", what, said)  # noqa: E731
    short: Clause = lambda who, what, said: is_or_not(f"{who}'s", what, said)  # noqa: E731
    return two_holders(rng, rng.sample(words.NAMES, 2), (one, other), full, short, full, exclusion, joins)


@template
def located(rng: random.Random, joins: tuple[str, ...], spots: tuple[str, ...], drawn: bool = False) -> Item:
    """'The tool in the box is a saw, and the one on the bench is not a hammer.'"""
    kind = rng.choice(words.SMALL)
    one, other = (a(word) for word in rng.sample(words.KINDS[kind], 2))
    if drawn:
        verb = rng.choice(words.ANY_VERBS)[0]
        where = [f"that {name} {verb}" for name in rng.sample(words.NAMES, 2)]
    else:
        where = rng.sample(spots, 2)
    full: Clause = lambda spot, what, said: is_or_not(f"the {kind} {spot}", what, said)  # noqa: E731
    short: Clause = lambda spot, what, said: is_or_not(f"the one {spot}", what, said)  # noqa: E731
    return two_holders(rng, where, (one, other), full, short, full, exclusion, joins)


@template
def things_contrary(rng: random.Random, joins: tuple[str, ...], owned: bool) -> Item:
    one, other, things = rng.choice(words.THING_CONTRARIES)
    if owned:
        thing = rng.choice(things)
        full: Clause = lambda who, what, said: is_or_not(f"{who}'s {thing}", what, said)  # noqa: E731
        short: Clause = lambda who, what, said: is_or_not(f"{who}'s", what, said)  # noqa: E731
        return two_holders(rng, rng.sample(words.NAMES, 2), (one, other), full, short, full, exclusion, joins)
    who = ["the " + thing for thing in rng.sample(things, 2)]
    return two_holders(rng, who, (one, other), is_or_not, is_or_not, is_or_not, exclusion, joins)


@template
def people_contrary(rng: random.Random, joins: tuple[str, ...]) -> Item:
    pair = rng.choice(words.PERSON_CONTRARIES)
    return two_holders(rng, holders(rng, 2), pair, is_or_not, is_or_not, is_or_not, exclusion, joins)


@template
def contrary_alone(rng: random.Random, people: bool) -> Item:
    """One clause: 'really hot' is hot, 'cold' is not, 'not cold' may be either."""
    pair = rng.choice(words.PERSON_CONTRARIES) if people else None
    if pair:
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


SPOTS = ("in the box", "on the bench", "in the window", "near the door", "on the left", "on the right", "in the corner")
HYPERNYMY = {"two-holders": nested(hypernyms), "bare": nested_bare(hypernyms)}
HYPERNYMY_UNSEEN = {"but": nested(hypernyms, joins=JOINS_UNSEEN)}
MODIFIERS = {"two-holders": nested(adjectives, attachments), "manner": nested(manners), "bare": nested_bare(adjectives, attachments, manners)}
MODIFIERS_UNSEEN = {"but": nested(adjectives, attachments, manners, joins=JOINS_UNSEEN), "two-adjectives": nested(double_adjectives)}
COHYPONYMY = {"alone": favorite_alone, "favorite": favorites(JOINS), "located": located(JOINS, SPOTS)}
COHYPONYMY_UNSEEN = {"but": favorites(JOINS_UNSEEN), "drawn": located(JOINS, SPOTS, drawn=True)}
ANTONYMY = {"alone": contrary_alone(people=False), "people-alone": contrary_alone(people=True),
            "things": things_contrary(JOINS, owned=False), "owned": things_contrary(JOINS, owned=True), "people": people_contrary(JOINS)}
ANTONYMY_UNSEEN = {"but": things_contrary(JOINS_UNSEEN, owned=False), "but-people": people_contrary(JOINS_UNSEEN)}
