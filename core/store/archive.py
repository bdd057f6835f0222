"""The home's own things as one file: runs, maps, students, uploads, and the teachers that were made here and that students need. It moves to
another machine.

A zip of runs.jsonl, maps.jsonl and uploads.jsonl (core/store/archive_rows.py), students/KEY.safetensors with KEY.pin beside a pinned one, the folders
of teachers, and the files of uploads that are on somebody's list; each list stays its learner's.
Nothing is compressed: weights do not shrink. What comes in is looked at before anything is moved to its place, and what is there already stays.
"""

import hashlib
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.data.uploads.keep import KINDS
from core.errors import LabError
from core.home import folder, home, part, uploaded
from core.store import archive_rows, students, uploads
from core.store.archive_rows import MAPS, RUNS

STUDENTS = "students"
STUDENT = re.compile(rf"{STUDENTS}/[0-9a-z]+-[0-9a-f]{{12}}\.(safetensors|pin)", re.ASCII)
TEACHER = re.compile(r"(teachers/[a-z0-9-]+|uploads/[0-9a-f]{16}/\w[\w.-]*)/\w[\w.-]*\.(json|safetensors|txt|model|md)", re.ASCII)
TABLE = re.compile(rf"uploads/[0-9a-f]{{16}}/\w[\w.-]*\.({'|'.join(KINDS)})", re.ASCII)
FOREIGN = "It was not written by `python -m core home --save`, so nothing of it is taken over."
SPARE = 1 << 28  # bytes that stay free on the disk


@dataclass(frozen=True)
class Brought:
    """What came in, and what of each was there already."""

    runs: int
    maps: int
    students: int
    teachers: int
    tables: int
    there: int


@dataclass(frozen=True)
class Size:
    """How much there is to save, and its bytes. teachers: those that students need and those that learners brought."""

    students: int
    teachers: int
    tables: int
    bytes: int


def size() -> Size:
    """Return what `save` would write, runs and maps aside, which take little."""
    files = _files()
    count = lambda of: len({of(name) for _, name in files} - {None})
    return Size(
        count(lambda name: name if name.endswith(students.NAME) and name.startswith(f"{STUDENTS}/") else None),
        count(lambda name: name.rpartition("/")[0] if TEACHER.fullmatch(name) else None),
        count(lambda name: name if TABLE.fullmatch(name) else None),
        sum(file.stat().st_size for file, _ in files),
    )


def save(target: Path) -> Iterator[float]:
    """Write the archive, all of it or nothing; yield the share done. LabError where the place is taken or has no room."""
    target = target.expanduser().absolute()
    if target.exists():
        raise LabError(f"{target} is there already; name another file.")
    files = _files()
    sizes = [file.stat().st_size for file, _ in files]
    made = part(target.parent, target.name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(target.parent).free < sum(sizes) + SPARE:
            raise OSError(None, f"it takes {sum(sizes) / 1e9:.1f} GB, and the disk has less room")
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as packed:
            for name, kind in archive_rows.KINDS.items():
                packed.writestr(name, "".join(f"{line}\n" for line in kind.write()))
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
        rows = {name: archive_rows.read(name, (place / name).read_text(encoding="utf-8")) for name in archive_rows.KINDS if (place / name).is_file()}
        kept = sorted((place / STUDENTS).glob("*.safetensors"))
        for file in kept:
            one = students.read(file)
            if one is None or students.key_of(one.record) != file.stem:
                raise LabError(f"The student {file.name} in {source} is damaged, so nothing is taken over; write the archive again.")
        tables = sorted(file for file in place.glob("uploads/*/*") if file.is_file())
        for file in tables:
            if hashlib.sha256(file.read_bytes()).hexdigest()[:16] != file.parent.name:
                raise LabError(f"The table {file.name} in {source} is damaged, so nothing is taken over; write the archive again.")
        teachers = sorted({file.parent for file in (*place.glob("teachers/*/*"), *place.glob("uploads/*/*/*"))})
        brought_tables = [_move(one, home() / one.relative_to(place)) for one in tables]
        moved = [_move(one, home() / one.relative_to(place)) for one in teachers]
        brought = [_move(file, folder(STUDENTS) / file.name) for file in kept]
        for mark in (place / STUDENTS).glob("*.pin"):
            _move(mark, folder(STUDENTS) / mark.name)
        new = archive_rows.insert(rows)
        counts = (new[RUNS], new.get(MAPS, 0), sum(brought), sum(moved), sum(brought_tables))
        every = len(rows[RUNS]) + len(rows.get(MAPS, ())) + len(kept) + len(teachers) + len(tables)
        return Brought(*counts, every - sum(counts))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise LabError(f"{source} is no archive that can be read ({type(error).__name__}). {FOREIGN}") from error
    except OSError as error:
        raise LabError(f"{source} cannot be taken over ({error.strerror or error}); nothing half-written is left.") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _files() -> list[tuple[Path, str]]:
    """Return the files that are saved, each with its name in the archive."""
    return list(dict.fromkeys([*_students(), *_teachers(), *_uploads()]))


def _students() -> list[tuple[Path, str]]:
    found = students.students()
    marks = [one.path.with_suffix(students.PIN) for one in found if one.pinned]
    return [(file, f"{STUDENTS}/{file.name}") for file in (*(one.path for one in found), *marks)]


def _teachers() -> list[tuple[Path, str]]:
    """Return the files of teachers that lie in this home and that a student needs."""
    places = {Path(one.about["teacher"]["folder"]) for one in students.students() if one.about.get("teacher")}
    inside = sorted(place for place in places if place.is_dir() and place.is_relative_to(home()))
    return _named(file for place in inside for file in sorted(place.iterdir()))


def _uploads() -> list[tuple[Path, str]]:
    """Return the files of uploads that are on some learner's list: tables, and the folders of teachers."""
    places = sorted({path for _, one in uploads.every() for path in map(uploaded, one.names) if path})
    return _named(file for place in places for file in (sorted(place.iterdir()) if place.is_dir() else (place,)))


def _named(files: Iterable[Path]) -> list[tuple[Path, str]]:
    named = [(file, str(file.relative_to(home()))) for file in files if file.is_file()]
    return [(file, name) for file, name in named if TEACHER.fullmatch(name) or TABLE.fullmatch(name)]


def _judge(entries: list[zipfile.ZipInfo], source: Path) -> None:
    """Raise LabError unless every name is that of a part of a home, a plain file, there once, and there is room for all."""
    names = [entry.filename for entry in entries]
    for entry in entries:
        known = entry.filename in archive_rows.KINDS or any(kind.fullmatch(entry.filename) for kind in (STUDENT, TEACHER, TABLE))
        if not known or stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise LabError(f"{source} holds {entry.filename[:80]!r}, which is no part of a home. {FOREIGN}")
    if RUNS not in names or len(set(names)) < len(names):
        raise LabError(f"{source} lacks {RUNS}, or holds a file twice. {FOREIGN}")
    size = sum(entry.file_size for entry in entries)
    if shutil.disk_usage(home()).free < size + SPARE:
        raise LabError(f"What {source} holds takes {size / 1e9:.1f} GB, and the disk of {home()} has less room; free some space.")


def _move(source: Path, target: Path) -> bool:
    """Put a file or folder where it belongs, unless something is there; return whether it was put."""
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    for written in (source, *(source.iterdir() if source.is_dir() else ())):
        students.settle(written)
    source.replace(target)
    return True
