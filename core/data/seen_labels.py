"""The labels of a training split that a student sees where some are left out or wrong: drawn once for a task, nested, each class by its share."""

import random
from collections.abc import Sequence

UNLABELLED = -100  # what a loss on labels leaves out


def seen_labels(labels: Sequence[int], classes: int, kept: int | None, wrong: float, task_hash: str) -> list[int]:
    """Return N labels as the student sees them: UNLABELLED where one is left out, another class where it is wrong.

    labels: N right ones, from 0 to classes - 1. kept: how many keep a label; those of a smaller number are among those of a larger one, and each
    class has its share of them within one example. None: all. wrong: each label is wrong with this probability; those that are wrong at a smaller
    share are wrong at a larger one too, and name the same other class. task_hash: what the draws are made from.
    """
    draw = random.Random(f"labels/{task_hash}")
    places = draw.sample(range(len(labels)), len(labels))
    luck = [draw.random() for _ in labels]
    others = [(label + draw.randrange(1, classes)) % classes if classes > 1 else label for label in labels]
    seen = [others[i] if luck[i] < wrong else label for i, label in enumerate(labels)]
    if kept is None or kept >= len(labels):
        return seen
    having = set(_interleaved(labels, places)[:kept])
    return [label if i in having else UNLABELLED for i, label in enumerate(seen)]


def _interleaved(labels: Sequence[int], places: Sequence[int]) -> list[int]:
    """Return the places in an order of which every beginning has the classes in their shares."""
    members: dict[int, list[int]] = {}
    for place in places:
        members.setdefault(labels[place], []).append(place)
    turns = [((rank + 0.5) / len(one), label, place) for label, one in members.items() for rank, place in enumerate(one)]
    return [place for *_, place in sorted(turns)]
