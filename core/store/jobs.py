"""The queue: jobs and their events are rows of the store, so they outlive a page, a server and a worker."""

import json
from dataclasses import dataclass

from core.errors import LabError
from core.store.database import connect, now, to_json, transaction

KINDS = ("distill", "tune", "fetch", "prepare")
STALE_AFTER = 30.0  # seconds without a heartbeat after which a worker counts as dead
DEAD_WORKER = "The worker process died (it was killed, or the machine ran out of memory). Nothing else is lost; press Run again."


@dataclass(frozen=True)
class Job:
    """One row of the queue. `payload` is the recipe for a distill job. Times are seconds since the epoch."""

    id: int
    kind: str
    run_id: str | None
    payload: dict
    learner: str | None
    status: str  # queued, running, finished, stopped, failed
    reason: str | None
    created: float
    started: float | None
    ended: float | None
    worker: str | None
    cancel: bool
    run_row: int | None

    @property
    def over(self) -> bool:
        return self.status in ("finished", "stopped", "failed")


def _job(row) -> Job:
    values = dict(row)
    return Job(**{**values, "payload": json.loads(values["payload"]), "cancel": bool(values["cancel"])})


def submit(kind: str, payload: dict, run_id: str | None = None, learner: str | None = None) -> Job:
    """Put a job at the end of the queue."""
    if kind not in KINDS:
        raise ValueError(f"a job is one of {KINDS}, not {kind!r}")
    with transaction() as db:
        cursor = db.execute(
            "INSERT INTO jobs (kind, run_id, payload, learner, created) VALUES (?, ?, ?, ?, ?)",
            (kind, run_id, to_json(payload), learner, now()),
        )
        return _job(db.execute("SELECT * FROM jobs WHERE id = ?", (cursor.lastrowid,)).fetchone())


def get(job_id: int) -> Job:
    with connect() as db:
        row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise LabError(f"There is no job {job_id} in the store; it may have been deleted. Press Run again.")
    return _job(row)


def queue() -> list[Job]:
    """Running and queued jobs, in the order they will be served."""
    with connect() as db:
        rows = db.execute("SELECT * FROM jobs WHERE status IN ('running', 'queued') ORDER BY status = 'queued', id").fetchall()
    return [_job(row) for row in rows]


def position(job_id: int) -> int | None:
    """How many jobs are ahead of this one, running ones included: 0 when it is next or running, None when it is over."""
    for place, job in enumerate(queue()):
        if job.id == job_id:
            return 0 if job.status == "running" else place
    return None


def latest(learner: str) -> Job | None:
    """The learner's newest job of kind distill."""
    with connect() as db:
        row = db.execute("SELECT * FROM jobs WHERE learner = ? AND kind = 'distill' ORDER BY id DESC LIMIT 1", (learner,)).fetchone()
    return _job(row) if row else None


def claim(worker: str) -> Job | None:
    """The next queued job, marked as running by this worker; None when there is none. One worker gets each job."""
    with transaction() as db:
        row = db.execute("SELECT id FROM jobs WHERE status = 'queued' ORDER BY id LIMIT 1").fetchone()
        if row is None:
            return None
        db.execute("UPDATE jobs SET status = 'running', worker = ?, started = ? WHERE id = ?", (worker, now(), row["id"]))
        return _job(db.execute("SELECT * FROM jobs WHERE id = ?", (row["id"],)).fetchone())


def finish(job_id: int, status: str, reason: str | None = None, run_row: int | None = None) -> None:
    """Close a job: finished, stopped or failed (with its reason, one sentence)."""
    if status not in ("finished", "stopped", "failed"):
        raise ValueError(status)
    with transaction() as db:
        db.execute(
            "UPDATE jobs SET status = ?, reason = ?, ended = ?, run_row = ? WHERE id = ? AND status IN ('running', 'queued')",
            (status, reason, now(), run_row, job_id),
        )


def cancel(job_id: int) -> None:
    """Ask for a stop: a queued job ends at once, a running one is told at its next step."""
    with transaction() as db:
        db.execute("UPDATE jobs SET cancel = 1 WHERE id = ?", (job_id,))
        db.execute(
            "UPDATE jobs SET status = 'stopped', reason = 'Stopped while waiting.', ended = ? WHERE id = ? AND status = 'queued'",
            (now(), job_id),
        )


def cancelled(job_id: int) -> bool:
    with connect() as db:
        row = db.execute("SELECT cancel FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return row is None or bool(row["cancel"])


def emit(job_id: int, kind: str, data: dict) -> None:
    """Append an event: prepared, step, evaluated or finished, and whatever else a job reports."""
    with transaction() as db:
        n = db.execute("SELECT COALESCE(MAX(n), 0) + 1 FROM events WHERE job = ?", (job_id,)).fetchone()[0]
        db.execute("INSERT INTO events (job, n, kind, at, data) VALUES (?, ?, ?, ?, ?)", (job_id, n, kind, now(), to_json(data)))


def events(job_id: int, after: int = 0) -> list[dict]:
    """Events with a number above `after`, oldest first: {"n", "kind", "at", **data}."""
    with connect() as db:
        rows = db.execute("SELECT * FROM events WHERE job = ? AND n > ? ORDER BY n", (job_id, after)).fetchall()
    return [{**json.loads(row["data"]), "n": row["n"], "kind": row["kind"], "at": row["at"]} for row in rows]


def beat(worker: str, pid: int, host: str, device: str) -> None:
    """A worker says that it lives."""
    with transaction() as db:
        db.execute(
            "INSERT INTO workers (id, pid, host, device, started, heartbeat) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET heartbeat = excluded.heartbeat, device = excluded.device",
            (worker, pid, host, device, now(), now()),
        )


def leave(worker: str) -> None:
    """A worker ends; jobs it still had are marked failed."""
    with transaction() as db:
        db.execute("DELETE FROM workers WHERE id = ?", (worker,))
        _fail_orphans(db)


def workers() -> list[dict]:
    """Living workers."""
    with connect() as db:
        rows = db.execute("SELECT * FROM workers WHERE heartbeat > ?", (now() - STALE_AFTER,)).fetchall()
    return [dict(row) for row in rows]


def fail_orphans() -> None:
    """Mark running jobs failed whose worker has not been heard of for STALE_AFTER seconds."""
    with transaction() as db:
        db.execute("DELETE FROM workers WHERE heartbeat <= ?", (now() - STALE_AFTER,))
        _fail_orphans(db)


def _fail_orphans(db) -> None:
    db.execute(
        "UPDATE jobs SET status = 'failed', reason = ?, ended = ? WHERE status = 'running' AND worker NOT IN (SELECT id FROM workers)",
        (DEAD_WORKER, now()),
    )
