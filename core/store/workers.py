"""The workers of a store: who lives, and what becomes of the jobs of one that died."""

from collections.abc import Callable

from core.store.database import connect, now, transaction
from core.store.waiting import BESIDE, marks

STALE_AFTER = 30.0  # seconds without a heartbeat after which a worker counts as dead
DEAD_WORKER = "The worker process died (it was killed, or the machine ran out of memory). Nothing else is lost; press Run again."
BESIDE_DIED = ("The worker process died (it was killed, or the machine ran out of memory) before this was written. Nothing half-written is left; "
               "try again.")


def beat(worker: str, pid: int, host: str, device: str) -> None:
    """Note that a worker lives."""
    with transaction() as db:
        db.execute(
            "INSERT INTO workers (id, pid, host, device, started, heartbeat) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET heartbeat = excluded.heartbeat, device = excluded.device",
            (worker, pid, host, device, now(), now()),
        )


def leave(worker: str) -> None:
    """Remove a worker that ends; jobs it still had are marked failed."""
    with transaction() as db:
        db.execute("DELETE FROM workers WHERE id = ?", (worker,))
        _fail_orphans(db)


def workers() -> list[dict]:
    """Return the living workers."""
    return [row for row in known() if row["heartbeat"] > now() - STALE_AFTER]


def known() -> list[dict]:
    """Return all workers that have not left, dead ones among them."""
    with connect() as db:
        return [dict(row) for row in db.execute("SELECT * FROM workers").fetchall()]


def close_dead(host: str, alive: Callable[[int], bool]) -> None:
    """Forget the workers that are dead and mark their jobs failed.

    On this host those without a process (`alive` tells by the process id), elsewhere those not heard of for STALE_AFTER
    seconds: a worker that cannot write to a full disk is not dead.
    """
    with transaction() as db:
        for row in db.execute("SELECT id, pid, host, heartbeat FROM workers").fetchall():
            dead = not alive(row["pid"]) if row["host"] == host else row["heartbeat"] <= now() - STALE_AFTER
            if dead:
                db.execute("DELETE FROM workers WHERE id = ?", (row["id"],))
        _fail_orphans(db)


def _fail_orphans(db) -> None:
    """Mark the jobs of workers that are gone failed; one whose run is stored already, as that ended."""
    db.execute(
        "UPDATE jobs SET status = COALESCE((SELECT status FROM runs WHERE row = run_row), 'failed'), "
        f"reason = CASE WHEN run_row IS NULL THEN CASE WHEN kind IN ({marks(BESIDE)}) THEN ? ELSE ? END END, "
        "ended = ? WHERE status = 'running' AND worker NOT IN (SELECT id FROM workers)", (*BESIDE, BESIDE_DIED, DEAD_WORKER, now()),
    )
