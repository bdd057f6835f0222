"""What every seam of a teacher costs on a task: forward passes only, kept by teacher and data (core/store/seam_costs.py)."""

import itertools
import time
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax

from core.data.batches import EncodedSplit, sequential
from core.data.task import stratified
from core.models.families import layer_count
from core.models.first_token import first_token_only
from core.models.stepwise import Stepwise
from core.models.teachers import Teacher
from core.recipe.seams import Seam
from core.store import layer_scores
from core.store.seam_costs import SECTION, possible
from core.studies.seams import chains
from core.studies.seams.moments import Reading, to_head
from core.studies.seams.settings import BATCH, DEEP, EXAMPLES_OF_DEEP, TEXTS, TEXTS_OF_DEEP, TOKENS, TRAIN_EXAMPLES
from core.training.device import Device, pick
from core.training.evaluate import predict
from core.training.events import Clock, Event, followed, stage
from core.training.loading import load_pair

VERSION = 1  # of what is measured: a document of another version is measured anew


def measure(teacher_name: str, task_name: str, again: bool = False, choices: bool = False) -> Iterator[Event]:
    """Yield events of progress; the last is finished {"costs": the document}, which is kept. What was kept is not measured again.

    Costs are measured on the 600-example check part of validation (200 of them for a deep teacher), bridges are fitted to texts of train; the test
    split is not read. The document: teacher, teacher_hash, task, task_hash, layers, accuracy (of the whole teacher), examples, majority, tokens,
    seconds {states, bridges, seams} by the clock, processor_seconds of all threads, environment, seams: [{below, above, cut, bridged, head kept: each
    {accuracy, agreement, kl}, cka, distance}].
    cut: what is above reads what comes over the seam as it is. head kept: through a least-squares bridge. bridged: with another one before the head.
    With `choices` also, under that name, the same figures of every choice with all its seams at once, by layers: {cut, bridged: {"1,3": ...}}
    (core/studies/seams/chains.py); this takes minutes, for a teacher of twelve layers hours. LabError for a teacher that is not ready."""
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
    deep, seams, began = teacher.layers > DEEP, possible(teacher.layers), time.process_time()
    texts, reading = shuffled(train), Reading()
    if deep:
        check = check.take(torch.tensor(stratified(check.labels.tolist(), EXAMPLES_OF_DEEP, seed=0)))
    yield from clocks["states"].timed(followed(read_states(model, texts, device, reading), "Reading the states of every layer", "evaluating"))
    bridges: dict[Seam, nn.Linear] = {}
    to_heads: dict[Seam, nn.Linear] = {}
    fitting = _fit(model, texts.take(torch.arange(min(len(texts), TEXTS_OF_DEEP if deep else TEXTS))), reading, bridges, to_heads, seams, device)
    yield from clocks["bridges"].timed(followed(fitting, "Fitting bridges", "evaluating"))
    trying = _answers(model, check, bridges, to_heads, device)
    whole, found = yield from clocks["seams"].timed(followed(trying, "Trying every seam", "evaluating"))
    figures = lambda logits: _figures(logits, whole, check.labels)
    return {
        "layers": teacher.layers, "accuracy": figures(whole)["accuracy"], "examples": len(check),
        "majority": int(check.labels.bincount().max()) / len(check), "tokens": reading.moments.tokens,
        "seconds": {name: clock.seconds for name, clock in clocks.items()}, "processor_seconds": time.process_time() - began,
        "environment": {"device": device.kind, "device_name": device.name, "dtype": device.dtype, "threads": device.threads},
        "seams": [{"below": seam.below, "above": seam.above, **{how: figures(found[how][seam]) for how in found}, **reading.apart(seam)}
                  for seam in seams],
    }


def _choices(teacher: Teacher, train: EncodedSplit, check: EncodedSplit, device: Device) -> Iterator[Event]:
    """Yield events; returns what every choice comes to with all its seams at once: cut, and under bridges fitted in sequence."""
    model, texts, whole = teacher.model.to(device.torch), shuffled(train), tuple(range(1, teacher.layers + 1))
    every = [choice for k in range(1, teacher.layers) for choice in itertools.combinations(whole, k)]
    made = yield from followed(chains.in_sequence(model, texts, every, device), "Fitting bridges in sequence", "evaluating")
    found, uncut = {}, predict(model, check, device)
    for name, bridging in (("cut", lambda *at: None), ("bridged", lambda *at: made.get(at))):
        logits = yield from followed(chains.answers(model, check, every, bridging, device), "Trying every choice", "evaluating")
        found[name] = {",".join(map(str, choice)): _figures(logits[choice], uncut, check.labels) for choice in every}
    return found


def shuffled(train: EncodedSplit) -> EncodedSplit:
    """Return as many of the texts, in an order that is always the same, as TOKENS and TEXTS need; all of them where they have fewer."""
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
    enough = int((train.lengths[order].cumsum(0) < TOKENS).sum()) + 1
    return train.take(order[: max(enough, TEXTS)])


@torch.inference_mode()
def read_states(model, split: EncodedSplit, device: Device, reading: Reading) -> Iterator[float | bool]:
    """Read the states that every layer has of a split's texts, in its order; yield the share done, at last True."""
    order = torch.arange(len(split)).split(BATCH)
    for done, indices in enumerate(order, 1):
        batch = split.batch(indices).to(device.torch)
        with device.context():
            states = Stepwise(model, batch.model_inputs()).states
        reading.add(states, batch.attention_mask)
        yield done / len(order)
    yield True


def _fit(model, texts: EncodedSplit, reading: Reading, bridges: dict, to_heads: dict, seams: list[Seam], device: Device) -> Iterator[float | bool]:
    """Fit the bridge over each seam, and then the one before the head, to what comes out of the layers in between."""
    with torch.inference_mode():
        bridges |= {seam: reading.bridge(seam).to(device.torch) for seam in seams}
        read = reading.first[-1][: len(texts)]
    order, inner = torch.arange(len(texts)).split(BATCH), [seam for seam in seams if seam.above <= layer_count(model.config)]
    own: dict[Seam, list[Tensor]] = {seam: [] for seam in inner}
    for done, indices in enumerate(order):
        batch = texts.batch(indices).to(device.torch)
        with torch.inference_mode(), device.context(), first_token_only(model):
            opened = Stepwise(model, batch.model_inputs())
        for n, seam in enumerate(inner):
            with torch.inference_mode(), device.context(), first_token_only(model):
                own[seam].append(opened.run(bridges[seam](opened.states[seam.below]), above(model, seam))[:, 0].float())
            yield (done + n / len(inner)) / len(order)
    with torch.inference_mode():
        to_heads |= {seam: to_head(torch.cat(states), read).to(device.torch) for seam, states in own.items()}
    yield True


def above(model, seam: Seam) -> range:
    return range(seam.above, layer_count(model.config) + 1)


def _answers(model, check: EncodedSplit, bridges: dict[Seam, nn.Linear], to_heads: dict[Seam, nn.Linear], device: Device) -> Iterator:
    """Yield the share done, at last the logits (N, C) of the whole teacher, and by way and seam those of the teacher with that seam alone."""
    order = sequential(check.lengths, BATCH)
    whole = torch.empty(len(check), model.config.num_labels)
    found = {how: {seam: torch.empty_like(whole) for seam in bridges} for how in ("cut", "bridged", "head kept")}
    for done, indices in enumerate(order):
        batch = check.batch(indices).to(device.torch)
        with torch.inference_mode(), device.context(), first_token_only(model):
            opened = Stepwise(model, batch.model_inputs())
            whole[indices] = opened.logits(opened.states[-1]).cpu()
        for n, (seam, bridge) in enumerate(bridges.items()):
            with torch.inference_mode(), device.context(), first_token_only(model):
                below = opened.states[seam.below]
                cut, bridged = (opened.run(states, above(model, seam)) for states in (below, bridge(below)))
                read = to_heads[seam](bridged) if seam in to_heads else bridged
                for how, state in (("cut", cut), ("bridged", read), ("head kept", bridged)):
                    found[how][seam][indices] = opened.logits(state).cpu()
            yield (done + n / len(bridges)) / len(order)
    yield whole, found


def _figures(logits: Tensor, whole: Tensor, labels: Tensor) -> dict[str, float]:
    """Return accuracy, agreement with the whole teacher's answers, and KL(teacher || student) in mean nats."""
    answer = logits.argmax(1)
    kl = kl_div(log_softmax(logits.double(), 1), log_softmax(whole.double(), 1), log_target=True, reduction="batchmean")
    return {"accuracy": float((answer == labels).double().mean()), "agreement": float((answer == whole.argmax(1)).double().mean()), "kl": float(kl)}
