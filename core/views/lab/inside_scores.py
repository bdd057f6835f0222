"""What was measured inside a teacher, for any page: here, or saved with the program."""

from core.store import layer_scores
from core.views.common.recipe_runs import teacher_hash


def inside_of(teacher: str, task: str) -> dict | None:
    """The scores of the weights that a run would use now (core/studies/inside/measure.py); None while there are none.

    For a run that is over, core.store.layer_scores.read(record["teacher"]["hash"], record["task_hash"]) gives those of its own weights.
    """
    weights = teacher_hash(teacher, task)
    return layer_scores.find(weights, task) if weights else None
