"""Distillation of one recipe, as a generator of events: prepared, step, evaluated, finished."""

import importlib.metadata
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.batches import EncodedSplit
from core.data.task import Task, stratified
from core.models.families import word_embeddings
from core.models.seeding import parameter_count, seed_student
from core.recipe import Recipe, check_layers, evaluation_steps, hidden_layers_used, matched_layers
from core.training import losses
from core.training.batch import StudentOutput
from core.training.device import Device, pick
from core.training.evaluate import brief, predict, scores
from core.training.events import Event, stage
from core.training.loop import Training, train
from core.training.norms import snapshot, update_norms
from core.training.signals import Ask, prepare
from core.training.vocabulary import compact, used_ids
from core.training.warm import teacher_and_task


@dataclass(frozen=True)
class Exact:
    """Optimisations that leave the mathematics as it is; each can be turned off, for the benchmark and the tests."""

    cache_signals: bool = True
    compact_vocabulary: bool = True


def distill(recipe: Recipe, stop: Callable[[], bool] = lambda: False, exact: Exact = Exact()) -> Iterator[Event]:
    """Seed a student, distil it, measure it. The last event is finished {record}; its status is stopped when `stop` said so.

    Short runs (a budget in steps) are evaluated on the check part of validation; full runs on validation while they
    train and on the test split before and after. Raises LabError for what a user can mend.
    """
    began = time.perf_counter()
    device = pick(recipe.optimiser.precision)
    yield stage("preparing", "Loading the teacher and the task")
    teacher, task, encoded = teacher_and_task(recipe.teacher, recipe.task)
    check_layers(recipe.layers, teacher.layers, recipe.allow_repeats)
    matched = matched_layers(recipe.objective, recipe.layers, teacher.layers)
    train_logits = None
    signals = None
    if recipe.objective.needs_teacher:
        used = hidden_layers_used(recipe.objective, recipe.k)
        cls_only = recipe.objective.hidden == ("hidden_pkd",)
        ask = Ask(True, tuple(sorted({matched[j - 1] for j in used})), cls_only)
        signals = yield from _with_progress(prepare(teacher, encoded.splits["train"], ask, device, exact.cache_signals), "Asking the teacher")
        train_logits = getattr(signals, "logits", None)
    held_out = _held_out(recipe, task, encoded.splits)
    teacher_logits = {}
    for name in held_out:
        parent = encoded.splits["validation" if name == "check" else name]
        said = yield from _with_progress(prepare(teacher, parent, Ask(), device), "Asking the teacher")
        rows = torch.tensor(task.check_indices) if name == "check" else slice(None)
        teacher_logits[name] = said.logits.cpu()[rows]

    student = seed_student(teacher.model, recipe.layers, recipe.seeding, recipe.seed, recipe.allow_repeats)
    student.requires_grad_(True)
    parameters = {"student": parameter_count(student), "teacher": parameter_count(teacher.model)}
    if exact.compact_vocabulary:
        used = used_ids(encoded.splits.values(), word_embeddings(student).num_embeddings)
        compact(student, used)
    if recipe.optimiser.freeze_embeddings:
        freeze_embeddings(student)
    student.to(device.torch)
    before = snapshot(student)

    decides = "validation" if recipe.budget.full else "check"
    reported = "test" if recipe.budget.full else "check"
    yield stage("evaluating", "Evaluating the student before its first step")
    first = {name: predict(student, split, device) for name, (split, _) in held_out.items()}
    initial = {name: scores(logits, held_out[name][0].labels, teacher_logits[name], held_out[name][1]) for name, logits in first.items()}
    teacher_scores = {name: scores(logits, held_out[name][0].labels, logits, held_out[name][1]) for name, logits in teacher_logits.items()}
    examples = _training_examples(recipe, task)
    steps = recipe.budget.total_steps(len(task.train), recipe.optimiser.batch_size)
    yield Event("prepared", {
        "steps": steps, "k": recipe.k, "teacher_layers": teacher.layers, "train_examples": len(examples),
        "device": device.kind, "dtype": device.dtype, "parameters": parameters, "seconds": time.perf_counter() - began,
        "teacher": _figures(teacher_scores[reported]), "initial": _figures(initial[reported]),
        "labels": list(task.labels), "majority": task.split(reported).majority(),
    })

    decided_by = held_out[decides][0]
    training = Training(
        student, encoded.splits["train"], examples, steps, evaluation_steps(steps), recipe.optimiser, recipe.seed, device,
        loss=student_loss(recipe, signals, matched, device),
        evaluate=lambda: brief(predict(student, decided_by, device), decided_by.labels),
        stop=stop,
    )
    at_first = initial[decides]
    curve = [{"step": 0, "loss": None, "losses": {}, "seconds": 0.0, "val_accuracy": at_first["accuracy"], "val_loss": at_first["loss"]}]
    rate = None
    for event in train(training):
        _draw(curve, event)
        if event.kind == "step":
            rate = event.data["tokens_per_second"]
        yield event
    trained_seconds = curve[-1]["seconds"]
    done = training.made
    status = "finished" if done == steps else "stopped"

    yield stage("evaluating", "Evaluating the student")
    final = {
        name: scores(predict(student, split, device), split.labels, teacher_logits[name], tags)
        for name, (split, tags) in held_out.items()
        if status == "finished" or name == decides
    }
    notes = list(teacher.notes)
    norms = update_norms(student, before)
    notes += [f"Part {part!r} did not move in training." for part, norm in norms.items() if norm == 0.0]
    record = {
        "id": recipe.id, "status": status, "recipe": recipe.to_dict(), "split": reported if status == "finished" else decides,
        "labels": list(task.labels), "task_hash": task.hash, "steps": done, "steps_planned": steps,
        "teacher": _figures(teacher_scores[reported]) | {"hash": teacher.hash, "layers": teacher.layers},
        "initial": _figures(initial[reported]),
        "final": _without_predictions(final.get(reported) or final[decides]),
        "predictions": (final.get(reported) or final[decides])["predictions"],
        "curve": curve, "update_norms": norms, "parameters": parameters, "majority": task.split(reported).majority(),
        "tokens_per_second": rate, "train_seconds": trained_seconds, "seconds": time.perf_counter() - began,
        "environment": environment(device), "notes": notes,
    }
    if recipe.budget.full and status == "finished":
        record["check"] = {who: _figures(what["check"]) for who, what in (("teacher", teacher_scores), ("initial", initial), ("final", final))}
        record["check"]["predictions"] = final["check"]["predictions"]
    if train_logits is not None and status == "finished":
        record["teacher"]["train_accuracy"] = brief(train_logits.cpu(), encoded.splits["train"].labels)["accuracy"]
    yield Event("finished", {"record": record})


def student_loss(recipe: Recipe, signals, matched: tuple[int, ...], device: Device):
    """The objective as a function (model, batch) -> (loss, parts)."""
    used = hidden_layers_used(recipe.objective, recipe.k)

    def loss(model, batch):
        with device.context():
            out = model(**batch.model_inputs(), output_hidden_states=bool(used))
        student = StudentOutput(out.logits, {j: out.hidden_states[j] for j in used})
        return losses.total(recipe.objective, student, signals(batch) if signals else None, batch, matched)

    return loss


def freeze_embeddings(model) -> None:
    """The embeddings take no update; relative-position tables, which belong to attention, still do."""
    for name, parameter in model.named_parameters():
        if ".embeddings." in name:
            parameter.requires_grad_(False)


def environment(device: Device) -> dict:
    """Where a run was made: device, dtype, threads, versions."""
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "tokenizers")}
    return {
        "device": device.kind, "device_name": device.name, "dtype": device.dtype, "threads": device.threads,
        "versions": {"python": platform.python_version(), **versions},
    }


def _held_out(recipe: Recipe, task: Task, splits: dict[str, EncodedSplit]) -> dict[str, tuple[EncodedSplit, tuple]]:
    """The splits a run reads, with their tags: the check part for a short run, all held-out ones for a full run."""
    out = {"check": (splits["validation"].take(torch.tensor(task.check_indices)), task.split("check").tags)}
    if recipe.budget.full:
        out |= {name: (splits[name], task.split(name).tags) for name in ("validation", "test")}
    return out


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
        curve.append(point | {"val_accuracy": None, "val_loss": None})
    elif event.kind == "evaluated":
        curve[-1] |= {"val_accuracy": data["val_accuracy"], "val_loss": data["val_loss"], "seconds": round(data["seconds"], 3)}


def _figures(result: dict) -> dict:
    return {name: result[name] for name in ("accuracy", "loss", "macro_f1", "groups")}


def _without_predictions(result: dict) -> dict:
    return {name: value for name, value in result.items() if name != "predictions"}
