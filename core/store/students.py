"""The students of runs: one safetensors file each below LAYER_LAB_HOME/students, known by what its run was. The oldest go when they get too many.

A file holds the weights as they were trained and, in its header, the run's record and what core/training/kept.py needs to make a whole model of
it. The files are all there is: none is ever half-written, and one that is deleted by hand is gone without a trace.
"""

import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from core.errors import LabError
from core.home import folder, home, tidy
from core.home import part as new_part
from core.store.database import to_json
from core.store.ground import ground

LIMIT_GB = 2.0
LEFT_FREE = 32 << 20  # bytes that a student leaves on the disk: the run's record needs some of them
KEY = re.compile("[0-9a-z]+-[0-9a-f]{12}")
NAME, PIN = ".safetensors", ".pin"


@dataclass(frozen=True)
class Student:
    """A kept student. key: its name. size: bytes. at: when it was kept, seconds since the epoch. record: its run's.

    about: what core/training/kept.py noted: teacher {folder, contents}, max_length (tokens), pair (whether it reads two texts).
    """

    key: str
    path: Path
    size: int
    at: float
    pinned: bool
    record: dict
    about: dict


def key_of(record: Mapping) -> str:
    """Return the name of a run's student: the run's id and 12 hex digits of teacher, data, arithmetic and what came out. Equal runs have one."""
    environment, final = record.get("environment") or {}, record.get("final") or {}
    told = [record["status"], record.get("steps"), *ground(record), environment.get("device"), environment.get("dtype")]
    told += [record.get("predictions"), final.get("loss")]
    return f"{record['id']}-{hashlib.sha256(to_json(told).encode()).hexdigest()[:12]}"


def of(record: Mapping) -> Student | None:
    """Return the student of this very run; None where it is not kept."""
    return read(home() / "students" / f"{key_of(record)}{NAME}")


def get(key: str) -> Student:
    """Return the student of this name; LabError where it is gone."""
    found = read(home() / "students" / f"{key}{NAME}") if KEY.fullmatch(key) else None
    if found is None:
        raise LabError("This student is no longer kept: it was deleted, or gave way to newer ones. Run again to have it.")
    return found


def students() -> list[Student]:
    """Return all that are kept, newest first; a file that cannot be read is none."""
    return sorted(filter(None, map(read, files())), key=lambda one: (one.at, one.key), reverse=True)


def find(run_id: str) -> Student:
    """Return the student of this name, or of the run whose id begins so, of a finished run before that of a stopped one, the newest first.

    LabError where there is none, or where several runs begin so.
    """
    found = [one for one in students() if run_id and (one.record["id"].startswith(run_id) or one.key == run_id)]
    if len({one.record["id"] for one in found}) > 1:
        raise LabError(f"The students of {len({one.record['id'] for one in found})} runs begin with {run_id!r}; give more of the id.")
    if not found:
        raise LabError(f"No student of a run {run_id!r} is kept; the app keeps those of its runs, and `python -m core distill … --keep` keeps one.")
    return min(found, key=lambda one: one.record["status"] != "finished")


def limit() -> float:
    """Return the bytes that all students may take: LAYER_LAB_STUDENTS_GB, by default 2. LabError when that is no number of at least 0."""
    text = os.environ.get("LAYER_LAB_STUDENTS_GB", "").strip()
    try:
        gigabytes = float(text) if text else LIMIT_GB
    except ValueError:
        gigabytes = math.nan
    if not gigabytes >= 0:
        raise LabError(f"LAYER_LAB_STUDENTS_GB is {text!r}; it must be a number of gigabytes, 0 or more.")
    return gigabytes * 1e9


def write(record: Mapping, about: Mapping, size: int, save: Callable[[Path, dict[str, str]], None]) -> str:
    """Keep a student, all of it or nothing, and let the oldest unpinned ones go that are over the limit; return its key.

    size: about how many bytes it takes. save(path, header): writes it. LabError, one sentence, where it has no room.
    """
    key, most = key_of(record), limit()
    there = {file.stem: (file.stat().st_size, _pin(file).exists()) for file in files()}
    pinned = sum(bytes for name, (bytes, held) in there.items() if held and name != key)
    if size + pinned > most:
        beside = f" beside {_gigabytes(pinned)} of pinned ones" if pinned else ""
        raise LabError(f"The student is not kept: it takes {_gigabytes(size)}{beside}, and all may take {_gigabytes(most)}; "
                       "LAYER_LAB_STUDENTS_GB sets another limit.")
    try:
        path = folder("students") / f"{key}{NAME}"
        part = new_part(path.parent, key)
        tidy(path.parent)
        if shutil.disk_usage(path.parent).free < size + LEFT_FREE:
            raise OSError(None, "the disk is full")
        try:
            save(part, {"record": to_json(record), "about": to_json(about)})
            settle(part)
            part.replace(path)
            settle(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, SafetensorError, MemoryError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise LabError(f"The student is not kept: it cannot be written to {home() / 'students'} ({why}); free some disk space and run again. "
                       "The run itself is not lost.") from error
    _let_go(most, key)
    return key


def pin(student: Student, wanted: bool = True) -> None:
    """Say that a student never goes by itself, or may again. LabError on a full disk."""
    try:
        _pin(student.path).touch() if wanted else _pin(student.path).unlink(missing_ok=True)
    except OSError as error:
        raise LabError(f"The student cannot be pinned in {student.path.parent} ({error.strerror}); free some disk space and try again.") from error


def remove(student: Student) -> None:
    """Delete a student, pinned or not."""
    _delete(student.path)


def taken() -> int:
    """Return how many bytes all students take."""
    return sum(file.stat().st_size for file in files())


def settle(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on the disk, so that a rename never outruns what it names. Raise OSError."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _let_go(most: float, newest: str) -> None:
    for file in sorted(files(), key=lambda file: (file.stat().st_mtime_ns, file.name)):
        if taken() <= most:
            return
        if file.stem != newest and not _pin(file).exists():
            _delete(file)


def _delete(file: Path) -> None:
    with suppress(OSError):  # another worker was faster, or the folder is read-only
        file.unlink(missing_ok=True)
        _pin(file).unlink(missing_ok=True)


def files() -> list[Path]:
    """Return the files of all students, none of which was read."""
    return [file for file in (home() / "students").glob(f"*{NAME}") if not file.name.startswith(".")]


def _pin(file: Path) -> Path:
    return file.with_suffix(PIN)


def read(file: Path) -> Student | None:
    """Return the student in a file; None for a file that is none."""
    try:
        stat = file.stat()
        with safe_open(file, "np") as held:
            header = held.metadata()
        record, about = json.loads(header["record"]), json.loads(header["about"])
        return Student(file.stem, file, stat.st_size, stat.st_mtime, _pin(file).exists(), record, about)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return None


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e7 else f"{size / 1e6:.2f} MB"
