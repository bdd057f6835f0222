"""Run records: what a run was and what came out, as JSON (core/README.md: "A run as JSON"). Nothing is pickled."""

import json
import math
from collections.abc import Mapping, Sequence

from core.errors import LabError
from core.store.database import connect, now, to_json, transaction
from core.store.ground import ground, teacher_key

STATUSES = ("finished", "stopped", "failed")


def finite(record: dict) -> bool:
    """Return whether a run's losses are finite numbers, its teacher's too. Older programs kept others, which show nothing."""
    parts = [record[part] for part in ("teacher", "initial", "final") if isinstance(record.get(part), dict)]  # a chooser's pick has none
    return all(part["loss"] is not None and math.isfinite(part["loss"]) for part in parts if "loss" in part)


def add(record: dict) -> int:
    """Keep a run; returns its row. Earlier runs of the same id stay."""
    with transaction() as db:
        return insert(db, record)


def insert(db, record: dict) -> int:
    """Keep a run as `add`, inside a transaction that does more."""
    if record.get("status") not in STATUSES:
        raise ValueError(f"a record's status is one of {STATUSES}, not {record.get('status')!r}")
    values = (record["id"], record["status"], now(), to_json(record))
    return db.execute("INSERT INTO runs (id, status, at, record) VALUES (?, ?, ?, ?)", values).lastrowid


def _select(query: str, values: Sequence | Mapping) -> list[dict]:
    with connect() as db:
        rows = db.execute(f"SELECT * FROM runs WHERE {query}", values).fetchall()
    return [json.loads(row["record"]) | {"at": row["at"], "row": row["row"]} for row in rows]


def _first(query: str, values: Sequence | Mapping) -> dict | None:
    return next(iter(_select(f"{query} LIMIT 1", values)), None)


def runs(limit: int = 500, teacher: str | None = None, task: str | None = None) -> list[dict]:
    """Return records, newest first; of one teacher or task where given."""
    query = (
        "(:teacher IS NULL OR json_extract(record, '$.recipe.teacher') = :teacher) "
        "AND (:task IS NULL OR json_extract(record, '$.recipe.task') = :task) ORDER BY row DESC LIMIT :limit"
    )
    return _select(query, {"teacher": teacher, "task": task, "limit": limit})


def find(run_id: str) -> dict | None:
    """Return the latest finished run of this id, else the latest stopped or failed one, else None."""
    return _first("id = ? ORDER BY status = 'finished' DESC, row DESC", (run_id,))


def by_row(row: int) -> dict | None:
    """Return the run kept in this row."""
    return _first("row = ?", (row,))


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


def finished(run_id: str, teacher: str | None = None, task_hash: str | None = None) -> dict | None:
    """Return the latest finished run of this id, made with this teacher and data where given. Only this answers a recipe.

    teacher: its key (core/store/ground.py). A run whose figures are not finite answers none.
    """
    same = lambda record: teacher in (None, teacher_key(record)) and task_hash in (None, record.get("task_hash"))
    return next((run for run in _select("id = ? AND status = 'finished' ORDER BY row DESC", (run_id,)) if same(run) and finite(run)), None)


ANSWERS = (
    "status = 'finished' AND COALESCE(NULLIF(json_extract(record, '$.teacher.key'), ''), json_extract(record, '$.teacher.hash')) = ? "
    "AND json_extract(record, '$.task_hash') = ? AND json_extract(record, '$.final.loss') IS NOT NULL"
)


def answered(db, ids: Sequence[str], teacher: str, task_hash: str) -> set[str]:
    """Return which of these recipes' ids have a finished run with this teacher (its key) and data, as `finished` finds one, without reading it."""
    marks = ", ".join("?" * len(ids))
    return {row["id"] for row in db.execute(f"SELECT DISTINCT id FROM runs WHERE id IN ({marks}) AND {ANSWERS}", (*ids, teacher, task_hash))}


def finished_of(teacher: str, task: str) -> list[dict]:
    """Return all finished runs of a teacher and task that answer their recipe, by name, the earliest of each recipe on each ground."""
    found: dict[tuple, dict] = {}
    pair = "status = 'finished' AND json_extract(record, '$.recipe.teacher') = ? AND json_extract(record, '$.recipe.task') = ? ORDER BY row"
    for record in _select(pair, (teacher, task)):
        if finite(record) and not {"mistake", "staged", "experiment"} & set(record) and {"final", "split", "predictions"} <= set(record):
            found.setdefault((record["id"], *ground(record)), record)
    return list(found.values())


def pairs() -> list[tuple[str, str]]:
    """Return the names of teacher and task of which runs have finished."""
    names = "json_extract(record, '$.recipe.teacher') AS teacher, json_extract(record, '$.recipe.task') AS task"
    with connect() as db:
        rows = db.execute(f"SELECT DISTINCT {names} FROM runs WHERE status = 'finished'").fetchall()
    return [(row["teacher"], row["task"]) for row in rows if row["teacher"] and row["task"]]


def stamp() -> tuple:
    """Return what changes whenever a run or a map is added or removed."""
    with connect() as db:
        runs = db.execute("SELECT COUNT(*), MAX(row), MAX(at) FROM runs").fetchone()
        maps = db.execute("SELECT COUNT(*), MAX(created) FROM maps").fetchone()
    return *runs, *maps


def of_learner(learner: str) -> list[dict]:
    """Return the finished runs that a learner asked for and did not leave, oldest first. A race makes several, each noted in its events."""
    found = _select(
        "status = 'finished' AND row IN (WITH mine AS (SELECT id, kind, run_row FROM jobs JOIN watchers ON job = id WHERE watchers.learner = ? AND "
        "left IS NULL) SELECT run_row FROM mine UNION ALL SELECT json_extract(data, '$.row') FROM events JOIN mine ON job = id "
        "WHERE mine.kind = 'race' AND events.kind = 'made') ORDER BY row", (learner,),
    )
    return list(filter(finite, found))
