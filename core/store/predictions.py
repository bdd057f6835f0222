"""What a learner predicted of a recipe before its run, and what was skipped: rows of the store, one a learner and recipe, final.

A recipe whose teacher or data change later keeps its prediction: who has seen one run of it can no longer predict it blindly.
"""

import json
from dataclasses import dataclass

from core.errors import LabError
from core.recipe import Recipe
from core.store.database import connect, now, transaction

REASONS = {
    "near-input": "layers near the input do the groundwork",
    "near-output": "layers near the output know the task",
    "spread": "spread layers keep a bit of everything",
    "neighbours": "neighbouring layers fit together",
    "gap": "too many neighbouring layers are missing in one place",
    "few": "so few layers cannot do it all",
    "short": "the budget is too short",
    "guess": "it is a guess",
}


@dataclass(frozen=True)
class Prediction:
    """kind: accuracy, rank or skipped. value: an accuracy (0 to 1), a rank (1 is the best), None when skipped.

    reason: a key of REASONS, None when skipped. layers: the recipe's. at: seconds since the epoch.
    """

    row: int
    learner: str
    at: float
    teacher: str
    task: str
    k: int
    recipe_id: str
    layers: tuple[int, ...]
    kind: str
    value: float | None
    reason: str | None

    @property
    def skipped(self) -> bool:
        return self.kind == "skipped"


def commit(learner: str, recipe: Recipe, kind: str, value: float, reason: str) -> Prediction:
    """Keep a prediction. LabError when it says nothing that can be scored, or this learner has already predicted or skipped this recipe."""
    if kind == "accuracy" and not 0 <= value <= 1:
        raise LabError(f"An accuracy of {value!r} cannot be; choose one from 0 to 100 %.")
    if kind == "rank" and (value != int(value) or value < 1):
        raise LabError(f"A rank of {value!r} cannot be; choose a whole number from 1, the best.")
    if kind not in ("accuracy", "rank"):
        raise ValueError(kind)
    if reason not in REASONS:
        raise LabError("A prediction has a reason; choose one from the list.")
    if not _add(learner, recipe, kind, float(value), reason):
        raise LabError("Your prediction for this run is already made; it cannot be changed.")
    return of_recipe(learner, recipe.id)


def skip(learner: str, recipe: Recipe) -> None:
    """Give the prediction up. What was committed stays."""
    _add(learner, recipe, "skipped", None, None)


def of_recipe(learner: str, recipe_id: str) -> Prediction | None:
    """Return what this learner predicted or skipped of this recipe."""
    with connect() as db:
        row = db.execute("SELECT * FROM predictions WHERE learner = ? AND recipe_id = ?", (learner, recipe_id)).fetchone()
    return _prediction(row) if row else None


def decided(learner: str, teacher: str, task: str, k: int) -> bool:
    """Return whether this learner has predicted or skipped any run of this teacher, task and number of layers."""
    with connect() as db:
        found = db.execute("SELECT 1 FROM predictions WHERE learner = ? AND teacher = ? AND task = ? AND k = ? LIMIT 1", (learner, teacher, task, k))
        return found.fetchone() is not None


def committed(recipe_id: str) -> list[Prediction]:
    """Return what all learners predicted of a recipe, oldest first."""
    with connect() as db:
        rows = db.execute("SELECT * FROM predictions WHERE recipe_id = ? AND kind != 'skipped' ORDER BY row", (recipe_id,)).fetchall()
    return [_prediction(row) for row in rows]


def _add(learner: str, recipe: Recipe, kind: str, value: float | None, reason: str | None) -> bool:
    """Keep a row; False where this learner has one for this recipe."""
    values = (learner, now(), recipe.teacher, recipe.task, recipe.k, recipe.id, json.dumps(recipe.layers), kind, value, reason)
    with transaction() as db:
        added = db.execute(
            "INSERT INTO predictions (learner, at, teacher, task, k, recipe_id, layers, kind, value, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (learner, recipe_id) DO NOTHING", values,
        )
        return added.rowcount == 1


def _prediction(row) -> Prediction:
    values = dict(row)
    return Prediction(**values | {"layers": tuple(json.loads(values["layers"]))})
