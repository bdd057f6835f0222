"""How a teacher is fine-tuned, as data: its canonical JSON hashes to the name of the teacher's folder."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass

from core.errors import LabError
from core.recipe.recipe import Optimiser


@dataclass(frozen=True)
class Tuning:
    """Fine-tune `base` (a catalogue name, hub id or local folder) on `task` with a fresh head, on labels alone."""

    base: str
    task: str
    epochs: int = 4
    optimiser: Optimiser = Optimiser(learning_rate=5e-5)
    seed: int = 0

    def __post_init__(self):
        if isinstance(self.epochs, bool) or not isinstance(self.epochs, int) or not 1 <= self.epochs <= 1000:
            raise LabError(f"The number of epochs is {self.epochs!r}; it must be a whole number from 1 to 1000.")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**31:
            raise LabError(f"The seed is {self.seed!r}; it must be a whole number from 0 to 2147483647.")

    def to_dict(self) -> dict:
        return dataclasses.asdict(self)

    @property
    def id(self) -> str:
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def split_teacher(name: str) -> tuple[str, int]:
    """'minilm-l6@1' -> ('minilm-l6', 1): the teacher fine-tuned with another seed; without '@', seed 0."""
    base, at, seed = name.rpartition("@")
    if at and base and seed.isdigit():
        return base, int(seed)
    return name, 0


def default_tuning(teacher: str, task: str) -> Tuning:
    """Return the tuning that the plain teacher name stands for on a task."""
    base, seed = split_teacher(teacher)
    epochs, rate = DEFAULTS.get(task, (4, 5e-5))
    return Tuning(base, task, epochs, Optimiser(learning_rate=rate), seed)


DEFAULTS: dict[str, tuple[int, float]] = {"composed-nli": (14, 1e-4)}
