"""The gate in front of a pair's figures, and what was predicted, in words; core/findings/explanation/prediction.py scores it."""

import math

from core.errors import LabError
from core.findings.evidence import settings_of
from core.findings.explanation.prediction import Prediction as Scored
from core.findings.explanation.prediction import ascending, choices_needed
from core.findings.known_runs import known_runs
from core.findings.landscape import full_runs
from core.store import predictions
from core.store.ground import teacher_key
from core.store.predictions import REASONS, Prediction
from core.views.common.choice import Choice
from core.views.common.lesson import Lesson
from core.views.common.text import percent

LEAST = 3  # predictions of a recipe, the learner's own among them, before the class's middle is told


def figures_open(learner: str, chosen: Choice, lesson: Lesson) -> bool:
    """Return whether figures of the chosen teacher, task and K may be seen: predicted or skipped before, or the lesson has no predicting."""
    return not lesson.shows("predict") or predictions.decided(learner, chosen.teacher, chosen.task, len(chosen.layers))


def run_visible(record: dict, chosen: Choice, is_open: bool) -> bool:
    """Return whether this run's figures may be seen while `chosen` is what the learner thinks about."""
    recipe = record["recipe"]
    same = (recipe["teacher"], recipe["task"], len(recipe["layers"])) == (chosen.teacher, chosen.task, len(chosen.layers))
    return is_open or not same


def rankable(chosen: Choice, layers: int, weights: str | None, data: str | None = None) -> tuple[int, str]:
    """Return how many choices a rank is among, and a sentence on what it is scored against. weights: the teacher's key; data: the task's hash."""
    recipe, least = chosen.recipe(), choices_needed(len(chosen.layers), layers)
    same = lambda record: teacher_key(record) == weights and data in (None, record["task_hash"])
    saved = [record for record in known_runs(chosen.teacher, chosen.task) if same(record)]
    full = full_runs(saved, settings_of({"recipe": recipe.to_dict()}), recipe.k)
    found = {choice: runs for choice, runs in full.items() if ascending(choice)}
    if len(found) >= least:
        seeds, epochs = min(map(len, found.values())), next(iter(found.values()))[0]["recipe"]["budget"]["epochs"]
        length = f"{epochs} epoch{'s' if epochs != 1 else ''}, {seeds} seed{'s' if seeds != 1 else ''} each"
        return len(found), f"Scored against the saved full runs of {len(found)} choices ({chosen.objective}, {length}); ties count as right."
    every = math.comb(layers, recipe.k)
    return every, f"Scored once full runs of {least} of the {every} choices are saved with this objective; so far there are {len(found)}."


def prediction_text(prediction: Prediction) -> str:
    """'72 %, since layers near the input do the groundwork'."""
    value = percent(prediction.value, 0) if prediction.kind == "accuracy" else f"rank {prediction.value:.0f}"
    return f"{value}, since {REASONS[prediction.reason]}"


def predicted_accuracy(made: Prediction | None) -> float | None:
    """Return the accuracy that was predicted, a fraction; None where none was."""
    return made.value if made is not None and made.kind == "accuracy" else None


def scored_prediction(made: Prediction | None) -> Scored | None:
    """Return what is scored: the learner's prediction beside those of the class; None where there is none."""
    if made is None or made.skipped:
        return None
    others = tuple(of_the_class(made))
    return Scored(made.value, None, others) if made.kind == "accuracy" else Scored(None, int(made.value), others)


def of_the_class(made: Prediction) -> list[float]:
    """Return what the others predicted of the same recipe and kind; [] for fewer than LEAST predictions."""
    try:
        alike = [one for one in predictions.committed(made.recipe_id) if one.kind == made.kind]
    except LabError:
        return []
    return [one.value for one in alike if one.learner != made.learner] if len(alike) >= LEAST else []
