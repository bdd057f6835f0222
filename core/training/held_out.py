"""The held-out splits of a run: which it reads while it trains, which decides, which is reported."""

from collections.abc import Iterator

import torch
from torch import Tensor

from core.data.batches import EncodedSplit
from core.data.task import Task
from core.models.teachers import Teacher
from core.training.device import Device
from core.training.evaluate import figures, predicting, scores
from core.training.events import Event, followed
from core.training.signals import SignalRequest, prepare


class HeldOut:
    """The held-out splits a run reads: the check part for a short run, validation, test and with them check for a full one.

    test: a short run reads the test split too, which is reported then; the check part still decides.
    """

    def __init__(self, full: bool, task: Task, splits: dict[str, EncodedSplit], test: bool = False):
        self.task, self.splits = task, splits
        self.decides = "validation" if full else "check"
        self.reported = "test" if full or test else "check"
        self.read = tuple(dict.fromkeys((self.decides, self.reported)))
        self.check = torch.tensor(task.check_indices)
        self.check_split = splits["validation"].take(self.check)

    def split(self, name: str) -> EncodedSplit:
        return self.check_split if name == "check" else self.splits[name]

    def of_check(self, logits: dict[str, Tensor]) -> Tensor:
        """Return the logits, (N, C), of the check part, from those by split."""
        return logits["check"] if "check" in logits else logits["validation"][self.check]

    def scores(self, logits: dict[str, Tensor], teacher: dict[str, Tensor]) -> dict[str, dict]:
        """`scores` by split, from logits by split."""
        with_check = lambda rows: rows | {"check": self.of_check(rows)} if "validation" in rows else rows
        logits, teacher = with_check(logits), with_check(teacher)
        return {name: scores(rows, self.split(name).labels, teacher[name], self.task.split(name).tags) for name, rows in logits.items()}

    def predicting(self, model, names, device: Device) -> Iterator[Event]:
        """Yield turns; returns the model's logits by split."""
        logits = {}
        for name in names:
            logits[name] = yield from predicting(model, self.split(name), device)
        return logits

    def asking(self, teacher: Teacher, device: Device) -> Iterator[Event]:
        """Yield turns and stages; returns the teacher's logits by split, kept ones where there are any."""
        logits = {}
        for name in self.read:
            split = self.splits["validation" if name == "check" else name]
            signals = yield from followed(prepare(teacher, split, SignalRequest(), device), "Asking the teacher")
            logits[name] = signals.logits.cpu()[self.check] if name == "check" else signals.logits.cpu()
        return logits

    def report(self, teacher: dict, initial: dict, final: dict, reported: str, decides: str) -> dict:
        """Return the part of a record with the figures on the reported split; all arguments are results by split."""
        found = {
            "split": reported,
            "teacher": figures(teacher[reported]) | {"predictions": teacher[reported]["predictions"], "curve_accuracy": teacher[decides]["accuracy"]},
            "initial": figures(initial[reported]) | {"predictions": initial[reported]["predictions"]},
            "final": {name: value for name, value in final[reported].items() if name != "predictions"},
            "predictions": final[reported]["predictions"], "majority": self.task.split(reported).majority(),
        }
        if reported == "test":
            results = {"teacher": teacher, "initial": initial, "final": final}
            found["check"] = {name: figures(result["check"]) for name, result in results.items()} | {"predictions": final["check"]["predictions"]}
        return found
