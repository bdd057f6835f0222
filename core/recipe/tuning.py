"""How a teacher is fine-tuned, as data: its canonical JSON hashes to the name of the teacher's folder."""

import dataclasses
import hashlib
import json
import re
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


@dataclass(frozen=True)
class TunedName:
    """What a teacher's name says: base, fine-tuning seed, and the settings that differ from the task's defaults, None where they do not."""

    base: str
    seed: int = 0
    epochs: int | None = None
    rate: float | None = None

    @property
    def usual(self) -> bool:
        """Return whether it was fine-tuned with the task's default settings, but for the seed."""
        return self.epochs is None and self.rate is None


NAMED = "NAME@SEED?epochs=2&rate=3e-5"  # what a name can say; each part can be left out
_OPTION = r"(?:epochs=[0-9]{1,9}|rate=[0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)"
_OPTIONS = re.compile(rf"(?P<name>.+)\?(?P<options>{_OPTION}(?:&{_OPTION})*)", re.DOTALL)


def parse_teacher(name: str) -> TunedName:
    """Return what a name says: 'minilm-l6@1?epochs=2' is minilm-l6 fine-tuned with seed 1 for 2 epochs. A name that says nothing is a base's."""
    found = _OPTIONS.fullmatch(name)
    pairs = [part.split("=") for part in found["options"].split("&")] if found else []
    options = dict(pairs)
    if len(options) < len(pairs):  # one of them twice
        found, options = None, {}
    rest = found["name"] if found else name
    base, at, seed = rest.rpartition("@")
    if not (at and base and re.fullmatch("[0-9]{1,12}", seed)):
        base, seed = rest, "0"
    return TunedName(base, int(seed), int(options["epochs"]) if "epochs" in options else None, float(options["rate"]) if "rate" in options else None)


def split_teacher(name: str) -> tuple[str, int]:
    """'minilm-l6@1' -> ('minilm-l6', 1): base and fine-tuning seed; without '@', seed 0. Other settings in the name are left out."""
    parsed = parse_teacher(name)
    return parsed.base, parsed.seed


def default_tuning(teacher: str, task: str) -> Tuning:
    """Return the tuning that a teacher's name stands for on a task; what it does not say is the task's default."""
    named = parse_teacher(teacher)
    epochs, rate = _defaults(task)
    epochs, rate = (epochs if named.epochs is None else named.epochs), (rate if named.rate is None else named.rate)
    return Tuning(named.base, task, epochs, Optimiser(learning_rate=rate), named.seed)


def teacher_name(tuning: Tuning) -> str:
    """Return the name by which a run finds the teacher of this tuning: the shortest that `default_tuning` turns into it."""
    epochs, rate = _defaults(tuning.task)
    said = {"epochs": tuning.epochs} if tuning.epochs != epochs else {}
    said |= {"rate": repr(tuning.optimiser.learning_rate)} if tuning.optimiser.learning_rate != rate else {}
    options = "&".join(f"{name}={value}" for name, value in said.items())
    return tuning.base + (f"@{tuning.seed}" if tuning.seed else "") + (f"?{options}" if options else "")


def _defaults(task: str) -> tuple[int, float]:
    return DEFAULTS.get(task.partition("?")[0], USUAL)


USUAL = (4, 5e-5)  # epochs, learning rate
DEFAULTS: dict[str, tuple[int, float]] = {"composed-nli": (14, 1e-4)}
