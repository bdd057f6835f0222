"""What a run stands on besides its recipe, the teacher and the data: the one rule by which runs are the same, comparable, or an answer."""

from collections.abc import Mapping

from core.errors import LabError

Ground = tuple[str, str]


def teacher_key(record: Mapping) -> str:
    """Return what stands for the teacher of a run: its weights' hash, with its identity where it is not as it was made.

    A record from before teachers had an identity names the weights alone: it answers only for a teacher that is as it was made
    (core/models/identity.py: key_of), whose config and labels are those of its card.
    """
    teacher = record.get("teacher") or {}
    return teacher.get("key") or teacher.get("hash") or ""


def ground(record: Mapping) -> Ground:
    """Return teacher and data, as hashes. Runs of equal ground can be compared; a run answers its recipe on the ground of now alone."""
    return teacher_key(record), record.get("task_hash") or ""


def check_unchanged(record: Mapping, began: Ground) -> None:
    """Raise LabError when what several runs are made of changed while they went on."""
    if ground(record) != began:
        raise LabError("The teacher or the task's data changed while this went on, so its parts do not belong together; start it again.")
