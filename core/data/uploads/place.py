"""Where uploads are kept: below LAYER_LAB_HOME/uploads, in a folder named by the sha256 of the content, and never in part."""

import contextlib
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import LabError
from core.home import folder, part, tidy, uploaded

LIMIT_GB = 5.0  # all uploads together
LEFT_FREE = 256 << 20  # bytes that an upload leaves on the disk, for runs
LONGEST_NAME = 60


def safe_name(name: str) -> str:
    """Return a file's name as it is kept: letters, digits, _ - and dots, no folders; all else becomes -."""
    plain = unicodedata.normalize("NFKD", name.replace("\\", "/").rpartition("/")[2]).encode("ascii", "ignore").decode()
    stem, dot, kind = re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).rpartition(".")
    stem, kind = (stem, kind[:10].lower()) if dot else (kind, "")
    return f"{stem[:LONGEST_NAME].strip('._-') or 'upload'}{dot if kind else ''}{kind}"


def shown(name: str) -> str:
    """Return a file's name out of an archive, as it may stand in a sentence."""
    return repr(name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…")


@contextlib.contextmanager
def one_at_a_time(learner: str) -> Iterator[None]:
    """Hold the learner's one place for an upload. LabError where another of theirs is being read."""
    lock = FileLock(folder("uploads") / f".{re.sub('[^0-9a-f]', '', learner)[:32]}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LabError("Another upload of yours is being read just now; wait until it is done, and try again.") from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def scratch(size: int) -> Iterator[Path]:
    """Yield an empty folder in which an upload of about `size` bytes is put together; it is gone afterwards. LabError where there is no room."""
    try:
        place = folder("uploads")
        tidy(place)
        if _taken(place) + size > LIMIT_GB * 1e9:
            raise LabError(f"All uploads on this machine may take {LIMIT_GB:g} GB, and this one has no room among them; delete some first.")
        if shutil.disk_usage(place).free < size + LEFT_FREE:
            raise OSError(None, "the disk is full")
        made = part(place)
        try:
            made.mkdir()
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise LabError(f"The upload cannot be kept ({error.strerror or type(error).__name__}); free some disk space on the machine that runs Layer "
                       "Lab, and try again.") from error


def settle(made: Path, sha256: str, name: str) -> str:
    """Move what was put together, a file or a folder, to its place; return its name, upload/KEY/NAME. What is there already stays."""
    kept = f"upload/{sha256[:16]}/{name}"
    target = uploaded(kept)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            made.replace(target)
        except OSError:
            if not target.exists():  # else another process was faster
                raise
    return kept


def remove(kept: str) -> None:
    """Delete an upload by its name."""
    if target := uploaded(kept):
        shutil.rmtree(target.parent, ignore_errors=True)


def _taken(place: Path) -> int:
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
