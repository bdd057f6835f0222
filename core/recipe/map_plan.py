"""A map of layer choices: recipes that differ in nothing but layers and seed, in the order in which they are run."""

import hashlib
import itertools
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import LabError
from core.recipe.layers import count_of_layers, preset
from core.recipe.recipe import Recipe

MOST_RUNS = 1000
MOST_SEEDS = 10


@dataclass(frozen=True)
class MapPlan:
    """settings: a recipe; its layers and seed count for nothing but the layers of the control, untrained layers, where `control` asks for it.

    choices: of one size, in the order of their runs, so that a map that was cut short is a sample of them. Every choice gets every seed.
    """

    settings: Recipe
    choices: tuple[tuple[int, ...], ...]
    seeds: tuple[int, ...]
    control: bool = False

    def recipes(self) -> list[Recipe]:
        """Return the recipes; a seed is finished for all choices before the next begins, so that a map that was cut short is balanced."""
        return [recipe for seed in self.seeds for recipe in (*each(self.settings, self.choices, seed), *self._control(seed))]

    def _control(self, seed: int) -> list[Recipe]:
        untrained = replace(self.settings.seeding, untrained_layers=True)
        return [replace(self.settings, seeding=untrained, seed=seed)] if self.control else []

    @property
    def k(self) -> int:
        return self.settings.k

    @property
    def id(self) -> str:
        """Return the first 12 hex digits of the sha256 of its canonical JSON: equal plans are one map."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:12]

    def to_dict(self) -> dict:
        settings, choices = self.settings.to_dict(), [list(choice) for choice in self.choices]
        return {"settings": settings, "choices": choices, "seeds": list(self.seeds), "control": self.control}

    @classmethod
    def from_dict(cls, data: dict) -> "MapPlan":
        return cls(Recipe.from_dict(data["settings"]), tuple(map(tuple, data["choices"])), tuple(data["seeds"]), data["control"])


def each(settings: Recipe, choices: Sequence[Sequence[int]], seed: int) -> list[Recipe]:
    """Return the recipe of each choice with this seed."""
    return [replace(settings, layers=tuple(choice), seed=seed) for choice in choices]


def map_plan(settings: Recipe, layers: int, k: int, seeds: int, sample: int | None = None, draw: int = 0, control: bool = False) -> MapPlan:
    """Plan a map of the choices of k of a teacher's `layers`, ascending. LabError for one that cannot be, or has too many runs.

    sample: how many of them, drawn with the seed `draw`; None for all. A larger sample of one draw holds the smaller ones. seeds: how many, from 0.
    """
    if not 1 <= k <= layers:
        raise LabError(f"There are no choices of {k} layers: the teacher has {layers}.")
    if not 1 <= seeds <= MOST_SEEDS:
        raise LabError(f"A map has 1 to {MOST_SEEDS} seeds a choice, not {seeds}.")
    there = math.comb(layers, k)
    wanted = there if sample is None else sample
    if not 1 <= wanted <= there:
        raise LabError(f"There are {there} choices of {count_of_layers(k)}, so {wanted} of them cannot be drawn.")
    if (wanted + control) * seeds > MOST_RUNS:
        raise LabError(f"That would be {(wanted + control) * seeds} runs, and a map has at most {MOST_RUNS}; take a smaller sample or fewer seeds.")
    choices = list(itertools.combinations(range(1, layers + 1), k))
    random.Random(draw).shuffle(choices)
    size = preset("odd" if k <= (layers + 1) // 2 else "spread", layers, k)  # the layers of the saved controls
    return MapPlan(replace(settings, layers=size, seed=0), tuple(choices[:wanted]), tuple(range(seeds)), control)
