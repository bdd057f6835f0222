"""What every loop of the comparison shares: teacher, student, token ids, schedule, clipping; and how a loop is timed.

A short timed run trains on a few batches of an epoch in its loop's own kind of order, drawn at even distances of their
width, so that it has the lengths and the padding of the whole epoch. Loops with the same kind of order get the same batches in
the same order; between kinds, times are compared by the token that is not padding. Every batch is full; an epoch's rest is
left out, for every loop.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.trainer_pt_utils import get_length_grouped_indices

from core.data.batches import Batch, EncodedSplit, bucketed, encode
from core.data.catalogue import load as load_task
from core.data.task import Task
from core.errors import LabError
from core.models.catalogue import base_folder, find_folder
from core.models.flops import forward_flops, training_flops
from core.models.seeding import seed_student
from core.models.teachers import Teacher, load_model, load_teacher, load_tokenizer
from core.recipe import Objective, Optimiser, hidden_layers_used, matched_layers, preset
from core.recipe.tuning import split_teacher
from core.training.device import Device
from core.training.loop import make_optimizer
from core.training.signals import SignalRequest, request_for

ORDERS = ("random", "bucketed", "grouped")


@dataclass
class Setting:
    """One cell of the comparison.

    split: the examples that are trained on. drawn: the few batches of each kind of order, as positions in `split`; None where
    `split` is the whole training split. train_examples, train_tokens: how many that has.
    width: tokens of a fixed-width batch (the longest example of the task's training split). matched: the teacher layer of
    each student layer in hidden-state losses. student: the seeded student; a loop trains a copy. ready: whether the teacher is fine-tuned.
    """

    teacher: Teacher
    task: Task
    encoded: dict[str, EncodedSplit]
    split: EncodedSplit
    drawn: dict[str, list[Tensor]] | None
    train_examples: int
    train_tokens: int
    width: int
    student: PreTrainedModel
    layers: tuple[int, ...]
    objective: Objective
    matched: tuple[int, ...]
    optimiser: Optimiser
    device: Device
    ready: bool
    notes: list[str] = field(default_factory=list)
    signals: tuple | None = None  # our loop's kept signals of the examples, and the seconds they took

    @property
    def used(self) -> tuple[int, ...]:
        """Student layers that the hidden-state losses read."""
        return hidden_layers_used(self.objective, len(self.layers))

    @property
    def request(self) -> SignalRequest:
        """What is needed from the teacher."""
        return request_for(self.objective, self.matched)

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one epoch over `split`; of the drawn batches where there are such."""
        return len(self.drawn["bucketed"]) if self.drawn else len(self.split) // self.optimiser.batch_size

    def fresh_student(self) -> PreTrainedModel:
        """A copy to train, on the device."""
        return copy.deepcopy(self.student).requires_grad_(True).to(self.device.torch)

    def tokens(self, batches: list[Tensor]) -> int:
        """Tokens of the batches that are not padding."""
        return int(sum(self.split.lengths[batch].sum() for batch in batches))


@dataclass
class Run:
    """One timed run. seconds: from the first batch to the end of the last optimizer step. loss: mean over the steps, nats.

    setup_seconds: what has to be paid once for a data set before it, such as a cache of the teacher's signals.
    curve: the losses our loop reported, one a step for runs of at most 60 steps; empty for other loops.
    """

    student: PreTrainedModel
    seconds: float
    loss: float
    setup_seconds: float = 0.0
    curve: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Loop:
    """A way to train. name and settings ("as documented", "best settings") identify it; what: its settings in words.

    run(setting, batches, seed) trains a copy of the student on the batches (positions in the split, in order).
    gradients(setting, batch) is one batch's gradient by parameter name, dropout off, unclipped.
    takes(objective): whether it can express the objective.
    """

    name: str
    settings: str
    order: str
    what: str
    run: Callable[[Setting, list[Tensor], int], Run]
    gradients: Callable[[Setting, Tensor], dict[str, Tensor]]
    takes: Callable[[Objective], bool] = lambda objective: True


class Clock:
    """Ends with the optimizer's step number `steps`, so that what a library does after its loop (saving) is not counted."""

    def __init__(self, optimizer: torch.optim.Optimizer, steps: int, device: Device):
        self.began, self.seconds, self.left, self.device = 0.0, 0.0, steps, device
        self.handle = optimizer.register_step_post_hook(self._stepped)

    def start(self) -> None:
        synchronise(self.device)
        self.began = time.perf_counter()

    def _stepped(self, *_) -> None:
        self.left -= 1
        if self.left == 0:
            synchronise(self.device)
            self.seconds = time.perf_counter() - self.began


def synchronise(device: Device) -> None:
    """Wait for what the device still has to do."""
    if device.kind == "cuda":
        torch.cuda.synchronize()
    elif device.kind == "mps":
        torch.mps.synchronize()


def make_setting(
    teacher: str, task_name: str, k: int | None, objective: Objective, device: Device, steps: int | None, budget: float | None = None,
    optimiser: Optimiser | None = None, width: int | None = None,
) -> Setting:
    """The shared setting. k: student layers, evenly spread over the teacher's (default: half of them).

    steps: how many batches are drawn; None with a budget (FLOPs of one run with the teacher at every step and batches of
    full width): as many as fit, at least 2; None without one: the whole training split.
    A teacher that was not fine-tuned here is stood in for by its base with an untrained head: times do not depend on it.
    """
    task = load_task(task_name)
    loaded = _teacher(teacher, task)
    k = k or max(1, loaded.layers // 2)
    layers = preset("spread", loaded.layers, k)
    optimiser = optimiser or Optimiser(precision="fp32" if device.autocast is None else "bf16")
    encoded = encode(task, loaded.tokenizer)
    train = encoded["train"]
    student = seed_student(loaded.model, layers)
    width = max(int(train.lengths.max()), width or 0)
    if budget is not None and steps is None:
        lengths = torch.full((optimiser.batch_size,), width)
        steps = max(2, int(budget / (forward_flops(loaded.model, lengths) + training_flops(student, lengths))))
    split, drawn = draw(train, optimiser.batch_size, steps)
    if len(split) < optimiser.batch_size:
        raise LabError(f"The training split has {len(split)} examples, fewer than one batch of {optimiser.batch_size}; use a larger task.")
    ready = find_folder(teacher, task_name) is not None
    notes = [] if ready else [f"{teacher} is not fine-tuned on {task_name}: an untrained head stands in, for times alone."]
    matched = matched_layers(objective, layers, loaded.layers)
    tokens = int(train.offsets[-1])
    return Setting(
        loaded, task, encoded, split, drawn, len(train), tokens, width, student, layers, objective, matched, optimiser, device, ready, notes,
    )


def draw(split: EncodedSplit, batch_size: int, steps: int | None) -> tuple[EncodedSplit, dict[str, list[Tensor]] | None]:
    """`steps` batches of an epoch in each kind of order, evenly spaced by width, and the examples they need; all examples and
    None when that is no less than an epoch."""
    if steps is None or steps >= len(split) // batch_size:
        return split, None
    chosen = {}
    for kind in ORDERS:
        batches = epoch(split.lengths, batch_size, kind, torch.Generator().manual_seed(0))
        batches.sort(key=lambda batch: (int(split.lengths[batch].max()), int(split.lengths[batch].sum())))
        chosen[kind] = [batches[int((i + 0.5) * len(batches) / steps)] for i in range(steps)]
    needed = torch.cat([batch for batches in chosen.values() for batch in batches]).unique()
    return split.take(needed), {kind: [torch.searchsorted(needed, batch) for batch in batches] for kind, batches in chosen.items()}


def epoch(lengths: Tensor, batch_size: int, kind: str, generator: torch.Generator) -> list[Tensor]:
    """The full batches of one epoch in an order of this kind.

    random: a permutation, cut. bucketed: our loop's. grouped: what transformers' train_sampling_strategy="group_by_length"
    makes, by its own function.
    """
    if kind == "random":
        found = torch.randperm(len(lengths), generator=generator).split(batch_size)
    elif kind == "grouped":
        found = torch.tensor(get_length_grouped_indices(lengths.tolist(), batch_size, generator=generator)).split(batch_size)
    else:
        found = bucketed(lengths, batch_size, generator)
    return [batch for batch in found if len(batch) == batch_size]


def order(setting: Setting, kind: str, epochs: int = 1, seed: int = 0) -> list[Tensor]:
    """Batches of `epochs` epochs in an order of this kind (of the drawn batches, where there are such); the same for the same seed."""
    batches: list[Tensor] = []
    for number in range(epochs):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + number)
        if setting.drawn is None:
            batches += epoch(setting.split.lengths, setting.optimiser.batch_size, kind, generator)
        else:
            drawn = setting.drawn[kind]
            batches += [drawn[i] for i in torch.randperm(len(drawn), generator=generator)]
    return batches


def widened(batch: Batch, width: int, pad_id: int) -> Batch:
    """The batch padded to (B, width); as it is when it is that wide."""
    extra = width - batch.input_ids.shape[1]
    if extra <= 0:
        return batch
    pad = lambda tensor, value: torch.nn.functional.pad(tensor, (0, extra), value=value)
    types = None if batch.token_type_ids is None else pad(batch.token_type_ids, 0)
    return Batch(pad(batch.input_ids, pad_id), pad(batch.attention_mask, 0), types, batch.labels, batch.index)


def features(split: EncodedSplit) -> list[dict]:
    """The examples as a tokenizer gives them: input_ids, attention_mask, token_type_ids where there are, labels; as lists."""
    ids, types = split.ids.tolist(), None if split.types is None else split.types.tolist()
    bounds, labels = split.offsets.tolist(), split.labels.tolist()
    rows = []
    for start, end, label in zip(bounds, bounds[1:], labels):
        row = {"input_ids": ids[start:end], "attention_mask": [1] * (end - start), "labels": label}
        if types is not None:
            row["token_type_ids"] = types[start:end]
        rows.append(row)
    return rows


def unfused(model, settings, device) -> torch.optim.AdamW:
    """The same optimizer with torch's unfused step."""
    made = make_optimizer(model, settings, device)
    groups = [{key: group[key] for key in ("params", "weight_decay")} for group in made.param_groups]
    return torch.optim.AdamW(groups, lr=settings.learning_rate)


def one_batch(setting: Setting) -> Tensor:
    """The batch whose gradients are compared: a random one, so that it has padding."""
    return order(setting, "random")[0]


def named_gradients(model: PreTrainedModel) -> dict[str, Tensor]:
    return {name: parameter.grad.detach().float().cpu() for name, parameter in model.named_parameters() if parameter.grad is not None}


def disagreement(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> float:
    """Norm of the difference of two gradients over the norm of the first; infinite when their parameters differ."""
    if set(ours) != set(theirs):
        return float("inf")
    distance = sum(float((ours[name] - theirs[name]).double().square().sum()) for name in ours)
    size = sum(float(value.double().square().sum()) for value in ours.values())
    return (distance / size) ** 0.5 if size else float("inf")


def _teacher(name: str, task: Task) -> Teacher:
    base = base_folder(split_teacher(name)[0])
    if find_folder(name, task.name) or not (base / "model.safetensors").is_file():
        return load_teacher(name, task)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = load_model(base, fresh_labels=task.labels)
    tokenizer = load_tokenizer(base)
    return Teacher(name, base, model.eval().requires_grad_(False), tokenizer, "", "", "", model.config.num_hidden_layers)
