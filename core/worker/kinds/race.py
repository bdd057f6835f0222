"""A race. It can be paused, stepped, resumed and stopped; paused for PATIENCE seconds, it gives the device up."""

import shutil
import time
from pathlib import Path

from core.errors import LabError
from core.home import folder
from core.recipe import Recipe
from core.store import jobs, races
from core.training.events import Event
from core.worker.memory import at_half_the_batch

PATIENCE = 20.0  # seconds
LOOK_SECONDS = 0.1


def events(job, stop):
    """Yield the events of a race, each with its "runner" (from 0); the students are kept. payload: {teacher, task, recipes}.

    Out of memory, the whole race starts once again, every runner computing half a batch at a time.
    """
    _remove_old_checkpoints()
    recipes = [Recipe.from_dict(recipe) for recipe in job.payload["recipes"]]
    yield from at_half_the_batch(lambda micro_batch: _race(job, recipes, stop, micro_batch), recipes[0].optimiser.batch_size, "race")


def _race(job: jobs.Job, recipes: list[Recipe], stop, micro_batch: int | None):
    from core.training.race import Race

    checkpoint = _folder(job.id)
    if micro_batch is not None:
        shutil.rmtree(checkpoint, ignore_errors=True)
    resumed = checkpoint.is_dir()
    race = Race(recipes, stop, checkpoint if resumed else None, micro_batch, keep=True)
    ends, stored, broken = set(), set(), dict(race.broken)
    for event in race.events():
        if event.kind == "round":
            if not (yield from _may_go_on(job.id, stop)):
                race.save(checkpoint)
                yield Event("paused")
                return
        elif event.kind in ("measured", "finished"):
            ends.add(event.data["record"]["status"])
            if event.data["runner"] not in stored:
                stored.add(event.data["runner"])
                yield Event("made", event.data)
        elif event.kind == "broke_off":
            broken[event.data["runner"]] = event.data["reason"]
            yield event
        elif not (resumed and event.kind == "prepared"):
            yield event
    shutil.rmtree(checkpoint, ignore_errors=True)
    if len(broken) == len(recipes):
        raise LabError(f"Every run of the race broke off. {next(iter(broken.values()))}")
    if ends == {"finished"}:
        yield Event("finished")


def _may_go_on(job_id: int, stop):
    """Yield turns while the race is paused; return whether the next step may be made, False once it was paused for PATIENCE seconds."""
    began = time.monotonic()
    while not stop():  # a race that has to end sees that itself
        if races.take_step(job_id):
            break
        if time.monotonic() - began >= PATIENCE:
            return False
        yield Event("turn")
        time.sleep(LOOK_SECONDS)
    return True


def _folder(job_id: int) -> Path:
    return folder("races") / str(job_id)


def _remove_old_checkpoints() -> None:
    """Remove the checkpoints of races that are over."""
    for path in folder("races").iterdir():
        try:
            over = jobs.get(int(path.stem)).over
        except LabError:
            over = True
        if over:
            shutil.rmtree(path, ignore_errors=True)
