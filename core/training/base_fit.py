"""How a teacher that still has to learn a task fits it: tokenizer, words, lengths and positions, looked at before it is fine-tuned."""

from dataclasses import replace
from pathlib import Path

import torch

from core.data.batches import encode
from core.data.catalogue import load as load_task
from core.data.task import Split, Task
from core.errors import LabError
from core.models.catalogue import base_here
from core.models.families import layer_count
from core.models.teachers import Teacher, load_model, load_tokenizer
from core.recipe.tuning import split_teacher
from core.training.fit import Stops, check

MOST = 6000  # examples of a split that are looked at: others wait meanwhile


def base_fit(teacher: str, task_name: str) -> dict:
    """Return {figures, warnings, stops} as `check` does, of the teacher's base and at most MOST examples of each split; nothing is kept.

    LabError where the base is not on this machine, or cannot be loaded.
    """
    task, base = load_task(task_name), split_teacher(teacher)[0]
    source: Path | None = base_here(base)
    if source is None:
        raise LabError(f"The weights of {base} are not on this machine yet, so how it fits is looked at when they have been downloaded.")
    with torch.random.fork_rng(devices=[]):  # what trains meanwhile keeps its random numbers
        model = load_model(source, fresh_labels=task.labels)
    tokenizer = load_tokenizer(source)
    looked = sampled(task)
    try:
        return check(Teacher(base, source, model, tokenizer, "", "", "", layer_count(model.config)), looked, encode(looked, tokenizer))
    except Stops as error:
        return {"figures": {}, "warnings": [], "stops": {"kind": error.kind, "sentence": str(error)}}


def sampled(task: Task) -> Task:
    """Return the task with at most MOST examples of each split, evenly taken."""
    few = {name: _few(task.split(name)) for name in ("train", "validation", "test")}
    return task if all(len(split) == len(task.split(name)) for name, split in few.items()) else replace(task, **few)


def _few(split: Split) -> Split:
    return split.take(range(0, len(split), max(1, -(-len(split) // MOST))))
