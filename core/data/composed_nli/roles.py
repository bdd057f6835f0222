"""Who did it to whom: agent and patient, active and passive, relative clauses.

The relations go one way (whoever is hired does not hire the hirer), so a swap contradicts; a pair that is not said to be
related is left open. Plurals are read one by one: if two people outran a third, each of them did.
"""

import random
from itertools import permutations

from . import taxonomy as words
from .items import C, E, Item, N, item, people, template
from .orders import TURNED, standing
from .quantity import clause_bound, quantified

Verb = tuple[str, str]  # past, participle
WHEN = ("in June", "last month", "long ago", "that evening", "on Friday")


def active(x: str, y: str, verb: Verb) -> str:
    return f"{x} {verb[0]} {y}"


def passive(x: str, y: str, verb: Verb) -> str:
    return f"{y} was {verb[1]} by {x}"


@template
def alone(rng: random.Random, asked: str, whens: tuple[str, ...] = WHEN) -> Item:
    """Return one act against one act: kept, with the roles swapped (by the voice or by the names), or with somebody else."""
    verb, (x, y, z), when = rng.choice(words.ONE_WAY), people(rng, 3), " " + rng.choice(whens)
    turn = rng.random() < TURNED
    same, other = (active, passive) if asked == "active" else (passive, active)
    if asked == "passive":
        x, y = y, x  # the hypothesis opens with x in both voices
    # `same` keeps the voice of the hypothesis; with `turn`, its order of names changes instead.
    entailed = other(x, y, verb) if turn else same(x, y, verb)
    swapped = same(y, x, verb) if turn else other(y, x, verb)
    neutral = rng.choice((same(x, z, verb), same(z, y, verb), other(z, x, verb), same(y, z, verb)))
    return item(same(x, y, verb), [(entailed + when, E), (swapped + when, C), (neutral + when, N)])


@template
def indefinite(rng: random.Random, passives: bool) -> Item:
    """'Somebody hired the nurse': only one of the two roles is named, so one role alone has to be found."""
    some, none = "somebody", "nobody"
    verb, (x, y), when = rng.choice(words.ONE_WAY), people(rng, 2), " " + rng.choice(WHEN)
    known = passive if passives else active
    asked = active if rng.random() < 2 * TURNED else known
    other = active if asked is passive else passive
    did, suffered = known(x, y, verb) + when, known(y, x, verb) + when
    return item(*rng.choice((
        (asked(x, some, verb), [(did, E), (suffered, N), (active(x, none, verb), C)]),
        (asked(some, x, verb), [(suffered, E), (did, N), (active(none, x, verb), C)]),
        (asked(x, none, verb), [(other(x, none, verb), E), (suffered, N), (did, C)]),
        (asked(none, x, verb), [(other(none, x, verb), E), (did, N), (suffered, C)]))))


@template
def slots(rng: random.Random, voices: tuple[str, ...], wording: str = "{}, {} and {}") -> Item:
    """'The nurse hired the pilot, was hired by the chef and knew the judge': the same words, but who stands where decides."""
    verb, knew = rng.choice(words.ONE_WAY), rng.choice(words.KNEW)
    first, asked, *_ = names = people(rng, 4)
    voice = rng.choice(voices)
    premises = []
    for x, y, z in permutations(names[1:]):
        parts = [f"{verb[0]} {x}", f"was {verb[1]} by {y}", f"{knew} {z}"]
        rng.shuffle(parts)
        label = {x: E, y: C, z: N}[asked]
        if voice in ("patient", "turned-active"):
            label = E + C - label  # N stays N
        premises.append((f"{first} {wording.format(*parts)}", label))
    hypothesis = {"active": active(first, asked, verb), "patient": passive(asked, first, verb), "turned-active": active(asked, first, verb),
                  "turned-passive": passive(first, asked, verb)}[voice]
    return item(hypothesis, premises)


@template
def two(rng: random.Random, asked: str) -> Item:
    """'The nurse hired the pilot and the chef', 'the nurse and the pilot hired the chef': all who-did-what of three people."""
    verb, names, one_agent = rng.choice(words.ONE_WAY), people(rng, 3), rng.random() < 0.5
    worded = {"active": active, "passive": passive}[asked]
    premises = []
    for x, y, z in permutations(names):
        if one_agent:
            text, facts = active(x, f"{y} and {z}", verb), ((x, y), (x, z))
        else:
            text, facts = worded(f"{x} and {y}", z, verb), ((x, z), (y, z))
        premises.append((text, standing(facts, names[0], names[1])))
    return item(worded(names[0], names[1], verb), premises)


def clause_alone(rng: random.Random) -> Item:
    """'The nurse who hired the pilot is tired': who is?"""
    verb, (x, y), state = rng.choice(words.ONE_WAY), people(rng, 2), rng.choice(words.PERSON_STATES)
    premises = [(f"{x} who {verb[0]} {y} is {state}", E), (f"{x} that {y} {verb[0]} is {state}", E),
                (f"{y} who {verb[0]} {x} is {state}", N), (f"{y} that {x} {verb[0]} is {state}", N),
                (f"{x} who {verb[0]} {y} is not {state}", C), (f"{x} that {y} {verb[0]} is not {state}", C)]
    if rng.random() < 0.5:
        return item(f"{x} is {state}", premises)
    return item(f"{x} is not {state}", [(text, E + C - label) for text, label in premises])


@template
def clause_compared(rng: random.Random, commas: bool = False) -> Item:
    """'The nurse who hired the pilot is taller than the chef', asked about who is taller or about who hired whom."""
    verb, (more, less), (x, y, z) = rng.choice(words.ONE_WAY), rng.choice(words.SCALES), people(rng, 3)
    if rng.random() < 0.5:
        more, less = less, more
    did, suffered = f"who {verb[0]}", f"who was {verb[1]} by"

    def text(a: str, clause: str, b: str, scale: str, c: str) -> str:
        return f"{a}, {clause} {b}, is {scale} than {c}" if commas else f"{a} {clause} {b} is {scale} than {c}"
    if rng.random() < 0.5:  # who is taller: x than y
        return item(f"{x} is {more} than {y}", [
            (text(x, did, z, more, y), E), (text(x, suffered, z, more, y), E), (text(x, did, z, less, y), C), (text(x, suffered, z, less, y), C),
            (text(z, did, x, more, y), N), (text(x, did, y, more, z), N), (text(z, suffered, x, less, y), N), (text(x, suffered, y, less, z), N)])
    return item(f"{x} {verb[0]} {y}", [  # who did it: x to y
        (text(x, did, y, more, z), E), (text(x, did, y, less, z), E), (text(x, suffered, y, more, z), C), (text(x, suffered, y, less, z), C),
        (text(x, did, z, more, y), N), (text(z, did, y, more, x), N), (text(x, suffered, z, less, y), N), (text(z, did, y, less, x), N)])


OTHER_WHEN = ("in May", "at dawn", "on Sunday", "a year ago", "this week")
ACTIVE, PATIENT = ("active",) * 5 + ("turned-active",), ("patient",) * 5 + ("turned-passive",)
TEMPLATES = {
    "role_swap": ({"alone": alone("active"), "indefinite": indefinite(passives=False), "slots": slots(ACTIVE), "two": two("active")},
                  {"slots-but": slots(ACTIVE, "{} and {} but {}"), "alone-when": alone("active", OTHER_WHEN)}),
    "passive": ({"alone": alone("passive"), "indefinite": indefinite(passives=True), "slots": slots(PATIENT), "two": two("passive")},
                {"slots-but": slots(PATIENT, "{} and {} but {}"), "alone-when": alone("passive", OTHER_WHEN)}),
    "relative_clauses": ({"alone": clause_alone, "compared": clause_compared(), "quantified": quantified(clause_bound)},
                         {"commas": clause_compared(commas=True), "quantified-of-the": quantified(clause_bound, of_the=True)}),
}
