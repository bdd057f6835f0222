"""A kept student as one file to download, and as a teacher of this home."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import LabError
from core.home import folder, home, part, tidy, uploaded
from core.models.identity import contents
from core.models.weights import weights_hash
from core.store.students import Student, settle
from core.studies.export.folder import export
from core.studies.export.places import WITH_ONNX, ZIP, archive, let_go


def pack(student: Student, what: str = ZIP) -> Path:
    """Write the student's folder (core/studies/export/folder.py) as one zip file, all of it or nothing; return it. what: ZIP or WITH_ONNX.

    Weights do not shrink, so nothing is compressed. LabError on a full disk, and where the student cannot be made whole.
    """
    with _scratch() as place:
        made = export(student, place / f"layer-lab-{student.record['id']}", what == WITH_ONNX)
        target = archive(student.key, what)
        with zipfile.ZipFile(place / "made.zip", "w", zipfile.ZIP_STORED) as packed:
            for file in sorted(made.iterdir()):
                packed.write(file, f"{made.name}/{file.name}")
        _put(place / "made.zip", target)
    let_go(target)
    return target


def as_teacher(student: Student) -> str:
    """Write the student's folder where a teacher of this name is found; return the name, upload/KEY/NAME, by content. LabError as in `pack`."""
    with _scratch() as place:
        made = export(student, place / f"student-{student.record['id']}")
        name = f"upload/{contents(made, weights_hash(made))}/{made.name}"
        target = uploaded(name)
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):  # another worker was faster
                _put(made, target)
    return name


def _put(made: Path, target: Path) -> None:
    if made.is_file():
        settle(made)
    made.replace(target)
    settle(target.parent)


@contextmanager
def _scratch() -> Iterator[Path]:
    """Give a folder that is gone at the end, also what killed processes left of theirs. LabError on a full disk."""
    place = part(home() / "exports")
    try:
        tidy(folder("exports"))
        place.mkdir()
        yield place
    except OSError as error:
        raise LabError(f"The student cannot be written to {home()} ({error.strerror or error}); free some disk space and try again.") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
