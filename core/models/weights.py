"""The weights of a checkpoint folder: their sha256, and whether they are those that its card names."""

import functools
import hashlib
import json
from pathlib import Path

from core.errors import LabError

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, in hex; remembered while its size and time stay."""
    stat = path.stat()
    return _file_hash(path, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _file_hash(path: Path, size: int, mtime: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_card(path: Path) -> dict:
    """Read teacher.json beside the weights: how it was fine-tuned, its scores and the weights' sha256; {} without one."""
    try:
        return json.loads((path / "teacher.json").read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise LabError(f"{path / 'teacher.json'} cannot be read; {_mend(path)}.") from None


def whole_weights(path: Path, teacher: str) -> str:
    """Return the sha256 of a fine-tuned teacher's weights; LabError when they are missing or not those that its card names."""
    weights = path / "model.safetensors"
    if not weights.is_file():
        raise LabError(f"The weights of {teacher} ({weights}) are missing; {_mend(path)}.")
    digest, expected = file_hash(weights), read_card(path).get("sha256")
    if expected and digest != expected:
        raise LabError(f"The weights of {teacher} ({weights}) are damaged: their sha256 is not the recorded one; {_mend(path)}.")
    return digest


def _mend(path: Path) -> str:
    if ASSETS in path.parents:
        return "they came with the program, so restore the folder, for example with `git checkout core/assets`"
    return "restore the file or fine-tune the teacher again"
