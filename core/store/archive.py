"""The home's own things as one file: runs, students, and the teachers that were made here and that students need. It moves to another machine.

A zip of runs.jsonl (a run a line: {at, record}), students/KEY.safetensors with KEY.pin beside a pinned one, and the folders of teachers.
Nothing is compressed: weights do not shrink. What comes in is looked at before anything is moved to its place, and what is there already stays.
"""

import json
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import LabError
from core.home import folder, home, part
from core.recipe import Recipe
from core.store import records, students
from core.store.database import connect, now, to_json, transaction

RUNS, STUDENTS = "runs.jsonl", "students"
STUDENT = re.compile(rf"{STUDENTS}/[0-9a-z]+-[0-9a-f]{{12}}\.(safetensors|pin)", re.ASCII)
TEACHER = re.compile(r"(teachers/[a-z0-9-]+|uploads/[0-9a-f]{16}/\w[\w.-]*)/\w[\w.-]*\.(json|safetensors|txt|model|md)", re.ASCII)
FOREIGN = "It was not written by `python -m core home --save`, so nothing of it is taken over."
SPARE = 1 << 28  # bytes that stay free on the disk
ROWS = ("id", "status", "recipe", "teacher", "initial", "final", "curve", "labels", "task_hash")  # what every kept run says


@dataclass(frozen=True)
class Brought:
    """What came in, and what of each was there already."""

    runs: int
    students: int
    teachers: int
    there: int


def save(target: Path) -> Iterator[float]:
    """Write the archive, all of it or nothing; yield the share done. LabError where the place is taken or has no room."""
    target = target.expanduser().absolute()
    if target.exists():
        raise LabError(f"{target} is there already; name another file.")
    files = [*_students(), *_teachers()]
    sizes = [file.stat().st_size for file, _ in files]
    made = part(target.parent, target.name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(target.parent).free < sum(sizes) + SPARE:
            raise OSError(None, f"it takes {sum(sizes) / 1e9:.1f} GB, and the disk has less room")
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as packed:
            packed.writestr(RUNS, "".join(f"{line}\n" for line in _runs()))
            done = 0
            for (file, name), size in zip(files, sizes):
                packed.write(file, name)
                done += size
                yield done / max(sum(sizes), 1)
        students.settle(made)
        made.replace(target)
        students.settle(target.parent)
    except OSError as error:
        why = error.strerror or error
        raise LabError(f"The archive cannot be written to {target} ({why}); free some disk space, or name another place.") from error
    finally:
        made.unlink(missing_ok=True)


def load(source: Path) -> Brought:
    """Take over what an archive holds and this home does not. LabError, with nothing taken over, where it is no archive of this program."""
    place = part(folder("exports"), "home")
    try:
        with zipfile.ZipFile(source) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
            _judge(entries, source)
            place.mkdir()
            for entry in entries:
                packed.extract(entry, place)
        rows = _read_runs(place / RUNS)
        kept = sorted((place / STUDENTS).glob("*.safetensors"))
        for file in kept:
            one = students.read(file)
            if one is None or students.key_of(one.record) != file.stem:
                raise LabError(f"The student {file.name} in {source} is damaged, so nothing is taken over; write the archive again.")
        teachers = sorted({file.parent for file in (*place.glob("teachers/*/*"), *place.glob("uploads/*/*/*"))})
        moved = [_move(one, home() / one.relative_to(place)) for one in teachers]
        brought = [_move(file, folder(STUDENTS) / file.name) for file in kept]
        for mark in (place / STUDENTS).glob("*.pin"):
            _move(mark, folder(STUDENTS) / mark.name)
        new = _insert(rows)
        there = len(rows) + len(kept) + len(teachers) - new - sum(brought) - sum(moved)
        return Brought(new, sum(brought), sum(moved), there)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise LabError(f"{source} is no archive that can be read ({type(error).__name__}). {FOREIGN}") from error
    except OSError as error:
        raise LabError(f"{source} cannot be taken over ({error.strerror or error}); nothing half-written is left.") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _runs() -> Iterator[str]:
    with connect() as db:
        for row in db.execute("SELECT at, record FROM runs ORDER BY row"):
            if _sound(json.loads(row["record"])):
                yield f'{{"at": {row["at"]!r}, "record": {row["record"]}}}'


def _sound(record: dict) -> bool:
    """Return whether a record says what pages read, and is of the recipe that it names."""
    if any(name not in record for name in ROWS) or record["status"] not in records.STATUSES:
        return False
    try:
        return bool({"mistake", "staged", "experiment"} & set(record)) or Recipe.from_dict(record["recipe"]).id == record["id"]
    except LabError:
        return False


def _students() -> list[tuple[Path, str]]:
    found = students.students()
    marks = [one.path.with_suffix(students.PIN) for one in found if one.pinned]
    return [(file, f"{STUDENTS}/{file.name}") for file in (*(one.path for one in found), *marks)]


def _teachers() -> list[tuple[Path, str]]:
    """Return the files of teachers that lie in this home and that a student needs."""
    places = {Path(one.about["teacher"]["folder"]) for one in students.students() if one.about.get("teacher")}
    inside = sorted(place for place in places if place.is_dir() and place.is_relative_to(home()))
    named = [(file, str(file.relative_to(home()))) for place in inside for file in sorted(place.iterdir()) if file.is_file()]
    return [(file, name) for file, name in named if TEACHER.fullmatch(name)]


def _judge(entries: list[zipfile.ZipInfo], source: Path) -> None:
    """Raise LabError unless every name is that of a part of a home, a plain file, there once, and there is room for all."""
    names = [entry.filename for entry in entries]
    for entry in entries:
        known = entry.filename == RUNS or STUDENT.fullmatch(entry.filename) or TEACHER.fullmatch(entry.filename)
        if not known or stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise LabError(f"{source} holds {entry.filename[:80]!r}, which is no part of a home. {FOREIGN}")
    if RUNS not in names or len(set(names)) < len(names):
        raise LabError(f"{source} lacks {RUNS}, or holds a file twice. {FOREIGN}")
    size = sum(entry.file_size for entry in entries)
    if shutil.disk_usage(home()).free < size + SPARE:
        raise LabError(f"What {source} holds takes {size / 1e9:.1f} GB, and the disk of {home()} has less room; free some space.")


def _read_runs(file: Path) -> list[dict]:
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            if not _sound(row["record"]):
                raise ValueError
            found.append({"at": float(row["at"]), "record": row["record"]})
        except (ValueError, KeyError, TypeError, AttributeError):
            raise LabError(f"Line {number} of {RUNS} is no run, so nothing is taken over; write the archive again.") from None
    return found


def _insert(rows: list[dict]) -> int:
    """Keep the runs that are not kept yet; return how many."""
    new = 0
    with transaction() as db:
        for row in rows:
            text = to_json(row["record"])
            if db.execute("SELECT 1 FROM runs WHERE id = ? AND record = ?", (row["record"]["id"], text)).fetchone() is None:
                values = (row["record"]["id"], row["record"]["status"], min(row["at"], now()), text)
                db.execute("INSERT INTO runs (id, status, at, record) VALUES (?, ?, ?, ?)", values)
                new += 1
    return new


def _move(source: Path, target: Path) -> bool:
    """Put a file or folder where it belongs, unless something is there; return whether it was put."""
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    for written in (source, *(source.iterdir() if source.is_dir() else ())):
        students.settle(written)
    source.replace(target)
    return True
