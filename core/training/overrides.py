"""The places where a run may be made otherwise than its recipe says, so that a known mistake or an experiment's arm goes through the one loop."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from core.recipe import Recipe
from core.training import losses
from core.training.loop import make_optimizer, schedule


def _as_it_is(value, *_):
    return value


@dataclass(frozen=True)
class Overrides:
    """Functions that a run asks; by default each leaves its part as the recipe has it.

    name: the mistake that the record is marked with; None for a correct run. experiment: JSON-ready, what the record of an experiment's run is marked
    with under "experiment"; it is no mistake, and its id is no recipe's either.
    test: a run with a budget in steps is measured on the test split too, before and after; the check part alone decides.
    layers: (chosen layers, the teacher's number of layers) -> the layers that seed the student. seeding: Seeding -> Seeding.
    teacher: (Teacher, seed) -> the Teacher that is asked and copied from.
    signals: (Teacher, SignalRequest, Device) -> callable Batch -> Signal; None for the kept ones.
    total: as core.training.losses.total. start: the seeded student, on its device -> the model that is trained.
    optimizer: (model, settings, device) -> optimizer. factor: (step, steps, warm-up) -> factor on the learning rate.
    report: the accuracies of all evaluations after the first step -> the accuracy that gets reported; None: the final one.
    fixed_pairs: how many training examples have their loss measured with dropout on (core.training.audit) at every evaluation.
    """

    name: str | None = None
    experiment: dict | None = None
    test: bool = False
    layers: Callable = _as_it_is
    seeding: Callable = _as_it_is
    teacher: Callable = _as_it_is
    signals: Callable | None = None
    total: Callable = losses.total
    start: Callable = _as_it_is
    optimizer: Callable = make_optimizer
    factor: Callable = schedule
    report: Callable | None = None
    fixed_pairs: int = 0


CORRECT = Overrides()


def mistaken_id(recipe: Recipe, name: str) -> str:
    """Return the id of a run of this recipe made with a mistake: 12 hex digits, and never the id of a recipe."""
    return _own_id(recipe, f"mistake/{name}")


def experiment_id(recipe: Recipe, experiment: dict) -> str:
    """Return the id of a run of this recipe made for an experiment: 12 hex digits, and never the id of a recipe."""
    return _own_id(recipe, f"experiment/{json.dumps(experiment, sort_keys=True)}")


def _own_id(recipe: Recipe, mark: str) -> str:
    return hashlib.sha256(f"{recipe.canonical()}/{mark}".encode()).hexdigest()[:12]
