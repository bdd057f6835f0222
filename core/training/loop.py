"""The one training loop: fine-tuning and every kind of distillation go through it."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.data.batches import EncodedSplit, bucketed
from core.recipe import Optimiser
from core.training.device import Device
from core.training.diverged import broke_off, finite
from core.training.events import TURN, Clock, Event, never
from core.training.losses import Share

LossFunction = Callable[..., tuple[Tensor, dict[str, Tensor]]]  # (model, batch); with micro_batch also (model, part of a batch, its Share)
REPORTS = 60  # about this many step events a run: each one is a synchronisation with the device


def schedule(step: int, steps: int, warmup: float) -> float:
    """Return the factor on the learning rate at 0-based `step`: linear from 0 over the warm-up, then linear to 0."""
    ramp = max(1, math.ceil(warmup * steps))
    if step < ramp:
        return (step + 1) / (ramp + 1)
    return max(0.0, (steps - step) / max(1, steps - ramp + 1))


def make_optimizer(model: torch.nn.Module, settings: Optimiser, device: Device) -> torch.optim.AdamW:
    """Return fused AdamW over the model's own parameters; no weight decay on biases and normalisation (vectors)."""
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=device.kind in ("cpu", "cuda"))


def train(run, stop: Callable[[], bool] = never) -> Iterator[Event]:
    """Yield turn, step and evaluated events until all steps are made. run: a Training, or a core.training.session.Session.

    stop: asked at every turn. True ends the run after the steps made so far; an evaluation in the middle of it is left unfinished.
    """
    while run.made < run.steps:
        yield TURN
        if stop():
            return
        for event in advance(run):
            yield event
            if event.kind == "turn" and run.made < run.steps and stop():
                return


def advance(run) -> Iterator[Event]:
    """Make one step, and the evaluation that is due after it; yields their events."""
    event = run.step()
    if event is not None:
        yield event
    if run.made in run.evaluation_steps:
        yield from run.evaluate()


@dataclass
class Training:
    """A model in training, in place: what a step needs, and the state between two steps (besides the random generators').

    examples: (M,) int64, the positions in `split` that are trained on. evaluation_steps: ascending, the last is `steps`.
    measure: yields turns and returns {"accuracy", "loss"} on the split that decides.
    order: the positions of each batch; None: `batches`. factor: (step, steps, warm-up) -> factor on the learning rate.
    micro_batch: the most examples computed at once. A larger batch is computed in parts whose gradients are added: the same
    up to rounding and to the dropout masks drawn, in less memory. None: whole batches.
    made: steps made so far. clock: seconds in the loop, `evaluating` of them in evaluations. tokens: read so far, without padding.
    sums, counted: the losses since the last report, and over how many steps.
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
    optimizer: torch.optim.Optimizer
    measure: Callable[[], Iterator[Event]]
    order: Iterator[Tensor] | None = None
    factor: Callable[[int, int, float], float] = schedule
    micro_batch: int | None = None
    made: int = 0
    clock: Clock = field(default_factory=Clock)
    evaluating: float = 0.0
    tokens: int = 0
    sums: dict[str, Tensor] = field(default_factory=dict)
    counted: int = 0
    _stream: Iterator[Tensor] | None = None

    def step(self) -> Event | None:
        """Make one step; returns the step event where one is due. Diverged where the losses that it tells are not finite."""
        with self.clock:
            if self._stream is None:  # the first step here: of the run, or after a checkpoint
                self._stream = itertools.islice(self.order or batches(self), self.made, None)
                self.model.train()
                if self.made == 0:
                    torch.manual_seed(self.seed)  # here and not before: what was loaded or computed first must not shift the dropout masks
            rate = self.settings.learning_rate * self.factor(self.made, self.steps, self.settings.warmup)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            losses, read = backward(self, next(self._stream))
            if self.settings.clip:
                trained = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
                torch.nn.utils.clip_grad_norm_(trained, self.settings.clip, foreach=True)
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
            add(self.sums, losses)
            self.counted, self.tokens, self.made = self.counted + 1, self.tokens + read, self.made + 1
            if self.made != 1 and self.made % max(1, self.steps // REPORTS) and self.made not in self.evaluation_steps:
                return None
            means = {name: float(value) / self.counted for name, value in self.sums.items()}  # waits for the device
            self.sums, self.counted = {}, 0
            if not finite(means.values()):
                raise broke_off(self, "The loss")
        pure = self.clock.seconds - self.evaluating  # evaluating is left out of the rates
        return Event("step", {
            "step": self.made, "of": self.steps, "loss": means.pop("total"), "losses": means, "seconds": self.clock.seconds,
            "eta": pure / self.made * (self.steps - self.made), "tokens_per_second": self.tokens / pure,
        })

    def evaluate(self) -> Iterator[Event]:
        """Measure the model where it stands: turns, then an evaluated event. Diverged where its loss is not finite."""
        before = self.clock.seconds
        result = yield from self.clock.timed(self.measure())
        self.evaluating += self.clock.seconds - before
        if not finite([result["loss"]]):
            raise broke_off(self, "The loss on held-out examples")
        yield Event("evaluated", {
            "step": self.made, "val_accuracy": result["accuracy"], "val_loss": result["loss"], "val_groups": result.get("groups", {}),
            "seconds": self.clock.seconds,
        })


def batches(training: Training) -> Iterator[Tensor]:
    """Yield the positions of one batch after another, epoch after epoch; the same for the same seed on every device."""
    for epoch in itertools.count():
        generator = torch.Generator().manual_seed(training.seed * 1_000_003 + epoch)
        for chosen in bucketed(training.split.lengths[training.examples], training.settings.batch_size, generator):
            yield training.examples[chosen]


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
    """Add values to the sums, in place."""
    for name, value in values.items():
        sums[name] = sums[name] + value if name in sums else value
