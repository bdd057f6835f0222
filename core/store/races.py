"""Races in the queue: which recipes may race, who asked for one, and its controls: pause, step once, go on.

The controls are a fact of the store that the worker reads between two steps. A race that stays paused gives the device up: its job
is then `paused`, which no worker takes, until somebody goes on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LabError
from core.recipe import Recipe
from core.store import jobs
from core.store.database import connect, now, to_json, transaction
from core.store.waiting import Job, read

MOST = 4  # runners
SAME = {"teacher": "teacher", "task": "task", "budget": "budget", "seed": "seed", "optimiser": "training settings",
        "labels": "labels"}


@dataclass(frozen=True)
class Control:
    """paused: no step is made but the `steps` that were asked for one by one."""

    paused: bool = False
    steps: int = 0

    @property
    def waits(self) -> bool:
        return self.paused and not self.steps


def check(recipes: Sequence[Recipe]) -> None:
    """Raise LabError unless these recipes can be compared in pairs: two to four, the same but for layers, objective and seeding."""
    if not 2 <= len(recipes) <= MOST:
        raise LabError(f"A race is between 2 and {MOST} recipes, not {len(recipes)}; choose others.")
    if len({recipe.id for recipe in recipes}) < len(recipes):
        raise LabError("Two of the recipes are the same; change one of them.")
    for field, name in SAME.items():
        if any(getattr(recipe, field) != getattr(recipes[0], field) for recipe in recipes):
            raise LabError(f"In a race all have the same {name}, so that they learn from the same batches; choose one {name} for all.")
    if recipes[0].labels.kept is not None and len({recipe.objective.needs_teacher for recipe in recipes}) > 1:
        raise LabError("With some labels left out, a student of labels alone learns from other examples than one that asks the teacher, so they "
                       "cannot race; run them one after the other.")


def submit(recipes: Sequence[Recipe], learner: str | None = None, ground: str | None = None) -> Job:
    """Ask for a race, or join the same one. ground: as in `jobs.submit`. LabError as that and `check` raise it."""
    check(recipes)
    payload = {"teacher": recipes[0].teacher, "task": recipes[0].task, "recipes": [recipe.to_dict() for recipe in recipes]}
    return jobs.submit("race", payload, learner=learner, ground=ground)


def control(job_id: int) -> Control:
    with connect() as db:
        return _control(db, job_id)


def pause(job_id: int) -> None:
    """Make no further step after the one that is being made."""
    with transaction() as db:
        _put(db, job_id, 0)


def step_once(job_id: int) -> None:
    """Make one more step of every runner, then pause again."""
    with transaction() as db:
        _put(db, job_id, _control(db, job_id).steps + 1)
        _wake(db, job_id)


def go_on(job_id: int) -> None:
    """Make all steps, without a pause."""
    with transaction() as db:
        db.execute("DELETE FROM facts WHERE key = ?", (_key(job_id),))
        _wake(db, job_id)


def take_step(job_id: int) -> bool:
    """Return whether the worker may make a step now; one that was asked for singly is used up."""
    if not control(job_id).paused:  # without a lock, before every step of a race that runs
        return True
    with transaction() as db:
        now_set = _control(db, job_id)
        if now_set.steps:
            _put(db, job_id, now_set.steps - 1)
        return not now_set.waits


def set_aside(job_id: int) -> None:
    """Give the device up: the job waits for its learner, or for its turn where somebody went on meanwhile."""
    with transaction() as db:
        job = read(db, job_id)
        if job is None or job.status != "running":
            return
        if job.cancel:
            db.execute("UPDATE jobs SET status = 'stopped', reason = 'Stopped by the learner.', ended = ? WHERE id = ?", (now(), job_id))
        else:
            db.execute("UPDATE jobs SET status = ?, worker = NULL WHERE id = ?", ("paused" if _control(db, job_id).waits else "queued", job_id))


def _wake(db, job_id: int) -> None:
    db.execute("UPDATE jobs SET status = 'queued' WHERE id = ? AND status = 'paused'", (job_id,))


def _control(db, job_id: int) -> Control:
    row = db.execute("SELECT value FROM facts WHERE key = ?", (_key(job_id),)).fetchone()
    return Control(**json.loads(row["value"])) if row else Control()


def _put(db, job_id: int, steps: int) -> None:
    """Set the race to paused, with single steps to make."""
    db.execute("INSERT OR REPLACE INTO facts (key, at, value) VALUES (?, ?, ?)", (_key(job_id), now(), to_json({"paused": True, "steps": steps})))


def _key(job_id: int) -> str:
    return f"race/{job_id}"
