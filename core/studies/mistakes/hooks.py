"""The mistakes as code: each is the smallest change of a correct run that makes it."""

import copy
import dataclasses

import torch

from core.errors import LabError
from core.models.seeding import seed_student
from core.models.teachers import Teacher
from core.objectives.declarations import HIDDEN_STATES
from core.recipe import Recipe, Seeding
from core.studies.mistakes.catalogue import mistakes
from core.training import losses
from core.training.loop import make_optimizer, schedule
from core.training.overrides import Overrides
from core.training.signals import LiveSignals


def overrides_for(names: str) -> Overrides:
    """Return the overrides that make these mistakes ('+' joins several), new: one that spans several runs is used for all of them.

    LabError for an unknown name, or for two that change the same thing.
    """
    hooks: dict = {}
    for each in mistakes(names):
        for place, hook in HOOKS[each.name]().items():
            if hooks.setdefault(place, hook) is not hook:
                raise LabError(f"The mistakes {names} change the same thing ({place}); choose one of them.")
    return Overrides(name=names, **hooks)


def check(names: str, recipe: Recipe, teacher_layers: int) -> None:
    """Raise LabError when a mistake cannot be made with this recipe."""
    for each in mistakes(names):
        if each.name == "no-t-squared" and (recipe.objective.temperature == 1 or "soft_targets" not in dict(recipe.objective.weights)):
            raise LabError("T² is missing from nothing here; choose an objective with soft targets at a temperature other than 1, such as hinton.")
        if each.name == "padding-in-loss" and not recipe.objective.needing(HIDDEN_STATES):
            raise LabError("This objective compares no hidden states at padding; choose one that does, such as distilbert.")
        if each.name in ("odd-wraps", "even-wraps") and recipe.k > teacher_layers // 2:
            raise LabError(f"A teacher of {teacher_layers} layers has too few odd or even ones for a student of {recipe.k}; choose fewer.")


def another_students_optimizer(model, settings, device) -> torch.optim.Optimizer:
    return make_optimizer(copy.deepcopy(model), settings, device)


def schedule_of_the_next_run(step: int, steps: int, warmup: float) -> float:
    return schedule(steps + step, steps, warmup)


def fresh_teacher(teacher: Teacher, seed: int) -> Teacher:
    """Return the teacher with a pooler and a classifier drawn anew. Its encoder stays as it is, fine-tuned or not."""
    model = seed_student(teacher.model, range(1, teacher.layers + 1), Seeding(fresh_head=True), seed).requires_grad_(False)
    notes = [*teacher.notes, "The teacher's pooler and classifier were drawn anew."]
    drawn = {name: f"{getattr(teacher, name)}-head-{seed}" for name in ("hash", "identity", "key")}
    return dataclasses.replace(teacher, model=model, notes=notes, **drawn)


def odd_wrapping(layers: tuple[int, ...], total: int) -> tuple[int, ...]:
    """Return (L, 2, 4, ...)."""
    return tuple((2 * i - 1) % total + 1 for i in range(len(layers)))


def even_wrapping(layers: tuple[int, ...], total: int) -> tuple[int, ...]:
    """Return (3, 5, ..., 1)."""
    student: list[int] = [0] * len(layers)
    for i in range(0, 2 * len(layers), 2):
        student[(i - 1) // 2] = i + 1
    return tuple(student)


def first_layers(layers: tuple[int, ...], total: int) -> tuple[int, ...]:
    return tuple(range(1, len(layers) + 1))


class SharedStudent:
    """One model object for all runs: the first run's student, as the run before left it."""

    def __init__(self):
        self.model = None

    def __call__(self, student):
        if self.model is None:
            self.model = student
        return self.model


class TrainingModeTeacher(LiveSignals):
    """The teacher is asked live with its dropout on; afterwards it is in evaluation mode again."""

    def __call__(self, batch):
        self.model.train()
        try:
            return super().__call__(batch)
        finally:
            self.model.eval()


def without_t_squared(objective, student, signal, batch, matched, *share, **more):
    square = objective.temperature**2
    weights = tuple((name, weight / square if name == "soft_targets" else weight) for name, weight in objective.weights)
    loss, parts = losses.total(dataclasses.replace(objective, weights=weights), student, signal, batch, matched, *share, **more)
    return loss, parts | {"soft_targets": parts["soft_targets"] / square}


def over_all_positions(objective, student, signal, batch, matched, *share, **more):
    batch = dataclasses.replace(batch, attention_mask=torch.ones_like(batch.attention_mask))
    return losses.total(objective, student, signal, batch, matched, *share, **more)


def mean(accuracies: list[float]) -> float:
    return sum(accuracies) / len(accuracies)


HOOKS = {
    "stale-optimizer": lambda: {"optimizer": another_students_optimizer},
    "stale-schedule": lambda: {"factor": schedule_of_the_next_run},
    "embeddings-not-copied": lambda: {"seeding": lambda seeding: dataclasses.replace(seeding, copy_embeddings=False)},
    "teacher-not-tuned": lambda: {"teacher": fresh_teacher, "signals": LiveSignals},  # live: its answers to all examples are not worth keeping
    "odd-wraps": lambda: {"layers": odd_wrapping},
    "even-wraps": lambda: {"layers": even_wrapping},
    "one-choice": lambda: {"layers": first_layers},
    "shared-student": lambda: {"start": SharedStudent()},
    "teacher-dropout": lambda: {"signals": TrainingModeTeacher},
    "no-t-squared": lambda: {"total": without_t_squared},
    "padding-in-loss": lambda: {"total": over_all_positions, "signals": LiveSignals},  # kept signals are zero at the padding
    "epochs-averaged": lambda: {"report": mean},
    "best-epoch": lambda: {"report": max},
}
