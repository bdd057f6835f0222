"""The saved full runs that come with the program, and what is true of the examples they were measured on. Read only.

`core/saved_runs/*.jsonl` holds one finished run a line; `core/saved_runs/truth/*.json` holds, by the hash of a task's data,
the class and the cluster of every held-out example, so that runs can be compared example by example without the data.
`core/saved_runs/index.json` is the plan of the saved runs: what each file is for and how it is made again.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.errors import LabError
from core.home import home
from core.store.ground import ground
from core.store.records import finite

FOLDER = Path(__file__).resolve().parent.parent / "saved_runs"
INDEX = "index.json"


@dataclass(frozen=True)
class Truth:
    """One split, N examples in order. labels: one digit each, the class. clusters: N numbers; examples that share text share one."""

    labels: str
    clusters: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """file: its name. block: the part of the plan it belongs to. purpose: a sentence. commands: they make the file, run in this order.
    minutes: one run's computing time as planned, of one CPU thread."""

    file: str
    block: str
    purpose: str
    commands: tuple[str, ...]
    minutes: float


def read(path: Path) -> list[dict]:
    """Return the finished records of a file, without those whose figures are not finite.

    A torn last line, left by a kill while it was written, is not a record.
    """
    if not path.is_file():
        return []
    records = []
    lines = path.read_text().split("\n")
    for n, line in enumerate(lines):
        try:
            record = json.loads(line) if line.strip() else None
        except json.JSONDecodeError:
            if n == len(lines) - 1:
                break
            raise LabError(f"Line {n + 1} of {path} is not JSON; remove the line, then run it again.") from None
        if record and record.get("status") == "finished" and finite(record):
            records.append(record)
    return records


def saved_runs(teacher: str | None = None, task: str | None = None, folder: Path | None = None) -> list[dict]:
    """Return all saved runs, each with its file's name under "file"; of one teacher or task where given. The same recipe, teacher and data count
    once; runs made with a mistake on purpose, in several stages or for an experiment answer no recipe and are left out.
    """
    found: dict[tuple, dict] = {}
    for file, records in by_file(folder).items():
        for record in records:
            recipe = record["recipe"]
            if not {"mistake", "staged", "experiment"} & set(record) and teacher in (None, recipe["teacher"]) and task in (None, recipe["task"]):
                found.setdefault((record["id"], *ground(record)), record | {"file": file})
    return list(found.values())


def by_file(folder: Path | None = None) -> dict[str, tuple[dict, ...]]:
    """Return every record of every file, by the file's name: a run that stands in two files is in both."""
    return {path.name: _read(path, path.stat().st_mtime_ns) for path in sorted((folder or FOLDER).glob("*.jsonl"))}


def stamp(folder: Path | None = None) -> tuple:
    """Return name, time and size of every file of saved runs and of truth: a new file or line is seen."""
    files = [*(folder or FOLDER).glob("*.jsonl"), *(folder or FOLDER).glob("truth/*.json")]
    return tuple(sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files))


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> tuple[dict, ...]:
    return tuple(read(path))


def truth(task_hash: str, split: str, folder: Path | None = None) -> Truth | None:
    """Return what is true of a split (test or check) of the data with this hash: as it came with the program, else as this machine met it; None
    where nothing was saved."""
    for path in (_truth_path(task_hash, place) for place in ((folder,) if folder else (FOLDER, home()))):
        if path.is_file():
            values = _truth(path, path.stat().st_mtime_ns).get(split)
            return Truth(values["labels"], tuple(values["clusters"])) if values else None
    return None


def _truth_path(task_hash: str, folder: Path) -> Path:
    return folder / "truth" / f"{task_hash}.json"


@lru_cache(maxsize=16)
def _truth(path: Path, changed: int) -> dict:
    return json.loads(path.read_text())


def truths_of(task) -> dict[str, Truth]:
    """Return what is true of the held-out examples of a task (core.data.task.Task), by split."""
    return {name: _truth_of(task.split(name)) for name in ("check", "test")}


def _truth_of(split) -> Truth:
    clusters = split.clusters if split.clusters is not None else range(len(split))
    number = {cluster: n for n, cluster in enumerate(dict.fromkeys(clusters))}
    return Truth("".join(map(str, split.labels)), tuple(number[cluster] for cluster in clusters))


def write_truth(task_name: str, task_hash: str, splits: dict[str, Truth], folder: Path | None = None) -> Path:
    """Keep what is true of a task's held-out splits, once and whole."""
    path = _truth_path(task_hash, folder or FOLDER)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        values = {name: {"labels": split.labels, "clusters": list(split.clusters)} for name, split in splits.items()}
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_text(json.dumps({"task": task_name, **values}, separators=(",", ":")) + "\n")
        part.replace(path)
    return path


def remember_truth(task) -> None:
    """Keep in this machine's home what is true of a task whose truth does not come with the program; a home that takes nothing keeps nothing."""
    with suppress(OSError, LabError):
        if not _truth_path(task.hash, FOLDER).is_file():
            write_truth(task.name, task.hash, truths_of(task), home())


def blocks(folder: Path | None = None) -> dict[str, Block]:
    """Return the plan in its order, the blocks by file name; a file need not be there yet. LabError when the index is broken."""
    path = (folder or FOLDER) / INDEX
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text())
        return {
            file: Block(file, values["block"], values["purpose"], tuple(values["commands"]), float(values["minutes"]))
            for file, values in found.items()
        }
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise LabError(f"The index of saved runs {path} is damaged; restore the file.") from None
