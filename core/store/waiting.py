"""The line of waiting jobs, read inside a connection: which wait, who for, and in which order: round robin between learners."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import LabError
from core.store.database import now

TRAINING = ("distill", "tune", "fetch", "prepare", "choose", "stages", "inside", "seams", "mistake", "race")
FORWARD = ("ask", "forming", "gap", "try_it", "fit")
BESIDE = ("export", "archive")  # in processes or threads of their own, beside what trains
KINDS = TRAINING + FORWARD + BESIDE
MOST_WAITING = 3  # jobs of one lane that may wait for one learner


@dataclass(frozen=True)
class Job:
    """One row of the queue. `payload` is the recipe for a distill job. Times are seconds since the epoch.

    learner: who asked first; `watchers` names all who wait for it.
    """

    id: int
    kind: str
    run_id: str | None
    payload: dict
    learner: str | None
    status: str  # queued, running, paused (a race that gave the device up), finished, stopped, failed
    reason: str | None
    created: float
    started: float | None
    ended: float | None
    worker: str | None
    cancel: bool
    run_row: int | None
    ground: str | None = None  # teacher and data when it was asked for

    @property
    def over(self) -> bool:
        return self.status in ("finished", "stopped", "failed")


def lane_of(kind: str) -> tuple[str, ...]:
    """Return the kinds that wait in the same line as this one."""
    return next(lane for lane in (FORWARD, BESIDE, TRAINING) if kind in lane)


def to_job(row) -> Job:
    values = dict(row)
    return Job(**{**values, "payload": json.loads(values["payload"]), "cancel": bool(values["cancel"])})


def read(db, job_id: int) -> Job | None:
    row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return to_job(row) if row else None


def same(db, kind: str, payload: str, run_id: str | None, ground: str | None) -> Job | None:
    """Return the job that does what is asked for, of the same teacher and data where they were said, and is not being stopped."""
    row = db.execute(
        "SELECT * FROM jobs WHERE kind = ? AND status IN ('queued', 'running') AND NOT cancel AND run_id IS ? "
        "AND COALESCE(ground = ?, TRUE) AND (? OR payload = ?)", (kind, run_id, ground, run_id is not None, payload),
    ).fetchone()
    return to_job(row) if row else None


def check_waiting(db, learner: str, lane: tuple[str, ...]) -> None:
    """Raise LabError when the learner has as many jobs waiting as there may be."""
    waiting = sum(learner in watching(db, row["id"]) for row in queued(db, lane))
    if waiting >= MOST_WAITING:
        raise LabError(f"You already have {waiting} jobs waiting, the most there can be; stop one of them, or wait until one has started.")


def queued(db, lane: tuple[str, ...]) -> list:
    return db.execute(f"SELECT * FROM jobs WHERE status = 'queued' AND kind IN ({marks(lane)}) ORDER BY id", lane).fetchall()


def marks(values) -> str:
    return ", ".join("?" * len(values))


def watching(db, job_id: int) -> list[str]:
    """Return the learners who wait for a job or watch it, first come first."""
    rows = db.execute("SELECT learner FROM watchers WHERE job = ? AND left IS NULL ORDER BY since, learner", (job_id,))
    return [row["learner"] for row in rows]


def in_fair_order(db, lane: tuple[str, ...]) -> list[Job]:
    """Return the waiting jobs of a lane in the fair order. A job that nobody in particular asked for is its own learner."""
    waiting = {row["id"]: to_job(row) for row in queued(db, lane)}
    learners: dict[int, dict[str, float]] = {job.id: {} for job in waiting.values()}
    for row in db.execute("SELECT w.* FROM watchers w JOIN jobs j ON j.id = w.job WHERE j.status = 'queued' AND w.left IS NULL"):
        if row["job"] in learners:
            learners[row["job"]][row["learner"]] = row["since"]
    names = sorted({name for several in learners.values() for name in several})
    turns = db.execute(
        f"SELECT w.learner, MAX(MAX(j.started, w.since)) AS at FROM watchers w JOIN jobs j ON j.id = w.job WHERE w.learner IN ({marks(names)}) "
        f"AND j.kind IN ({marks(lane)}) AND j.started IS NOT NULL AND (w.left IS NULL OR w.left > j.started) GROUP BY w.learner",
        (*names, *lane),
    )
    served = {row["learner"]: min(row["at"], now()) for row in turns}  # a clock that was set back must not make anybody wait for it
    order = fair_order({job.id: learners[job.id] or {f"job {job.id}": job.created} for job in waiting.values()}, served)
    return [waiting[job_id] for job_id in order]


def fair_order(waiting: Mapping[int, Mapping[str, float]], served: Mapping[str, float]) -> list[int]:
    """Return the jobs in the order in which one worker serves them, if nothing else comes.

    waiting: job -> who waits for it, at least one learner, and since when (seconds since the epoch). Each turn goes to the learner who has
    gone without for longest: since their last turn (`served`, seconds since the epoch), or since they asked, if that was later. A learner's
    own jobs keep their order. A job that several learners wait for is served at the first turn of any of them, and is a turn of all of
    them. So while a learner waits, every other learner gets at most one turn before them.
    """
    last: dict[str, tuple[int, float]] = {learner: (0, at) for learner, at in served.items()}
    without_since = lambda job: min(max((0, since), last.get(learner, (0, since))) for learner, since in waiting[job].items())
    left = sorted(waiting, key=lambda job: (min(waiting[job].values()), job))
    order = []
    while left:
        job = min(left, key=without_since)  # of equals the first, so the order is stable
        left.remove(job)
        order.append(job)
        last |= dict.fromkeys(waiting[job], (1, len(order)))  # turns to come are later than all that were
    return order
