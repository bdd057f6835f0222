"""Descriptions of a choice of teacher layers: what the accuracy of a student that starts from them may be told by.

L: the teacher's layers, C: choices. A description gives one design, (C, P) features, or several of which one is to be chosen."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.recipe.seams import Seam, seams
from core.statistics.agreement import Choice
from core.statistics.effects import presence


@dataclass(frozen=True)
class Description:
    """designs: (choices, L) -> its designs. features: L -> how many numbers it fits, the intercept left out."""

    name: str
    title: str
    designs: Callable[[Sequence[Choice], int], list[np.ndarray]]
    features: Callable[[int], int]


def missing(choices: Sequence[Choice], layers: int) -> np.ndarray:
    """Return how many layers are missing: (C, 1)."""
    return np.array([[layers - len(choice)] for choice in choices], float)


def longest_gap(choices: Sequence[Choice], layers: int) -> np.ndarray:
    """Return how many layers are missing in one place at most: (C, 1)."""
    return np.array([[max((seam.length for seam in seams(choice, layers)), default=0)] for choice in choices], float)


def neighbours_gone(choices: Sequence[Choice], layers: int) -> np.ndarray:
    """Return 1 where layers i and i + 1 are both missing: (C, L - 1)."""
    gone = 1 - presence(choices, layers)
    return gone[:, :-1] * gone[:, 1:]


def has_seam(choices: Sequence[Choice], layers: int) -> np.ndarray:
    """Return 1 where the choice has the seam, a column for every seam: (C, L (L + 1) / 2)."""
    every = [Seam(a, b) for a, b in itertools.combinations(range(layers + 2), 2) if b - a > 1]
    return np.array([[float(seam in found) for seam in every] for found in (seams(choice, layers) for choice in choices)])


def joints(choices: Sequence[Choice], layers: int) -> np.ndarray:
    """Return 1 where layers a and b meet in the student, the teacher's neighbours among them: (C, (L + 1) (L + 2) / 2)."""
    met = [set(zip((0, *choice), (*choice, layers + 1))) for choice in choices]
    return np.array([[float(joint in found) for joint in itertools.combinations(range(layers + 2), 2)] for found in met])


def pairs(choices: Sequence[Choice], layers: int) -> np.ndarray:
    """Return 1 for every layer that the choice has, and for every two of them: (C, L (L + 1) / 2)."""
    single = presence(choices, layers)
    return np.column_stack([single, *(single[:, a] * single[:, b] for a, b in itertools.combinations(range(layers), 2))])


def _one(*parts: Callable[[Sequence[Choice], int], np.ndarray]) -> Callable[[Sequence[Choice], int], list[np.ndarray]]:
    """Return one design, these parts side by side."""
    return lambda choices, layers: [np.hstack([part(choices, layers) for part in parts])]


def _each(part: Callable[[Sequence[Choice], int], np.ndarray]) -> Callable[[Sequence[Choice], int], list[np.ndarray]]:
    """Return a design for every feature by itself."""
    return lambda choices, layers: [column[:, None] for column in part(choices, layers).T]


DESCRIPTIONS = {one.name: one for one in (  # the simplest first
    Description("missing", "number of missing layers", _one(missing), lambda layers: 1),
    Description("longest-gap", "longest gap alone", _one(longest_gap), lambda layers: 1),
    Description("one-flag", "one flag \"two neighbours both gone\"", _each(neighbours_gone), lambda layers: 1),
    Description("flags", "flags \"two neighbours both gone\"", _one(neighbours_gone), lambda layers: layers - 1),
    Description("layers", "single layers", _one(presence), lambda layers: layers),
    Description("layers-flags", "single layers and flags", _one(presence, neighbours_gone), lambda layers: 2 * layers - 1),
    Description("seams", "seams", _one(has_seam), lambda layers: layers * (layers + 1) // 2),
    Description("pairs", "layers and pairs of layers", _one(pairs), lambda layers: layers * (layers + 1) // 2),
    Description("joints", "seams and neighbours kept together", _one(joints), lambda layers: (layers + 1) * (layers + 2) // 2),
)}
