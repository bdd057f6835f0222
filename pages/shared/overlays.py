"""Scores of the teacher's layers that the diagram can show on its blocks. No Streamlit.

A new score of a teacher's layers is a line in MEASURED; one that comes from runs is a function (Ground) -> Overlay or None.
"""

import math
from dataclasses import dataclass

from core.figures import Overlay
from core.store import layer_scores
from pages.shared import ranking

# name in core/store/layer_scores -> (title, what it means, form, end of a full bar; None: the largest)
MEASURED = {
    "influence": (
        "Block Influence", "One minus the cosine between what enters the layer and what leaves it, averaged over tokens: how much it changes.",
        ".2f", None,
    ),
    "exit_accuracy": ("accuracy when stopping there", "The teacher's own head, read after this layer.", ".0%", 1.0),
    "probe_accuracy": ("a linear probe's accuracy", "A linear classifier trained on the layer's states: what can be read off them.", ".0%", 1.0),
    "attention_entropy": ("attention entropy", "In nats, averaged over heads: how widely the layer's attention spreads.", ".1f", None),
    "attention_distance": ("attention distance", "In tokens, averaged over heads: how far the layer's attention reaches.", ".1f", None),
}
FROM_RUNS = {
    "norms": ("how far its copy moved", "The norm of the weight update of the student layer that the block seeded, in the run shown."),
    "accuracies": (
        "accuracy with it, on average", "The mean test accuracy of the saved full runs of this size that use the layer. A bar is empty at "
        "always naming one class and full at the teacher's accuracy.",
    ),
}


@dataclass(frozen=True)
class Ground:
    """What scores are made from. layers: the teacher's; k: the chosen student's. weights: the teacher's hash, None while it is not ready.

    record: the run that the page shows, None when there is none of this teacher and task. saved: the saved runs of them that may be seen.
    """

    task: str
    layers: int
    k: int
    weights: str | None
    record: dict | None
    saved: list[dict]


def offered(ground: Ground) -> dict[str, Overlay]:
    """The scores that there are, by name."""
    made = {"norms": update_norms(ground), "accuracies": mean_accuracies(ground), **measured(ground)}
    return {name: overlay for name, overlay in made.items() if overlay is not None}


def measured(ground: Ground) -> dict[str, Overlay]:
    """What was measured inside this teacher on this task."""
    inside = layer_scores.find(ground.weights, ground.task) if ground.weights else None
    found = layer_scores.by_layer(inside) if inside else {}
    made = {}
    for name, (title, _, form, end) in MEASURED.items():
        values = found.get(name)
        if values:
            made[name] = Overlay(title, values, 0.0, end or max(values.values()), form)
    return made


def update_norms(ground: Ground) -> Overlay | None:
    """How far the weights moved that each layer seeded, in the run shown; a layer that seeded two counts with both."""
    if ground.record is None or ground.record["recipe"]["seeding"]["untrained_layers"]:
        return None
    squares: dict[int, float] = {}
    for place, layer in enumerate(ground.record["recipe"]["layers"], 1):
        squares[layer] = squares.get(layer, 0.0) + (ground.record["update_norms"].get(str(place)) or 0.0) ** 2
    values = {layer: math.sqrt(square) for layer, square in squares.items()}
    return Overlay("update norm", values, 0.0, max(values.values()))


def mean_accuracies(ground: Ground) -> Overlay | None:
    """Mean test accuracy of the saved full runs that use each layer; a bar runs from always one class to the teacher."""
    found = ranking.table(ground.k, ground.weights, ground.saved)
    if found is None or len(found.runs) < ranking.needed(ground.k, ground.layers):
        return None
    values = {}
    for layer in range(1, ground.layers + 1):
        used = [run["final"]["accuracy"] for choice, runs in found.runs.items() if layer in choice for run in runs]
        if used:
            values[layer] = sum(used) / len(used)
    any_run = next(iter(found.runs.values()))[0]
    return Overlay("mean accuracy with it", values, any_run["majority"], any_run["teacher"]["accuracy"], ".1%")


def title(name: str) -> str:
    return (FROM_RUNS | MEASURED)[name][0]


def meaning(name: str) -> str:
    return (FROM_RUNS | MEASURED)[name][1]
