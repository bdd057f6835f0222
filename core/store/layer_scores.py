"""What was measured of a teacher's layers on a task, kept as readable JSON by the teacher's key (core/store/ground.py) and the task's data.

One file a section below LAYER_LAB_HOME/layer_scores: `inside` (core/studies/inside), `seams` (core/studies/seams) and `choices--NAME`
(core/studies/choosers). Sections in core/saved_runs/SECTION come with the program: they answer where nothing was measured here.
"""

import json
import os
from pathlib import Path

from core.errors import LabError
from core.home import folder, home
from core.store import saved
from core.store.database import plain_json

NEIGHBOURS = {"cka": "cka_before", "angular": "angular_before"}  # matrix between layers -> each layer's entry with the layer before it
BUNDLED = ("inside", "seams")  # sections of which some come with the program
PROBE = "probe "  # a probe of one phenomenon's examples: this, and the phenomenon's name


def write(teacher_hash: str, task_hash: str, section: str, document: dict) -> None:
    """Keep a section, whole or not at all. LabError when the disk is full."""
    path = folder("layer_scores") / _name(teacher_hash, task_hash, section)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_text(json.dumps(plain_json(document), indent=1))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise LabError(f"The layers' scores cannot be kept in {path.parent} ({error.strerror}); free some disk space and try again.") from error


def read(teacher_hash: str, task_hash: str, section: str = "inside") -> dict | None:
    """Return the section; None when it was not measured, or its file is damaged."""
    here = _load(home() / "layer_scores" / _name(teacher_hash, task_hash, section))
    return here or next((found for found in bundled_sections(teacher_hash, section) if found.get("task_hash") == task_hash), None)


def find(teacher_hash: str, task: str, section: str = "inside", data: str | None = None) -> dict | None:
    """Return the newest section measured of this teacher on the task of this name, and on data of this hash where it is known."""
    paths = sorted((home() / "layer_scores").glob(_name(teacher_hash, "*", section)), key=lambda path: path.stat().st_mtime, reverse=True)
    documents = (_load(path) for path in paths)
    return next((found for found in (*documents, *bundled_sections(teacher_hash, section)) if found and _is_of(found, task, data)), None)


def bundled_sections(teacher_hash: str, section: str = "inside") -> list[dict]:
    """Return the sections of this teacher that come with the program, each with its file's name under "file"."""
    paths = sorted((saved.FOLDER / section).glob("*.json")) if section in BUNDLED else []
    return [found | {"file": path.name} for path in paths if (found := _load(path)) and found.get("teacher_hash") == teacher_hash]


def by_layer(inside: dict) -> dict[str, dict[int, float]]:
    """Return the scores of section `inside` that are one number a layer: name -> layer (1-based) -> score; a layer without one is left out.

    influence (Block Influence, 0 to 2), exit_accuracy and probe_accuracy (0 to 1), attention_entropy (nats), attention_distance (tokens);
    cka_before and angular_before (0 to 1), with the layer before it, 1 with the embeddings; "probe NAME", of the examples of one group.
    """
    series = {
        "influence": inside["influence"],
        "exit_accuracy": [found["accuracy"] for found in inside["exits"][1:]],
        "probe_accuracy": [found["accuracy"] for found in inside["probes"][1:]],
        "attention_entropy": inside["attention"]["entropy"],
        "attention_distance": inside["attention"]["distance"],
    }
    series |= {name: [inside[matrix][layer][layer - 1] for layer in range(1, len(inside[matrix]))]
               for matrix, name in NEIGHBOURS.items() if matrix in inside}
    series |= {PROBE + group: [found["groups"].get(group, {}).get("accuracy") for found in inside["probes"][1:]]
               for group in inside["probes"][-1].get("groups", ())}
    return {name: {layer: value for layer, value in enumerate(values, 1) if value is not None} for name, values in series.items()}


def _is_of(found: dict, task: str, data: str | None) -> bool:
    return found.get("task") == task and data in (None, found.get("task_hash"))


def _name(teacher_hash: str, task_hash: str, section: str) -> str:
    return f"{teacher_hash}--{task_hash}--{section}.json"


def _load(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
