"""A few pairs told in full: what head and probe read off every layer of the teacher, what the teacher answers, and what a student does.

The pairs are found by a rule, not picked: of each class the pair of validation that the teacher is least sure of (its answer has the
highest entropy), and the pair in the middle of that order. One document a teacher and task, `core/store/told_pairs.py`.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from core.data.task import stratified
from core.errors import LabError
from core.recipe import Recipe
from core.studies.inside.measure import PROBE_EXAMPLES
from core.studies.inside.probe import Probe, fit
from core.studies.inside.states import States, look
from core.training.device import environment, pick
from core.training.evaluate import predicting
from core.training.events import TURN, Event, followed, stage
from core.training.loading import load_pair
from core.training.session import Session

VERSION = 1
SURE = (0.9, 0.99, 0.999)  # probabilities of an answer; the share of examples that have more is kept
DIGITS = 5


def tell(recipe: Recipe, command: str, probes_file: Path) -> Iterator[Event]:
    """Yield events of progress; the last is finished {"pairs": the document}. The probes of every layer are kept beside it as safetensors.

    recipe: of the student, a short run, which is told of before its first step and after its last. command: what makes the document.
    LabError for a run of epochs, whose test split this has no need of.
    """
    if recipe.budget.full:
        raise LabError("A student of a few pairs is a short one; choose a budget in steps.")
    yield stage("preparing", "Loading the teacher and the task")
    teacher, task, encoded = load_pair(recipe.teacher, recipe.task)
    device = pick("fp32")
    reading = look(teacher, encoded["validation"], device, attention=False)
    states = yield from followed(reading, "Looking at every layer", "evaluating")
    training = stratified(task.train.labels, PROBE_EXAMPLES, seed=0)
    reading = look(teacher, encoded["train"].take(torch.tensor(training)), device, attention=False)
    seen = yield from followed(reading, "Reading what probes are trained on", "evaluating")
    probes = yield from _probes(seen, torch.tensor(task.train.take(training).labels), len(task.labels))
    save_file(folded(probes), probes_file, {"teacher": teacher.key, "task": task.hash})

    logits = states.exits[-1].double()
    probability = logits.softmax(1)
    entropy = -(probability * logits.log_softmax(1)).sum(1)
    chosen = rule(entropy, torch.tensor(task.validation.labels), len(task.labels))
    students, where = yield from _student(recipe, encoded["validation"].take(torch.tensor(chosen)))
    split = task.validation
    pairs = [
        {
            "place": i, "first": split.first[i], "second": split.second[i] if split.second else None, "label": split.labels[i],
            "tags": list(split.tags[i]) if split.tags else [], "entropy": round(float(entropy[i]), DIGITS), "teacher": rounded(logits[i]),
            "student": {step: rounded(rows[n]) for step, rows in students.items()},
            "head": [rounded(row) for row in states.exits[:, i].double().softmax(1)],
            "probe": [rounded(row) for row in probe_answers(folded(probes), states.first[:, i], states.mean[:, i])],
        }
        for n, i in enumerate(chosen)
    ]
    yield Event("finished", {"pairs": {
        "version": VERSION, "command": command, "teacher": recipe.teacher, "teacher_hash": teacher.key, "task": recipe.task, "task_hash": task.hash,
        "labels": list(task.labels), "layers": teacher.layers, "examples": len(split),
        "sure": {str(least): float((probability.max(1).values >= least).double().mean()) for least in SURE},
        "recipe": recipe.to_dict(), "run": recipe.id, "pairs": pairs, "environment": where,
    }})


def rule(entropy: Tensor, labels: Tensor, classes: int) -> list[int]:
    """Return places: of each class the example of the highest entropy, those by it, the highest first; then of each the one in the middle."""
    orders = [sorted((labels == c).nonzero()[:, 0].tolist(), key=lambda i: (-float(entropy[i]), i)) for c in range(classes)]
    hardest = sorted((order[0] for order in orders if order), key=lambda i: -float(entropy[i]))
    return hardest + [order[len(order) // 2] for order in orders if len(order) > 1]


def _probes(seen: States, labels: Tensor, classes: int) -> Iterator:
    """Yield events; returns a probe for the embeddings and each layer."""
    found = []
    for layer in range(len(seen.first)):
        yield stage("evaluating", "Training probes", layer / len(seen.first))
        yield TURN
        found.append(fit(torch.cat([seen.first[layer], seen.mean[layer]], dim=1), labels, classes))
    return found


def folded(probes: list[Probe]) -> dict[str, Tensor]:
    """Return the probes as one linear map a layer, their standardising within: weight (L + 1, 2D, C) and bias (L + 1, C), float32."""
    weight = torch.stack([probe.weight / probe.scale[:, None] for probe in probes])
    bias = torch.stack([probe.bias - (probe.mean / probe.scale) @ probe.weight for probe in probes])
    return {"weight": weight.float(), "bias": bias.float()}


def probe_answers(maps: dict[str, Tensor], first: Tensor, mean: Tensor) -> Tensor:
    """Return class probabilities (L + 1, C) of one example's states: the first token's and the mean over tokens, each (L + 1, D)."""
    features = torch.cat([first, mean], dim=1).double()
    return (torch.einsum("ld,ldc->lc", features, maps["weight"].double()) + maps["bias"].double()).softmax(1)


def _student(recipe: Recipe, split) -> Iterator:
    """Yield the run's events; returns step -> logits (N, C) of the split, before the first step and after the last, and the run's environment."""
    session, found = Session(recipe), {}
    for event in session.prepare():
        yield event
    found["0"] = yield from predicting(session.student, split, session.device)
    for event in session.train():
        yield event
    found[str(session.made)] = yield from predicting(session.student, split, session.device)
    return found, environment(session.device)


def rounded(row: Tensor) -> list[float]:
    return [round(float(value), DIGITS) for value in row]
