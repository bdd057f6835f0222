"""Scores of the teacher's layers that the diagram can show on its blocks.

A new score of a teacher's layers is a line in MEASURED (probes of one phenomenon need none); one that comes from runs is a function
(Ground) -> Overlay or None.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.figures import Overlay
from core.findings.evidence import choice_of
from core.findings.explanation.prediction import ascending, choices_needed
from core.findings.landscape import Landscape, full_landscape
from core.store import layer_scores
from core.store.ground import teacher_key
from core.studies.choosers.methods import CHOOSERS
from core.views.common.result import group_name

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
    "cka_before": (
        "CKA with the layer before", "1: the layer leaves its input as it was, up to rotation and scale; near 0: it makes another of it.", ".2f", 1.0,
    ),
    "angular_before": ("angle to the layer before", "The angle by which the layer turns the first token's state; 0.5 is a right angle.", ".2f", 0.5),
}
CHOOSER = "chooser "  # the scores of a chooser: this, and its name
FROM_RUNS = {
    "norms": ("how far its copy moved", "The norm of the weight update of the student layer that the block seeded, in the run shown.", "", None),
    "accuracies": (
        "accuracy with it, on average", "The mean test accuracy of the saved full runs of this size that use the layer. A bar is empty at "
        "always naming one class and full at the teacher's accuracy.", "", None,
    ),
}


@dataclass(frozen=True)
class Ground:
    """What scores are made from. layers: the teacher's; k: the chosen student's. weights: the teacher's key, None while it is not ready.

    record: the run that the page shows, None when there is none of this teacher and task. saved: the saved runs of them that may be seen.
    data: the task's hash, None while it is unknown.
    """

    task: str
    layers: int
    k: int
    weights: str | None
    record: dict | None
    saved: list[dict]
    data: str | None = None


def offered(ground: Ground) -> dict[str, Overlay]:
    """Return the scores that there are, by name."""
    made = {"norms": update_norms(ground), "accuracies": mean_accuracies(ground), **measured(ground), **by_choosers(ground)}
    return {name: overlay for name, overlay in made.items() if overlay is not None}


def measured(ground: Ground) -> dict[str, Overlay]:
    """Return what was measured inside this teacher on this task."""
    inside = layer_scores.find(ground.weights, ground.task, data=ground.data) if ground.weights else None
    found = layer_scores.by_layer(inside) if inside else {}
    made = {}
    for name in [name for name in (*MEASURED, *(one for one in found if one.startswith(layer_scores.PROBE))) if found.get(name)]:
        called, _, form, end = described(name)
        made[name] = Overlay(called, found[name], 0.0, end or max(found[name].values()), form)
    return made


def by_choosers(ground: Ground) -> dict[str, Overlay | None]:
    """Return the scores by layer of the choosers that were run here for this teacher, task and size."""
    made = {}
    for name in CHOOSERS if ground.weights else ():
        document = layer_scores.find(ground.weights, ground.task, f"choices--{name}--k{ground.k}", ground.data)
        made[CHOOSER + name] = chooser_scores(document) if document else None
    return made


def chooser_scores(document: dict) -> Overlay | None:
    """Return a chooser's scores by layer; None for a method that has none."""
    values = {int(layer): value for layer, value in document.get("layer_scores", {}).items() if value is not None}
    return Overlay("score", values, min(0.0, *values.values()), max(values.values()), ".2~g") if values else None


def described(name: str) -> tuple[str, str, str, float | None]:
    """Title, meaning, form and end of a full bar of a score; of one that comes from runs, its overlay has the last two."""
    if name in MEASURED or name in FROM_RUNS:
        return (MEASURED | FROM_RUNS)[name]
    if name.startswith(CHOOSER):
        chooser = CHOOSERS[name.removeprefix(CHOOSER)]
        return f"chooser: {chooser.page_title}", f"{chooser.line} Computed for this number of student layers.", ".2~g", None
    group = group_name(name.removeprefix(layer_scores.PROBE))
    return f"a linear probe: {group}", f"A linear probe's accuracy on the task's examples of {group}, trained on such examples alone.", ".0%", 1.0


def update_norms(ground: Ground) -> Overlay | None:
    """Return how far the weights moved that each layer seeded, in the run shown; a layer that seeded two counts with both."""
    if ground.record is None or ground.record["recipe"]["seeding"]["untrained_layers"]:
        return None
    squares: dict[int, float] = {}
    for place, layer in enumerate(ground.record["recipe"]["layers"], 1):
        squares[layer] = squares.get(layer, 0.0) + (ground.record["update_norms"].get(str(place)) or 0.0) ** 2
    values = {layer: math.sqrt(square) for layer, square in squares.items()}
    return Overlay("update norm", values, 0.0, max(values.values()))


def mean_accuracies(ground: Ground) -> Overlay | None:
    """Mean test accuracy of the saved full runs that use each layer; a bar runs from always one class to the teacher."""
    found = comparable_full_runs(ground.k, ground.weights, ground.saved, ground.data)
    if found is None or len(found.runs) < choices_needed(ground.k, ground.layers):
        return None
    layers = range(1, ground.layers + 1)
    used = {layer: [run["final"]["accuracy"] for choice, runs in found.runs.items() if layer in choice for run in runs] for layer in layers}
    values = {layer: sum(accuracies) / len(accuracies) for layer, accuracies in used.items() if accuracies}
    return Overlay("mean accuracy with it", values, found.one["majority"], found.one["teacher"]["accuracy"], ".1%")


def comparable_full_runs(k: int, weights: str | None, records: Iterable[dict], data: str | None = None) -> Landscape | None:
    """Return the fullest landscape of full runs of ascending choices of k layers, of this teacher, and on these data where they are known."""
    same = lambda run: teacher_key(run) == weights and data in (None, run["task_hash"])
    return full_landscape(run for run in records if same(run) and len(choice := choice_of(run)) == k and ascending(choice))


def title(name: str) -> str:
    return described(name)[0]


def help_text(names: Collection[str]) -> str:
    """Return what the scores mean, in Markdown; the probes of single phenomena, which are many, in one paragraph."""
    paragraphs = [f"**{title(name)}**: {described(name)[1]}" for name in names if not name.startswith(layer_scores.PROBE)]
    if len(paragraphs) < len(names):
        meaning = "A probe's accuracy on the task's examples of one phenomenon, trained on such examples alone."
        paragraphs.append(f"**a linear probe: a phenomenon**: {meaning}")
    return "\n\n".join(paragraphs)
