"""Ranked choices, and the searches that rank them."""

import dataclasses
import functools
import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.models.teachers import Teacher
from core.studies.choosers.capacity import Limit, layers_allowed
from core.studies.choosers.sample import Sample
from core.studies.choosers.settings import BEAM, LISTED

Choice = tuple[int, ...]


@dataclass(frozen=True)
class Scored:
    """A choice of teacher layers, ascending, and its score: higher is better; scores of different choosers are not comparable."""

    layers: Choice
    score: float


@dataclass(frozen=True)
class Ranked:
    """Choices of one size, best first; equal scores in the order of their layers. complete: every choice of k layers is among them.

    layer_scores: a score a layer (1-based), where the method has one. steps: training steps made. seconds: wall-clock, all of it; what a chooser
    returns there is what it took before it was cut off.
    """

    choices: tuple[Scored, ...]
    complete: bool = True
    layer_scores: dict[int, float] = field(default_factory=dict)
    steps: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def pick(self) -> Choice:
        return self.choices[0].layers


Chooser = Callable[..., Ranked]  # (teacher, sample, k=None, limit=None)


def chooser(rank: Callable[[Teacher, Sample, int], Ranked]) -> Chooser:
    """A function that ranks choices of k layers, as one that also takes a capacity limit, picks k where only that is given, and is timed."""

    @functools.wraps(rank)
    def choose(teacher: Teacher, sample: Sample, k: int | None = None, limit: Limit | None = None) -> Ranked:
        began = time.perf_counter()
        found = rank(teacher, sample, layers_allowed(teacher, sample, k, limit))
        return dataclasses.replace(found, seconds=found.seconds + time.perf_counter() - began)

    return choose


def in_order(scores: dict[Choice, float]) -> tuple[Scored, ...]:
    """Best first. A score that is not a number is the worst."""
    worth = lambda choice: -math.inf if math.isnan(scores[choice]) else scores[choice]
    return tuple(Scored(choice, scores[choice]) for choice in sorted(scores, key=lambda choice: (-worth(choice), choice)))


def listed(score: Callable[[Choice], float], layers: int, k: int) -> Ranked:
    """Choices of k of the layers by a score that costs next to nothing: all of them, or, of more than LISTED, what beam search finds."""
    if math.comb(layers, k) <= LISTED:
        return Ranked(in_order({choice: score(choice) for choice in itertools.combinations(range(1, layers + 1), k)}))
    return Ranked(in_order(beam(score, layers, k, width=10 * BEAM)), complete=False)


def added(scores: Sequence[float], k: int) -> Ranked:
    """Choices of k layers, each worth the sum of its layers' scores. scores: one a layer, layer 1 first."""
    found = listed(lambda choice: sum(scores[layer - 1] for layer in choice), len(scores), k)
    return dataclasses.replace(found, layer_scores=dict(enumerate(scores, 1)))


def beam(score: Callable[[Choice], float], layers: int, k: int, width: int = BEAM) -> dict[Choice, float]:
    """Scores of the choices of k that are found by removing one layer at a time from all, keeping the `width` best sets of each size."""
    kept: list[Choice] = [tuple(range(1, layers + 1))]
    if k == layers:
        return {kept[0]: score(kept[0])}
    for _ in range(layers - k):
        smaller = {tuple(layer for layer in choice if layer != out) for choice in kept for out in choice}
        scores = {choice: score(choice) for choice in sorted(smaller)}
        kept = [scored.layers for scored in in_order(scores)[:width]]
    return scores
