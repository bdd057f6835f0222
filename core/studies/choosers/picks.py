"""The choosers' saved picks, and the settings that were frozen for each method.

`core/saved_runs/choosers/*.jsonl` holds one pick a line: the document of core/studies/choosers/choose.py. Settings may be looked at
beside regrets of the bundled teacher on 2 and 4 layers of the built-in task alone. Every other pick is judged only when it was made under the
settings that `frozen.json` names for its method, which are written once; held out are those of another teacher or task. Under `earlier` the file says
which settings the hash stands for that picks have from before each method had its own.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from core.errors import LabError
from core.recipe import Recipe
from core.store import saved
from core.studies.choosers.methods import METHODS

OPEN_TEACHER, OPEN_TASK, OPEN_SIZES = "minilm-l6", "composed-nli", (2, 4)
FROZEN = "frozen.json"


def folder(runs: Path | None = None) -> Path:
    """Return the folder of the picks beside these saved runs."""
    return (runs or saved.FOLDER) / "choosers"


def held_out(document: dict) -> bool:
    """Return whether a pick is of another teacher or task than the one whose regrets could be looked at before the settings were frozen."""
    return (document["teacher"], document["task"]) != (OPEN_TEACHER, OPEN_TASK)


def guarded(document: dict) -> bool:
    """Return whether the regret of a pick may be known only after the settings are frozen: all but the open teacher's on the open task and sizes."""
    return held_out(document) or document["k"] not in OPEN_SIZES


def seen_before(document: dict) -> str:
    """Say what of a pick could be looked at before the settings were frozen; '' for a held-out one."""
    if held_out(document):
        return ""
    if guarded(document):
        return "Not held out: made after the settings were frozen, but of the teacher and task that could be looked at before, with other sizes."
    return "Not held out: the regrets of these choices could be looked at before the settings were frozen."


def own_hash(document: dict) -> str:
    """Return the hash of the settings that decided this pick; earlier documents have one hash over the settings of all methods."""
    method = METHODS.get(document["method"])
    return method.settings_hash(document["settings"]) if method else document["settings_hash"]


def frozen(runs: Path | None = None) -> dict[str, str]:
    """Return the hash of the frozen settings of each method that has some."""
    return {name: one["settings_hash"] for name, one in _frozen_file(runs).get("methods", {}).items()}


def _frozen_file(runs: Path | None) -> dict:
    path = folder(runs) / FROZEN
    return json.loads(path.read_text()) if path.is_file() else {}


def refusal(document: dict, frozen: Mapping[str, str]) -> str:
    """Return why the regret of a pick must not be known, one sentence; '' when it may. frozen: hashes by method."""
    if not guarded(document):
        return ""
    name, where = document["method"], f"{document['k']} layers on {document['task']}"
    if name not in frozen:
        whose = f"The settings of {name}" if frozen else "The choosers' settings"
        return f"{whose} are not frozen yet, so regrets of {where} stay unknown."
    if own_hash(document) != frozen[name]:
        return f"The pick of {name} for {where} was made under other settings than the frozen ones ({frozen[name]}); make it again."
    return ""


def read(runs: Path | None = None) -> list[dict]:
    """Return every pick of every file; of picks with the same `identity` the last."""
    found = {identity(document): document for path in sorted(folder(runs).glob("*.jsonl")) for document in saved.read(path)}
    return list(found.values())


def identity(document: dict) -> tuple:
    """Return what makes two documents the same pick."""
    return *(document[name] for name in ("method", "teacher_hash", "task_hash", "k")), own_hash(document)


def record(document: dict) -> dict:
    """Return a chooser's document as a line of a file; what was measured of the student's size on this machine is left out."""
    return {"status": "finished"} | {name: value for name, value in document.items() if name not in ("size", "status")}


def freeze(recipe: Recipe, only: str | None = None, runs: Path | None = None) -> Path:
    """Write down as frozen the settings of the method `only`, or of all methods whose picks of 2 and of 4 layers under them are saved.

    Baselines have nothing to tune and need no picks. LabError when no such picks are saved, or other settings of a method are frozen already.
    """
    file = {"methods": {}} | _frozen_file(runs)
    made = {(one["method"], own_hash(one), one["k"]) for one in read(runs) if not held_out(one)}
    missing = {}
    for name in [only] if only else METHODS:
        method = METHODS[name]
        settings = method.own_settings(method.settings_for(recipe))
        hashed = method.settings_hash(settings)
        already = file["methods"].get(name, {}).get("settings_hash", hashed)
        if already != hashed:
            raise LabError(f"Other settings of {name} are frozen already ({already}); settings are frozen once.")
        missing[name] = [] if method.baseline else [str(k) for k in OPEN_SIZES if (name, hashed, k) not in made]
        if not missing[name]:
            file["methods"][name] = {"settings": settings, "settings_hash": hashed}
    fewest = min((sizes for name, sizes in missing.items() if only or not METHODS[name].baseline), key=len)
    if fewest:
        raise LabError(f"No picks of {' and '.join(fewest)} layers on {OPEN_TASK} are saved under these settings; make them first with --out.")
    path = folder(runs) / FROZEN
    path.write_text(json.dumps(file, indent=1, sort_keys=True) + "\n")
    return path
