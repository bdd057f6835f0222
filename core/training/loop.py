"""The one training loop: fine-tuning and every kind of distillation go through it."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.data.batches import EncodedSplit, bucketed
from core.recipe import Optimiser
from core.training.batch import Share
from core.training.device import Device, seed_all
from core.training.events import Event

LossFunction = Callable[..., tuple[Tensor, dict[str, Tensor]]]  # (model, batch); with micro_batch also (model, part of a batch, its Share)
REPORTS = 60  # about this many step events a run: each one is a synchronisation with the device


@dataclass
class Standing:
    """Where a training stands between two steps, besides its model and the generators that it draws from.

    seconds: spent in the loop, evaluating among them. tokens: read so far. sums, counted: the losses since the last report.
    """

    optimizer: torch.optim.Optimizer
    seconds: float = 0.0
    evaluating: float = 0.0
    tokens: int = 0
    sums: dict[str, Tensor] = field(default_factory=dict)
    counted: int = 0


@dataclass
class Training:
    """What the loop needs. The model is trained in place; `evaluate(step)` returns {"accuracy", "loss"} on the split that decides.

    examples: (M,) int64, the positions in `split` that are trained on. evaluation_steps: ascending, the last is `steps`.
    stop: asked before every step; True ends the run after the steps made so far.
    micro_batch: the most examples computed at once. A larger batch is computed in parts whose gradients are added: the same
    up to rounding and to the dropout masks drawn, in less memory. None: whole batches.
    turns: yield a turn event before every step, so that others may have the device; the time until the next one is asked for is not
    counted. restore: called once before the first step; it may put `made`, `standing`, the model and the generators as they were.
    """

    model: torch.nn.Module
    split: EncodedSplit
    examples: Tensor
    steps: int
    evaluation_steps: tuple[int, ...]
    settings: Optimiser
    seed: int
    device: Device
    loss: LossFunction
    evaluate: Callable[[], dict]
    stop: Callable[[], bool] = lambda: False
    order: Iterator[Tensor] | None = None  # positions of each batch; None: `batches`
    optimizer: Callable[..., torch.optim.Optimizer] | None = None  # (model, settings, device); None: `make_optimizer`
    factor: Callable[[int, int, float], float] | None = None  # (step, steps, warm-up) -> factor on the rate; None: `schedule`
    micro_batch: int | None = None
    turns: bool = False
    restore: Callable[["Training"], None] | None = None
    made: int = 0  # steps made so far
    standing: Standing | None = None


def schedule(step: int, steps: int, warmup: float) -> float:
    """Factor on the learning rate at 0-based `step`: linear from 0 over the warm-up, then linear to 0."""
    ramp = max(1, math.ceil(warmup * steps))
    if step < ramp:
        return (step + 1) / (ramp + 1)
    return max(0.0, (steps - step) / max(1, steps - ramp + 1))


def make_optimizer(model: torch.nn.Module, settings: Optimiser, device: Device) -> torch.optim.AdamW:
    """Fused AdamW over the model's own parameters; no weight decay on biases and normalisation (vectors)."""
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=device.kind in ("cpu", "cuda"))


def batches(training: Training) -> Iterator[Tensor]:
    """Positions of one batch after another, epoch after epoch; the same for the same seed on every device."""
    epoch = 0
    while True:
        generator = torch.Generator().manual_seed(training.seed * 1_000_003 + epoch)
        for chosen in bucketed(training.split.lengths[training.examples], training.settings.batch_size, generator):
            yield training.examples[chosen]
        epoch += 1


def train(training: Training) -> Iterator[Event]:
    """Yields step and evaluated events; returns early when told to stop. The model is left as it was after its last step."""
    model, device = training.model, training.device
    optimizer = (training.optimizer or make_optimizer)(model, training.settings, device)
    trained = [p for group in optimizer.param_groups for p in group["params"]]
    every = max(1, training.steps // REPORTS)
    stream = training.order or batches(training)
    seed_all(training.seed)  # here and not before: what was loaded or computed first must not shift the dropout masks
    standing = training.standing = Standing(optimizer)
    if training.restore:
        training.restore(training)
    for _ in range(training.made):
        next(stream)
    began = time.perf_counter() - standing.seconds
    model.train()
    for step in range(training.made, training.steps):
        if training.turns:
            standing.seconds = time.perf_counter() - began
            yield Event("turn", {"step": step})
            began = time.perf_counter() - standing.seconds
        if training.stop():
            return
        rate = training.settings.learning_rate * (training.factor or schedule)(step, training.steps, training.settings.warmup)
        for group in optimizer.param_groups:
            group["lr"] = rate
        losses, read = backward(training, next(stream))
        standing.tokens += read
        if training.settings.clip:
            torch.nn.utils.clip_grad_norm_(trained, training.settings.clip, foreach=True)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        add(standing.sums, losses)
        standing.counted += 1
        done = training.made = step + 1
        last = done in training.evaluation_steps
        if done % every == 0 or last or done == 1:
            seconds = time.perf_counter() - began
            means = {name: float(value) / standing.counted for name, value in standing.sums.items()}
            pure = seconds - standing.evaluating  # evaluating is left out of the rates
            yield Event("step", {
                "step": done, "of": training.steps, "loss": means.pop("total"), "losses": means, "seconds": seconds,
                "eta": pure / done * (training.steps - done), "tokens_per_second": standing.tokens / pure,
            })
            standing.sums, standing.counted = {}, 0
        if last:
            start = time.perf_counter()
            result = training.evaluate()
            standing.evaluating += time.perf_counter() - start
            yield Event("evaluated", {
                "step": done, "val_accuracy": result["accuracy"], "val_loss": result["loss"], "val_groups": result.get("groups", {}),
                "seconds": time.perf_counter() - began,
            })
            model.train()


def backward(training: Training, examples: Tensor) -> tuple[dict[str, Tensor], int]:
    """Add one batch's gradients to the model's. examples: (B,) positions in the split.

    Returns the loss ("total") and its parts over the whole batch, detached, and how many non-pad tokens were read.
    """
    split, size, device = training.split, training.micro_batch, training.device.torch
    if size is None or len(examples) <= size:
        batch = split.batch(examples)
        loss, parts = training.loss(training.model, batch.to(device))
        loss.backward()
        return {"total": loss.detach(), **parts}, batch.tokens
    tokens = int(split.lengths[examples].sum())
    sums: dict[str, Tensor] = {}
    for chosen in examples.split(size):
        part = split.batch(chosen)
        loss, parts = training.loss(training.model, part.to(device), Share(len(chosen) / len(examples), part.tokens / tokens))
        loss.backward()
        add(sums, {"total": loss.detach(), **parts})
    return sums, tokens


def add(sums: dict[str, Tensor], values: dict[str, Tensor]) -> None:
    for name, value in values.items():
        sums[name] = sums[name] + value if name in sums else value
