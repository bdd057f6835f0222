"""Examples on which two give different answers, student and teacher or two students, with their texts where the task can be read here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError, safe_open

from core.data.task import Split, Task
from core.models.catalogue import bundled_folder
from core.store.ground import teacher_key
from core.store.saved import Truth
from core.views.common.choice import local_task

KINDS = {"lost": "student wrong", "won": "teacher wrong", "both": "both wrong"}


@dataclass(frozen=True)
class Example:
    """One example of a split: its text or two, its label and two answers to it, as class names. tags: its groups."""

    texts: tuple[str, ...]
    label: str
    ours: str
    theirs: str
    tags: tuple[str, ...]

    @property
    def kind(self) -> str:
        if self.theirs == self.label:
            return "lost"
        return "won" if self.ours == self.label else "both"


def example_of(split: Split, place: int, labels: Sequence[str], ours: str, theirs: str) -> Example:
    """Return the example at this place of the split. labels: the class names; ours, theirs: digits of the classes answered."""
    names = [labels[int(digit)] for digit in (split.labels[place], ours, theirs)]
    texts = (split.first[place], split.second[place]) if split.second else (split.first[place],)
    return Example(texts, *names, tuple(split.tags[place]) if split.tags else ())


def disagreements(record: dict) -> tuple[list[Example], str]:
    """Return the examples on which student (`ours`) and teacher (`theirs`) differ, in the split's order; or none, and a sentence that says why."""
    task = local_task(record["recipe"]["task"])
    if task is None or task.hash != record["task_hash"]:
        return [], "The texts of this run's examples are not at hand here, so the differing answers cannot be shown."
    split = task.split(record["split"])
    teacher = teacher_predictions(record, task)
    if teacher is None or not len(teacher) == len(record["predictions"]) == len(split):
        return [], "This run's record does not hold the teacher's answers; a new run will."
    answers = zip(record["predictions"], teacher, strict=True)
    return [example_of(split, i, task.labels, ours, theirs) for i, (ours, theirs) in enumerate(answers) if ours != theirs], ""


def teacher_predictions(record: dict, task: Task) -> str | None:
    """Return the teacher's predicted classes on the run's split, as a string of digits; None when they are not known.

    They stand in the record; for older records of a bundled teacher they are read from the logits that come with it, and
    believed only where they give the agreement that the record states.
    """
    kept = record["teacher"].get("predictions")
    if kept:
        return kept
    recipe = record["recipe"]
    whole = {"check": task.validation, "validation": task.validation, "test": task.test}[record["split"]]
    rows = np.asarray(task.check_indices) if record["split"] == "check" else np.arange(len(whole))
    path = bundled_folder(recipe["teacher"], recipe["task"]) / "logits.safetensors"
    try:
        with safe_open(path, "np") as file:
            if (file.metadata() or {}).get("teacher") != teacher_key(record):
                return None
            tables = [file.get_tensor(name) for name in file.keys()]  # noqa: SIM118
    except (OSError, SafetensorError):
        return None
    for table in tables:
        if len(table) == len(whole):
            answers = "".join(map(str, table[rows].argmax(1)))
            agreement = sum(a == b for a, b in zip(answers, record["predictions"], strict=True)) / len(answers)
            return answers if abs(agreement - record["final"]["agreement"]) < 1e-4 else None
    return None


@dataclass(frozen=True)
class Flips:
    """Numbers of examples that only a, only b, both or neither get right. a_right, b_right: the first that only a, only b gets right."""

    only_a: int
    only_b: int
    both: int
    neither: int
    a_right: tuple[Example, ...] = ()
    b_right: tuple[Example, ...] = ()


def flips(a: dict, b: dict, task: Task | None, truth: Truth | None, most: int = 4) -> Flips | None:
    """Compare two records on the same examples; None where they are on others, or what is true of them is not at hand.

    task: None where its texts are not at hand; then no examples are shown. most: examples shown of each.
    """
    if (a["task_hash"], a["split"], len(a["predictions"])) != (b["task_hash"], b["split"], len(b["predictions"])):
        return None
    split = task.split(a["split"]) if task is not None and task.hash == a["task_hash"] else None
    labels = "".join(map(str, split.labels)) if split is not None else truth.labels if truth is not None else ""
    if len(labels) != len(a["predictions"]):
        return None
    answers = list(zip(a["predictions"], b["predictions"], strict=True))
    right = [(ours == label, theirs == label) for label, (ours, theirs) in zip(labels, answers, strict=True)]

    def examples(who: tuple[bool, bool]) -> tuple[Example, ...]:
        places = [place for place, one in enumerate(right) if one == who][:most] if split is not None else ()
        return tuple(example_of(split, place, a["labels"], *answers[place]) for place in places)

    a_alone, b_alone = (True, False), (False, True)
    counts = Counter(right)
    return Flips(counts[a_alone], counts[b_alone], counts[True, True], counts[False, False], examples(a_alone), examples(b_alone))
