"""The short runs of a ranking that was cut off, kept until the ranking is done, so that it goes on where it was."""

import math
from pathlib import Path

from core.home import folder
from core.models.teachers import Teacher
from core.store import saved
from core.studies.choosers.sample import Sample
from core.studies.choosers.settings import settings_for, settings_hash
from core.studies.sweep import DIGITS, append


class KeptRuns:
    """One line a finished short run: {layers, steps, loss, seconds}; a half one is not kept. No learner sees them among the runs.

    They answer for the same k, weights, data, settings and arithmetic only. seconds: wall-clock of those that `loss` gave back.
    """

    def __init__(self, teacher: Teacher, sample: Sample, k: int):
        made_of = (f"k{k}", teacher.hash, sample.task_hash, settings_hash(settings_for(sample.recipe)), sample.device.kind, sample.device.dtype)
        self.path: Path = folder("cache", "short_runs") / f"{'--'.join(made_of)}.jsonl"
        self.found = {(tuple(line["layers"]), line["steps"]): line for line in saved.read(self.path)}
        self.seconds = 0.0

    def loss(self, layers: tuple[int, ...], steps: int) -> float | None:
        """What this short run ended with, infinite where it diverged; None when it was not made."""
        line = self.found.get((layers, steps))
        if line is None:
            return None
        self.seconds += line["seconds"]
        return math.inf if line["loss"] is None else line["loss"]

    def add(self, layers: tuple[int, ...], steps: int, loss: float, seconds: float) -> float:
        """Keep a finished short run; its loss as it will be read again. LabError when the disk is full."""
        loss = round(loss, DIGITS)
        append(self.path, {"status": "finished", "layers": layers, "steps": steps, "loss": loss if math.isfinite(loss) else None, "seconds": seconds})
        return loss

    def forget(self) -> None:
        """The ranking is done: the next one is made anew."""
        self.path.unlink(missing_ok=True)
