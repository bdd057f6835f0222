"""Matching: which teacher layer each student layer is compared with in the losses between layers."""

from collections.abc import Sequence

from core.errors import LabError
from core.objectives.declarations import ATTENTION_MAPS, RELATIONS
from core.recipe.layers import check_layers
from core.recipe.objective import Objective


def matched_layers(objective: Objective, layers: Sequence[int], teacher_layers: int) -> tuple[int, ...]:
    """Return K teacher layers (1-based); the j-th is compared with student layer j. `layers` are the K that seeded the student.

    objective.match: "seeding" gives `layers` themselves; "uniform" gives j * L / K rounded, halves up and never below 1
    (the last student layer meets the last teacher layer); a tuple gives itself, where a layer may stand twice.
    Raises LabError when a layer lies outside 1..teacher_layers or the number of layers is not K.
    """
    k = len(layers)
    if objective.match == "seeding":
        matched = tuple(layers)
    elif objective.match == "uniform":
        matched = tuple(max(1, (2 * j * teacher_layers + k) // (2 * k)) for j in range(1, k + 1))
    else:
        matched = tuple(objective.match)
    if len(matched) != k:
        raise LabError(f"The layer matching names {len(matched)} teacher layers for a student of {k}; name one per student layer.")
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
