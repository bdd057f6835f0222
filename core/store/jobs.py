"""The queue: jobs and their events are rows of the store, so they outlive a page, a server and a worker.

There are three lanes: forward-only requests, which a worker serves between the steps of a training, what it does beside it, and all else.
Within each, learners take turns (`fair_order`). The same job asked for twice is one job with several watchers.
"""

import json

from core.errors import LabError
from core.store import records
from core.store.database import connect, now, to_json, transaction
from core.store.waiting import FORWARD, KINDS, TRAINING, Job, check_waiting, in_fair_order, lane_of, marks, queued, read, same, to_job, watching


def submit(kind: str, payload: dict, run_id: str | None = None, learner: str | None = None, ground: str | None = None) -> Job:
    """Ask for a job. A learner joins the same job where it waits or runs already: same kind and run id, else same payload, and same ground.

    ground: what teacher and data are now, as text; None: of any.
    LabError when MOST_WAITING jobs of the lane wait for this learner already. A job without a learner is always a new one.
    """
    if kind not in KINDS:
        raise ValueError(f"a job is one of {KINDS}, not {kind!r}")
    with transaction() as db:
        job = same(db, kind, to_json(payload), run_id, ground) if learner else None
        if learner and not (job and (job.status == "running" or learner in watching(db, job.id))):
            check_waiting(db, learner, lane_of(kind))
        if job is None:
            cursor = db.execute(
                "INSERT INTO jobs (kind, run_id, payload, learner, created, ground) VALUES (?, ?, ?, ?, ?, ?)",
                (kind, run_id, to_json(payload), learner, now(), ground),
            )
            job = read(db, cursor.lastrowid)
        if learner and learner not in watching(db, job.id):
            db.execute(
                "INSERT INTO watchers (job, learner, since) VALUES (?, ?, ?) "
                "ON CONFLICT (job, learner) DO UPDATE SET since = excluded.since, left = NULL",
                (job.id, learner, now()),
            )
        return job


def watchers(job_id: int) -> list[str]:
    """Return the learners who wait for this job or watch it, first come first."""
    with connect() as db:
        return watching(db, job_id)


def get(job_id: int) -> Job:
    with connect() as db:
        job = read(db, job_id)
    if job is None:
        raise LabError(f"There is no job {job_id} in the store; it may have been deleted. Press Run again.")
    return job


def queue(lane: tuple[str, ...] = TRAINING) -> list[Job]:
    """Return running and queued jobs of a lane, in the order they are served if nothing else comes."""
    with connect() as db:
        running = db.execute(f"SELECT * FROM jobs WHERE status = 'running' AND kind IN ({marks(lane)}) ORDER BY started, id", lane).fetchall()
        return [to_job(row) for row in running] + in_fair_order(db, lane)


def position(job_id: int) -> int | None:
    """Return how many jobs are ahead of this one, running ones included: 0 when it is next or running, None when it is over."""
    with connect() as db:
        job = read(db, job_id)
    for place, other in enumerate(queue(lane_of(job.kind)) if job else ()):
        if other.id == job_id:
            return 0 if other.status == "running" else place
    return None


def latest(learner: str, kind: str = "distill") -> Job | None:
    """Return the newest job of a kind that the learner watches or watched to its end."""
    with connect() as db:
        row = db.execute(
            "SELECT j.* FROM jobs j JOIN watchers w ON w.job = j.id WHERE w.learner = ? AND w.left IS NULL AND j.kind = ? "
            "ORDER BY w.since DESC, j.id DESC LIMIT 1", (learner, kind),
        ).fetchone()
    return to_job(row) if row else None


def claim(worker: str, *lanes: tuple[str, ...]) -> Job | None:
    """Return the next queued job, now marked as running by this worker; None when there is none. One worker gets each job.

    lanes: where to look, in this order; the forward-only requests first when none is named.
    """
    lanes = lanes or (FORWARD, TRAINING)
    with connect() as db:  # without a lock while there is nothing to do
        if not any(queued(db, lane) for lane in lanes):
            return None
    with transaction() as db:
        job = next((waiting[0] for lane in lanes if (waiting := in_fair_order(db, lane))), None)
        if job is None:
            return None
        db.execute("UPDATE jobs SET status = 'running', worker = ?, started = ? WHERE id = ?", (worker, now(), job.id))
        return read(db, job.id)


def claim_alike(worker: str, job: Job, most: int) -> list[Job]:
    """Return up to `most` further queued jobs of this one's kind, in their fair order, now marked as running by this worker."""
    with transaction() as db:
        found = [other.id for other in in_fair_order(db, (job.kind,))][:most]
        db.execute(f"UPDATE jobs SET status = 'running', worker = ?, started = ? WHERE id IN ({marks(found)})", (worker, now(), *found))
        return [read(db, other) for other in found]


def keep(job_id: int, record: dict) -> int:
    """Keep the run that a job has made, which goes on for a moment; returns its row. A worker that dies then leaves the job as the run ended."""
    with transaction() as db:
        row = records.insert(db, record)
        db.execute("UPDATE jobs SET run_row = ? WHERE id = ? AND status = 'running'", (row, job_id))
    return row


def finish(job_id: int, status: str, reason: str | None = None, record: dict | None = None, row: int | None = None,
           last: tuple[str, dict] | None = None) -> int | None:
    """Close a job: finished, stopped or failed (with its reason, one sentence). A job ends once.

    record: the run it made, which is kept in the same transaction, also when the job itself is gone; returns its row. row: it is kept already.
    last: kind and data of an event that is to be reported with it.
    """
    if status not in ("finished", "stopped", "failed"):
        raise ValueError(status)
    run_row = row
    with transaction() as db:
        if record is not None:
            run_row = records.insert(db, record) if row is None else row
            _append(db, job_id, "finished", {"id": record["id"], "row": run_row})
        if last is not None:
            _append(db, job_id, *last)
        db.execute(
            "UPDATE jobs SET status = ?, reason = ?, ended = ?, run_row = ? WHERE id = ? AND status IN ('running', 'queued')",
            (status, reason, now(), run_row, job_id),
        )
    return run_row


def detach(job_id: int, learner: str) -> bool:
    """Take a learner off a job. When nobody else watches it, it is stopped, a running one at its next step, and True is returned; else it goes on."""
    with transaction() as db:
        job = read(db, job_id)
        if job is None or job.over:
            return True
        if set(watching(db, job_id)) - {learner}:
            db.execute("UPDATE watchers SET left = ? WHERE job = ? AND learner = ?", (now(), job_id, learner))
            return False
        db.execute("UPDATE jobs SET cancel = 1 WHERE id = ?", (job_id,))
        db.execute(
            "UPDATE jobs SET status = 'stopped', reason = 'Stopped while waiting.', ended = ? "
            "WHERE id = ? AND status IN ('queued', 'paused')", (now(), job_id),
        )
        return True


def cancelled(job_id: int) -> bool:
    """Return whether a job has to stop; so has one whose store was deleted."""
    with connect() as db:
        job = read(db, job_id)
    return job is None or job.cancel


def emit(job_id: int, kind: str, data: dict) -> None:
    """Append an event: prepared, step, evaluated or finished, and whatever else a job reports. A job that is gone takes none."""
    with transaction() as db:
        _append(db, job_id, kind, data)


def _append(db, job_id: int, kind: str, data: dict) -> None:
    db.execute(
        "INSERT INTO events (job, n, kind, at, data) "
        "SELECT id, (SELECT COALESCE(MAX(n), 0) + 1 FROM events WHERE job = jobs.id), ?, ?, ? FROM jobs WHERE id = ?",
        (kind, now(), to_json(data), job_id),
    )


def events(job_id: int, after: int = 0) -> list[dict]:
    """Return events with a number above `after`, oldest first: {"n", "kind", "at", **data}."""
    with connect() as db:
        rows = db.execute("SELECT * FROM events WHERE job = ? AND n > ? ORDER BY n", (job_id, after)).fetchall()
    return [_event(row) for row in rows]


def last_event(job_id: int, kind: str) -> dict | None:
    """Return the newest event of a kind."""
    with connect() as db:
        row = db.execute("SELECT * FROM events WHERE job = ? AND kind = ? ORDER BY n DESC LIMIT 1", (job_id, kind)).fetchone()
    return _event(row) if row else None


def _event(row) -> dict:
    return {**json.loads(row["data"]), "n": row["n"], "kind": row["kind"], "at": row["at"]}
