"""TextBrewer 0.2.1.post1 (Yang et al. 2020, "TextBrewer: An Open-Source Knowledge Distillation Toolkit for NLP").

Its KD loss is the cross-entropy of softened probabilities without T², so kd_loss_weight carries T². GeneralDistiller runs the
teacher at every step; its sibling BasicDistiller can keep logits (and nothing else) with the batches they belong to, and
then meets the same batches in every epoch. Mixed precision needs Apex, so both are in fp32.
"""

import importlib.util
import logging
import random
import tempfile
import time
import warnings
from functools import partial

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import DataCollatorWithPadding

from core.recipe import Objective
from core.training.loop import make_optimizer, schedule
from core.training.signals import entropy
from tests.bench.ours import ask_teacher
from tests.bench.protocol import Clock, Loop, Run, Setting, features, named_gradients, unfused

VERSION = "0.2.1.post1"
MISSING = None
if not (importlib.util.find_spec("textbrewer") and (importlib.util.find_spec("tensorboard") or importlib.util.find_spec("tensorboardX"))):
    MISSING = f"TextBrewer is not installed; to compare with it run: pip install textbrewer=={VERSION} tensorboard"
MATCHES = {"hidden_cosine": "cos", "hidden_pkd": "pkd"}


def takes(objective: Objective) -> bool:
    return {name for name, _ in objective.weights} <= {"cross_entropy", "soft_targets", *MATCHES}


def takes_cached(objective: Objective) -> bool:
    return takes(objective) and not objective.hidden


class Losses:
    """Stands where TextBrewer writes to TensorBoard; keeps the total loss of each step."""

    def __init__(self):
        self.total: list[float] = []

    def add_scalar(self, name: str, value: float, step: int) -> None:
        if name == "scalar/total_loss":
            self.total.append(value)


def run(setting: Setting, batches: list[Tensor], seed: int, dynamic: bool, cached: bool = False) -> Run:
    """cached: BasicDistiller with is_caching_logits. setup_seconds is then the time until the student's first forward pass."""
    steps, per_epoch = len(batches), setting.steps_per_epoch if cached else len(batches)
    with tempfile.TemporaryDirectory() as folder:
        student = setting.fresh_student()
        distiller = _distiller(setting, student, folder, cached)
        distiller.tb_writer = written = Losses()
        loader = _loader(setting, batches[:per_epoch], dynamic)
        optimizer = make_optimizer(student, setting.optimiser, setting.device) if dynamic else unfused(student, setting.optimiser, setting.device)
        clock = Clock(optimizer, steps, setting.device)
        begun = time.perf_counter()
        setup = []

        def first_forward(*_):
            setup.append(time.perf_counter() - begun)
            clock.start()
            handle.remove()

        handle = student.register_forward_pre_hook(first_forward) if cached else None
        torch.manual_seed(seed)
        random.seed(seed)  # it shuffles the kept batches with Python's generator
        warmup = setting.optimiser.warmup
        if not cached:
            clock.start()
        with distiller:
            distiller.train(
                optimizer, loader, num_epochs=max(1, steps // per_epoch), max_grad_norm=setting.optimiser.clip or -1.0,
                scheduler_class=torch.optim.lr_scheduler.LambdaLR, scheduler_args={"lr_lambda": lambda step: schedule(step, steps, warmup)},
                batch_postprocessor=dict, output_hidden_states=bool(setting.used),
            )
    loss = sum(written.total) / steps - _constant(setting, batches)
    return Run(student, clock.seconds, loss, sum(setup))


def gradients(setting: Setting, batch: Tensor, dynamic: bool, cached: bool = False) -> dict[str, Tensor]:
    with tempfile.TemporaryDirectory() as folder:
        student = setting.fresh_student().eval()
        distiller = _distiller(setting, student, folder, cached)
        rows = dict(next(iter(_loader(setting, [batch], dynamic))))
        if cached:
            distiller.cache_logits(rows, {}, None)
            rows = distiller.logits_cache[0]
        loss, _ = distiller.train_on_batch(rows, {"output_hidden_states": bool(setting.used)})
        loss.backward()
    return named_gradients(student)


def _constant(setting: Setting, batches: list[Tensor]) -> float:
    """What its cross-entropy with the teacher is above the KL divergence: the teacher's entropy, weighted; without gradient."""
    signals, _ = ask_teacher(setting)
    t = setting.objective.temperature
    return dict(setting.objective.weights).get("soft_targets", 0.0) * t**2 * entropy(signals.logits[torch.cat(batches)].cpu(), t)


def _distiller(setting: Setting, student, folder: str, cached: bool):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it compares strings with `is`
        import textbrewer
    logging.getLogger("Distillation").setLevel(logging.WARNING)
    objective = setting.objective
    weights = dict(objective.weights)
    matches = [
        {"layer_T": setting.matched[j - 1], "layer_S": j, "feature": "hidden", "loss": MATCHES[name], "weight": weights[name] / len(setting.used)}
        for name in objective.hidden for j in setting.used
    ]
    config = textbrewer.DistillationConfig(
        temperature=objective.temperature, kd_loss_weight=weights.get("soft_targets", 0.0) * objective.temperature**2,
        hard_label_weight=weights.get("cross_entropy", 0.0), intermediate_matches=matches or None, is_caching_logits=cached,
    )

    def adaptor(batch, out):
        found = {"logits": out.logits, "losses": out.loss}
        return found | {"hidden": out.hidden_states, "inputs_mask": batch["attention_mask"]} if setting.used else found

    training = textbrewer.TrainingConfig(output_dir=folder, device=setting.device.torch, log_dir=None)
    kind = textbrewer.BasicDistiller if cached else textbrewer.GeneralDistiller
    return kind(training, config, setting.teacher.model.to(setting.device.torch), student, adaptor, adaptor)


def _loader(setting: Setting, batches: list[Tensor], dynamic: bool):
    collate = DataCollatorWithPadding(setting.teacher.tokenizer)
    if not dynamic:
        collate = DataCollatorWithPadding(setting.teacher.tokenizer, padding="max_length", max_length=setting.width)
    return DataLoader(features(setting.split), batch_sampler=[batch.tolist() for batch in batches], collate_fn=collate)


LOOPS = (
    Loop(
        "TextBrewer", "as documented", "random", "GeneralDistiller, teacher at every step, padded to the data set's longest, fp32, AdamW",
        partial(run, dynamic=False), partial(gradients, dynamic=False), takes,
    ),
    Loop(
        "TextBrewer", "best settings", "bucketed", "GeneralDistiller on our batches of like length, fused AdamW",
        partial(run, dynamic=True), partial(gradients, dynamic=True), takes,
    ),
    Loop(
        "TextBrewer", "kept logits", "bucketed", "BasicDistiller with is_caching_logits on our batches of like length, fused AdamW",
        partial(run, dynamic=True, cached=True), partial(gradients, dynamic=True, cached=True), takes_cached,
    ),
)
