"""What the worker remembers of a job that is over, for later estimates of time."""

import logging

from core.errors import LabError
from core.recipe import Recipe
from core.store import facts, jobs

MEASURED = ("tune", "prepare", "inside")  # kinds whose duration depends on teacher and task alone
log = logging.getLogger("layer_lab.worker")


def remember(job: jobs.Job, status: str, record: dict | None, seconds: float) -> None:
    """Store what estimates need; seconds: how long the job took.

    Of a run: seconds a step by teacher, task and K; seconds before and after the steps; the task's training examples.
    """
    try:
        if record is not None and "staged" not in record:  # stages of other sizes say nothing of one size's pace
            _remember_run(Recipe.from_dict(record["recipe"]), record)
        elif status == "finished" and job.kind in MEASURED:
            _note(f"{job.kind}_seconds", f"{job.payload['teacher']}/{job.payload['task']}", seconds)
    except LabError as error:
        log.warning("no estimate is kept of job %s: %s", job.id, error)


def _remember_run(recipe: Recipe, record: dict) -> None:
    if record["steps"] >= 10:
        _note("rate", f"{recipe.teacher}/{recipe.task}/{recipe.k}", record["train_seconds"] / record["steps"])
    if recipe.budget.examples is None:
        _note("train_examples", recipe.task, record["train_examples"])
    if record["status"] == "finished":
        _note("around", f"{recipe.teacher}/{recipe.task}", max(0.0, record["seconds"] - record["train_seconds"]))


def _note(fact: str, name: str, value) -> None:
    facts.put(fact, facts.get(fact, {}) | {name: value})
