"""Examples on which student and teacher give different answers, with their texts where the task can be read here."""

from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError, safe_open

from core.data import reviews, sick
from core.data.catalogue import load
from core.data.task import Task
from core.errors import LabError
from core.models.catalogue import bundled_folder

KINDS = {
    "lost": "student wrong",
    "won": "teacher wrong",
    "both": "both wrong",
}


@dataclass(frozen=True)
class Example:
    """One example of the run's split: its texts, and what label, student and teacher say, as class names. tags: its groups."""

    first: str
    second: str | None
    label: str
    student: str
    teacher: str
    tags: tuple[str, ...]

    @property
    def kind(self) -> str:
        if self.teacher == self.label:
            return "lost"
        return "won" if self.student == self.label else "both"


def local_task(name: str) -> Task | None:
    """The task, when it can be read without a download."""
    try:
        local = name == "composed-nli" or name.startswith("file:")
        here = local or (name == "sick" and sick.path()) or (name == "reviews" and reviews.located())
        return load(name) if here else None
    except LabError:
        return None


def disagreements(record: dict) -> tuple[list[Example], str]:
    """The examples in the split's order; or none, and a sentence that says why."""
    task = local_task(record["recipe"]["task"])
    if task is None or task.hash != record["task_hash"]:
        return [], "The texts of this run's examples are not at hand here, so the differing answers cannot be shown."
    split = task.split(record["split"])
    teacher = teacher_predictions(record, task)
    if teacher is None or not len(teacher) == len(record["predictions"]) == len(split):
        return [], "This run's record does not hold the teacher's answers; a new run will."
    found = []
    for i, (ours, theirs) in enumerate(zip(record["predictions"], teacher, strict=True)):
        if ours != theirs:
            names = [task.labels[n] for n in (split.labels[i], int(ours), int(theirs))]
            found.append(Example(split.first[i], split.second[i] if split.second else None, *names, split.tags[i] if split.tags else ()))
    return found, ""


def teacher_predictions(record: dict, task: Task) -> str | None:
    """The teacher's predicted classes on the run's split, as a string of digits; None when they are not known.

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
            if (file.metadata() or {}).get("teacher") != record["teacher"]["hash"]:
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
