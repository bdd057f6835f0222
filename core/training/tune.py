"""Fine-tuning a base checkpoint on a task: the same loop, on labels alone, with all layers and a fresh head; the teacher's card and notice."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file

from core.data.batches import EncodedSplit, encode
from core.data.catalogue import load as load_task
from core.data.task import Task
from core.errors import LabError
from core.models.catalogue import TEACHERS, base_contents, bundled_folder, new_folder
from core.models.families import layer_count, word_embeddings
from core.models.fetch import fetch
from core.models.first_token import cut_last_layer, restore_last_layer
from core.models.identity import contents, pin
from core.models.teachers import Teacher, load_model, load_teacher, load_tokenizer
from core.models.weights import read_card, weights_hash
from core.objectives.losses.cross_entropy import cross_entropy
from core.recipe import evaluation_steps
from core.recipe.tuning import Tuning, teacher_name
from core.training.device import Device, environment, pick
from core.training.evaluate import brief, predicting, scores
from core.training.events import Clock, Event, followed, never, reported, stage
from core.training.fit import check
from core.training.loop import Training, make_optimizer, train
from core.training.signals import compute, entropy
from core.training.vocabulary import compact, expand, used_ids

KEPT = ("accuracy", "loss", "macro_f1", "confusion", "groups")  # of a teacher's scores
TARGET_TEMPERATURES = (1.0, 2.0)


def tune(tuning: Tuning, name: str | None = None, stop: Callable[[], bool] = never, bundle: bool = False, again: bool = False) -> Iterator[Event]:
    """Fine-tune and keep a teacher; the last event is finished {card, folder}. A teacher made by the same tuning is not made again.

    name: what recipes call it (default: what finds it). What was fine-tuned so on other content of the task stays; this gets a folder of its own.
    bundle: save it as fp16 under core/assets, with the logits of all splits. stop: asked at every turn until all steps are made; True: the last
    event is stopped, and nothing is kept. Raises LabError for what a user can mend.
    """
    yield stage("preparing", "Reading the task")
    task = load_task(tuning.task)
    target = bundled_folder(name or tuning.base, tuning.task) if bundle else new_folder(tuning, task.hash)
    if (target / "teacher.json").is_file() and not again:
        yield Event("finished", {"card": read_card(target), "folder": str(target)})
        return
    yield from (clock := Clock()).timed(_tune(tuning, name, task, target, stop, bundle, clock))


def _tune(tuning: Tuning, name: str | None, task: Task, target: Path, stop: Callable[[], bool], bundle: bool, clock: Clock) -> Iterator[Event]:
    source = yield from reported("fetching", lambda progress: fetch(tuning.base, progress))
    device = pick(tuning.optimiser.precision)
    torch.manual_seed(tuning.seed)
    model = load_model(source, fresh_labels=task.labels)
    tokenizer = load_tokenizer(source)
    yield stage("preparing", "Tokenising")
    splits = encode(task, tokenizer)
    check(Teacher(tuning.base, source, model, tokenizer, "", "", "", layer_count(model.config)), task, splits)

    full = word_embeddings(model).weight.detach().clone()
    used = used_ids(splits.values(), len(full))
    compact(model, used)
    cut_last_layer(model)
    model.to(device.torch)
    steps = tuning.epochs * -(-len(task.train) // tuning.optimiser.batch_size)
    optimizer = make_optimizer(model, tuning.optimiser, device)
    yield Event("prepared", {"steps": steps, "device": device.kind, "dtype": device.dtype, "train_examples": len(task.train)})

    def loss(model, batch):
        with device.context():
            logits = model(**batch.model_inputs()).logits
        value = cross_entropy(logits, batch.labels)
        return value, {"cross_entropy": value.detach()}

    def evaluated():
        logits = yield from predicting(model, splits["validation"], device)
        return brief(logits, splits["validation"].labels)

    training = Training(
        model, splits["train"], torch.arange(len(task.train)), steps, evaluation_steps(steps), tuning.optimiser, tuning.seed, device, loss,
        optimizer, evaluated,
    )
    yield from train(training, stop)
    if training.made < steps:
        yield Event("stopped", {"step": training.made})
        return
    yield stage("saving", "Saving the teacher")
    model.cpu()
    restore_last_layer(model)
    expand(model, used, full)
    card = {
        "name": name or teacher_name(tuning), "base": tuning.base, "task": tuning.task, "task_hash": task.hash, "tuning": tuning.to_dict(),
        "steps": steps, "labels": list(task.labels), "seconds": clock.seconds, "environment": environment(device), **_base(tuning.base),
    }
    card = _save(model, tokenizer, target, card, bundle)

    yield stage("evaluating", "Measuring the teacher")
    card = yield from measure(target, card, task, splits, pick("fp32") if bundle else device, bundle)
    yield Event("finished", {"card": card, "folder": str(target)})


def measure(target: Path, card: dict, task: Task, splits: dict[str, EncodedSplit], device: Device, bundle: bool) -> Iterator[Event]:
    """Ask a saved teacher about all splits and write its card; events of progress, returns the card.

    bundle: keep the logits beside the weights too. They are asked for in fp32, so that every machine recomputes the same.
    """
    (target / "teacher.json").write_text(json.dumps(card, indent=1))
    teacher = load_teacher(str(target), task)
    kept = {}
    for part, split in splits.items():
        kept[part] = {}
        yield from followed(compute(teacher, split, ["logits"], device, kept[part]), f"Asking the teacher about {part}", "evaluating")
    logits = {part: tensors["logits"] for part, tensors in kept.items()}
    card |= {
        "scores": {
            part: {key: value for key, value in scores(rows, splits[part].labels, None, task.split(part).tags).items() if key in KEPT}
            for part, rows in logits.items()
        },
        "target_entropy": {f"T={t:g}": entropy(logits["train"], t) for t in TARGET_TEMPERATURES},
    }
    (target / "teacher.json").write_text(json.dumps(card, indent=1))
    if bundle:
        save_file({splits[part].hash: rows.half() for part, rows in logits.items()}, target / "logits.safetensors", {"teacher": teacher.hash})
        (target / "NOTICE.md").write_text(notice(card))
    return card


def _base(base: str) -> dict:
    """What the teacher was fine-tuned from, so that another base of this name is noticed."""
    found = base_contents(base)
    return {} if found is None else {"base_contents": found}


def _save(model, tokenizer, target: Path, card: dict, bundle: bool) -> dict:
    """Write checkpoint and card beside their place, then move them there: nothing half-written is ever found. Returns the card with its hashes.

    bundle: in fp16, and what the folder holds is noted in a file of its own too.
    """
    part = target.with_name(f".part-{target.name}")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        (model.half() if bundle else model).save_pretrained(part)
        tokenizer.save_pretrained(part)
        sha256 = weights_hash(part)
        card = card | {"sha256": sha256, "contents": contents(part, sha256)}
        (part / "teacher.json").write_text(json.dumps(card, indent=1))
        if bundle:
            pin(part, card["contents"])
        shutil.rmtree(target, ignore_errors=True)
        part.replace(target)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise LabError(f"The teacher cannot be saved in {target.parent} ({error.strerror}); free some disk space and try again.") from error
    return card


def notice(card: dict) -> str:
    """Return the note beside bundled weights, Markdown: their origin, licence and changes. card: the teacher's."""
    info, tuning = TEACHERS[card["base"]], card["tuning"]
    optimiser = tuning["optimiser"]
    settings = f"learning rate {optimiser['learning_rate']:g}, batch size {optimiser['batch_size']}, seed {tuning['seed']}"
    return f"""# Notice

`model.safetensors` and the tokenizer files in this folder are derived from **{info.hub_id}** (https://huggingface.co/{info.hub_id}),
published under the Apache License 2.0, whose text is in `../LICENSE-Apache-2.0.txt`. The original weights have the sha256
`{info.sha256}`.

Changed in this copy:

- a classification head for {len(card["labels"])} classes ({", ".join(card["labels"])}) was added and, with all other weights, fine-tuned on the
  task `{card["task"]}` for {tuning["epochs"]} epochs ({settings});
- all weights were rounded to half precision (fp16).

`teacher.json` holds the whole recipe, the versions and the scores; `logits.safetensors` holds the outputs of these weights on that task.
This folder is distributed under the same licence. `python -m core tune {card["name"]} --task {card["task"]} --bundle` makes it again.
"""
