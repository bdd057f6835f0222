"""Runs that answer a recipe: kept on this machine, or saved with the program."""

from core.errors import LabError
from core.store import records
from core.store.saved import saved_runs
from core.views.common.choice import teacher_status


def teacher_hash(teacher: str, task: str) -> str | None:
    """Of the weights that a run would use now; None while there are none."""
    try:
        status = teacher_status(teacher, task)
    except LabError:
        return None
    return status.hash if status.ready else None


def finished_run(run_id: str, teacher: str, task: str, weights: str | None, data: str | None = None) -> dict | None:
    """Return the finished run of this id: the newest of this machine's store, else a saved one. weights, data: hashes it has to have, where given."""
    found = records.finished(run_id, weights, data)
    if found:
        return found
    same = (record for record in saved_runs(teacher, task) if record["id"] == run_id)
    return next((r for r in same if weights in (None, r["teacher"]["hash"]) and data in (None, r["task_hash"])), None)
