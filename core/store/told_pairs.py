"""The few pairs that are told in full and come with the program (core/studies/inside/pairs.py): core/saved_runs/pairs/*.json. Read only."""

import json
from functools import lru_cache
from pathlib import Path

from core.store import saved


def told_pairs(teacher: str, task: str, teacher_key: str | None = None) -> dict | None:
    """Return the document of this teacher and task, and of weights of this key where that is known; None where there is none."""
    for path in sorted((saved.FOLDER / "pairs").glob("*.json")):
        found = _read(path, path.stat().st_mtime_ns)
        if found and (found["teacher"], found["task"]) == (teacher, task) and teacher_key in (None, found["teacher_hash"]):
            return found
    return None


def probes_path(teacher_key: str, task_hash: str) -> Path | None:
    """Return the file of the probes of this teacher and data; None where there is none."""
    for path in sorted((saved.FOLDER / "pairs").glob("*.json")):
        found, probes = _read(path, path.stat().st_mtime_ns), path.with_suffix(".safetensors")
        if found and (found["teacher_hash"], found["task_hash"]) == (teacher_key, task_hash) and probes.is_file():
            return probes
    return None


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> dict | None:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
