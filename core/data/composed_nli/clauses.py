"""What a negation, a conjunction or a prepositional phrase reaches: negation, conjunction, places.

As elsewhere, the premises for a hypothesis hold the same words; whom 'not' belongs to decides.
"""

import random
from collections.abc import Callable

from . import taxonomy as words
from .items import C, E, Item, N, holders, item, orders, people, template
from .lexical import JOINS, JOINS_UNSEEN, exclusion, is_or_not, two_holders

Facts = dict[tuple[str, str], bool]  # (who, doing) -> is it so; what is left out is open


def verdict(facts: Facts, who: str, doing: str, positive: bool) -> int:
    known = facts.get((who, doing))
    return N if known is None else E if known == positive else C


@template
def two_doings(rng: random.Random, make: Callable[[str, str, str, str, str], list[tuple[str, Facts]]], tense: str = "is") -> Item:
    """`make(x, y, v, w, link)` words premises over two people and two doings, with what they say."""
    who, doing = holders(rng, 2) if tense == "was" else people(rng, 2), rng.sample(words.DOING, 2)
    link, positive = rng.choice(words.WATCHING), rng.random() < 0.5
    premises = []
    for x, y in (who, who[::-1]):
        for v, w in (doing, doing[::-1]):
            for text, facts in make(x, y, v, w, link):
                premises.append((text, verdict(facts, who[0], doing[0], positive)))
    return item(f"{who[0]} {tense} {'' if positive else 'not '}{doing[0]}", premises)


def who_clauses(x: str, y: str, v: str, w: str, link: str) -> list[tuple[str, Facts]]:
    facts = {(x, v): False, (y, w): True}
    return [(f"{x} who is not {v} is {link} {y} who is {w}", facts), (f"{y} who is {w} is {link} {x} who is not {v}", facts)]


def plain_not(x: str, y: str, v: str, w: str, link: str) -> list[tuple[str, Facts]]:
    facts = {(x, v): False, (y, w): True}
    return [(f"{x} is not {v}, and {y} is {w}", facts), (f"{y} is {w}, and {x} is not {v}", facts)]


def plain_but(x: str, y: str, v: str, w: str, link: str) -> list[tuple[str, Facts]]:
    return [(text.replace(", and ", ", but "), facts) for text, facts in plain_not(x, y, v, w, link)]


def standing_by(x: str, y: str, v: str, w: str, link: str) -> list[tuple[str, Facts]]:
    facts = {(x, v): False, (y, w): True}
    return [(f"{x} who is not {v} is sitting next to {y} who is {w}", facts), (f"{y} who is {w} is sitting next to {x} who is not {v}", facts)]


def but_not(x: str, y: str, v: str, w: str, link: str) -> list[tuple[str, Facts]]:
    facts = {(x, v): True, (x, w): False, (y, w): True}
    return [(f"{x} was {v} but not {w}, and {y} was {w}", facts), (f"{y} was {w}, and {x} was {v} but not {w}", facts)]


def and_not(x: str, y: str, v: str, w: str, link: str) -> list[tuple[str, Facts]]:
    return [(text.replace(" but not ", " and not "), facts) for text, facts in but_not(x, y, v, w, link)]


@template
def and_or(rng: random.Random, openings: tuple[str, str], link: str = "but") -> Item:
    """'Either A or B is singing, but C is not', against 'A and B are singing, but C is not'."""
    who, doing, positive = holders(rng, 3), rng.choice(words.DOING), rng.random() < 0.5
    asked = who[0]
    premises = []
    for x, y, z in orders(who):
        either = {(z, doing): False}
        premises.append((f"{openings[0]}{x} or {y} is {doing}, {link} {z} is not", verdict(either, asked, doing, positive)))
        each = {(z, doing): False, (x, doing): True, (y, doing): True}
        premises.append((f"{openings[1]}{x} and {y} are {doing}, {link} {z} is not", verdict(each, asked, doing, positive)))
    return item(f"{asked} is {'' if positive else 'not '}{doing}", premises)


@template
def thing_places(rng: random.Random, joins: tuple[str, ...]) -> Item:
    """'The cup is on the table, and the key is not in the drawer.' One thing is in one place at a time."""
    who = ["the " + thing for thing in rng.sample(words.PLACED, 2)]
    pair = tuple(rng.sample(words.THING_PLACES, 2))
    return two_holders(rng, who, pair, is_or_not, is_or_not, is_or_not, exclusion, joins)


@template
def person_places(rng: random.Random, wording: str) -> Item:
    """'The nurse in the garden and the pilot on the balcony are talking about the chef', whose place is left open."""
    who, (here, there) = people(rng, 3), rng.sample(words.PERSON_PLACES, 2)
    positive = rng.random() < 0.5
    link = rng.choice(("talking about", "thinking about", "waiting for", "looking for", "worried about"))
    premises = []
    for x, y, z in orders(who):
        for p, q in ((here, there), (there, here)):
            where = {x: p, y: q}.get(who[0])
            label = N if where is None else E if (where == here) == positive else C
            premises.append((wording.format(x=x, y=y, z=z, p=p, q=q, link=link), label))
    return item(f"{who[0]} is {'' if positive else 'not '}{here}", premises)


def not_alone(rng: random.Random) -> Item:
    """One clause with a place that the hypothesis drops, or somebody else, or something else."""
    (x, y), (v, w), (here,) = holders(rng, 2), rng.sample(words.DOING, 2), rng.sample(words.PERSON_PLACES, 1)
    if rng.random() < 0.5:
        return item(f"{x} is {v}", [(f"{x} is {v} {here}", E), (f"{y} is {v} {here}", N), (f"{x} is {w} {here}", N),
                                    (f"{y} is not {v}", N), (f"{x} is not {w}", N), (f"{x} is not {v}", C)])
    return item(f"{x} is not {v}", [(f"{x} is neither {v} nor {w}", E), (f"{y} is not {v}", N), (f"{x} is not {w}", N), (f"{x} is {w} {here}", N),
                                    (f"{x} is {v}", C), (f"{x} is {v} {here}", C)])


def and_or_alone(rng: random.Random) -> Item:
    (x, y), v, positive = holders(rng, 2), rng.choice(words.DOING), rng.random() < 0.5
    premises = []
    for a, b in ((x, y), (y, x)):
        premises += [(f"{a} and {b} are {v}", E if positive else C), (f"either {a} or {b} is {v}", N),
                     (f"neither {a} nor {b} is {v}", C if positive else E)]
    return item(f"{x} is {'' if positive else 'not '}{v}", premises)


def place_alone(rng: random.Random) -> Item:
    """'The cup on the table is dirty' against 'The cup is in the drawer'."""
    (thing, other), (here, there) = rng.sample(words.PLACED, 2), rng.sample(words.THING_PLACES, 2)
    state, positive = rng.choice(("dirty", "new", "broken", "old", "expensive", "missing its label", "red", "yellow")), rng.random() < 0.5
    premises = [(f"the {thing} {here} is {state}", E if positive else C), (f"the {other} {here} is {state}", N),
                (f"the {thing} is not {there}", N), (f"the {thing} {there} is {state}", C if positive else E)]
    return item(f"the {thing} is {'' if positive else 'not '}{here}", premises)


NEGATION = {"alone": not_alone, "who-clauses": two_doings(who_clauses), "plain": two_doings(plain_not)}
NEGATION_UNSEEN = {"but": two_doings(plain_but), "next-to": two_doings(standing_by)}
CONJUNCTION = {"alone": and_or_alone, "but-not": two_doings(but_not, tense="was"), "either-or": and_or(("either ", ""))}
CONJUNCTION_UNSEEN = {"and-not": two_doings(and_not, tense="was"), "and": and_or(("either ", ""), "and")}
PREPOSITIONS = {"alone": place_alone, "things": thing_places(JOINS), "people": person_places("{x} {p} and {y} {q} are {link} {z}")}
PREPOSITIONS_UNSEEN = {"but": thing_places(JOINS_UNSEEN), "know": person_places("{x} {p} and {y} {q} know {z} well")}
