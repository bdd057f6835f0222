"""Runs that answer a recipe: kept on this machine, or saved with the program."""

from core.errors import LabError
from core.recipe import Recipe
from core.store import records
from core.store.ground import Ground, ground
from core.store.saved import saved_runs
from core.views.common.choice import task_content, teacher_status

NO_TEACHER = "-"  # no run's


def teacher_hash(teacher: str, task: str) -> str | None:
    """Return the key (core/store/ground.py) of the teacher that a run would use now; None while there is none.

    NO_TEACHER where there is one that must not be used (damaged, of other labels, fine-tuned on other content), or that is not known
    to be the one that a run would use.
    """
    try:
        status = teacher_status(teacher, task)
    except LabError:
        return NO_TEACHER
    if status.ready:
        return status.key or NO_TEACHER
    return NO_TEACHER if status.folder or status.other else None


def ground_now(teacher: str, task: str) -> tuple[str | None, str | None]:
    """Return what a run of this teacher and task would stand on now, None for what is unknown."""
    return teacher_hash(teacher, task), task_content(task).hash


def ground_text(payload: dict) -> str | None:
    """Return the ground of a job of this payload (teacher and task) as text: what was asked for before either changed is another job."""
    if not {"teacher", "task"} <= set(payload):
        return None
    return "/".join(part or "?" for part in ground_now(payload["teacher"], payload["task"]))


def answer(recipe: Recipe) -> dict | None:
    """Return the finished run that answers this recipe now."""
    return answer_of(recipe.id, recipe.teacher, recipe.task)


def answer_of(run_id: str, teacher: str, task: str) -> dict | None:
    """Return the finished run of this id that answers now. Of data that are not known here, only what comes with the program does."""
    weights, data = ground_now(teacher, task)
    return _saved(run_id, teacher, task, weights, None) if data is None else finished_run(run_id, teacher, task, weights, data)


def finished_run(run_id: str, teacher: str, task: str, weights: str | None, data: str | None = None) -> dict | None:
    """Return the finished run of this id: the newest of this machine's store, else a saved one.

    weights: the teacher's key, data: the task's hash, which it has to have, where given.
    """
    return records.finished(run_id, weights, data) or _saved(run_id, teacher, task, weights, data)


def _saved(run_id: str, teacher: str, task: str, weights: str | None, data: str | None) -> dict | None:
    same = (record for record in saved_runs(teacher, task) if record["id"] == run_id)
    return next((record for record in same if _fits(ground(record), weights, data)), None)


def _fits(found: Ground, weights: str | None, data: str | None) -> bool:
    return weights in (None, found[0]) and data in (None, found[1])
