"""What a template gives: one hypothesis, and premises of every label for it.

A template is a function `(rng) -> Item`. `splits` then draws one premise for each label, so that each hypothesis is seen
once with each label and says nothing about it alone. Most templates make their premises from the same words in another
order, so that the words of the premise say nothing either.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import taxonomy as words

E, N, C = 0, 1, 2  # indices into LABELS


@dataclass(frozen=True)
class Item:
    hypothesis: str
    premises: tuple[tuple[str, int], ...]  # (premise, label)


Template = Callable[[random.Random], Item]


def template(make: Callable[..., Item]) -> Callable[..., Template]:
    """Turn make(rng, ...) into a function of its other arguments that returns a template."""
    return lambda *args, **options: lambda rng: make(rng, *args, **options)


def sentence(text: str) -> str:
    """Return the text with a capital letter first and a full stop last."""
    return text[0].upper() + text[1:] + "."


def item(hypothesis: str, premises: Sequence[tuple[str, int]]) -> Item:
    """Turn clauses into sentences; a premise equal to the hypothesis is dropped."""
    hypothesis = sentence(hypothesis)
    made = ((sentence(premise), label) for premise, label in premises)
    return Item(hypothesis, tuple(dict.fromkeys(pair for pair in made if pair[0] != hypothesis)))


def people(rng: random.Random, count: int) -> list[str]:
    """Draw different people, as 'the nurse'."""
    return ["the " + noun for noun in rng.sample(words.PEOPLE, count)]


def holders(rng: random.Random, count: int) -> list[str]:
    """Draw different people, all by name or all by 'the nurse'."""
    return rng.sample(words.NAMES, count) if rng.random() < 0.5 else people(rng, count)
