"""Harmed copies of a task of pairs, to measure what a model can read from less.

`hypothesis:TASK` gives the second text alone; `shuffled:TASK` gives both with their words in a random order.
Gururangan et al. 2018, "Annotation artifacts in natural language inference data", and Poliak et al. 2018 use the first;
Sinha et al. 2021, "UnNatural language inference", the second.
"""

import dataclasses
import random
from collections.abc import Callable

from core.data.task import Split, Task
from core.errors import LabError


def _shuffle(text: str) -> str:
    """Return the words in an order that depends on the text alone; the final full stop stays last."""
    words = text.rstrip(".").split()
    random.Random(text).shuffle(words)
    return " ".join(words) + "." * text.endswith(".")


PROBES: dict[str, Callable[[Split], Split]] = {
    "hypothesis": lambda split: dataclasses.replace(split, first=split.second, second=None),
    "shuffled": lambda split: dataclasses.replace(split, first=tuple(map(_shuffle, split.first)), second=tuple(map(_shuffle, split.second))),
}


def harm(name: str, probe: str, task: Task) -> Task:
    """Return the task with every split harmed. LabError for a task of single texts."""
    if task.train.second is None:
        raise LabError(f"{task.name} has one text an example, so {name} does not exist; name a task of pairs.")
    splits = {part: PROBES[probe](task.split(part)) for part in ("train", "validation", "test")}
    return dataclasses.replace(task, name=name, card="", **splits)
