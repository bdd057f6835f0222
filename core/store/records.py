"""Run records: what a run was and what came out, as JSON (DESIGN: "A run as JSON"). Nothing is pickled."""

import json

from core.errors import LabError
from core.store.database import connect, now, to_json, transaction

STATUSES = ("finished", "stopped", "failed")


def add(record: dict) -> int:
    """Keep a run; returns its row. Earlier runs of the same id stay."""
    with transaction() as db:
        return insert(db, record)


def insert(db, record: dict) -> int:
    """Keep a run as `add`, inside a transaction that does more."""
    if record.get("status") not in STATUSES:
        raise ValueError(f"a record's status is one of {STATUSES}, not {record.get('status')!r}")
    row = db.execute(
        "INSERT INTO runs (id, status, at, record) VALUES (?, ?, ?, ?)", (record["id"], record["status"], now(), to_json(record))
    )
    return row.lastrowid


def _load(row) -> dict:
    return json.loads(row["record"]) | {"at": row["at"], "row": row["row"]}


def runs(limit: int = 500, **where) -> list[dict]:
    """Return records, newest first. `where` compares keys of the recipe, e.g. task="sick", teacher="minilm-l6"."""
    unknown = set(where) - {"teacher", "task", "seed"}
    if unknown:
        raise ValueError(f"cannot filter by {unknown}")
    clauses = "".join(f" AND json_extract(record, '$.recipe.{key}') = ?" for key in where)
    with connect() as db:
        rows = db.execute(f"SELECT * FROM runs WHERE 1{clauses} ORDER BY row DESC LIMIT ?", (*where.values(), limit)).fetchall()
    return [_load(row) for row in rows]


def find(run_id: str) -> dict | None:
    """Return the latest finished run of this id, else the latest stopped or failed one, else None."""
    with connect() as db:
        row = db.execute("SELECT * FROM runs WHERE id = ? ORDER BY status = 'finished' DESC, row DESC LIMIT 1", (run_id,)).fetchone()
    return _load(row) if row else None


def by_row(row: int) -> dict | None:
    """Return the run kept in this row."""
    with connect() as db:
        found = db.execute("SELECT * FROM runs WHERE row = ?", (row,)).fetchone()
    return _load(found) if found else None


def get(run_id: str) -> dict:
    """Return a run like `find`, also by an unambiguous beginning of the id; LabError when there is none."""
    record = find(run_id)
    if record:
        return record
    with connect() as db:
        ids = [row["id"] for row in db.execute("SELECT DISTINCT id FROM runs WHERE substr(id, 1, ?) = ?", (len(run_id), run_id))]
    if run_id and len(ids) == 1:
        return find(ids[0])
    if run_id and len(ids) > 1:
        raise LabError(f"{len(ids)} runs begin with {run_id!r}; give more of the id.")
    raise LabError(f"There is no run {run_id!r} in the store; `python -m core runs` lists them.")


def finished(run_id: str, teacher_hash: str | None = None, task_hash: str | None = None) -> dict | None:
    """Return the latest finished run of this id, made with these weights and data where given. Only this answers a recipe."""
    with connect() as db:
        rows = db.execute("SELECT * FROM runs WHERE id = ? AND status = 'finished' ORDER BY row DESC", (run_id,)).fetchall()
    for row in rows:
        record = _load(row)
        same_teacher = teacher_hash in (None, (record.get("teacher") or {}).get("hash"))
        same_task = task_hash in (None, record.get("task_hash"))
        if same_teacher and same_task:
            return record
    return None
