"""Our loop, through the functions that `distill` uses, with each part of its speed as a switch."""

import time
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.data.batches import Batch, EncodedSplit
from core.models.families import word_embeddings
from core.recipe import Objective, Recipe
from core.training.events import completed, without_turns
from core.training.loop import Training, make_optimizer, train
from core.training.signals import CachedSignals, LiveSignals, compute
from core.training.student import Exact, student_loss, trim
from core.training.vocabulary import UsedEmbeddings, used_ids
from tests.bench.protocol import Loop, Run, Setting, named_gradients, synchronise, unfused, widened


@dataclass(frozen=True)
class Parts:
    """The parts of the speed. width: pad every batch to so many tokens, None to its longest. The order is the caller's."""

    cache: bool = True
    used_rows: bool = True
    first_token: bool = True
    fused: bool = True
    freeze: bool = False
    width: int | None = None


class FixedWidth(EncodedSplit):
    """A split whose batches are padded to one width."""

    def __init__(self, split: EncodedSplit, width: int):
        super().__init__(split.ids, split.types, split.offsets, split.labels, split.pad_id)
        object.__setattr__(self, "width", width)

    def batch(self, indices) -> Batch:
        return widened(super().batch(indices), self.width, self.pad_id)


def run(setting: Setting, batches: list[Tensor], seed: int, parts: Parts = Parts()) -> Run:
    """The loop is timed whole, the optimizer's making included; setup_seconds is the building of the cache."""
    device, steps = setting.device, len(batches)
    student = prepared_student(setting, parts)
    signals, setup = ask_teacher(setting, parts.cache)
    split = setting.split if parts.width is None else FixedWidth(setting.split, parts.width)
    synchronise(device)
    began = time.perf_counter()
    optimizer = (make_optimizer if parts.fused else unfused)(student, setting.optimiser, device)
    training = Training(
        student, split, torch.arange(len(split)), steps, (), setting.optimiser, seed, device, loss_function(setting, signals), optimizer,
        measure=list, order=iter(batches),
    )
    events = list(without_turns(train(training)))
    synchronise(device)
    seconds = time.perf_counter() - began
    return Run(student, seconds, _mean_loss(events), setup, [event.data["loss"] for event in events])


def ask_teacher(setting: Setting, cache: bool = True):
    """The signals of the setting's examples, and the seconds it took to compute them: once a setting, never from an earlier run's file."""
    if not cache:
        return LiveSignals(setting.teacher, setting.request, setting.device), 0.0
    if setting.signals is None:
        synchronise(setting.device)
        began = time.perf_counter()
        tensors: dict[str, Tensor] = {}
        completed(compute(setting.teacher, setting.split, setting.request.parts(), setting.device, tensors))
        signals = CachedSignals(setting.split, setting.request, tensors, setting.device)
        synchronise(setting.device)
        setting.signals = signals, time.perf_counter() - began
    return setting.signals


def loss_function(setting: Setting, signals):
    """`distill`'s own loss for the setting's objective."""
    return student_loss(_recipe(setting), signals, setting.matched, setting.device)


def gradients(setting: Setting, batch: Tensor, parts: Parts = Parts()) -> dict[str, Tensor]:
    """As `Loop.gradients`; rows that were left out of the word embeddings have gradient zero."""
    student = prepared_student(setting, parts).eval()
    signals, _ = ask_teacher(setting, parts.cache)
    loss, _ = loss_function(setting, signals)(student, setting.split.batch(batch).to(setting.device.torch))
    loss.backward()
    found = named_gradients(student)
    table = word_embeddings(student)
    if isinstance(table, UsedEmbeddings):
        name = next(name for name, parameter in student.named_parameters() if parameter is table.weight)
        full = torch.zeros_like(word_embeddings(setting.student).weight, device="cpu")
        full[_used(setting)] = found[name]
        found[name] = full
    return found


def _used(setting: Setting) -> Tensor:
    """The rows of all splits, as `distill` keeps them."""
    return used_ids(setting.encoded.values(), word_embeddings(setting.student).num_embeddings)


def prepared_student(setting: Setting, parts: Parts):
    """A fresh student, trimmed as `distill` trims it."""
    student = setting.fresh_student()
    trim(student, _recipe(setting, parts.freeze), _used(setting), Exact(compact_vocabulary=parts.used_rows, first_token=parts.first_token))
    return student


def _recipe(setting: Setting, freeze: bool = False) -> Recipe:
    optimiser = replace(setting.optimiser, freeze_embeddings=freeze)
    return Recipe(setting.teacher.name, setting.task.name, setting.layers, setting.objective, optimiser=optimiser)


def _mean_loss(events) -> float:
    """The mean over all steps of what the step events report as means since the one before."""
    total, before = 0.0, 0
    for event in events:
        total += event.data["loss"] * (event.data["step"] - before)
        before = event.data["step"]
    return total / before


def _any(objective: Objective) -> bool:
    return True


WHAT = "signals kept, batches of like length, fused AdamW, only used embedding rows, last layer for the first token"
LOOPS = (Loop("Layer Lab", "as it is", "bucketed", WHAT, run, gradients, _any),)
