"""What each kind of job does, and what the worker remembers of it for later estimates."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.errors import LabError
from core.recipe import Recipe
from core.store import facts, jobs
from core.worker import choosing, inside, mistaken, racing
from core.worker.control import Attention
from core.worker.memory import AGAIN, make_room, out_of_memory

log = logging.getLogger("layer_lab.worker")


@dataclass(frozen=True)
class Ended:
    """How a job ended: finished, stopped or failed, with a reason for the last two; paused: it gave the device up.

    record: the run it made. seconds: what it took.
    """

    status: str
    reason: str | None = None
    record: dict | None = None
    seconds: float | None = None


def _distill(job: jobs.Job, attention: Attention) -> Ended:
    """A run. Out of memory, it starts once again, computing half a batch at a time: the same recipe."""
    recipe = Recipe.from_dict(job.payload)
    try:
        return _run(recipe, attention)
    except Exception as error:
        if recipe.optimiser.batch_size == 1 or not out_of_memory(error):
            raise
    make_room()
    attention.emit("again", {"text": AGAIN.format(what="run")})
    return _run(recipe, attention, -(-recipe.optimiser.batch_size // 2))


def _run(recipe: Recipe, attention: Attention, micro_batch: int | None = None) -> Ended:
    from core.training.distill import distill

    for event in distill(recipe, attention.stop, micro_batch=micro_batch):
        if event.kind == "finished":
            record = event.data["record"]
            return Ended(record["status"], attention.reason, record)
        attention.emit(event.kind, event.data)
        if event.data.get("stage") == "preparing" and attention.stop():
            return Ended("stopped", attention.reason)
    raise RuntimeError("distill ended without a record")


def _tune(job: jobs.Job, attention: Attention) -> Ended:
    from core.recipe.tuning import default_tuning
    from core.training.tune import tune

    tuning = default_tuning(job.payload["teacher"], job.payload["task"])
    for event in tune(tuning, job.payload["teacher"], attention.stop):
        if event.kind == "finished":
            attention.emit("finished", {"folder": event.data["folder"]})
            return Ended("finished", seconds=event.data["card"]["seconds"])
        if event.kind == "stopped":
            return Ended("stopped", attention.reason)
        attention.emit(event.kind, event.data)
    raise RuntimeError("tune ended without a teacher")


def _fetch(job: jobs.Job, attention: Attention) -> Ended:
    from core.models.fetch import fetch
    from core.training.events import reported

    return _follow(reported("fetching", lambda progress: fetch(job.payload["teacher"], progress)), attention)


def _prepare(job: jobs.Job, attention: Attention) -> Ended:
    """Load a teacher and its task, so that the next click on Run starts at once."""
    from core.training.loading import warm

    began = time.monotonic()
    ended = _follow(warm(job.payload["teacher"], job.payload["task"]), attention)
    return replace(ended, seconds=time.monotonic() - began)


def _follow(events: Iterable, attention: Attention) -> Ended:
    for event in events:
        attention.emit(event.kind, event.data)
        if attention.stop():
            return Ended("stopped", attention.reason)
    return Ended("finished")


def _ask(job: jobs.Job, attention: Attention) -> Ended:
    """What a teacher says of a text; the answer is an event."""
    from core.studies.ask import ask

    jobs.emit(job.id, "answer", ask(job.payload["teacher"], job.payload["task"], job.payload["first"], job.payload.get("second")))
    return Ended("finished")


HANDLERS = {
    "distill": _distill, "tune": _tune, "fetch": _fetch, "prepare": _prepare, "ask": _ask, "choose": choosing.choose, "stages": choosing.stages,
    "inside": inside.inside, "forming": inside.forming,
    "mistake": mistaken.mistake,
    "race": racing.race,
}


def remember(job: jobs.Job, ended: Ended) -> None:
    """Keep what estimates need.

    Seconds a step by teacher, task and K; seconds before and after the steps and the task's training examples; seconds of a
    fine-tuning and of getting ready.
    """
    try:
        if ended.record is not None and "staged" not in ended.record:  # stages of other sizes say nothing of one size's pace
            _remember_run(Recipe.from_dict(ended.record["recipe"]), ended.record)
        elif ended.status == "finished" and ended.seconds is not None:
            _note(f"{job.kind}_seconds", f"{job.payload['teacher']}/{job.payload['task']}", ended.seconds)
    except LabError as error:
        log.warning("no estimate is kept of job %s: %s", job.id, error)


def _remember_run(recipe: Recipe, record: dict) -> None:
    if record["steps"] >= 10:
        _note("rate", f"{recipe.teacher}/{recipe.task}/{recipe.k}", record["train_seconds"] / record["steps"])
    if recipe.budget.examples is None:
        _note("train_examples", recipe.task, record["train_examples"])
    if record["status"] == "finished":
        _note("around", f"{recipe.teacher}/{recipe.task}", max(0.0, record["seconds"] - record["train_seconds"]))


def _note(fact: str, name: str, value) -> None:
    facts.put(fact, facts.get(fact, {}) | {name: value})
