"""Distillation of one recipe, as a generator of events: prepared, step, evaluated, finished."""

import functools
import hashlib
import importlib.metadata
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.data.task import Task, stratified
from core.models.attention import caught
from core.models.families import word_embeddings
from core.models.first_token import cut_last_layer
from core.models.seeding import parameter_count, seed_student
from core.objectives.layer_weights import LayerWeights
from core.recipe import Objective, Recipe, attention_layers_used, check_layers, evaluation_steps, hidden_layers_used, matched_layers
from core.training import losses
from core.training.audit import audit, training_mode_loss
from core.training.batch import StudentOutput
from core.training.checkpoint import Place
from core.training.device import Device, pick
from core.training.evaluate import brief, by_group, predict, scores
from core.training.events import Event, stage
from core.training.held_out import HeldOut
from core.training.layer_weights import layer_weights_for
from core.training.loading import teacher_and_task
from core.training.loop import Training, train
from core.training.norms import snapshot, update_norms
from core.training.overrides import CORRECT, Variation, mistaken_id
from core.training.signals.prepare import Ask, ask_for, prepare
from core.training.vocabulary import compact, used_ids

CORE = Path(__file__).resolve().parent.parent
ROOMS = ("objectives", "recipe", "data", "models", "training")


@dataclass(frozen=True)
class Exact:
    """Optimisations that leave the mathematics as it is; each can be turned off, for the benchmark and the tests."""

    cache_signals: bool = True
    compact_vocabulary: bool = True
    first_token: bool = True


def distill(
    recipe: Recipe, stop: Callable[[], bool] = lambda: False, exact: Exact = Exact(), variation: Variation = CORRECT,
    micro_batch: int | None = None, place: Place | None = None,
) -> Iterator[Event]:
    """Seed a student, distil it, measure it. The last event is finished {record}; its status is stopped when `stop` said so.

    Short runs (a budget in steps) are evaluated on the check part of validation; full runs on validation while they
    train and on the test split before and after. Raises LabError for what a user can mend. A run made otherwise than the recipe
    says (`variation`) has its mistake's name in its record and an id that is no recipe's, so that it never answers one.
    micro_batch: the most examples computed at once on a device short of memory, noted in the record; the recipe stays the same.
    place: of a runner in a race: turn events come before every step, and it may go on where a checkpoint ends.
    """
    began = time.perf_counter()
    device = pick(recipe.optimiser.precision)
    yield stage("preparing", "Loading the teacher and the task")
    teacher, task, encoded = teacher_and_task(recipe.teacher, recipe.task)
    check_layers(recipe.layers, teacher.layers, recipe.allow_repeats)
    teacher = variation.teacher(teacher, recipe.seed)
    seeded = variation.layers(recipe.layers, teacher.layers)
    matched = matched_layers(recipe.objective, seeded, teacher.layers)
    train_logits = None
    signals = None
    if recipe.objective.needs_teacher:
        ask = ask_for(recipe.objective, matched)
        asking = prepare(teacher, encoded.splits["train"], ask, device, exact.cache_signals)
        if variation.signals:
            asking = iter([variation.signals(teacher, ask, device)])
        signals = yield from _with_progress(asking, "Asking the teacher")
        train_logits = getattr(signals, "logits", None)
    held_out = HeldOut(recipe.budget.full, task, encoded.splits)
    teacher_logits = {}
    for name in held_out.read:
        asked = yield from _with_progress(prepare(teacher, encoded.splits[held_out.parent(name)], Ask(), device), "Asking the teacher")
        teacher_logits[name] = asked.logits.cpu()[held_out.check] if name == "check" else asked.logits.cpu()

    student = seed_student(teacher.model, seeded, variation.seeding(recipe.seeding), recipe.seed, recipe.allow_repeats)
    student.requires_grad_(True)
    parameters = {"student": parameter_count(student), "teacher": parameter_count(teacher.model)}
    kept_words = used_ids(encoded.splits.values(), word_embeddings(student).num_embeddings)
    if exact.compact_vocabulary:
        compact(student, kept_words)
    if recipe.optimiser.freeze_embeddings:
        freeze_embeddings(student)
    if exact.first_token and not reads_whole_last_layer(recipe.objective, recipe.k):
        cut_last_layer(student)
    student = variation.start(student.to(device.torch))
    before = snapshot(student)

    yield stage("evaluating", "Evaluating the student before its first step")
    reported, decides = held_out.reported, held_out.decides
    teacher_scores = held_out.scores(teacher_logits, teacher_logits)
    initial = held_out.scores({name: predict(student, held_out.split(name), device) for name in held_out.read}, teacher_logits)
    examples = _training_examples(recipe, task)
    steps = recipe.budget.total_steps(len(task.train), recipe.optimiser.batch_size)
    yield Event("prepared", {
        "steps": steps, "k": recipe.k, "teacher_layers": teacher.layers, "train_examples": len(examples),
        "device": device.kind, "dtype": device.dtype, "parameters": parameters, "seconds": time.perf_counter() - began,
        "teacher": _figures(teacher_scores[reported]), "initial": _figures(initial[reported]),
        "curve": {"teacher": teacher_scores[decides]["accuracy"], "initial": initial[decides]["accuracy"]},
        "labels": list(task.labels), "majority": task.split(reported).majority(),
    })

    latest: dict[str, Tensor] = {}
    emphasis = layer_weights_for(recipe.objective, teacher, encoded.splits["train"], matched, student, device)
    loss = student_loss(recipe, signals, matched, device, variation.total, emphasis)
    measured: dict = {}
    fixed_losses: list[float] = []

    def make_optimizer(*given) -> torch.optim.Optimizer:
        optimizer = variation.optimizer(*given)
        rates = [recipe.optimiser.learning_rate * variation.factor(step, steps, recipe.optimiser.warmup) for step in range(steps)]
        measured.update(audit(student, teacher.model, kept_words, optimizer, rates))
        return optimizer

    def evaluate() -> dict:
        if variation.fixed_pairs:
            fixed_losses.append(training_mode_loss(student, encoded.splits["train"], examples[: variation.fixed_pairs], device))
        latest[decides] = predict(student, held_out.split(decides), device)
        result = scores(latest[decides], held_out.split(decides).labels, None, task.split(decides).tags)
        return {"accuracy": result["accuracy"], "loss": result["loss"], "groups": by_group(result, task.labels)}

    training = Training(
        student, encoded.splits["train"], examples, steps, evaluation_steps(steps), recipe.optimiser, recipe.seed, device,
        loss=loss, evaluate=evaluate, stop=stop, optimizer=make_optimizer, factor=variation.factor,
        micro_batch=micro_batch, turns=place is not None, restore=place.restore if place else None,
    )
    curve = [{
        "step": 0, "loss": None, "losses": {}, "seconds": 0.0, "val_accuracy": initial[decides]["accuracy"],
        "val_loss": initial[decides]["loss"], "val_groups": by_group(initial[decides], task.labels),
    }]
    if place is not None:
        place.hold(training, curve, emphasis)
    rate = None
    for event in train(training):
        if event.kind == "turn":
            yield event
            continue
        if emphasis is not None and event.kind == "step":
            event.data["emphasis"] = emphasis.record()
        _draw(curve, event)
        if event.kind == "evaluated" and fixed_losses:
            curve[-1]["fixed_loss"] = fixed_losses[-1]
        if event.kind == "step":
            rate = event.data["tokens_per_second"]
        yield event
    finished = training.made == steps

    yield stage("evaluating", "Evaluating the student")
    if finished:
        logits = {name: latest.get(name) if name in latest else predict(student, held_out.split(name), device) for name in held_out.read}
    else:  # a stopped run is measured where it stands, on the check part alone: others wait, and the test split is not for it
        reported, logits = "check", {"check": predict(student, held_out.check_split, device)}
    final = held_out.scores(logits, teacher_logits)
    norms = update_norms(student, before)
    notes = teacher.notes + [f"Part {part!r} did not move in training." for part, norm in norms.items() if norm == 0.0]
    if micro_batch is not None:
        notes.append(f"Short of memory: batches of {recipe.optimiser.batch_size} were computed {micro_batch} examples at a time, gradients added.")
    record = {
        "id": mistaken_id(recipe, variation.name) if variation.name else recipe.id,
        "status": "finished" if finished else "stopped", "recipe": recipe.to_dict(), "split": reported,
        "labels": list(task.labels), "task_hash": task.hash, "steps": training.made, "steps_planned": steps, "train_examples": len(examples),
        "teacher": _figures(teacher_scores[reported]) | {
            "hash": teacher.hash, "layers": teacher.layers, "predictions": teacher_scores[reported]["predictions"],
            "curve_accuracy": teacher_scores[decides]["accuracy"],
        },
        "initial": _figures(initial[reported]),
        "final": _without_predictions(final[reported]), "predictions": final[reported]["predictions"],
        "curve": curve, "update_norms": norms, "parameters": parameters, "majority": task.split(reported).majority(),
        "tokens_per_second": rate, "train_seconds": curve[-1]["seconds"], "seconds": time.perf_counter() - began,
        "audit": measured, "environment": environment(device), "notes": notes,
    }
    if variation.name:
        record["mistake"] = variation.name
    if variation.report:
        record["reported"] = variation.report([point["val_accuracy"] for point in curve[1:] if point["val_accuracy"] is not None])
    if recipe.budget.full and finished:
        record["check"] = {"teacher": _figures(teacher_scores["check"]), "initial": _figures(initial["check"]), "final": _figures(final["check"])}
        record["check"]["predictions"] = final["check"]["predictions"]
    if train_logits is not None:
        record["teacher"]["train_accuracy"] = brief(train_logits.cpu(), encoded.splits["train"].labels)["accuracy"]
    yield Event("finished", {"record": record})


def student_loss(
    recipe: Recipe, signals, matched: tuple[int, ...], device: Device, total: Callable = losses.total, emphasis: LayerWeights | None = None
):
    """The objective as a function (model, batch[, share]) -> (loss, parts). total: core.training.losses.total, or what stands in its place."""
    used, attended = hidden_layers_used(recipe.objective, recipe.k), attention_layers_used(recipe.objective, recipe.k)
    weighed = {} if emphasis is None else {"emphasis": emphasis}

    def loss(model, batch, *share):
        with caught(model, attended) as vectors, device.context():
            out = model(**batch.model_inputs(), output_hidden_states=bool(used))
        student = StudentOutput(out.logits, {j: out.hidden_states[j] for j in used}, {j: vectors[j] for j in attended})
        return total(recipe.objective, student, signals(batch) if signals else None, batch, matched, *share, **weighed)

    return loss


def reads_whole_last_layer(objective: Objective, k: int) -> bool:
    """Whether a loss between layers reads more of the student's last layer than its first token."""
    hidden = k in hidden_layers_used(objective, k) and not objective.first_token_only
    return hidden or k in attention_layers_used(objective, k)


def freeze_embeddings(model) -> None:
    """The embeddings take no update; relative-position tables, which belong to attention, still do."""
    for name, parameter in model.named_parameters():
        if ".embeddings." in name:
            parameter.requires_grad_(False)


def environment(device: Device) -> dict:
    """Where and with what a run was made: device, dtype, threads, versions, code version."""
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "tokenizers")}
    return {
        "device": device.kind, "device_name": device.name, "dtype": device.dtype, "threads": device.threads,
        "versions": {"python": platform.python_version(), **versions}, "code": code_version(),
    }


@functools.cache
def code_version() -> str:
    """The first 12 hex digits of the sha256 of the source that decides a run: the rooms objectives, recipe, data, models and training."""
    digest = hashlib.sha256()
    for file in sorted(file for room in ROOMS for file in (CORE / room).rglob("*.py")):
        digest.update(file.relative_to(CORE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _training_examples(recipe: Recipe, task: Task) -> Tensor:
    limit = recipe.budget.examples
    if limit is None:
        return torch.arange(len(task.train))
    return torch.tensor(stratified(task.train.labels, limit, seed=recipe.seed))


def _with_progress(steps: Iterator, text: str) -> Iterator[Event]:
    """Events for the shares done; returns what the iterator yields at last."""
    last = 0.0
    for value in steps:
        if not isinstance(value, float):
            return value
        if value == 0.0 or value - last > 0.02:
            last = value
            yield stage("preparing", text, value)


def _draw(curve: list[dict], event: Event) -> None:
    data = event.data
    if event.kind == "step":
        point = {"step": data["step"], "loss": data["loss"], "losses": data["losses"], "seconds": round(data["seconds"], 3)}
        weights = {"emphasis": data["emphasis"]} if "emphasis" in data else {}
        curve.append(point | weights | {"val_accuracy": None, "val_loss": None})
    elif event.kind == "evaluated":
        curve[-1] |= {name: data[name] for name in ("val_accuracy", "val_loss", "val_groups")} | {"seconds": round(data["seconds"], 3)}


def _figures(result: dict) -> dict:
    return {name: result[name] for name in ("accuracy", "loss", "macro_f1", "groups")}


def _without_predictions(result: dict) -> dict:
    return {name: value for name, value in result.items() if name != "predictions"}
