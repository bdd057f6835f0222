"""What decides a staged run, as data, and what one stage of it is."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from core.errors import LabError
from core.recipe import Objective, Recipe

METHODS: dict[str, str] = {
    "one-stage": "the chosen layers, all steps at once: what the others are compared with",
    "shrinking": "from all layers to K, the layer to remove chosen from the student's own loss at each stage",
    "theseus": "student layers replace blocks of the teacher with rising probability, then are fine-tuned",
    "two-stage": "hidden states first, then the recipe's objective",
}
PATIENCE = 1  # ours: evaluations without a lower validation loss after which a stage of shrinking ends
FIRST_SHARE = 0.5  # ours: of the steps, in theseus and two-stage
REPLACING = 0.3  # the probability of replacing at the start: the usual setting of the authors' linear schedule


@dataclass(frozen=True)
class Staged:
    """method: one of METHODS. recipe: teacher, task, objective, budget over all stages, optimiser and seed.

    The recipe's layers seed the student, except in shrinking, which starts from all layers and ends with as many as the recipe has.
    remove: how many layers a stage of shrinking takes away at most. test: the final student is measured on the test split although the
    budget is in steps, as studies at equal FLOPs need.
    """

    method: str
    recipe: Recipe
    remove: int = 1
    test: bool = False

    def __post_init__(self):
        if self.method not in METHODS:
            raise LabError(f"There is no staged method {self.method!r}; choose one of {', '.join(METHODS)}.")
        if isinstance(self.remove, bool) or not isinstance(self.remove, int) or self.remove < 1:
            raise LabError(f"A stage removes {self.remove!r} layers; it must be a whole number of at least 1.")
        if self.recipe.seeding.untrained_layers or self.recipe.allow_repeats:
            raise LabError("A staged run starts from trained layers, each once; leave untrained layers and repeats out.")

    @property
    def id(self) -> str:
        """Return 12 hex digits; never the id of a recipe."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"staged/{text}".encode()).hexdigest()[:12]

    @classmethod
    def of(cls, record: dict) -> "Staged":
        """Return what decided a staged run, from its record."""
        kept = record["staged"]
        return cls(kept["method"], Recipe.from_dict(record["recipe"]), kept.get("remove", 1), kept.get("test", False))

    def to_dict(self) -> dict:
        """Return it JSON-ready, with the settings that the method uses. Where shrinking starts does not depend on the recipe's layers, only on K."""
        recipe = self.recipe.to_dict()
        out = {"method": self.method, "recipe": recipe}
        if self.method == "shrinking":
            recipe["layers"] = len(recipe["layers"])
            out |= {"remove": self.remove, "patience": PATIENCE}
        elif self.method != "one-stage":
            out["first_share"] = FIRST_SHARE
        out |= {"test": True} if self.test else {}
        return out | ({"replacing": REPLACING} if self.method == "theseus" else {})


@dataclass(frozen=True)
class Stage:
    """One Session. layers: the teacher layers that the student's come from. start: (seeded student, on its device) -> the model that is trained.

    patience: evaluations without a lower validation loss after which it ends; None: it makes all its steps. choice: JSON-ready, what was
    chosen for it and why. extra_flops: of a training step, besides the student's own.
    """

    name: str
    layers: tuple[int, ...]
    objective: Objective
    steps: int
    start: Callable
    patience: int | None = None
    choice: dict = field(default_factory=dict)
    extra_flops: float = 0.0
