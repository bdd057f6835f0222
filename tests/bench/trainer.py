"""A Hugging Face Trainer subclass with `compute_loss`, as distillation with transformers is usually written."""

import importlib.util
import tempfile
from functools import partial

import torch
from torch import Tensor
from transformers import DataCollatorWithPadding, PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from core.training.loop import make_optimizer, schedule
from tests.bench import plain
from tests.bench.protocol import Clock, Loop, Run, Setting, features, named_gradients

MISSING = None if importlib.util.find_spec("accelerate") else "transformers' Trainer needs accelerate; to compare with it run: pip install accelerate"


class DistillationTrainer(Trainer):
    """Teacher and student on every batch."""

    def __init__(self, setting: Setting, mixed: bool, **options):
        super().__init__(**options)
        self.setting, self.mixed = setting, mixed
        self.teacher = setting.teacher.model.to(self.args.device)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        labels, hidden = inputs.pop("labels"), bool(self.setting.used)
        with torch.no_grad(), torch.autocast(self.args.device.type, torch.bfloat16, enabled=self.mixed):
            said = self.teacher(**inputs, output_hidden_states=hidden)
        out = model(**inputs, output_hidden_states=hidden)
        loss, _ = plain.losses(self.setting, out, said, labels, inputs["attention_mask"])
        return (loss, out) if return_outputs else loss


class Began(TrainerCallback):
    """Starts the clock when the training loop begins, after the Trainer has set itself up."""

    def __init__(self, clock: Clock):
        self.clock = clock

    def on_train_begin(self, *_, **__):
        self.clock.start()


def run(setting: Setting, batches: list[Tensor], seed: int, best: bool) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        student = setting.fresh_student()
        optimizer = make_optimizer(student, setting.optimiser, setting.device)
        steps = len(batches)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: schedule(step, steps, setting.optimiser.warmup))
        clock = Clock(optimizer, steps, setting.device)
        trainer = _trainer(setting, student, batches, seed, best, folder, optimizers=(optimizer, scheduler), callbacks=[Began(clock)])
        loss = trainer.train().training_loss
    return Run(student, clock.seconds, loss)


def gradients(setting: Setting, batch: Tensor, best: bool) -> dict[str, Tensor]:
    with tempfile.TemporaryDirectory() as folder:
        student = setting.fresh_student().eval()
        trainer = _trainer(setting, student, [batch], 0, best, folder)
        inputs = trainer._prepare_inputs(next(iter(trainer.get_train_dataloader())))
        with trainer.compute_loss_context_manager():
            loss = trainer.compute_loss(student, inputs)
        loss.backward()
    return named_gradients(student)


def _trainer(setting: Setting, student, batches: list[Tensor], seed: int, best: bool, folder: str, **options) -> DistillationTrainer:
    """The examples lie in the order's batches already, so the sampling is sequential; `order` says where the order comes from."""
    rows = features(setting.split)
    mixed = best and setting.device.autocast is not None
    arguments = TrainingArguments(
        output_dir=folder, per_device_train_batch_size=setting.optimiser.batch_size, num_train_epochs=1, train_sampling_strategy="sequential",
        max_grad_norm=setting.optimiser.clip, bf16=mixed, seed=seed, use_cpu=setting.device.kind == "cpu", remove_unused_columns=False,
        dataloader_pin_memory=setting.device.kind == "cuda", logging_strategy="no", save_strategy="no", report_to="none", disable_tqdm=True,
    )
    trainer = DistillationTrainer(
        setting, mixed, model=student, args=arguments, train_dataset=[rows[i] for i in torch.cat(batches).tolist()],
        data_collator=DataCollatorWithPadding(setting.teacher.tokenizer), **options,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


LOOPS = (
    Loop(
        "HF Trainer", "as documented", "random", "teacher at every step, padded to the batch's longest, fp32, fused AdamW (its default)",
        partial(run, best=False), partial(gradients, best=False), plain.takes,
    ),
    Loop(
        "HF Trainer", "best settings", "grouped", 'the same with train_sampling_strategy="group_by_length", and bf16 where the device gains by it',
        partial(run, best=True), partial(gradients, best=True), plain.takes,
    ),
)
