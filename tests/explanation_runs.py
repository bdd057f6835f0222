"""Runs with which a Lab run can be explained in tests: every choice of two of four layers, short and full, a control, one layer more."""

import itertools
from pathlib import Path

import numpy as np

from core.recipe import Recipe, Seeding, rung
from core.store import saved
from core.store.database import to_json
from core.views.common.choice import task_content
from core.views.common.recipe_runs import teacher_hash
from tests import fake_worker
from tests.synthetic_runs import record, teacher_of, world

CHOSEN, MORE = (1, 3), (1, 2, 3)
CHOICES = tuple(itertools.combinations(range(1, 5), 2))


def write(folder: Path, teacher: str, task: str) -> dict:
    """Write the saved runs and their truth to the folder; returns a short run of CHOSEN, as a learner would make it."""
    rng = np.random.default_rng(2)
    w = world(rng)
    knows = teacher_of(w, rng, 3.0)

    def runs(layers, shift, budget, seeds=(1, 2, 3), **recipe):
        rights = w.rights(np.array([shift]), len(seeds), rng)[0]
        return [made(teacher, task, record(w, right, layers, seed, knows, rung(budget), **recipe)) for seed, right in zip(seeds, rights, strict=True)]

    shifts = {choice: 1.5 * (choice == CHOSEN) - 0.2 * sum(choice) for choice in CHOICES}
    kept = [run for choice, shift in shifts.items() for budget in ("60", "full") for run in runs(choice, shift, budget)]
    kept += runs(CHOSEN, -2.5, "60", seeding=Seeding(untrained_layers=True)) + runs(MORE, 2.5, "60")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "runs.jsonl").write_text("".join(to_json(run) + "\n" for run in kept))
    saved.write_truth(task, task_content(task).hash, {"check": w.truth, "test": w.truth}, folder)
    return runs(CHOSEN, shifts[CHOSEN], "60", seeds=(0,))[0]


def made(teacher: str, task: str, run: dict) -> dict:
    """The record as one of this teacher and task."""
    recipe = Recipe.from_dict(run["recipe"] | {"teacher": teacher, "task": task})
    now = {"key": teacher_hash(teacher, task)}
    theirs = run["teacher"] | fake_worker.of_teacher(teacher) | now | {"accuracy": run["teacher"]["accuracy"]}
    return run | {"id": recipe.id, "recipe": recipe.to_dict(), "teacher": theirs, "task_hash": task_content(task).hash, "tokens_per_second": 9000.0}
