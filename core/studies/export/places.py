"""Where exported students lie below LAYER_LAB_HOME, and what ONNX needs. Torch-free."""

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from core.home import folder, home

ONNX = "onnx==1.23.2"  # with ml_dtypes, which it brings, 9 MB to download
MOST = 1e9  # bytes of archives that wait to be downloaded; the oldest go
ZIP, WITH_ONNX, TEACHER = "zip", "onnx", "teacher"  # what a student can be made into
OPTIONS = {ZIP: ("--packed",), WITH_ONNX: ("--packed", "--onnx"), TEACHER: ("--as-teacher",)}  # of the command that makes it


def has_onnx() -> bool:
    return find_spec("onnx") is not None


def archive(key: str, what: str = ZIP) -> Path:
    """Return where a student's archive lies, whether it is there or not. key: of core/store/students.py. what: ZIP or WITH_ONNX."""
    return folder("exports") / f"{key}{'-onnx' if what == WITH_ONNX else ''}.zip"


def archives() -> list[Path]:
    """Return the archives that wait to be downloaded, the oldest first."""
    found = (path for path in (home() / "exports").glob("*.zip") if not path.name.startswith("."))
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def let_go(newest: Path) -> None:
    """Delete the oldest archives that are over MOST, never the newest."""
    there = archives()
    total = sum(path.stat().st_size for path in there)
    for path in there:
        if total <= MOST or path == newest:
            return
        total -= path.stat().st_size
        with suppress(OSError):
            path.unlink(missing_ok=True)


def home_archive() -> Path:
    """Return where the archive of the whole home lies, whether it is there or not."""
    return folder("exports") / "home.zip"


def teachers() -> list[Path]:
    """Return the folders of students that were made teachers of this home."""
    return sorted((home() / "uploads").glob("*/student-*"))
