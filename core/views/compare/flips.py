"""Examples that one of two students gets right and the other wrong."""

from dataclasses import dataclass

from core.data.task import Task
from core.store.saved import Truth


@dataclass(frozen=True)
class Flip:
    """An example that one of two students gets right and the other wrong. texts: one or two."""

    texts: tuple[str, ...]
    label: str
    a: str
    b: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Flips:
    """Numbers of examples that only a, only b, both or neither get right; None where the truth is not at hand. examples: of the first two."""

    only_a: int
    only_b: int
    both: int
    neither: int
    a_right: tuple[Flip, ...] = ()
    b_right: tuple[Flip, ...] = ()


def flips(a: dict, b: dict, task: Task | None, truth: Truth | None, most: int = 8) -> Flips | None:
    """Of two records on the same examples; None where they are on others, or what is true of them is not at hand."""
    if (a["task_hash"], a["split"], len(a["predictions"])) != (b["task_hash"], b["split"], len(b["predictions"])):
        return None
    split = task.split(a["split"]) if task is not None and task.hash == a["task_hash"] else None
    labels = "".join(map(str, split.labels)) if split is not None else truth.labels if truth is not None else ""
    if len(labels) != len(a["predictions"]):
        return None
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    found: dict[tuple, list[Flip]] = {(True, False): [], (False, True): []}
    for i, (label, ours, theirs) in enumerate(zip(labels, a["predictions"], b["predictions"], strict=True)):
        right = (ours == label, theirs == label)
        counts[right] += 1
        if split is not None and right in found and len(found[right]) < most:
            texts = (split.first[i], *((split.second[i],) if split.second else ()))
            words = [a["labels"][int(digit)] for digit in (label, ours, theirs)]
            found[right].append(Flip(texts, *words, tuple(split.tags[i]) if split.tags else ()))
    return Flips(counts[True, False], counts[False, True], counts[True, True], counts[False, False], tuple(found[True, False]),
                 tuple(found[False, True]))
