"""A blind reading: pairs without their labels, and how far a reader agrees with the labels."""

import random
from collections import Counter
from collections.abc import Sequence

from core.data.task import Task

PARTS = ("train", "validation", "test")


def sample(task: Task, n: int, seed: int) -> list[tuple[str, int]]:
    """Draw n examples from all splits together, as (split, position)."""
    everything = [(part, i) for part in PARTS for i in range(len(task.split(part)))]
    return random.Random(seed).sample(everything, min(n, len(everything)))


def kappa(a: Sequence, b: Sequence) -> float:
    """Compute Cohen's kappa of two labellings of the same N items: agreement beyond what the two label shares alone would give.

    Cohen 1960, "A coefficient of agreement for nominal scales". NaN when chance agreement is 1.
    """
    n = len(a)
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / n
    shares = Counter(a), Counter(b)
    expected = sum(shares[0][label] * shares[1][label] for label in shares[0]) / n**2
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")
