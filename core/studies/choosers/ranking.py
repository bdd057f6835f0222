"""Ranked choices, and the searches that rank them by a score."""

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Choice = tuple[int, ...]

BEAM = 5  # ours: the sets kept at each size; 1 is greedy
LISTED = 5000  # ours: up to this many choices a score that needs no forward pass is computed for every one
SEARCH_SETTINGS = {"beam": BEAM, "listed": LISTED}  # of the choosers that call rank_by_score or rank_by_sum


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


def best_first(scores: dict[Choice, float]) -> tuple[Scored, ...]:
    """Return the choices by score, the best first. A score that is not a number is the worst."""
    worth = lambda choice: -math.inf if math.isnan(scores[choice]) else scores[choice]
    return tuple(Scored(choice, scores[choice]) for choice in sorted(scores, key=lambda choice: (-worth(choice), choice)))


def rank_by_score(score: Callable[[Choice], float], layers: int, k: int) -> Ranked:
    """Rank choices of k layers by a score that costs next to nothing: all of them, or, of more than LISTED, those that beam search finds."""
    if math.comb(layers, k) <= LISTED:
        return Ranked(best_first({choice: score(choice) for choice in itertools.combinations(range(1, layers + 1), k)}))
    return Ranked(best_first(beam_search(score, layers, k, width=10 * BEAM)), complete=False)


def rank_by_sum(scores: Sequence[float], k: int) -> Ranked:
    """Rank choices of k layers by the sum of their layers' scores. scores: one a layer, layer 1 first."""
    found = rank_by_score(lambda choice: sum(scores[layer - 1] for layer in choice), len(scores), k)
    return dataclasses.replace(found, layer_scores=dict(enumerate(scores, 1)))


def beam_search(score: Callable[[Choice], float], layers: int, k: int, width: int = BEAM) -> dict[Choice, float]:
    """Score the choices of k that are found by removing one layer at a time from all, keeping the `width` best sets of each size."""
    kept: list[Choice] = [tuple(range(1, layers + 1))]
    if k == layers:
        return {kept[0]: score(kept[0])}
    for _ in range(layers - k):
        smaller = {tuple(layer for layer in choice if layer != out) for choice in kept for out in choice}
        scores = {choice: score(choice) for choice in sorted(smaller)}
        kept = [scored.layers for scored in best_first(scores)[:width]]
    return scores
