"""What choosers picked, as records beside the saved runs, and the settings they were frozen under. Torch-free.

`core/saved_runs/choosers/*.jsonl` holds one pick a line: the document of core/studies/choosers/choose.py. Settings may be looked at
beside regrets on the open ground alone. Everything else is held out: its picks are read only when they were made under the settings
that `frozen.json` names, which is written once.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from core.errors import LabError
from core.store import saved

OPEN_TASK, OPEN_SIZES = "composed-nli", (2, 4)
FROZEN = "frozen.json"


def folder(runs: Path | None = None) -> Path:
    """Where picks are, beside the saved runs of this folder."""
    return (runs or saved.FOLDER) / "choosers"


def held_out(document: dict) -> bool:
    """Whether regrets of such a pick may be known only after the settings are frozen: all but 2 and 4 layers on the built-in task."""
    return document["task"] != OPEN_TASK or document["k"] not in OPEN_SIZES


def tuned_on(document: dict) -> str:
    """What is to be said where such a pick is judged: '' for a held-out one."""
    return "" if held_out(document) else "The choosers' settings were tuned on these very choices, which flatters their picks here."


def frozen(runs: Path | None = None) -> str | None:
    """The hash of the frozen settings; None while they are open."""
    path = folder(runs) / FROZEN
    return json.loads(path.read_text())["settings_hash"] if path.is_file() else None


def refusal(document: dict, frozen_hash: str | None) -> str:
    """Why the regret of a pick must not be known, one sentence; '' when it may."""
    if not held_out(document):
        return ""
    where = f"{document['k']} layers on {document['task']}"
    if frozen_hash is None:
        return f"The choosers' settings are not frozen yet, so regrets of {where} stay unknown."
    if document.get("settings_hash") != frozen_hash:
        return f"The pick of {document['method']} for {where} was made under other settings than the frozen ones ({frozen_hash}); make it again."
    return ""


def admitted(documents: Iterable[dict], frozen_hash: str | None) -> list[dict]:
    """The documents as they are; LabError when one of them is a held-out pick that was not made under the frozen settings."""
    documents = list(documents)
    for document in documents:
        if reason := refusal(document, frozen_hash):
            raise LabError(reason)
    return documents


def read(runs: Path | None = None) -> list[dict]:
    """Every pick of every file; of picks with the same `identity` the last."""
    found = {identity(document): document for path in sorted(folder(runs).glob("*.jsonl")) for document in saved.read(path)}
    return list(found.values())


def identity(document: dict) -> tuple:
    """What makes two documents the same pick."""
    return tuple(document[name] for name in ("method", "teacher_hash", "task_hash", "k", "settings_hash"))


def record(document: dict) -> dict:
    """A chooser's document as a line of a file; what was measured of the student's size on this machine is left out."""
    return {"status": "finished"} | {name: value for name, value in document.items() if name not in ("size", "status")}


def freeze(settings: dict, settings_hash: str, runs: Path | None = None) -> Path:
    """Write the settings down as the frozen ones. LabError when picks of 2 and of 4 layers under them are not saved, or others are frozen."""
    already = frozen(runs)
    if already not in (None, settings_hash):
        raise LabError(f"Other settings are frozen already ({already}); settings are frozen once.")
    made = {one["k"] for one in read(runs) if one["settings_hash"] == settings_hash and one["task"] == OPEN_TASK and not one["baseline"]}
    missing = [str(k) for k in OPEN_SIZES if k not in made]
    if missing:
        raise LabError(f"No picks of {' and '.join(missing)} layers on {OPEN_TASK} are saved under these settings; make them first with --out.")
    path = folder(runs) / FROZEN
    path.write_text(json.dumps({"settings_hash": settings_hash, "settings": settings}, indent=1, sort_keys=True) + "\n")
    return path
