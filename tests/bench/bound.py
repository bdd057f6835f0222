"""What a perfect loop would take: the student's own forward and backward without any padding, one optimizer step, nothing else."""

import time
from collections.abc import Callable

import torch

from core.training.loop import make_optimizer
from tests.bench.ours import Parts, ask_teacher, loss_function, prepared_student
from tests.bench.protocol import Setting, order, synchronise

COMPONENTS = ("teacher", "student", "optimizer_full", "optimizer_used")


def real_share(setting: Setting) -> float:
    """The share of the tokens of our batches that are not padding."""
    batches = order(setting, "bucketed")
    return setting.tokens(batches) / sum(len(batch) * int(setting.split.lengths[batch].max()) for batch in batches)


def jobs(setting: Setting) -> dict[str, Callable[[], float]]:
    """Each of COMPONENTS alone, on our batches; a job returns its seconds a step.

    teacher: forward, no gradient. student: forward, loss from kept signals, backward, with dropout. optimizer_full,
    optimizer_used: clipping and fused AdamW over all weights, with all and with only the used embedding rows.
    """
    device = setting.device
    made = [setting.split.batch(positions).to(device.torch) for positions in order(setting, "bucketed")]
    signals, _ = ask_teacher(setting)
    loss = loss_function(setting, signals)
    teacher = setting.teacher.model.to(device.torch)
    student = prepared_student(setting, Parts()).train()

    @torch.no_grad()
    def ask():
        for batch in made:
            with device.context():
                teacher(**batch.model_inputs(), output_hidden_states=bool(setting.used))

    def learn():
        for batch in made:
            loss(student, batch)[0].backward()
            student.zero_grad(set_to_none=True)

    steps = len(made)
    return {
        "teacher": lambda: _timed(ask, device) / steps,
        "student": lambda: _timed(learn, device) / steps,
        "optimizer_full": _optimizer(setting, prepared_student(setting, Parts(used_rows=False))),
        "optimizer_used": _optimizer(setting, prepared_student(setting, Parts())),
    }


def perfect(seconds: dict[str, float], real: float) -> float:
    """Seconds a step of a loop with a perfect cache, no padding and nothing but the student and its optimizer."""
    return seconds["student"] * real + seconds["optimizer_used"]


def _optimizer(setting: Setting, model) -> Callable[[], float]:
    """Clip and step with gradients that stay; the rate is zero, so the weights stay too."""
    optimizer = make_optimizer(model, setting.optimiser, setting.device)
    trained = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    for parameter in trained:
        parameter.grad = torch.full_like(parameter, 1e-3)

    def step():
        if setting.optimiser.clip:
            torch.nn.utils.clip_grad_norm_(trained, setting.optimiser.clip, foreach=True)
        optimizer.step()

    return lambda: _timed(step, setting.device)


def _timed(job: Callable[[], None], device) -> float:
    synchronise(device)
    began = time.perf_counter()
    job()
    synchronise(device)
    return time.perf_counter() - began
