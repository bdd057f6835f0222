"""Who did it to whom: agent and patient, active and passive, relative clauses.

The relations go one way (whoever is hired does not hire the hirer), so a swap contradicts; a pair that is not said to be
related is left open. Plurals are read one by one: if two people outran a third, each of them did.
"""

import random
from collections.abc import Callable

from . import taxonomy as words
from .items import C, E, Item, N, item, orders, people
from .orders import Facts, standing

Verb = tuple[str, str]  # past, participle
Form = Callable[[str, str, str, Verb, str], tuple[str, Facts]]  # three people, the verb, a witness phrase


def active(x: str, y: str, verb: Verb) -> str:
    return f"{x} {verb[0]} {y}"


def passive(x: str, y: str, verb: Verb) -> str:
    return f"{y} was {verb[1]} by {x}"


def to_two(x: str, y: str, z: str, verb: Verb, witness: str) -> tuple[str, Facts]:
    return f"{x} {verb[0]} {y} and {z}", ((x, y), (x, z))


def by_two(x: str, y: str, z: str, verb: Verb, witness: str) -> tuple[str, Facts]:
    return f"{x} and {y} {verb[0]} {z}", ((x, z), (y, z))


def witnessed(x: str, y: str, z: str, verb: Verb, witness: str) -> tuple[str, Facts]:
    return f"{x} {verb[0]} {y} {witness} {z}", ((x, y),)


def both(x: str, y: str, z: str, verb: Verb, witness: str) -> tuple[str, Facts]:
    return f"both {x} and {y} {verb[0]} {z}", ((x, z), (y, z))


def passive_by_two(x: str, y: str, z: str, verb: Verb, witness: str) -> tuple[str, Facts]:
    return f"{z} was {verb[1]} by {x} and {y}", ((x, z), (y, z))


def passive_to_two(x: str, y: str, z: str, verb: Verb, witness: str) -> tuple[str, Facts]:
    return f"{y} and {z} were {verb[1]} by {x}", ((x, y), (x, z))


def passive_witnessed(x: str, y: str, z: str, verb: Verb, witness: str) -> tuple[str, Facts]:
    return f"{y} was {verb[1]} by {x} {witness} {z}", ((x, y),)


def passive_both(x: str, y: str, z: str, verb: Verb, witness: str) -> tuple[str, Facts]:
    return f"{z} was {verb[1]} by both {x} and {y}", ((x, z), (y, z))


def act(*forms: Form, asked: str = "active", when: tuple[str, ...] = ()) -> Callable[[random.Random], Item]:
    def template(rng: random.Random) -> Item:
        verb = rng.choice(words.ONE_WAY)
        witness = rng.choice(words.WITNESS)
        names = people(rng, 3)
        opening = rng.choice(when) + ", " if when else ""
        say = active if asked == "active" or (asked == "either" and rng.random() < 0.5) else passive
        premises = []
        for form in forms:
            for x, y, z in orders(names):
                text, facts = form(x, y, z, verb, witness)
                premises.append((opening + text, standing(facts, names[0], names[1])))
        return item(say(names[0], names[1], verb), premises)
    return template


def act_alone(passives: bool) -> Callable[[random.Random], Item]:
    """One act against one act: kept, swapped, or with somebody else; `passives`: one of the two is passive, else none."""
    def template(rng: random.Random) -> Item:
        verb, (x, y, z) = rng.choice(words.ONE_WAY), people(rng, 3)
        known, asked = rng.choice(((active, passive), (passive, active))) if passives else (active, active)
        opening = rng.choice(ALONE_DAYS) + ", "
        return item(asked(x, y, verb), [(opening + known(a, b, verb), label) for a, b, label in
                                        ((x, y, E), (y, x, C), (x, z, N), (z, x, N), (z, y, N), (y, z, N))])
    return template


def act_indefinite(passives: bool) -> Callable[[random.Random], Item]:
    """'Somebody hired the nurse': only one of the two roles is named, so one role alone has to be found."""
    def template(rng: random.Random) -> Item:
        verb, (first, other), opening = rng.choice(words.ONE_WAY), people(rng, 2), rng.choice(ALONE_DAYS) + ", "
        known = rng.choice((active, passive)) if passives else active
        asked = (passive if known is active else active) if passives else active
        did, suffered = opening + known(first, other, verb), opening + known(other, first, verb)
        hypothesis, by_label = rng.choice((
            (asked(first, "somebody", verb), {E: did, N: suffered, C: active(first, "nobody", verb)}),
            (asked("somebody", first, verb), {E: suffered, N: did, C: active("nobody", first, verb)}),
            (active(first, "nobody", verb), {E: passive(first, "nobody", verb), N: suffered, C: did}),
            (active("nobody", first, verb), {E: passive("nobody", first, verb), N: did, C: suffered})))
        return item(hypothesis, [(text, label) for label, text in by_label.items()])
    return template


def clause_alone(rng: random.Random) -> Item:
    """'The nurse who hired the pilot is tired': who is?"""
    verb, (x, y), state = rng.choice(words.ONE_WAY), people(rng, 2), rng.choice(words.PERSON_STATES)
    premises = [(f"{x} who {verb[0]} {y} is {state}", E), (f"{x} that {y} {verb[0]} is {state}", E),
                (f"{y} who {verb[0]} {x} is {state}", N), (f"{y} that {x} {verb[0]} is {state}", N),
                (f"{x} who {verb[0]} {y} is not {state}", C), (f"{x} that {y} {verb[0]} is not {state}", C)]
    if rng.random() < 0.5:
        return item(f"{x} is {state}", premises)
    return item(f"{x} is not {state}", [(text, E + C - label if label != N else N) for text, label in premises])


def relative(kind: str) -> Callable[[random.Random], Item]:
    """'The nurse who hired the pilot is taller than the chef', asked about either relation."""
    def template(rng: random.Random) -> Item:
        verb = rng.choice(words.ONE_WAY)
        more, less = rng.choice(words.SCALES)
        names = people(rng, 3)
        first, second = names[:2]
        about_act = rng.random() < 0.5
        premises = []
        for x, y, z in orders(names):
            if kind == "subject":  # x acts, x is more
                text, act_fact, scale_fact = f"{x} who {verb[0]} {y} is {more} than {z}", (x, y), (x, z)
            elif kind == "object":  # y acts on x, x is more
                text, act_fact, scale_fact = f"{x} that {y} {verb[0]} is {more} than {z}", (y, x), (x, z)
            elif kind == "last":  # the clause stands at the end
                text, act_fact, scale_fact = f"{z} is {more} than {x} who {verb[0]} {y}", (x, y), (z, x)
            else:  # a non-restrictive clause in commas
                text, act_fact, scale_fact = f"{x}, who {verb[0]} {y}, is {more} than {z}", (x, y), (x, z)
            premises.append((text, standing((act_fact if about_act else scale_fact,), first, second)))
        return item(active(first, second, verb) if about_act else f"{first} is {more} than {second}", premises)
    return template


ALONE_DAYS = ("In June", "Last month", "Long ago", "That evening", "On Friday")
DAYS = ("Last week", "On Monday", "In the end", "Two years ago", "Yesterday")
ROLE_SWAP = {"alone": act_alone(passives=False), "indefinite": act_indefinite(passives=False), "one-two": act(to_two), "two-one": act(by_two), "witness": act(witnessed)}
ROLE_SWAP_UNSEEN = {"both": act(both), "day": act(to_two, by_two, when=DAYS)}
PASSIVE = {"alone": act_alone(passives=True), "indefinite": act_indefinite(passives=True),
           "by-two": act(passive_by_two, asked="either"), "to-two": act(passive_to_two, asked="active"),
           "witness": act(passive_witnessed, asked="either"), "asked": act(to_two, by_two, witnessed, asked="passive")}
PASSIVE_UNSEEN = {"both": act(passive_both, asked="either"), "day": act(passive_by_two, passive_to_two, when=DAYS)}
RELATIVE = {"alone": clause_alone, "subject": relative("subject"), "object": relative("object")}
RELATIVE_UNSEEN = {"last": relative("last"), "commas": relative("commas")}
