"""Objectives as data: a weighted sum of the losses declared in core/objectives/, and the layers that it compares."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LabError
from core.objectives import BUNDLES, LOSSES, WEIGHTINGS
from core.objectives.declarations import ATTENTION_MAPS, BETWEEN_LAYERS, FIRST_TOKEN, HIDDEN_STATES, LABELS, RELATIONS
from core.recipe.layers import check_layers

MATCHES = ("seeding", "uniform")
HIDDEN_LAYERS = ("all", "last", "all-but-last")


@dataclass(frozen=True)
class Objective:
    """A weighted sum of losses.

    name: the bundle it came from, or "custom".
    weights: (loss name, weight) pairs, sorted by name; weights positive.
    temperature: T of softened losses.
    match: the teacher layer that student layer j is compared with in the losses between layers (hidden states, attention):
        "seeding" (the one that seeded it), "uniform" (teacher layer round(j * L / K)), or one teacher layer per student layer.
    hidden_layers: which student layers the losses between layers read: "all", "last" or "all-but-last".
    emphasis: how the compared layers are weighted among themselves while the student trains, one of WEIGHTINGS; their total stays
        that of "fixed".
    """

    name: str = "custom"
    weights: tuple[tuple[str, float], ...] = ()
    temperature: float = 1.0
    match: str | tuple[int, ...] = "seeding"
    hidden_layers: str = "all"
    emphasis: str = "fixed"

    def __post_init__(self):
        if not self.weights:
            raise LabError("An objective needs at least one loss.")
        pairs = isinstance(self.weights, (tuple, list)) and all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in self.weights)
        if not pairs:
            raise LabError(f"The weights of the objective are {self.weights!r}; give each loss's name and its weight.")
        for name, weight in self.weights:
            if not isinstance(name, str) or name not in LOSSES:
                raise LabError(f"There is no loss {name!r}; choose from {', '.join(LOSSES)}.")
            if isinstance(weight, bool) or not (isinstance(weight, (int, float)) and 0 < weight < float("inf")):
                raise LabError(f"The weight of {name} is {weight!r}; it must be a positive number.")
        if len({name for name, _ in self.weights}) != len(self.weights):
            raise LabError("An objective names the same loss twice; give each loss one weight.")
        if isinstance(self.temperature, bool) or not (isinstance(self.temperature, (int, float)) and 0 < self.temperature < float("inf")):
            raise LabError(f"The temperature is {self.temperature!r}; it must be a positive number.")
        if isinstance(self.match, str) and self.match not in MATCHES:
            raise LabError(f"There is no layer matching {self.match!r}; choose seeding, uniform, or one teacher layer per student layer.")
        if not isinstance(self.match, str):
            object.__setattr__(self, "match", check_layers(self.match, allow_repeats=True))
        if self.hidden_layers not in HIDDEN_LAYERS:
            raise LabError(f"hidden_layers is {self.hidden_layers!r}; choose one of {', '.join(HIDDEN_LAYERS)}.")
        if not isinstance(self.emphasis, str) or self.emphasis not in WEIGHTINGS:
            raise LabError(f"The emphasis is {self.emphasis!r}; choose one of {', '.join(WEIGHTINGS)}.")
        if self.emphasis != "fixed" and not self.layered:
            raise LabError(f"This objective compares no layers, so the emphasis {self.emphasis} weights nothing; add a loss between layers.")
        object.__setattr__(self, "weights", tuple(sorted((name, float(weight)) for name, weight in self.weights)))
        object.__setattr__(self, "temperature", float(self.temperature))

    @property
    def needs_teacher(self) -> bool:
        return any(LOSSES[name].needs != LABELS for name, _ in self.weights)

    @property
    def softened(self) -> bool:
        """Return whether the temperature counts."""
        return any(LOSSES[name].softened for name, _ in self.weights)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Return the hidden-state losses it uses."""
        return self.needing(HIDDEN_STATES, FIRST_TOKEN)

    @property
    def first_token_only(self) -> bool:
        """Return whether it reads hidden states, and of these the first token alone."""
        return bool(self.hidden) and not self.needing(HIDDEN_STATES)

    @property
    def layered(self) -> tuple[str, ...]:
        """Return all losses between matched layers it uses."""
        return self.needing(*BETWEEN_LAYERS)

    def needing(self, *kinds: str) -> tuple[str, ...]:
        """Return the losses it uses that read signals of these kinds, named in core.objectives.declarations."""
        return tuple(name for name, _ in self.weights if LOSSES[name].needs in kinds)

    def to_dict(self) -> dict:
        """Return it ready for JSON; the emphasis is left out where it is fixed, so that older ids stay valid."""
        out = {"name": self.name, "weights": dict(self.weights), "temperature": self.temperature, "match": self.match,
               "hidden_layers": self.hidden_layers}
        return out if self.emphasis == "fixed" else out | {"emphasis": self.emphasis}


def bundle(name: str) -> Objective:
    """Return the named bundle; LabError for an unknown name."""
    if name not in BUNDLES:
        raise LabError(f"There is no objective {name!r}; choose one of {', '.join(BUNDLES)}.")
    one = BUNDLES[name]
    return Objective(name, tuple(one.weights.items()), one.temperature, one.match, one.hidden_layers)


def check_matching(objective: Objective, k: int) -> None:
    """Raise LabError when the objective names teacher layers one by one, and not one for each of k student layers."""
    match = objective.match
    if not isinstance(match, str) and len(match) != k:
        raise LabError(f"The layer matching names {len(match)} teacher layers for a student of {k}; name one per student layer.")


def matched_layers(objective: Objective, layers: Sequence[int], teacher_layers: int) -> tuple[int, ...]:
    """Return K teacher layers (1-based); the j-th is compared with student layer j. `layers` are the K that seeded the student.

    objective.match: "seeding" gives `layers` themselves; "uniform" gives j * L / K rounded, halves up and never below 1
    (the last student layer meets the last teacher layer); a tuple gives itself, where a layer may stand twice.
    Raises LabError when a layer lies outside 1..teacher_layers or the number of layers is not K.
    """
    k = len(layers)
    check_matching(objective, k)
    uniform = tuple(max(1, (2 * j * teacher_layers + k) // (2 * k)) for j in range(1, k + 1))
    matched = {"seeding": layers, "uniform": uniform}.get(objective.match, objective.match)
    return check_layers(matched, teacher_layers, allow_repeats=True)


def layers_compared(objective: Objective, k: int) -> tuple[int, ...]:
    """Return the student layers (1-based, of k) that the objective's losses between layers read.

    () when it has no such loss, and for "all-but-last" with k = 1, where those terms are zero.
    """
    if not objective.layered:
        return ()
    return {"all": tuple(range(1, k + 1)), "last": (k,), "all-but-last": tuple(range(1, k))}[objective.hidden_layers]


def hidden_layers_used(objective: Objective, k: int) -> tuple[int, ...]:
    """Return the student layers whose hidden states the objective reads."""
    return layers_compared(objective, k) if objective.hidden else ()


def attention_layers_used(objective: Objective, k: int) -> tuple[int, ...]:
    """Return the student layers whose attention the objective reads."""
    return layers_compared(objective, k) if objective.needing(ATTENTION_MAPS, RELATIONS) else ()
