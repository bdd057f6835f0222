"""Everything that is measured of a teacher's layers on a task, once for teacher, data and dtype, and kept (core/store/layer_scores.py)."""

from collections import Counter
from collections.abc import Iterator

import torch
from torch import Tensor

from core.data.task import Split, stratified
from core.errors import LabError
from core.models.families import head_count
from core.store import layer_scores
from core.studies.inside.probe import fit
from core.studies.inside.similarity import angular_matrix, cka_matrix
from core.studies.inside.states import States, look
from core.training.device import pick
from core.training.evaluate import scores
from core.training.events import TURN, Clock, Event, followed, stage
from core.training.loading import load_pair

VERSION = 1  # of what is measured: a document of another version is measured anew
EXAMPLES = 2000  # of validation, on which everything is measured
PROBE_EXAMPLES = 4000  # of train, on which probes are trained
FEWEST_TRAIN, FEWEST_HELD_OUT = 50, 10  # examples of a phenomenon that has probes of its own


def measure(
    teacher_name: str, task_name: str, examples: int = EXAMPLES, probe_examples: int = PROBE_EXAMPLES, again: bool = False
) -> Iterator[Event]:
    """Yield events of progress; the last is finished {"scores": the document}, which is kept. What was kept is not measured again.

    Test examples are never read. Index 0 of a list over L + 1 is the embeddings, index l is layer l (1 nearest the input).

    cka, angular: (L + 1) x (L + 1) between layers, of the mean over tokens and of the first token. influence: L. exits: L + 1 of
    {accuracy, loss, groups}, the head's answers there. probes: L + 1 of {accuracy, groups}, a linear probe's on the first token beside
    the mean over tokens; in `groups` a probe of its own for each phenomenon, trained and tested on its examples: {accuracy, n,
    majority}. attention: {entropy, distance}: L means over heads, and under heads the same L x H. seconds: by part.
    LabError for a teacher that is not ready.
    """
    if examples < 2 or probe_examples < 2:
        raise LabError("A look inside needs at least 2 examples; ask for more.")
    yield stage("preparing", "Loading the teacher and the task")
    teacher, task, encoded = load_pair(teacher_name, task_name)
    kept = layer_scores.read(teacher.key, task.hash)
    asked = {"version": VERSION, "examples_asked": examples, "probe_examples_asked": probe_examples}
    device = pick()
    same_arithmetic = kept and ("file" in kept or kept["environment"]["dtype"] == device.dtype)  # what comes with the program says its own
    if same_arithmetic and not again and all(kept.get(key) == value for key, value in asked.items()):
        yield Event("finished", {"scores": kept})
        return
    held_out = stratified(task.validation.labels, examples, seed=0)
    training = stratified(task.train.labels, probe_examples, seed=0)
    looked, compared, read, probed = Clock(), Clock(), Clock(), Clock()  # without what is done in turns
    looking = look(teacher, encoded["validation"].take(torch.tensor(held_out)), device)
    states = yield from looked.timed(followed(looking, "Looking at every layer", "evaluating"))
    yield stage("evaluating", "Comparing the layers")
    with compared:
        similar = {"cka": cka_matrix(states.mean), "angular": angular_matrix(states.first)}
    reading = look(teacher, encoded["train"].take(torch.tensor(training)), device, attention=False)
    seen = yield from read.timed(followed(reading, "Reading what probes are trained on", "evaluating"))
    probes = yield from probed.timed(_probes(seen, task.train.take(training), states, task.validation.take(held_out), len(task.labels)))
    seconds = {"states": looked.seconds, "similarity": compared.seconds, "reading": read.seconds, "probes": probed.seconds}

    split = task.validation.take(held_out)
    exits = [scores(logits, torch.tensor(split.labels), None, split.tags) for logits in states.exits]
    document = asked | {
        "teacher": teacher_name, "teacher_hash": teacher.key, "task": task_name, "task_hash": task.hash, "split": "validation",
        "layers": teacher.layers, "heads": head_count(teacher.model), "examples": len(held_out), "probe_examples": len(training),
        "labels": list(task.labels), "majority": split.majority(),
        "environment": {"device": device.kind, "device_name": device.name, "dtype": device.dtype, "threads": device.threads},
        "seconds": seconds,
        **similar,
        "influence": states.influence.tolist(),
        "exits": [{name: found[name] for name in ("accuracy", "loss", "groups")} for found in exits],
        "probes": probes,
        "attention": {
            "entropy": states.entropy.mean(1).tolist(), "distance": states.distance.mean(1).tolist(),
            "heads": {"entropy": states.entropy.tolist(), "distance": states.distance.tolist()},
        },
    }
    layer_scores.write(teacher.key, task.hash, "inside", document)
    yield Event("finished", {"scores": layer_scores.read(teacher.key, task.hash)})


def _probes(seen: States, train: Split, states: States, held_out: Split, classes: int) -> Iterator:
    """Yield events; returns for each of L + 1 layers the accuracy of a probe of all examples and of one for each phenomenon."""
    learn, answer = torch.tensor(train.labels), torch.tensor(held_out.labels)
    groups = {
        name: (torch.tensor(rows), torch.tensor(tested))
        for name, rows in members(train).items()
        if FEWEST_TRAIN <= len(rows) < len(train) and FEWEST_HELD_OUT <= len(tested := members(held_out).get(name, ())) < len(held_out)
    }
    found = []
    trained, all_of_them = 0, len(states.first) * (len(groups) + 1)
    for layer in range(len(states.first)):
        yield stage("evaluating", "Training probes", trained / all_of_them)
        yield TURN
        x, y = (torch.cat([of.first[layer], of.mean[layer]], dim=1) for of in (seen, states))
        found.append({"accuracy": _accuracy(x, learn, y, answer, classes), "groups": {}})
        trained += 1
        for name, (rows, tested) in groups.items():
            yield stage("evaluating", "Training probes", trained / all_of_them)
            yield TURN
            found[-1]["groups"][name] = {
                "accuracy": _accuracy(x[rows], learn[rows], y[tested], answer[tested], classes), "n": len(tested),
                "majority": max(Counter(answer[tested].tolist()).values()) / len(tested),
            }
            trained += 1
    return found


def members(split: Split) -> dict[str, list[int]]:
    """Return the positions of the examples with each tag."""
    found: dict[str, list[int]] = {}
    for i, tags in enumerate(split.tags):
        for tag in tags:
            found.setdefault(tag, []).append(i)
    return dict(sorted(found.items()))


def _accuracy(x: Tensor, labels: Tensor, y: Tensor, answers: Tensor, classes: int) -> float:
    return float((fit(x, labels, classes).predict(y) == answers).double().mean())
