"""The held-out splits of a run: which it reads while it trains, which decides, which is reported."""

import torch
from torch import Tensor

from core.data.batches import EncodedSplit
from core.data.task import Task
from core.training.evaluate import scores


class HeldOut:
    """The held-out splits a run reads: the check part for a short run; validation, test and with them check for a full one."""

    def __init__(self, full: bool, task: Task, splits: dict[str, EncodedSplit]):
        self.task, self.splits = task, splits
        self.read = ("validation", "test") if full else ("check",)
        self.decides, self.reported = ("validation", "test") if full else ("check", "check")
        self.check = torch.tensor(task.check_indices)
        self.check_split = splits["validation"].take(self.check)

    def parent(self, name: str) -> str:
        return "validation" if name == "check" else name

    def split(self, name: str) -> EncodedSplit:
        return self.check_split if name == "check" else self.splits[name]

    def scores(self, logits: dict[str, Tensor], teacher: dict[str, Tensor]) -> dict[str, dict]:
        """`scores` by split, from logits by split."""
        if "validation" in logits:
            logits = logits | {"check": logits["validation"][self.check]}
        if "validation" in teacher:
            teacher = teacher | {"check": teacher["validation"][self.check]}
        return {name: scores(rows, self.split(name).labels, teacher[name], self.task.split(name).tags) for name, rows in logits.items()}
