"""Where things are kept: everything the program writes lies under one folder."""

import os
import re
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

from core.errors import LabError

PART, STALE = ".part-", 3600.0  # seconds after which what was being put together is what was left behind
MADE_BY = re.compile(r"\.part-(\d+)@(.+)-\d{15,}.*")
UPLOAD = re.compile(r"upload/[0-9a-f]{16}/\w[\w.-]*", re.ASCII)


def home() -> Path:
    """`LAYER_LAB_HOME`, by default the user's cache folder. Made if missing; LabError if it cannot be written."""
    path = Path(os.environ.get("LAYER_LAB_HOME") or user_cache_dir("layer-lab")).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(f"The folder {path} cannot be made ({error.strerror}); set LAYER_LAB_HOME to one you can write.") from error
    return path


def folder(*names: str) -> Path:
    """Return a folder below home, made if missing."""
    path = home().joinpath(*names)
    path.mkdir(parents=True, exist_ok=True)
    return path


def data_folder() -> Path | None:
    """`LAYER_LAB_DATA`, the folder of user-supplied data files; None when it is not set."""
    value = os.environ.get("LAYER_LAB_DATA")
    return Path(value).expanduser().resolve() if value else None


def uploaded(name: str) -> Path | None:
    """Return where what is called upload/KEY/NAME lies, whether it is there or not; None for any other name. KEY: of its content's sha256."""
    return home() / "uploads" / name.removeprefix("upload/") if UPLOAD.fullmatch(name) else None


def part(place: Path, name: str = "") -> Path:
    """Return where, below a folder, something is put together before it is moved to its own name. The name tells which process is at it."""
    return place / f"{PART}{os.getpid()}@{socket.gethostname()}-{time.time_ns()}{name and f'-{name}'}"


def tidy(place: Path) -> None:
    """Remove what killed processes left half-written in a folder: what processes of this machine that are gone made, and what is older than STALE."""
    for left in place.glob(f"{PART}*"):
        by = MADE_BY.fullmatch(left.name)
        dead = by is not None and by[2] == socket.gethostname() and not alive(int(by[1]))
        with suppress(OSError):
            if dead or left.stat().st_mtime < time.time() - STALE:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def alive(pid: int) -> bool:
    """Return whether a process of this machine runs. One that is over but was not waited for yet, as in containers whose first process waits for
    nobody, does not run; only Linux tells."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return True
