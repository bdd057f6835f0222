"""What a task is: named splits of labelled text, single or in pairs."""

import hashlib
import json
import random
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

CHECK_SIZE = 600


@dataclass(frozen=True)
class Split:
    """N labelled examples, in a fixed order.

    first: N texts. second: N texts for pairs, else None. labels: N class indices.
    tags: per example a tuple of "group:value" or plain group names, over which accuracy is also reported; may be empty.
    clusters: per example the number of its cluster (examples that share text), for the bootstrap; None when all are alone.
    """

    first: tuple[str, ...]
    second: tuple[str, ...] | None
    labels: tuple[int, ...]
    tags: tuple[tuple[str, ...], ...] = ()
    clusters: tuple[int, ...] | None = None

    def __post_init__(self):
        n = len(self.labels)
        for name, value in (("first", self.first), ("second", self.second), ("tags", self.tags or None), ("clusters", self.clusters)):
            if value is not None and len(value) != n:
                raise ValueError(f"{name} has {len(value)} entries for {n} labels")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices) -> "Split":
        """Return the examples at these positions, in this order."""
        pick = lambda values: tuple(values[i] for i in indices) if values else values
        return Split(pick(self.first), pick(self.second), pick(self.labels), pick(self.tags), pick(self.clusters))

    def majority(self) -> float:
        """Return the share of the most frequent label: the accuracy of always guessing it."""
        return max(Counter(self.labels).values()) / len(self)


@dataclass(frozen=True)
class Classes:
    """A task's C classes, and what ties them to a teacher's. names: in the task's order.

    numbers: what the data call them where they hold numbers, else None. mapped: the task's address gave a label map.
    called: where names are numbers, what the data themselves say that they stand for, else None.
    """

    names: tuple[str, ...]
    numbers: tuple[int, ...] | None = None
    mapped: bool = False
    called: tuple[str, ...] | None = None

    @property
    def numbered(self) -> bool:
        """Whether the classes stand in the order of the teacher's, by the address's word."""
        return self.mapped and self.numbers is None


@dataclass(frozen=True)
class Task:
    """A task ready to use.

    name: what the recipe calls it. labels: class names by index. card: markdown about where it comes from, its
    splits, baselines and limits. max_length: longest input in tokens; longer ones are cut. numbers, mapped, called: of its classes.
    """

    name: str
    labels: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    card: str = ""
    max_length: int = 128
    numbers: tuple[int, ...] | None = None
    mapped: bool = False
    called: tuple[str, ...] | None = None

    @property
    def classes(self) -> Classes:
        """Return its classes with what ties them to a teacher's."""
        return Classes(self.labels, self.numbers, self.mapped, self.called)

    @property
    def numbered(self) -> bool:
        """Whether its classes stand in the order of the teacher's, by the address's word."""
        return self.classes.numbered

    def split(self, name: str) -> Split:
        """Return train, validation, test, or check: the fixed, stratified part of validation that short runs read."""
        if name == "check":
            return self.validation.take(self.check_indices)
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    @cached_property
    def check_indices(self) -> tuple[int, ...]:
        """Return at most 600 positions in validation, ascending, with its label shares; the same on every machine."""
        return stratified(self.validation.labels, CHECK_SIZE, seed=0)

    @cached_property
    def hash(self) -> str:
        """Return the first 16 hex digits of the sha256 of labels and all splits: records under another hash are not comparable."""
        splits = [(s.first, s.second, s.labels) for s in (self.train, self.validation, self.test)]
        text = json.dumps([self.labels, splits, self.max_length], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def stratified(labels, n: int, seed: int) -> tuple[int, ...]:
    """Choose n positions (all, when there are fewer), ascending, with each label's share kept within one example."""
    total = len(labels)
    if n >= total:
        return tuple(range(total))
    by_label: dict[int, list[int]] = {}
    for i, label in enumerate(labels):
        by_label.setdefault(label, []).append(i)
    exact = {label: n * len(members) / total for label, members in by_label.items()}
    counts = {label: int(share) for label, share in exact.items()}
    for label in sorted(exact, key=lambda label: (counts[label] - exact[label], label))[: n - sum(counts.values())]:
        counts[label] += 1
    chosen = []
    for label in sorted(by_label):
        chosen += random.Random(f"{seed}/{label}").sample(by_label[label], counts[label])
    return tuple(sorted(chosen))
