"""Orders in which one thing stands before another: comparatives, space, time.

What follows is decided by the transitive closure of what is said: the asked pair stands so (entailment), the other way
round (contradiction), or is left open (neutral).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from . import taxonomy as words
from .items import C, E, Item, N, Template, holders, item, template

Facts = tuple[tuple[str, str], ...]  # (a, b): a stands before b
TURNED = 0.12  # of simple items: the premise names the two in the other order than the hypothesis, so that the converse decides


def standing(facts: Facts, first: str, second: str) -> int:
    """Return the label of 'first stands before second', given facts over at most three things."""
    closure = set(facts) | {(a, d) for a, b in facts for c, d in facts if b == c}
    return E if (first, second) in closure else C if (second, first) in closure else N


@dataclass(frozen=True)
class Scene:
    """Four names, a relation with its converse, and the words around them."""

    names: Sequence[str]
    verb: str  # what the relation follows: "is", "arrived"
    over: str  # "taller than"
    under: str  # "shorter than"
    side: str  # a relation that leaves the order open: "older than"
    degrees: tuple[str, ...]  # "much": may stand before the relation and changes nothing
    person: bool


Draw = Callable[[random.Random], Scene]


def either_way(rng: random.Random, scene: Scene) -> Scene:
    return scene if rng.random() < 0.5 else replace(scene, over=scene.under, under=scene.over)


def comparison(rng: random.Random) -> Scene:
    if rng.random() < 0.7:
        (more, less), (side, _) = rng.sample(words.SCALES, 2)
        names, person = holders(rng, 4), True
    else:
        more, less, things = rng.choice(words.THING_SCALES)
        names, side, person = ["the " + thing for thing in rng.sample(things, 4)], "more beautiful", False
    return either_way(rng, Scene(names, "is", f"{more} than", f"{less} than", f"{side} than", ("much", "slightly", "a little", "far"), person))


def location(rng: random.Random) -> Scene:
    over, under, things = rng.choice(words.SPACE)
    names = ["the " + thing for thing in rng.sample(things, 4)]
    return either_way(rng, Scene(names, "is", over, under, "near", ("directly", "just"), False))


def moment(rng: random.Random) -> Scene:
    names, verb = holders(rng, 4), rng.choice(words.MOMENTS)
    return either_way(rng, Scene(names, verb, "before", "after", "because of", ("shortly", "long", "just"), True))


@template
def alone(rng: random.Random, draw: Draw, degrees: tuple[str, ...] = ()) -> Item:
    """Return one relation against one relation: the same, its converse, or about somebody else; now and then with the names turned."""
    s = draw(rng)
    (x, y, z, _), degree, turn = s.names, rng.choice(degrees or s.degrees), rng.random() < TURNED
    close, far = f"{s.verb} {degree} {s.over}", f"{s.verb} {degree} {s.under}"
    same = f"{y} {far} {x}" if turn else f"{x} {close} {y}"
    other_way = f"{y} {close} {x}" if turn else f"{x} {far} {y}"
    open_ = rng.choice((f"{x} {close} {z}", f"{z} {close} {y}", f"{x} {far} {z}", f"{y} {close} {z}"))
    return item(f"{x} {s.verb} {s.over} {y}", [(same, E), (other_way, C), (open_, N)])


@template
def indefinite(rng: random.Random, draw: Draw) -> Item:
    """'Somebody is taller than the nurse': only one of the two places is named, so one place alone has to be found."""
    s = draw(rng)
    x, y, *_ = s.names
    over, under = f"{s.verb} {s.over}", f"{s.verb} {s.under}"
    some, none, rest = ("somebody", "nobody", "everybody else") if s.person else ("something", "nothing", "everything else")
    turn = rng.random() < TURNED
    above = f"{x} {under} {y}" if turn else f"{y} {over} {x}"
    below = f"{y} {under} {x}" if turn else f"{x} {over} {y}"
    return item(*rng.choice((
        (f"{some} {over} {x}", [(above, E), (below, N), (f"{x} {over} {rest}" if turn else f"{none} {over} {x}", C)]),
        (f"{none} {over} {x}", [(f"{rest} {under} {x}" if turn else f"{x} {over} {rest}", E), (below, N), (above, C)]),
        (f"{x} {over} {some}", [(below, E), (above, N), (f"{none} {under} {x}" if turn else f"{x} {under} {rest}", C)]))))


@template
def slots(rng: random.Random, draw: Draw, wording: str = "{}, {} and {}") -> Item:
    """'Anna is taller than Tom, shorter than Paul and older than Emma': the same words, but who stands where decides."""
    s = draw(rng)
    first, asked = s.names[0], s.names[1]
    premises = []
    for x, y, z in permutations(s.names[1:]):
        parts = [f"{s.over} {x}", f"{s.under} {y}", f"{s.side} {z}"]
        rng.shuffle(parts)
        premises.append((f"{first} {s.verb} {wording.format(*parts)}", {x: E, y: C, z: N}[asked]))
    if rng.random() < TURNED:
        return item(f"{asked} {s.verb} {s.under} {first}", premises)
    return item(f"{first} {s.verb} {s.over} {asked}", premises)


@template
def two(rng: random.Random, draw: Draw) -> Item:
    """'Anna is taller than Tom and Paul', 'Anna and Tom are taller than Paul': all who-stands-where of three names."""
    s = draw(rng)
    names, one_first = s.names[:3], rng.random() < 0.5
    premises = []
    for x, y, z in permutations(names):
        if one_first:
            text, facts = f"{x} {s.verb} {s.over} {y} and {z}", ((x, y), (x, z))
        else:
            text, facts = f"{x} and {y} {'are' if s.verb == 'is' else s.verb} {s.over} {z}", ((x, z), (y, z))
        premises.append((text, standing(facts, names[0], names[1])))
    return item(f"{names[0]} {s.verb} {s.over} {names[1]}", premises)


def chores(rng: random.Random) -> Item:
    """'The nurse fed the cat before sweeping the floor and after paying the bill.' What is not mentioned is left open."""
    (who,), (first, asked, *others) = holders(rng, 1), rng.sample(words.CHORES, 4)
    over, under = rng.choice((("before", "after"), ("after", "before")))
    premises = []
    for other in others:
        premises.append((f"{who} {first[0]} {over} {asked[1]} and {under} {other[1]}", E))
        premises.append((f"{who} {first[0]} {over} {other[1]} and {under} {asked[1]}", C))
    premises.append((f"{who} {first[0]} {over} {others[0][1]} and {under} {others[1][1]}", N))
    return item(f"{who} {first[0]} {over} {asked[1]}", premises)


def family(draw: Draw, *other_degrees: str, **more: Template) -> tuple[dict[str, Template], dict[str, Template]]:
    return ({"alone": alone(draw), "indefinite": indefinite(draw), "slots": slots(draw), "two": two(draw), **more},
            {"slots-but": slots(draw, "{} and {} but {}"), "alone-degree": alone(draw, other_degrees)})


TEMPLATES = {
    "comparatives": family(comparison, "considerably", "in fact", "a lot"),
    "spatial": family(location, "exactly", "in fact", "almost directly"),
    "temporal": family(moment, "right", "immediately", "in fact", chores=chores),
}
