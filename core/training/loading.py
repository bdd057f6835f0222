"""Warming: a teacher with its task, tokenised and asked, so that a run starts at once. The last pair stays in memory."""

import functools
from collections.abc import Iterator

from core.data.batches import EncodedSplit, encode
from core.data.catalogue import load as load_task
from core.data.task import Task
from core.models.catalogue import content_notes, not_ready, status, tuned_names
from core.models.teachers import Teacher, load_teacher
from core.recipe.tuning import split_teacher
from core.store import contents, saved
from core.training.answers import finite_logits, with_answers
from core.training.device import pick
from core.training.events import Event, followed, stage
from core.training.fit import check
from core.training.signals import SignalRequest, prepare


def load_pair(teacher: str, task_name: str) -> tuple[Teacher, Task, dict[str, EncodedSplit]]:
    """Return the teacher, the task and its tokens; the last two pairs are kept while teacher and task are what they were."""
    task = load_task(task_name)
    there = status(teacher, task_name, task)
    if there.other or (not there.ready and tuned_names(split_teacher(teacher)[0], task_name, task.hash)):
        raise not_ready(teacher, task_name, task)
    return _loaded(teacher, task_name, task.hash, there.folder, there.identity)


@functools.lru_cache(maxsize=2)
def _loaded(teacher: str, task_name: str, task_hash: str, path, identity) -> tuple[Teacher, Task, dict[str, EncodedSplit]]:
    task = load_task(task_name)
    contents.remember(task)
    saved.remember_truth(task)
    loaded = load_teacher(teacher, task)
    loaded.notes += content_notes(loaded.folder, teacher, task)
    encoded = encode(task, loaded.tokenizer)
    loaded.fit = check(loaded, task, encoded)
    return loaded, task, encoded


def warm(teacher: str, task_name: str) -> Iterator[Event]:
    """Load the pair, compute the teacher's logits of all splits, and look how they fit the task."""
    yield stage("preparing", f"Loading {teacher} and {task_name}")
    loaded, task, encoded = load_pair(teacher, task_name)
    device = pick()
    for name, split in encoded.items():
        signals = yield from followed(prepare(loaded, split, SignalRequest(), device), f"Asking the teacher about {name}")
        finite_logits(loaded, signals.logits.cpu(), name)
        if name == "validation":
            with_answers(loaded, task, signals.logits.cpu()[list(task.check_indices)])
