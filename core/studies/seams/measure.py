"""What every seam of a teacher costs on a task: forward passes only, kept by teacher and data (core/store/seam_costs.py)."""

import functools
import itertools
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax

from core.data.batches import EncodedSplit, sequential
from core.data.task import stratified
from core.models.first_token import first_token_only
from core.models.stepwise import Stepwise
from core.models.teachers import Teacher
from core.recipe.seams import Seam
from core.store import layer_scores
from core.store.seam_costs import SECTION, possible
from core.studies.seams import chains
from core.studies.seams.moments import Moments
from core.training.device import Device, pick
from core.training.events import Clock, Event, followed, stage
from core.training.loading import load_pair

VERSION = 1  # of what is measured: a document of another version is measured anew
TRAIN_EXAMPLES = 2000  # of train, by label: of these come the texts that bridges are fitted to
TOKENS = 20_000  # that bridges are fitted to, at least: some tens for each dimension of the states
BATCH = 32


def measure(teacher_name: str, task_name: str, again: bool = False, choices: bool = False) -> Iterator[Event]:
    """Yield events of progress; the last is finished {"costs": the document}, which is kept. What was kept is not measured again.

    Costs are measured on the 600-example check part of validation, bridges are fitted to texts of train; the test split is not read. The document:
    teacher, teacher_hash, task, task_hash, layers, accuracy (of the whole teacher), examples, majority, tokens, seconds {states, bridges, seams},
    environment, seams: [{below, above, cut, bridged: each {accuracy, agreement, kl}, cka, distance, left}]. With `choices` also, under that name, the
    same figures of every choice with all its seams at once: {cut, fixed, refitted: {"1,3": ...}} (core/studies/seams/chains.py); this takes minutes,
    for a teacher of twelve layers hours. LabError for a teacher that is not ready."""
    yield stage("preparing", "Loading the teacher and the task")
    teacher, task, encoded = load_pair(teacher_name, task_name)
    device = pick()
    kept = None if again else kept_document(teacher, task.hash, device)
    if kept and (not choices or "choices" in kept):
        yield Event("finished", {"costs": kept})
        return
    train = encoded["train"].take(torch.tensor(stratified(task.train.labels, TRAIN_EXAMPLES, seed=0)))
    check = encoded["validation"].take(torch.tensor(task.check_indices))
    document = yield from measured(teacher, train, check, device)
    if choices:
        document["choices"] = yield from _choices(teacher, train, check, device)
    yield Event("finished", {"costs": keep(document, teacher, task_name, task.hash)})


def kept_document(teacher: Teacher, task_hash: str, device: Device) -> dict | None:
    """Return what was measured on this machine's kind of arithmetic, or came with the program; None where nothing was."""
    kept = layer_scores.read(teacher.key, task_hash, SECTION)
    same_arithmetic = kept and ("file" in kept or kept["environment"]["dtype"] == device.dtype)
    return kept if same_arithmetic and kept["version"] == VERSION else None


def keep(document: dict, teacher: Teacher, task_name: str, task_hash: str) -> dict:
    """Keep a document of `measured` with whose it is; return it as it will be read."""
    whose = {"teacher": teacher.name, "teacher_hash": teacher.key, "task": task_name, "task_hash": task_hash}
    layer_scores.write(teacher.key, task_hash, SECTION, {"version": VERSION} | whose | document)
    return layer_scores.read(teacher.key, task_hash, SECTION)


def measured(teacher: Teacher, train: EncodedSplit, check: EncodedSplit, device: Device) -> Iterator[Event]:
    """Yield events of progress; returns the document but for whose it is."""
    model, clocks = teacher.model.to(device.torch), {name: Clock() for name in ("states", "bridges", "seams")}
    moments, seams = Moments(), possible(teacher.layers)
    reading = read_states(model, shuffled(train), device, moments)
    yield from clocks["states"].timed(followed(reading, "Reading the states of every layer", "evaluating"))
    bridges: dict[Seam, nn.Linear] = {}
    apart: dict[Seam, dict] = {}
    fitting = _fit(moments, seams, bridges, apart)
    yield from clocks["bridges"].timed(followed(fitting, "Fitting bridges", "evaluating"))
    bridges = {seam: bridge.to(device.torch) for seam, bridge in bridges.items()}
    whole, cut, bridged = yield from clocks["seams"].timed(followed(_answers(model, check, bridges, device), "Trying every seam", "evaluating"))
    figures = lambda logits: _figures(logits, whole, check.labels)
    found = [
        {"below": seam.below, "above": seam.above, "cut": figures(cut[seam]), "bridged": figures(bridged[seam]), **apart[seam]} for seam in seams
    ]
    return {
        "layers": teacher.layers, "accuracy": figures(whole)["accuracy"], "examples": len(check),
        "majority": int(check.labels.bincount().max()) / len(check), "tokens": moments.tokens,
        "seconds": {name: clock.seconds for name, clock in clocks.items()},
        "environment": {"device": device.kind, "device_name": device.name, "dtype": device.dtype, "threads": device.threads}, "seams": found,
    }


def _choices(teacher: Teacher, train: EncodedSplit, check: EncodedSplit, device: Device) -> Iterator[Event]:
    """Yield events; returns what every choice comes to with all its seams at once: cut, under the bridges of single seams, and refitted."""
    model, texts, whole = teacher.model.to(device.torch), shuffled(train), tuple(range(1, teacher.layers + 1))
    every = [choice for k in range(1, teacher.layers) for choice in itertools.combinations(whole, k)]
    moments = Moments()
    yield from followed(read_states(model, texts, device, moments), "Reading the states of every layer", "evaluating")
    fixed = functools.cache(lambda seam: moments.bridge(seam).to(device.torch))
    made = yield from followed(chains.refitted(model, texts, every, device), "Fitting bridges in sequence", "evaluating")
    ways = {"cut": lambda chain, seam: None, "fixed": lambda chain, seam: fixed(seam), "refitted": lambda chain, seam: made[chain, seam]}
    found = {}
    for name, bridging in ways.items():
        answers = chains.answers(model, check, [*every, whole], bridging, device)
        logits = yield from followed(answers, "Trying every choice", "evaluating")
        found[name] = {",".join(map(str, choice)): _figures(logits[choice], logits[whole], check.labels) for choice in every}
    return found


def shuffled(train: EncodedSplit) -> EncodedSplit:
    """Return as many of the texts, in an order that is always the same, as TOKENS needs; all of them where they have fewer."""
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
    enough = int((train.lengths[order].cumsum(0) < TOKENS).sum()) + 1
    return train.take(order[:enough])


@torch.inference_mode()
def read_states(model, split: EncodedSplit, device: Device, moments: Moments) -> Iterator[float | bool]:
    """Add to the moments the states that every layer has of a split's tokens; yield the share done, at last True."""
    order = sequential(split.lengths, BATCH)
    for done, indices in enumerate(order, 1):
        batch = split.batch(indices).to(device.torch)
        with device.context():
            states = Stepwise(model, batch.model_inputs()).states
        real = batch.attention_mask.bool()
        moments.add([state[real] for state in states])
        yield done / len(order)
    yield True


def _fit(moments: Moments, seams, bridges: dict, apart: dict) -> Iterator[float | bool]:
    for done, seam in enumerate(seams, 1):
        bridges[seam] = moments.bridge(seam)
        apart[seam] = moments.apart(seam, bridges[seam])
        yield done / len(seams)
    yield True


def _answers(model, check: EncodedSplit, bridges: dict[Seam, nn.Linear], device: Device) -> Iterator:
    """Yield the share done, at last the logits (N, C) of the whole teacher, and by seam those of the teacher cut there and bridged there."""
    order, layers = sequential(check.lengths, BATCH), max(seam.above for seam in bridges) - 1
    whole = torch.empty(len(check), model.config.num_labels)
    cut, bridged = ({seam: torch.empty_like(whole) for seam in bridges} for _ in range(2))
    weights = {seam: layers + 2 - seam.above for seam in bridges}  # layers run, and one for the head
    all_of_them, done = len(order) * sum(weights.values()), 0
    for indices in order:
        batch = check.batch(indices).to(device.torch)
        with torch.inference_mode(), device.context(), first_token_only(model):
            opened = Stepwise(model, batch.model_inputs())
            whole[indices] = opened.logits(opened.states[-1]).cpu()
        for seam, bridge in bridges.items():
            with torch.inference_mode(), device.context(), first_token_only(model):
                above, below = range(seam.above, layers + 1), opened.states[seam.below]
                cut[seam][indices] = opened.logits(opened.run(below, above)).cpu()
                bridged[seam][indices] = opened.logits(opened.run(bridge(below), above)).cpu()
            done += weights[seam]
            yield done / all_of_them
    yield whole, cut, bridged


def _figures(logits: Tensor, whole: Tensor, labels: Tensor) -> dict[str, float]:
    """Return accuracy, agreement with the whole teacher's answers, and KL(teacher || student) in mean nats."""
    answer = logits.argmax(1)
    kl = kl_div(log_softmax(logits.double(), 1), log_softmax(whole.double(), 1), log_target=True, reduction="batchmean")
    return {"accuracy": float((answer == labels).double().mean()), "agreement": float((answer == whole.argmax(1)).double().mean()), "kl": float(kl)}
