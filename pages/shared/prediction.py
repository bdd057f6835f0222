"""The gate in front of a pair's figures, and what a prediction was worth. No Streamlit."""

import math
import statistics

from core.errors import LabError
from core.findings.distributions import wilson
from core.recipe import Recipe
from core.store import predictions
from core.store.predictions import REASONS, Prediction
from core.store.saved import saved_runs
from pages.shared import ranking
from pages.shared.choice import Choice
from pages.shared.lesson import Lesson
from pages.shared.text import percent


def opened(learner: str, chosen: Choice, lesson: Lesson) -> bool:
    """Whether figures of the chosen teacher, task and K may be seen: predicted or skipped before, or the lesson has no predicting."""
    return not lesson.shows("predict") or predictions.decided(learner, chosen.teacher, chosen.task, len(chosen.layers))


def visible(record: dict, chosen: Choice, is_open: bool) -> bool:
    """Whether this run's figures may be seen while `chosen` is what the learner thinks about."""
    recipe = record["recipe"]
    same = (recipe["teacher"], recipe["task"], len(recipe["layers"])) == (chosen.teacher, chosen.task, len(chosen.layers))
    return is_open or not same


def rankable(chosen: Choice, layers: int, weights: str | None) -> tuple[int, str]:
    """How many choices a rank is among, and a sentence on what it is scored against."""
    k = len(chosen.layers)
    needed = ranking.needed(k, layers)
    found = ranking.table(k, weights, saved_runs(chosen.teacher, chosen.task))
    there = len(found.runs) if found else 0
    if there >= needed:
        seeds = f"{found.seeds} seed{'s' if found.seeds != 1 else ''} each"
        length = f"{found.epochs} epoch{'s' if found.epochs != 1 else ''}"
        runs = f"the saved full runs of {there} choices ({found.objective}, {length}, {seeds})"
        return there, f"Scored against {runs}; ties count as right."
    every = math.comb(layers, k)
    return every, f"Scored once full runs of {needed} of the {every} choices are saved; so far there are {there}."


def in_words(prediction: Prediction) -> str:
    """'72 %, since layers near the input do the groundwork'."""
    value = percent(prediction.value, 0) if prediction.kind == "accuracy" else f"rank {prediction.value:.0f}"
    return f"{value}, since {REASONS[prediction.reason]}"


def verdict(prediction: Prediction, record: dict) -> str:
    """What came out, one or two sentences; the prediction is of the record's recipe."""
    return _accuracy(prediction, record) if prediction.kind == "accuracy" else _rank(prediction, record)


def _accuracy(prediction: Prediction, record: dict) -> str:
    if record["status"] != "finished":
        return "Not scored: the run was stopped."
    share, n = record["final"]["accuracy"], sum(map(sum, record["final"]["confusion"]))
    low, high = wilson(share, n)
    gap = prediction.value - share
    if low <= prediction.value <= high:
        return f"Right, within the noise of {n} examples: this run gets {percent(share)}."
    return f"This run gets {percent(share)}: your guess is {100 * abs(gap):.1f} points too {'high' if gap > 0 else 'low'}."


def _rank(prediction: Prediction, record: dict) -> str:
    recipe = Recipe.from_dict(record["recipe"])
    saved = saved_runs(recipe.teacher, recipe.task)
    found = ranking.table(recipe.k, record["teacher"]["hash"], saved)
    there, needed = len(found.runs) if found else 0, ranking.needed(recipe.k, record["teacher"]["layers"])
    if there < needed:
        return f"Not scored yet: it needs saved full runs of {needed} choices, and there are {there}."
    place = ranking.standing(recipe.layers, found)
    if place is None:
        return "Not scored: this choice is not among the saved full runs."
    right = place.best <= prediction.value <= place.worst
    ranks = f"rank {place.best} of {place.of}"
    if place.best != place.worst:
        ranks = f"rank {place.best} to {place.worst} of {place.of}, a tie within the noise"
    return f"{'Right' if right else 'Not right'}: the saved full runs put this choice at {ranks}."


def of_the_class(recipe_id: str) -> str:
    """What all learners predicted of this recipe, one sentence; '' for fewer than three accuracies."""
    try:
        values = [p.value for p in predictions.committed(recipe_id) if p.kind == "accuracy"]
    except LabError:
        return ""
    return f"{len(values)} learners predicted an accuracy; their median is {percent(statistics.median(values), 0)}." if len(values) > 2 else ""
