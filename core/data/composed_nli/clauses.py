"""What a negation, a conjunction or a prepositional phrase reaches: negation, conjunction, places.

As elsewhere, the premises for a hypothesis hold the same words; whom 'not' belongs to decides.
"""

import random
from itertools import permutations, product

from . import taxonomy as words
from .items import C, E, Item, N, holders, item, people, template
from .lexical import exclusion, is_or_not, two_holders

Facts = dict[tuple[str, str], bool]  # (who, doing or place) -> is it so; what is left out is open


def verdict(facts: Facts, who: str, doing: str, positive: bool) -> int:
    known = facts.get((who, doing))
    return N if known is None else E if known == positive else C


@template
def two_doings(rng: random.Random, *wordings: str, tense: str = "is") -> Item:
    """Two people x and y, two doings v and w: x is not v and y is w; in the past x was v but not w, and y was w."""
    who, doing = holders(rng, 2) if tense == "was" else people(rng, 2), rng.sample(words.DOING, 2)
    link, positive = rng.choice(words.WATCHING), rng.random() < 0.5
    premises = []
    for (x, y), (v, w) in product((who, who[::-1]), (doing, doing[::-1])):
        facts = {(x, v): False, (y, w): True} if tense == "is" else {(x, v): True, (x, w): False, (y, w): True}
        label = verdict(facts, who[0], doing[0], positive)
        premises += [(wording.format(x=x, y=y, v=v, w=w, link=link), label) for wording in wordings]
    return item(f"{who[0]} {tense} {'' if positive else 'not '}{doing[0]}", premises)


@template
def and_or(rng: random.Random, link: str) -> Item:
    """'Either A or B is singing, but C is not', against 'A and B are singing, but C is not'."""
    who, doing, positive = holders(rng, 3), rng.choice(words.DOING), rng.random() < 0.5
    premises = []
    for x, y, z in permutations(who):
        either = {(z, doing): False}
        each = either | {(x, doing): True, (y, doing): True}
        premises += [(f"either {x} or {y} is {doing}, {link} {z} is not", verdict(either, who[0], doing, positive)),
                     (f"{x} and {y} are {doing}, {link} {z} is not", verdict(each, who[0], doing, positive))]
    return item(f"{who[0]} is {'' if positive else 'not '}{doing}", premises)


@template
def thing_places(rng: random.Random, link: str) -> Item:
    """'The cup is on the table, and the key is not in the drawer.' One thing is in one place at a time."""
    who = ["the " + thing for thing in rng.sample(words.PLACED, 2)]
    return two_holders(rng, who, rng.sample(words.THING_PLACES, 2), is_or_not, exclusion, link)


@template
def person_places(rng: random.Random, wording: str) -> Item:
    """'The nurse in the garden and the pilot on the balcony are talking about the chef', whose place is left open."""
    who, (here, there) = people(rng, 3), rng.sample(words.PERSON_PLACES, 2)
    positive = rng.random() < 0.5
    link = rng.choice(("talking about", "thinking about", "waiting for", "looking for", "worried about"))
    premises = []
    for (x, y, z), (p, q) in product(permutations(who), ((here, there), (there, here))):
        label = verdict({(x, here): p == here, (y, here): q == here}, who[0], here, positive)
        premises.append((wording.format(x=x, y=y, z=z, p=p, q=q, link=link), label))
    return item(f"{who[0]} is {'' if positive else 'not '}{here}", premises)


def not_alone(rng: random.Random) -> Item:
    """Return one clause with a place that the hypothesis drops, or somebody else, or something else."""
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


TEMPLATES = {
    "negation": ({
        "alone": not_alone,
        "who-clauses": two_doings("{x} who is not {v} is {link} {y} who is {w}", "{y} who is {w} is {link} {x} who is not {v}"),
        "plain": two_doings("{x} is not {v}, and {y} is {w}", "{y} is {w}, and {x} is not {v}"),
    }, {
        "but": two_doings("{x} is not {v}, but {y} is {w}", "{y} is {w}, but {x} is not {v}"),
        "next-to": two_doings("{x} who is not {v} is sitting next to {y} who is {w}", "{y} who is {w} is sitting next to {x} who is not {v}"),
    }),
    "conjunction": ({
        "alone": and_or_alone,
        "but-not": two_doings("{x} was {v} but not {w}, and {y} was {w}", "{y} was {w}, and {x} was {v} but not {w}", tense="was"),
        "either-or": and_or("but"),
    }, {
        "and-not": two_doings("{x} was {v} and not {w}, and {y} was {w}", "{y} was {w}, and {x} was {v} and not {w}", tense="was"),
        "and": and_or("and"),
    }),
    "prepositions": ({"alone": place_alone, "things": thing_places("and"), "people": person_places("{x} {p} and {y} {q} are {link} {z}")},
                     {"but": thing_places("but"), "know": person_places("{x} {p} and {y} {q} know {z} well")}),
}
