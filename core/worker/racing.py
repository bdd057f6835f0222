"""A kind of job: a race. It can be paused, stepped, gone on with and stopped; paused for PATIENCE seconds, it gives the device up."""

import shutil
import time
from pathlib import Path

from core.errors import LabError
from core.home import folder
from core.recipe import Recipe
from core.store import jobs, races, records
from core.worker.control import Attention
from core.worker.memory import AGAIN, make_room, out_of_memory

PATIENCE = 20.0  # seconds
LOOK_SECONDS = 0.1


def race(job: jobs.Job, attention: Attention):
    """payload: {teacher, task, recipes}. Every event carries "runner" (from 0); "made" {runner, row, id} tells a record that is stored.

    Out of memory, the whole race starts once again, every runner computing half a batch at a time.
    """
    _tidy()
    recipes = [Recipe.from_dict(recipe) for recipe in job.payload["recipes"]]
    size = recipes[0].optimiser.batch_size
    try:
        return _race(job, recipes, attention)
    except Exception as error:
        if size == 1 or not out_of_memory(error):
            raise
    make_room()
    shutil.rmtree(_folder(job.id), ignore_errors=True)
    attention.emit("again", {"text": AGAIN.format(what="race")})
    return _race(job, recipes, attention, -(-size // 2))


def _race(job: jobs.Job, recipes: list[Recipe], attention: Attention, micro_batch: int | None = None):
    from core.training.race import Race
    from core.worker.handlers import Ended

    kept = _folder(job.id)
    again = kept.is_dir()
    racing = Race(recipes, attention.stop, kept if again else None, micro_batch)
    ends = []
    for event in racing.events():
        if event.kind == "round":
            if not _may_go(job.id, attention):
                racing.save(kept)
                return Ended("paused")
        elif event.kind == "finished":
            record = event.data["record"]
            ends.append(record["status"])
            attention.emit("made", {"runner": event.data["runner"], "row": records.add(record), "id": record["id"]})
        elif not (again and event.kind == "prepared"):
            attention.emit(event.kind, event.data)
            if event.data.get("stage") == "preparing" and attention.stop():
                return Ended("stopped", attention.reason)
    shutil.rmtree(kept, ignore_errors=True)
    return Ended("finished") if set(ends) == {"finished"} else Ended("stopped", attention.reason)


def _may_go(job_id: int, attention: Attention) -> bool:
    """Whether the next step may be made; waits while the race is paused, and is False once that has taken PATIENCE seconds."""
    began = time.monotonic()
    while not attention.stop():
        if races.take_step(job_id):
            return True
        if time.monotonic() - began >= PATIENCE:
            return False
        time.sleep(LOOK_SECONDS)
    return True  # the training sees itself that it has to stop


def _folder(job_id: int) -> Path:
    return folder("races") / str(job_id)


def _tidy() -> None:
    """Remove the checkpoints of races that are over."""
    for path in folder("races").iterdir():
        try:
            over = jobs.get(int(path.stem)).over
        except LabError:
            over = True
        if over:
            shutil.rmtree(path, ignore_errors=True)
