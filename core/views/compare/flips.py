"""Examples that one of two students gets right and the other wrong."""

from dataclasses import dataclass

from core.data.task import Task
from core.store.saved import Truth
from core.views.common.disagreements import Example, example_of


@dataclass(frozen=True)
class Flips:
    """Numbers of examples that only a, only b, both or neither get right; None where the truth is not at hand. examples: of the first two."""

    only_a: int
    only_b: int
    both: int
    neither: int
    a_right: tuple[Example, ...] = ()
    b_right: tuple[Example, ...] = ()


def flips(a: dict, b: dict, task: Task | None, truth: Truth | None, most: int = 8) -> Flips | None:
    """Of two records on the same examples; None where they are on others, or what is true of them is not at hand."""
    if (a["task_hash"], a["split"], len(a["predictions"])) != (b["task_hash"], b["split"], len(b["predictions"])):
        return None
    split = task.split(a["split"]) if task is not None and task.hash == a["task_hash"] else None
    labels = "".join(map(str, split.labels)) if split is not None else truth.labels if truth is not None else ""
    if len(labels) != len(a["predictions"]):
        return None
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    found: dict[tuple, list[Example]] = {(True, False): [], (False, True): []}
    for i, (label, ours, theirs) in enumerate(zip(labels, a["predictions"], b["predictions"], strict=True)):
        right = (ours == label, theirs == label)
        counts[right] += 1
        if split is not None and right in found and len(found[right]) < most:
            found[right].append(example_of(split, i, a["labels"], ours, theirs))
    return Flips(counts[True, False], counts[False, True], counts[True, True], counts[False, False], tuple(found[True, False]),
                 tuple(found[False, True]))
