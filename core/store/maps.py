"""Maps in the store: each is one row with its plan, and its runs are ordinary runs, made one at a time while no learner waits.

A map watches its job as a learner does, under a name of its own, so that a learner who presses Run on the same recipe joins it and leaves it as
any other. What is done is read off the runs themselves: nothing has to be kept in step with them, and a kill loses at most the run that trains.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import LabError
from core.recipe import MapPlan, Recipe
from core.store import jobs, records
from core.store.database import connect, now, to_json, transaction
from core.store.ground import Ground, ground
from core.store.jobs import Job
from core.store.saved import saved_runs
from core.store.waiting import TRAINING, queued, read, to_job
from core.store.workers import DEAD_WORKER

RUNNING, STOPPED, FINISHED, FAILED = "running", "stopped", "finished", "failed"
PREFIX = "map/"  # of the name under which a map watches its jobs
MOST_DEATHS = 3  # workers that may die over one run before it is left out
MOST_BROKEN = 3  # runs that may break off before anything has ended well; then the map fails
MOST_MAPS = 1  # that run for one learner
WATCHED = "SELECT j.* FROM jobs j JOIN watchers w ON w.job = j.id WHERE w.learner = ?"
CHANGED = "The teacher or the task's data changed since this map was planned, so its runs would not belong together; plan it again."


@dataclass(frozen=True)
class Map:
    """One row. teacher, task: names. ground: teacher and data when it was planned. started: when it last began or went on."""

    id: str
    plan: MapPlan
    ground: Ground
    learner: str
    status: str
    reason: str | None
    created: float
    started: float
    ended: float | None

    @property
    def teacher(self) -> str:
        return self.plan.settings.teacher

    @property
    def task(self) -> str:
        return self.plan.settings.task

    @property
    def going(self) -> bool:
        return self.status == RUNNING


@dataclass(frozen=True)
class State:
    """How far a map is. runs: of the plan; done: of them, saved ones among them. broken: run id -> why it was left out. job: the run that trains.

    seconds: how long one of its runs took here, on average; None while none was made.
    """

    runs: int
    done: int
    broken: Mapping[str, str]
    job: Job | None
    seconds: float | None

    @property
    def left(self) -> int:
        return self.runs - self.done - len(self.broken)


def start(plan: MapPlan, on: Ground, learner: str) -> Map:
    """Begin a map, or let the same one go on; its broken runs are tried again. on: teacher and data as they are now. LabError when another map of
    this learner runs."""
    map_id = identity(plan, on)
    with transaction() as db:
        others = db.execute("SELECT COUNT(*) FROM maps WHERE status = 'running' AND learner = ? AND id != ?", (learner, map_id)).fetchone()[0]
        if others >= MOST_MAPS:
            raise LabError("Another map of yours is being measured; stop it, or wait until it is done.")
        db.execute(
            "INSERT INTO maps (id, plan, teacher, data, learner, status, created, started) VALUES (?, ?, ?, ?, ?, 'running', ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET status = 'running', reason = NULL, ended = NULL, learner = excluded.learner, "
            "started = CASE WHEN maps.status = 'running' THEN maps.started ELSE excluded.started END",
            (map_id, to_json(plan.to_dict()), *on, learner, now(), now()),
        )
    return get(map_id)


def identity(plan: MapPlan, on: Ground) -> str:
    """Return a map's id: the plan's, with 6 hex digits of each part of what it stands on."""
    return "-".join((plan.id, *(part[:6] for part in on)))


def stop(map_id: str) -> None:
    """Begin no further run. The one that trains ends at its next step, unless a learner watches it."""
    end(map_id, STOPPED)
    for job in _running(map_id):
        jobs.detach(job.id, PREFIX + map_id)


def end(map_id: str, status: str, reason: str | None = None) -> None:
    with transaction() as db:
        db.execute("UPDATE maps SET status = ?, reason = ?, ended = ? WHERE id = ? AND status = 'running'", (status, reason, now(), map_id))


def get(map_id: str) -> Map | None:
    return next(iter(_select("id = ?", (map_id,))), None)


def all_maps() -> list[Map]:
    """Return every map, those that run first, then the newest."""
    return _select("TRUE ORDER BY status = 'running' DESC, started DESC")


def planned() -> set[tuple[str, str, str]]:
    """Return id, teacher and data of every run that some map planned before it was seen."""
    return {(run_id, *one.ground) for one in all_maps() for run_id in _recipes(to_json(one.plan.to_dict()))}


def of_map(job: Job) -> bool:
    """Return whether a map asked for this job."""
    return (job.learner or "").startswith(PREFIX)


def is_learner(watcher: str) -> bool:
    return not watcher.startswith(PREFIX)


def state(one: Map) -> State:
    """Return how far a map is, from the runs that there are now."""
    with connect() as db:
        recipes, done = _done(db, one)
        tried = _tried(db, one)
    running = next((job for job in tried if job.status == "running"), None)
    times = [job.ended - job.started for job in tried if job.status == "finished" and job.started and job.ended]
    broken = {run_id: reason for run_id, reason in _broken(tried).items() if run_id not in done}
    return State(len(recipes), len(done), broken, running, sum(times) / len(times) if times else None)


def next_job(worker: str) -> Job | None:
    """Return a map's next run, now running by this worker; None while a learner waits, or when no map has anything left to run.

    The maps take turns. A map with nothing left has ended then.
    """
    going = _select("status = 'running'")
    if not going:
        return None
    with transaction() as db:
        if queued(db, TRAINING):
            return None
        still = {row["id"] for row in db.execute("SELECT id FROM maps WHERE status = 'running'")}
        going = [one for one in going if one.id in still]
        turn = lambda one: max((job.started or 0.0 for job in _tried(db, one)), default=0.0)
        found = None
        for one in sorted(going, key=turn):
            found, over = _next(db, one, worker)
            if found is not None:
                break
            if over is not None:
                db.execute("UPDATE maps SET status = ?, reason = ?, ended = ? WHERE id = ? AND status = 'running'", (*over, now(), one.id))
        return found


def _next(db, one: Map, worker: str) -> tuple[Job | None, tuple[str, str | None] | None]:
    """Return (the job of the map's next run, None), (None, how the map ended), or (None, None) while its last runs train."""
    recipes, done = _done(db, one)
    tried = _tried(db, one)
    broken = {run_id: reason for run_id, reason in _broken(tried).items() if run_id not in done}
    if any(_stands_elsewhere(db, job, one) for job in tried if job.status == "finished" and job.run_id not in done):
        return None, (FAILED, CHANGED)
    if len(broken) >= MOST_BROKEN and not any(job.status == "finished" for job in tried):
        return None, (FAILED, f"The first {len(broken)} runs broke off. {list(broken.values())[-1]}")
    busy = {row["run_id"] for row in db.execute("SELECT run_id FROM jobs WHERE kind = 'distill' AND status = 'running'")}
    left = [run_id for run_id in recipes if run_id not in done and run_id not in broken]
    run_id = next((each for each in left if each not in busy), None)
    if run_id is None:
        return None, None if left else (FINISHED, None)
    cursor = db.execute(
        "INSERT INTO jobs (kind, run_id, payload, learner, status, created, started, worker, ground) "
        "VALUES ('distill', ?, ?, ?, 'running', ?, ?, ?, ?)",
        (run_id, to_json(recipes[run_id].to_dict()), PREFIX + one.id, now(), now(), worker, "/".join(one.ground)),
    )
    db.execute("INSERT INTO watchers (job, learner, since) VALUES (?, ?, ?)", (cursor.lastrowid, PREFIX + one.id, now()))
    return read(db, cursor.lastrowid), None


@functools.lru_cache(maxsize=64)
def _recipes(plan: str) -> dict[str, Recipe]:
    """Return the recipes of a plan, as JSON, by their ids, in their order."""
    return {recipe.id: recipe for recipe in MapPlan.from_dict(json.loads(plan)).recipes()}


def _done(db, one: Map) -> tuple[dict[str, Recipe], set[str]]:
    """Return the recipes of a map by id, and which of them have a finished run, made here or saved with the program."""
    recipes = _recipes(to_json(one.plan.to_dict()))
    shipped = {run["id"] for run in saved_runs(one.teacher, one.task) if ground(run) == one.ground}
    return recipes, records.answered(db, list(recipes), *one.ground) | (shipped & set(recipes))


def _tried(db, one: Map) -> list[Job]:
    """Return the jobs of a map since it last began, oldest first."""
    rows = db.execute(f"{WATCHED} AND j.created >= ? ORDER BY j.id", (PREFIX + one.id, one.started)).fetchall()
    return [to_job(row) for row in rows]


def _broken(tried: list[Job]) -> dict[str, str]:
    """Return the runs that are not tried again, with the reason: they failed, hit the time limit, or outlived several workers."""
    found, deaths = {}, {}
    for job in tried:
        if job.status == "failed" and job.reason == DEAD_WORKER:
            deaths[job.run_id] = deaths.get(job.run_id, 0) + 1
            if deaths[job.run_id] >= MOST_DEATHS:
                found[job.run_id] = job.reason
        elif job.status == "failed" or (job.status == "stopped" and not job.cancel):
            found[job.run_id] = job.reason or "It ended without a reason."
    return found


def _stands_elsewhere(db, job: Job, one: Map) -> bool:
    """Return whether a finished run was made with another teacher or other data than the map's."""
    row = db.execute("SELECT record FROM runs WHERE row = ?", (job.run_row,)).fetchone()
    return row is not None and ground(json.loads(row["record"])) != one.ground


def _running(map_id: str) -> list[Job]:
    with connect() as db:
        return [to_job(row) for row in db.execute(f"{WATCHED} AND j.status = 'running'", (PREFIX + map_id,)).fetchall()]


def _select(query: str, values: tuple = ()) -> list[Map]:
    with connect() as db:
        rows = db.execute(f"SELECT * FROM maps WHERE {query}", values).fetchall()
    return [
        Map(row["id"], MapPlan.from_dict(json.loads(row["plan"])), (row["teacher"], row["data"]), row["learner"], row["status"], row["reason"],
            row["created"], row["started"], row["ended"])
        for row in rows
    ]
