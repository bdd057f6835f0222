"""The recipe: all that decides a run, in one frozen dataclass whose canonical JSON hashes to the run's id."""

import dataclasses
import hashlib
import json
import typing
from dataclasses import dataclass

from core.errors import LabError
from core.objectives.declarations import LABELS
from core.recipe.budget import RUNGS, Budget
from core.recipe.labels import Labels
from core.recipe.layers import check_layers
from core.recipe.objective import Objective, bundle, check_matching, layers_compared

PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True)
class Seeding:
    """What the student starts from besides the chosen layers.

    copy_embeddings: the teacher's embeddings (and relative-position tables), else fresh ones.
    fresh_head: a newly drawn pooler and classifier, else the teacher's.
    untrained_layers: the control: fresh layers, all else copied.
    """

    copy_embeddings: bool = True
    fresh_head: bool = False
    untrained_layers: bool = False


@dataclass(frozen=True)
class Optimiser:
    """AdamW with linear warm-up and linear decay to zero.

    learning_rate: its peak. warmup: share of the steps. clip: largest gradient norm, over all parameters.
    precision: "auto" is bf16 autocast where the device gains by it, else fp32.
    freeze_embeddings: embeddings take no update.
    """

    learning_rate: float = 2e-4
    batch_size: int = 32
    weight_decay: float = 0.01
    warmup: float = 0.1
    clip: float = 1.0
    freeze_embeddings: bool = False
    precision: str = "auto"

    def __post_init__(self):
        for name, least, most in (("learning_rate", 0.0, 1.0), ("weight_decay", 0.0, 1.0), ("warmup", 0.0, 1.0), ("clip", 0.0, 1e9)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
                raise LabError(f"The {name.replace('_', ' ')} is {value!r}; it must be a number from {least:g} to {most:g}.")
            object.__setattr__(self, name, float(value))
        if isinstance(self.batch_size, bool) or not isinstance(self.batch_size, int) or not 1 <= self.batch_size <= 4096:
            raise LabError(f"The batch size is {self.batch_size!r}; it must be a whole number from 1 to 4096.")
        if self.precision not in PRECISIONS:
            raise LabError(f"The precision is {self.precision!r}; choose one of {', '.join(PRECISIONS)}.")


@dataclass(frozen=True)
class Recipe:
    """All that decides a run. `layers` names the teacher layers in order; the j-th seeds student layer j.

    With `seeding.untrained_layers` the layers only give the student's size and the matching of hidden-state losses.
    """

    teacher: str
    task: str
    layers: tuple[int, ...]
    objective: Objective = bundle("hinton")
    budget: Budget = RUNGS["full"]
    optimiser: Optimiser = Optimiser()
    seeding: Seeding = Seeding()
    seed: int = 0
    allow_repeats: bool = False
    labels: Labels = Labels()

    def __post_init__(self):
        for name in ("teacher", "task"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise LabError(f"The recipe names no {name}; give one.")
        object.__setattr__(self, "layers", check_layers(self.layers, allow_repeats=self.allow_repeats))
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**31:
            raise LabError(f"The seed is {self.seed!r}; it must be a whole number from 0 to 2147483647.")
        check_matching(self.objective, self.k)
        only_layered = len(self.objective.layered) == len(self.objective.weights)
        if only_layered and not layers_compared(self.objective, self.k):
            raise LabError("A student of one layer has no layer before its last, so this objective compares nothing; add a loss on logits.")
        self._check_labels()

    def _check_labels(self) -> None:
        if self.labels.usual:
            return
        if not self.objective.needing(LABELS):
            raise LabError("This objective reads no labels, so leaving some out or making them wrong changes nothing; choose one with "
                           "cross-entropy, or keep all labels right.")
        if self.labels.kept == 0 and not self.objective.needs_teacher:
            raise LabError("This objective learns from labels alone, and none is kept; keep some labels, or choose one that asks the teacher.")

    @property
    def k(self) -> int:
        return len(self.layers)

    @property
    def id(self) -> str:
        """Return the first 12 hex digits of the sha256 of the canonical JSON."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()[:12]

    def to_dict(self) -> dict:
        out = dataclasses.asdict(self)
        out["objective"] = self.objective.to_dict()
        if self.labels.usual:  # so that older ids stay valid
            del out["labels"]
        return json.loads(json.dumps(out))

    def canonical(self) -> str:
        """Return JSON with sorted keys and no spaces: equal recipes give equal text."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @classmethod
    def from_dict(cls, data: dict) -> "Recipe":
        """Make a recipe from what `to_dict` gives. Unknown keys and wrong types raise LabError; missing keys take their defaults."""
        return _build(cls, data, "recipe")

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        try:
            return cls.from_dict(json.loads(text))
        except json.JSONDecodeError as error:
            raise LabError(f"The recipe is not valid JSON ({error.msg} at line {error.lineno}).") from None


def _build(cls, data, where: str):
    if not isinstance(data, dict):
        raise LabError(f"The {where} must be a JSON object, not {type(data).__name__}.")
    hints = typing.get_type_hints(cls)
    unknown = sorted(set(data) - set(hints))
    if unknown:
        raise LabError(f"The {where} has an unknown key {unknown[0]!r}; it takes {', '.join(hints)}.")
    values = {name: _value(hints[name], value, f"{where}.{name}") for name, value in data.items()}
    missing = [f.name for f in dataclasses.fields(cls) if f.default is dataclasses.MISSING and f.name not in values]
    if missing:
        raise LabError(f"The {where} lacks {missing[0]!r}.")
    return cls(**values)


def _value(hint, value, where: str):
    """Return a JSON value as a dataclass holds it: lists as tuples, objects as dataclasses. LabError when it has another type."""
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, where)
    if where.endswith("objective.weights") and isinstance(value, dict):
        return tuple(value.items())
    if isinstance(value, list):
        return tuple(value)
    if typing.get_origin(hint) is tuple:  # not a list: the dataclass says what it takes
        return value
    if hint is float and type(value) is int:
        return float(value)
    allowed = tuple(kind for kind in typing.get_args(hint) or (hint,) if isinstance(kind, type))
    if not isinstance(value, allowed) or (isinstance(value, bool) and hint is not bool):
        raise LabError(f"{where} is {value!r}, which is not of the right type.")
    return value
