"""The runs of the experiment on seams: each one distillation, with fresh layers or a bridge in the student where its arm has them."""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import nn

from core.data.batches import EncodedSplit, sequential
from core.data.task import stratified
from core.models.bridge import fit_bridge, lay
from core.models.families import layers
from core.models.seeding import seed_student
from core.models.teachers import Teacher
from core.recipe import Seeding
from core.recipe.seams import Seam
from core.store.saved import read
from core.studies.seams.arms import BRIDGED, FRESH, TRAINED, Trial, position_of, seconds
from core.studies.sweep import in_turn, sweep
from core.training.device import Device, pick
from core.training.distill import distill
from core.training.events import Event
from core.training.loading import load_pair
from core.training.overrides import Overrides

TEXTS = 2000  # training examples that a bridge is fitted on; of the head's, which reads one token of each, all
KEPT = (  # of a record
    "id", "status", "experiment", "bridge", "recipe", "labels", "task_hash", "steps", "split", "majority", "predictions", "update_norms", "seconds",
    "audit", "environment", "notes",
)
FIGURES = ("accuracy", "loss", "macro_f1", "agreement", "hash", "identity", "key", "layers")  # of its teacher, its first and its final student


def make(path: Path, planned: Sequence[Trial]) -> Iterator[dict]:
    """Run what the file lacks, a task after the other, as core.studies.sweep; yields {done, of, eta, trial, event} over all tasks.

    LabError for what a user can mend: a task without its file comes once the tasks before it are done.
    """
    for task in dict.fromkeys(one.recipe.task for one in planned):
        here = [one for one in planned if one.recipe.task == task]
        before, later = planned.index(here[0]), planned[planned.index(here[-1]) + 1:]
        teacher, its_task, _ = load_pair(here[0].recipe.teacher, task)
        for state in sweep(here, path, teacher.key, its_task.hash, in_turn(run)):
            eta = None if state["eta"] is None else state["eta"] + seconds(read(path), later)
            yield {"done": before + state["done"], "of": len(planned), "eta": eta, "trial": state["recipe"], "event": state["event"]}


def run(trial: Trial) -> Iterator[Event]:
    """Yield the events of a trial's distillation; the last is finished {record}: what is read of it, with `experiment`, and `bridge` where one is."""
    start = Start(trial)
    for event in distill(trial.recipe, overrides=Overrides(experiment=trial.experiment, test=True, start=start)):
        if event.kind == "finished":
            event = Event("finished", {"record": brief(event.data["record"] | start.record())})
        yield event


class Start:
    """Puts what a trial's arm has into the seeded student: fresh layers, or a bridge."""

    def __init__(self, trial: Trial):
        self.trial, self.bridge, self.figures = trial, None, {}

    def __call__(self, student):
        trial = self.trial
        if trial.arm == FRESH:
            teacher, *_ = load_pair(trial.recipe.teacher, trial.recipe.task)
            draw_anew(student, teacher, trial.gap, trial.recipe.seed)
        elif trial.arm in BRIDGED:
            fitted, self.figures = _fitted(trial, load_pair(trial.recipe.teacher, trial.recipe.task), pick(trial.recipe.optimiser.precision))
            self.fitted = fitted.weight.detach().clone()
            self.bridge = copy.deepcopy(fitted).requires_grad_(trial.arm == TRAINED)
            lay(student, position_of(trial.gap), self.bridge)
        return student

    def record(self) -> dict:
        """Return {"bridge": how it was fitted, and how far its weight moved in training, L2}, or nothing."""
        if self.bridge is None:
            return {}
        return {"bridge": self.figures | {"moved": float((self.bridge.weight.detach() - self.fitted).norm())}}


def draw_anew(student, teacher: Teacher, gap: Seam, seed: int) -> None:
    """Give the student's layers in the gap, in place, the weights that the control of untrained layers has there."""
    control = seed_student(teacher.model, range(1, teacher.layers + 1), Seeding(untrained_layers=True), seed)
    for layer in gap.missing:
        layers(student)[layer - 1].load_state_dict(layers(control)[layer - 1].state_dict())


_kept: dict[tuple, tuple[nn.Linear, dict]] = {}  # a bridge is the same for all seeds and both arms


def _fitted(trial: Trial, pair, device: Device) -> tuple[nn.Linear, dict]:
    teacher, task, encoded = pair
    key = teacher.identity, task.hash, trial.gap, device.dtype
    if key not in _kept:
        check = encoded["validation"].take(torch.tensor(task.check_indices))
        train = encoded["train"] if at_head(teacher, trial.gap) else encoded["train"].take(torch.tensor(stratified(task.train.labels, TEXTS, seed=0)))
        _kept[key] = fitted(teacher, trial.gap, train, check, device)
    return _kept[key]


def at_head(teacher: Teacher, gap: Seam) -> bool:
    return gap.above == teacher.layers + 1


def fitted(teacher: Teacher, gap: Seam, train: EncodedSplit, check: EncodedSplit, device: Device) -> tuple[nn.Linear, dict]:
    """Return the bridge over the gap, fitted on the teacher's states of training examples, and {texts, tokens, explained}.

    explained: the share of the variance of the states that the layer above knew, on the check part of validation, that the bridge gives."""
    below, above = states(teacher, gap, train, device)
    bridge = fit_bridge(below, above)
    x, y = states(teacher, gap, check, device)
    left = (y - bridge(x)).square().sum() / (y - y.mean(0)).square().sum()
    return bridge, {"texts": len(train), "tokens": len(below), "explained": 1 - float(left)}


@torch.no_grad()
def states(teacher: Teacher, gap: Seam, split: EncodedSplit, device: Device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the teacher's states at both ends of the gap, each (tokens, D) float32, without padding.

    Of a gap below the head they are those of the first token alone, since the head reads no other."""
    model, both = teacher.model.to(device.torch), ([], [])
    for indices in sequential(split.lengths, 64):
        batch = split.batch(indices).to(device.torch)
        real = batch.attention_mask.bool()
        if at_head(teacher, gap):
            real[:, 1:] = False
        with device.context():
            found = model(**batch.model_inputs(), output_hidden_states=True).hidden_states
        for ends, layer in zip(both, (gap.below, gap.above - 1), strict=True):
            ends.append(found[layer].float()[real])
    return torch.cat(both[0]), torch.cat(both[1])


def brief(record: dict) -> dict:
    """Return what is read of a run: figures, predictions, norms, what the student started from, and where it was made."""
    figures = lambda part: {name: part[name] for name in FIGURES if name in part}
    ends = ("teacher", "initial", "final")
    kept = {name: record[name] for name in KEPT if name in record} | {part: figures(record[part]) for part in ends}
    return kept | {"check": {part: figures(record["check"][part]) for part in ends}}
