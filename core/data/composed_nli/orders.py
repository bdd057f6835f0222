"""Orders in which one thing stands before another: comparatives, time, space.

Premises over three things differ only in who stands where. What follows is decided by the transitive closure of what is
said: the asked pair stands so (entailment), the other way round (contradiction), or is left open (neutral).
"""

import random
from collections.abc import Callable

from . import taxonomy as words
from .items import C, E, Item, N, holders, item, orders

Facts = tuple[tuple[str, str], ...]  # (a, b): a stands before b
Form = Callable[[str, str, str, str, str], tuple[str, Facts]]  # three names, the relation and its converse


def standing(facts: Facts, first: str, second: str) -> int:
    """The label of 'first stands before second', given facts over at most three things."""
    closure = set(facts) | {(a, d) for a, b in facts for c, d in facts if b == c}
    return E if (first, second) in closure else C if (second, first) in closure else N


def one_over_two(x: str, y: str, z: str, over: str, under: str) -> tuple[str, Facts]:
    return f"{x} {over} {y} and {z}", ((x, y), (x, z))


def two_over_one(x: str, y: str, z: str, over: str, under: str) -> tuple[str, Facts]:
    return f"{x} and {y} {over.replace('is ', 'are ', 1)} {z}", ((x, z), (y, z))


def one_over_both(x: str, y: str, z: str, over: str, under: str) -> tuple[str, Facts]:
    return f"{x} {over} both {y} and {z}", ((x, y), (x, z))


def both_over_one(x: str, y: str, z: str, over: str, under: str) -> tuple[str, Facts]:
    return f"both {x} and {y} {over.replace('is ', 'are ', 1)} {z}", ((x, z), (y, z))


def chain(x: str, y: str, z: str, over: str, under: str) -> tuple[str, Facts]:
    return f"{x} {over} {y}, and {y} {over} {z}", ((x, y), (y, z))


def fork(x: str, y: str, z: str, over: str, under: str) -> tuple[str, Facts]:
    return f"{x} {over} {y}, and {z} {over} {y}", ((x, y), (z, y))


def ask(rng: random.Random, names: list[str], pair: tuple[str, str], forms: tuple[Form, ...], extra: Callable[[str], str] = str) -> Item:
    """A hypothesis about the first two names, with the relation or its converse on either side."""
    over, under = pair if rng.random() < 0.5 else pair[::-1]
    asked_over = over if rng.random() < 0.5 else under
    first, second = names[:2]
    premises = []
    for form in forms:
        for x, y, z in orders(names):
            text, facts = form(x, y, z, over, under)
            label = standing(facts, first, second) if asked_over == over else standing(facts, second, first)
            premises.append((extra(text), label))
    return item(f"{first} {asked_over} {second}", premises)


SCENES = ("These days", "As everybody knows", "According to the records", "By all accounts")


def alone(rng: random.Random, names: list[str], pair: tuple[str, str], scenes: tuple[str, ...] = ()) -> Item:
    """One relation against one relation: kept, turned round, or about somebody else; by the converse every other time."""
    x, y, z = names
    over, under = pair if rng.random() < 0.5 else pair[::-1]
    known = ((x, y, E), (y, x, C), (x, z, N), (z, x, N), (z, y, N))
    if rng.random() < 0.5:
        return item(f"{x} {over} {y}", [(f"{b} {under} {a}", label) for a, b, label in known])
    openings = scenes or SCENES
    return item(f"{x} {over} {y}", [(f"{rng.choice(openings)}, {a} {over} {b}", label) for a, b, label in known])


def indefinite(rng: random.Random, first: str, other: str, pair: tuple[str, str], some: str, none: str, rest: str) -> Item:
    """'Somebody is taller than the nurse': only one of the two places is named, so one place alone has to be found."""
    over, under = pair if rng.random() < 0.5 else pair[::-1]
    above = (f"{other} {over} {first}", f"{first} {under} {other}")
    below = (f"{first} {over} {other}", f"{other} {under} {first}")
    hypothesis, by_label = rng.choice((
        (f"{some} {over} {first}", {E: above, N: below, C: (f"{none} {over} {first}", f"{first} {over} {rest}")}),
        (f"{none} {over} {first}", {E: (f"{first} {over} {rest}", f"{rest} {under} {first}"), N: below, C: above}),
        (f"{first} {over} {some}", {E: below, N: above, C: (f"{none} {under} {first}", f"{first} {under} {rest}")})))
    return item(hypothesis, [(text, label) for label, texts in by_label.items() for text in texts])


def compare_indefinite(rng: random.Random) -> Item:
    if rng.random() < 0.7:
        more, less = rng.choice(words.SCALES)
        return indefinite(rng, *holders(rng, 2), (f"is {more} than", f"is {less} than"), "somebody", "nobody", "everybody else")
    more, less, things = rng.choice(words.THING_SCALES)
    first, other = ("the " + thing for thing in rng.sample(things, 2))
    return indefinite(rng, first, other, (f"is {more} than", f"is {less} than"), "something", "nothing", "everything else")


def place_indefinite(rng: random.Random) -> Item:
    over, under, things, _ = rng.choice(words.SPACE)
    first, other = ("the " + thing for thing in rng.sample(things, 2))
    return indefinite(rng, first, other, (f"is {over}", f"is {under}"), "something", "nothing", "everything else")


def moment_indefinite(rng: random.Random) -> Item:
    verb = rng.choice(words.MOMENTS)
    return indefinite(rng, *holders(rng, 2), (f"{verb} before", f"{verb} after"), "somebody", "nobody", "everybody else")


def compare(*forms: Form) -> Callable[[random.Random], Item]:
    def template(rng: random.Random) -> Item:
        if rng.random() < 0.7:
            more, less = rng.choice(words.SCALES)
            names = holders(rng, 3)
        else:
            more, less, things = rng.choice(words.THING_SCALES)
            names = ["the " + thing for thing in rng.sample(things, 3)]
        pair = (f"is {more} than", f"is {less} than")
        return ask(rng, names, pair, forms) if forms else alone(rng, names, pair)
    return template


def place(*forms: Form, scene: bool = False) -> Callable[[random.Random], Item]:
    def template(rng: random.Random) -> Item:
        over, under, things, where = rng.choice(words.SPACE)
        names = ["the " + thing for thing in rng.sample(things, 3)]
        if not forms:
            return alone(rng, names, (f"is {over}", f"is {under}"), (where, "In this picture", "Today"))
        return ask(rng, names, (f"is {over}", f"is {under}"), forms, (lambda text: f"{where}, {text}") if scene else str)
    return template


def moment(*forms: Form) -> Callable[[random.Random], Item]:
    def template(rng: random.Random) -> Item:
        verb = rng.choice(words.MOMENTS)
        pair = (f"{verb} before", f"{verb} after")
        if not forms:
            return alone(rng, holders(rng, 3), pair, ("Last year", "In June", "On Friday", "According to the records"))
        return ask(rng, holders(rng, 3), pair, forms)
    return template


def chores(fronted: bool) -> Callable[[random.Random], Item]:
    """'The nurse fed the cat before sweeping the floor and paying the bill.'"""
    def template(rng: random.Random) -> Item:
        (who,) = holders(rng, 1)
        three = rng.sample(words.CHORES, 3)
        first, second = three[:2]
        word = rng.choice(("before", "after"))
        asked = rng.choice(("before", "after"))
        premises = []
        for x, y, z in orders(three):
            tail = f"{word} {y[1]} and {z[1]}"
            facts = ((x, y), (x, z))
            label = standing(facts, first, second) if asked == word else standing(facts, second, first)
            premises.append((f"{tail}, {who} {x[0]}" if fronted else f"{who} {x[0]} {tail}", label))
        return item(f"{who} {first[0]} {asked} {second[1]}", premises)
    return template


COMPARATIVES = {"alone": compare(), "indefinite": compare_indefinite, "one-two": compare(one_over_two), "two-one": compare(two_over_one), "chain": compare(chain, fork)}
COMPARATIVES_UNSEEN = {"both": compare(one_over_both, both_over_one)}
SPATIAL = {"alone": place(), "indefinite": place_indefinite, "one-two": place(one_over_two), "two-one": place(two_over_one)}
SPATIAL_UNSEEN = {"both": place(one_over_both, both_over_one), "scene": place(one_over_two, two_over_one, scene=True)}
TEMPORAL = {"alone": moment(), "indefinite": moment_indefinite, "one-two": moment(one_over_two), "two-one": moment(two_over_one), "chores": chores(fronted=False)}
TEMPORAL_UNSEEN = {"both": moment(one_over_both, both_over_one), "chores-fronted": chores(fronted=True)}
