"""What a home's archive holds of the store as lines of JSON, a row each: runs, maps, and each learner's own list of uploads."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

from core.errors import LabError
from core.home import uploaded
from core.recipe import MapPlan, Recipe
from core.store import maps, records, uploads
from core.store.database import connect, now, to_json, transaction

RUNS, MAPS, UPLOADS = "runs.jsonl", "maps.jsonl", "uploads.jsonl"
ROWS = ("id", "status", "recipe", "teacher", "initial", "final", "curve", "labels", "task_hash")  # what every kept run says
LEARNER = re.compile(r"[^/\x00-\x1f]{1,100}")
MOVED = "It was measured on another machine; go on with it here."


@dataclass(frozen=True)
class Kind:
    """write: yields the lines. sound(row): raises ValueError, KeyError, TypeError, AttributeError or LabError for what is no row of this kind.

    insert(db, row): keeps a row unless it is there; returns whether it did. name: of one, in a sentence.
    """

    name: str
    write: Callable[[], Iterator[str]]
    sound: Callable[[Mapping], object]
    insert: Callable[[object, Mapping], bool]


def read(file: str, text: str) -> list[dict]:
    """Return the rows of a part of an archive. LabError that names the line for one that is none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            row = json.loads(line)
            KINDS[file].sound(row)
            found.append(row)
        except (LabError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise LabError(f"Line {number} of {file} is no {KINDS[file].name}, so nothing is taken over; write the archive again.") from None
    return found


def insert(rows: Mapping[str, list[dict]]) -> dict[str, int]:
    """Keep rows by their file, all or none; return how many of each were new."""
    with transaction() as db:
        return {file: sum(KINDS[file].insert(db, row) for row in those) for file, those in rows.items()}


def _runs() -> Iterator[str]:
    with connect() as db:
        for row in db.execute("SELECT at, record FROM runs ORDER BY row"):
            if _sound_record(json.loads(row["record"])):
                yield f'{{"at": {row["at"]!r}, "record": {row["record"]}}}'


def _sound_run(row: Mapping) -> None:
    float(row["at"])
    if not _sound_record(row["record"]):
        raise ValueError


def _sound_record(record: dict) -> bool:
    """Return whether a record says what pages read, and is of the recipe that it names."""
    if any(name not in record for name in ROWS) or record["status"] not in records.STATUSES:
        return False
    try:
        return bool({"mistake", "staged", "experiment"} & set(record)) or Recipe.from_dict(record["recipe"]).id == record["id"]
    except LabError:
        return False


def _insert_run(db, row: Mapping) -> bool:
    record, text = row["record"], to_json(row["record"])
    if db.execute("SELECT 1 FROM runs WHERE id = ? AND record = ?", (record["id"], text)).fetchone():
        return False
    db.execute("INSERT INTO runs (id, status, at, record) VALUES (?, ?, ?, ?)", (record["id"], record["status"], min(float(row["at"]), now()), text))
    return True


def _maps() -> Iterator[str]:
    for one in maps.all_maps():
        yield to_json(asdict(one) | {"plan": one.plan.to_dict(), "ground": list(one.ground)})


def _sound_map(row: Mapping) -> None:
    plan = MapPlan.from_dict(row["plan"])
    if len(plan.recipes()) < 1 or maps.identity(plan, tuple(row["ground"])) != row["id"] or not LEARNER.fullmatch(row["learner"]):
        raise ValueError
    if row["status"] not in (maps.RUNNING, maps.STOPPED, maps.FINISHED, maps.FAILED) or not isinstance(row["reason"], str | None):
        raise ValueError
    float(row["created"]), float(row["started"]), float(row["ended"] or 0)


def _insert_map(db, row: Mapping) -> bool:
    """One that ran when it was saved is stopped here: no machine begins to train by itself."""
    ran = row["status"] == maps.RUNNING
    status, reason, ended = (maps.STOPPED, MOVED, now()) if ran else (row["status"], row["reason"], row["ended"])
    times = (min(row["created"], now()), min(row["started"], now()), ended)
    values = (row["id"], to_json(row["plan"]), *row["ground"], row["learner"], status, reason, *times)
    names = "id, plan, teacher, data, learner, status, reason, created, started, ended"
    return db.execute(f"INSERT OR IGNORE INTO maps ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values).rowcount == 1


def _uploads() -> Iterator[str]:
    for learner, one in uploads.every():
        yield to_json(asdict(one) | {"learner": learner})


def _sound_upload(row: Mapping) -> None:
    one = _upload(row)
    if one.kind not in (uploads.TABLE, uploads.MODEL) or not LEARNER.fullmatch(row["learner"]) or not one.names:
        raise ValueError
    if not all(isinstance(name, str) and "," not in name for name in one.names) or not isinstance(one.task, str):
        raise ValueError
    if one.kind == uploads.TABLE and not all(map(uploaded, one.names)):
        raise ValueError
    float(one.at), int(one.size)


def _insert_upload(db, row: Mapping) -> bool:
    one = _upload(row)
    values = (uploads.place_of(row["learner"], one.key), now(), to_json(asdict(one)))
    return db.execute("INSERT OR IGNORE INTO facts (key, at, value) VALUES (?, ?, ?)", values).rowcount == 1


def _upload(row: Mapping) -> uploads.Upload:
    return uploads.Upload(row["kind"], tuple(row["names"]), row["size"], row["at"], row["task"])


KINDS = {
    RUNS: Kind("run", _runs, _sound_run, _insert_run),
    MAPS: Kind("map", _maps, _sound_map, _insert_map),
    UPLOADS: Kind("upload", _uploads, _sound_upload, _insert_upload),
}
