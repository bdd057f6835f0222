"""The course assignment's notebook loop, written plainly: the teacher runs at every step, and four losses are read at every step."""

from functools import partial

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset
from transformers import DataCollatorWithPadding

from core.training.loop import schedule
from tests.bench import plain
from tests.bench.protocol import Clock, Loop, Run, Setting, features, named_gradients, widened

COLUMNS = ("input_ids", "attention_mask", "token_type_ids", "labels")


def run(setting: Setting, batches: list[Tensor], seed: int, dynamic: bool) -> Run:
    """dynamic: pad each batch to its own longest example; else every example was padded to the longest of the data set beforehand."""
    device, settings = setting.device.torch, setting.optimiser
    student, teacher = setting.fresh_student(), setting.teacher.model.to(device)
    loader = _loader(setting, batches, dynamic)
    optimizer = torch.optim.Adam(student.parameters(), lr=settings.learning_rate)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule(step, len(batches), settings.warmup))
    clock = Clock(optimizer, len(batches), setting.device)
    torch.manual_seed(seed)
    student.train()
    sums = [0.0] * 4
    clock.start()
    for batch in loader:
        inputs = {name: tensor.to(device) for name, tensor in batch.items()}
        labels = inputs.pop("labels")
        optimizer.zero_grad()
        loss, terms = _losses(setting, student, teacher, inputs, labels)
        loss.backward()
        if settings.clip:
            torch.nn.utils.clip_grad_norm_(student.parameters(), settings.clip)
        optimizer.step()
        scheduler.step()
        read = (loss, terms["cross_entropy"], terms["soft_targets"], terms["logit_cosine"])
        sums = [total + value.item() for total, value in zip(sums, read)]
    return Run(student, clock.seconds, sums[0] / len(batches))


def gradients(setting: Setting, batch: Tensor, dynamic: bool) -> dict[str, Tensor]:
    device = setting.device.torch
    student, teacher = setting.fresh_student().eval(), setting.teacher.model.to(device)
    inputs = {name: tensor.to(device) for name, tensor in next(iter(_loader(setting, [batch], dynamic))).items()}
    loss, _ = _losses(setting, student, teacher, inputs, inputs.pop("labels"))
    loss.backward()
    return named_gradients(student)


def _losses(setting: Setting, student, teacher, inputs: dict[str, Tensor], labels: Tensor):
    hidden = bool(setting.used)
    with torch.no_grad():
        said = teacher(**inputs, output_hidden_states=hidden)
    out = student(**inputs, output_hidden_states=hidden)
    return plain.losses(setting, out, said, labels, inputs["attention_mask"])


def _loader(setting: Setting, batches: list[Tensor], dynamic: bool):
    sampler = [batch.tolist() for batch in batches]
    if dynamic:
        rows = features(setting.split)
        collate = DataCollatorWithPadding(setting.teacher.tokenizer)
        return DataLoader(rows, batch_sampler=sampler, collate_fn=collate)
    everything = widened(setting.split.batch(torch.arange(len(setting.split))), setting.width, setting.split.pad_id)
    tensors = {name: getattr(everything, name) for name in COLUMNS if getattr(everything, name) is not None}
    stack = lambda rows: {name: torch.stack(column) for name, column in zip(tensors, zip(*rows))}
    return DataLoader(TensorDataset(*tensors.values()), batch_sampler=sampler, collate_fn=stack)


LOOPS = (
    Loop(
        "notebook loop", "as documented", "random", "teacher at every step, padded to the data set's longest, fp32, Adam, .item() four times a step",
        partial(run, dynamic=False), partial(gradients, dynamic=False), plain.takes,
    ),
    Loop(
        "notebook loop", "best settings", "random", "the same, padded to the batch's longest",
        partial(run, dynamic=True), partial(gradients, dynamic=True), plain.takes,
    ),
)
