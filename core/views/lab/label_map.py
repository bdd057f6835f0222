"""Saying which of a teacher's classes is which of a task's labels: the rows of the form, and the address that its answer gives."""

from collections.abc import Sequence

from core.data.address import map_text, options_of, with_option
from core.data.naming import listed
from core.errors import LabError
from core.models.labels import UnmatchedLabels


def questions(unmatched: UnmatchedLabels) -> list[tuple[str, int]]:
    """Return for each of the task's labels how it is called, and the teacher's class that is offered first."""
    classes = unmatched.classes
    names = classes.names
    if classes.numbers and not all(name == str(number) for name, number in zip(names, classes.numbers)):
        names = [f"{name} ({number} in the data)" for name, number in zip(names, classes.numbers)]
    return list(zip(names, unmatched.proposal))


def address(task: str, unmatched: UnmatchedLabels, picked: Sequence[int]) -> str:
    """Return the task's address with the map that makes class picked[i] of the teacher the task's class i.

    LabError when a class of the teacher is picked twice, or its names cannot be told apart.
    """
    twice = next((place for place in picked if list(picked).count(place) > 1), None)
    if twice is not None:
        left = [name for i, name in enumerate(unmatched.teacher) if i not in picked]
        raise LabError(f"The teacher's class {unmatched.teacher[twice]} is chosen twice, and {listed(left)} not at all; choose each once.")
    said = map_text(unmatched.classes, unmatched.teacher, picked)
    options_of({"labels": said})
    return with_option(task, "labels", said)
