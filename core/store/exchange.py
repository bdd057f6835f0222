"""Runs as one file for another machine: JSON, a run a line, as a sweep writes them. What comes in is checked before any of it is kept."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.errors import LabError
from core.recipe import Recipe
from core.store import records
from core.store.database import now, to_json, transaction
from core.store.ground import Ground, ground
from core.store.saved import Truth

DIGITS = 6  # decimals kept
MOST_BYTES, MOST_RUNS = 64 << 20, 5000
SEAL = "checksum"  # of the rest of its line
OF_THIS_STORE = ("at", "row", "file", "imported", "fit", SEAL)  # fit: sentences about the pair, which every machine finds itself
NUMBER, MAYBE = (int, float), (int, float, type(None))
FIGURES = {"accuracy": NUMBER, "loss": NUMBER}
GROUP = {"accuracy": NUMBER, "n": int}
POINT = {"step": int, "seconds": NUMBER, "loss": MAYBE, "losses": dict, "val_accuracy": MAYBE, "val_loss": MAYBE}
SHAPE = {
    "id": str, "status": str, "split": str, "task_hash": str, "labels": list, "predictions": str, "steps": int, "steps_planned": int,
    "teacher": FIGURES | {"layers": int}, "initial": FIGURES, "final": FIGURES | {"confusion": list}, "curve": list, "update_norms": dict,
    "parameters": {"student": int, "teacher": int}, "environment": {"device": str, "dtype": str}, "notes": list, "seconds": NUMBER,
    "train_seconds": NUMBER, "majority": MAYBE, "tokens_per_second": MAYBE,
}
NOT_A_RUN = "is not a run as this program writes it"


@dataclass(frozen=True)
class TakenIn:
    """How many runs of a file were added, and how many were here already."""

    added: int
    known: int


def line(record: Mapping) -> str:
    """Return a record as one line of a readable file, without the line's end."""
    rounded = json.loads(to_json(record), parse_float=lambda digits: round(float(digits), DIGITS))
    return json.dumps(rounded, separators=(",", ":"))


def as_file(found: Iterable[Mapping]) -> str:
    """Return runs as the text of a file, each line with a checksum; `sweep`, `runs --file` and `explain --file` read it too."""
    return "".join(f"{_sealed(record)}\n" for record in found)


def _sealed(record: Mapping) -> str:
    bare = {name: value for name, value in record.items() if name not in OF_THIS_STORE}
    return line(bare | {SEAL: _checksum(bare)})


def _checksum(bare: Mapping) -> str:
    return hashlib.sha256(line(bare).encode()).hexdigest()[:16]


def take_in(data: bytes, teacher: str, task: str, on: Ground, truth: Mapping[str, Truth | None], try_out=lambda record: None) -> TakenIn:
    """Keep the runs of a file as runs of this teacher and task, whatever they are called elsewhere, marked as imported; all of them or none.

    on: what a run of the two stands on here. truth: of the held-out splits, where it is known: figures are computed again from it. try_out: asked
    about each run at last; raises where it cannot be used. LabError that names the line, for a run that was changed, or does not belong here.
    """
    read: dict[str, dict] = {}
    for number, record in _lines(data):
        try:
            made = as_imported(record, teacher, task, on, truth)
            try_out(made)
        except LabError as error:
            raise LabError(f"Line {number} of the file {error} Nothing was imported.") from None
        except Exception:  # whatever a page would stumble over
            raise LabError(f"Line {number} of the file {NOT_A_RUN}. Nothing was imported.") from None
        read.setdefault(made["id"], made)
    with transaction() as db:
        known = records.answered(db, list(read), *on)
        for run_id, record in read.items():
            if run_id not in known:
                records.insert(db, record)
    return TakenIn(len(read) - len(known), len(known))


def _lines(data: bytes) -> list[tuple[int, dict]]:
    if len(data) > MOST_BYTES:
        raise LabError(f"The file has {len(data) >> 20} MB, and at most {MOST_BYTES >> 20} MB are read; export fewer runs at a time.")
    lines = [(number, text) for number, text in enumerate(data.split(b"\n"), start=1) if text.strip()]
    if not lines:
        raise LabError("The file is empty; export runs on the other machine, then import that file.")
    if len(lines) > MOST_RUNS:
        raise LabError(f"The file has {len(lines)} lines, and at most {MOST_RUNS} runs are read; export fewer runs at a time.")
    found = []
    for number, text in lines:
        try:
            found.append((number, json.loads(text)))
        except (ValueError, RecursionError):
            raise LabError(f"Line {number} of the file is not JSON; give a file of exported runs. Nothing was imported.") from None
    return found


def as_imported(record, teacher: str, task: str, on: Ground, truth: Mapping[str, Truth | None]) -> dict:
    """Return a run of a file as one of this store: its names are those of here, its id is computed again. LabError, the end of a sentence, for one
    that was changed or does not belong here."""
    if not _sound(record):
        raise LabError(f"{NOT_A_RUN}.")
    bare = {name: value for name, value in record.items() if name not in OF_THIS_STORE}
    if SEAL in record and record[SEAL] != _checksum(bare):
        raise LabError("was changed after it was exported: its checksum is another.")
    if record["status"] != "finished" or {"mistake", "staged", "experiment"} & set(record) or not records.finite(record):
        raise LabError("is no finished run of a recipe, so it answers none.")
    try:
        recipe = Recipe.from_dict(record["recipe"])
    except LabError as error:
        raise LabError(f"has no sound recipe: {error}") from None
    if recipe.id != record["id"]:
        raise LabError("was changed: its id is not that of its recipe.")
    theirs = ground(record)
    if theirs != on:
        both = [name for name, a, b in zip(("teacher", "data"), theirs, on, strict=True) if a != b]
        raise LabError(f"was made with {' and '.join(f'{name} of other content' for name in both)} than {teacher} on {task} here.")
    _check_figures(record, recipe, truth.get(record["split"]))
    here = Recipe.from_dict(record["recipe"] | {"teacher": teacher, "task": task})
    return bare | {"id": here.id, "recipe": here.to_dict(), "imported": {"at": now(), "id": record["id"]}}


def _sound(record) -> bool:
    """Return whether a line has the parts of a run that pages read, each of its type."""
    if not _shaped(record, SHAPE) or not isinstance(record.get("recipe"), dict) or not all(_shaped(point, POINT) for point in record["curve"]):
        return False
    numbers = [*record["update_norms"].values(), *(loss for point in record["curve"] for loss in point["losses"].values())]
    groups = [group for part in ("teacher", "initial", "final") for group in (record[part].get("groups") or {}).values()]
    return all(isinstance(number, MAYBE) for number in numbers) and all(_shaped(group, GROUP) for group in groups)


def _shaped(value, shape: Mapping) -> bool:
    """Return whether an object has what the shape names, each of its type."""
    if not isinstance(value, dict):
        return False
    for name, kind in shape.items():
        part = value.get(name)
        if isinstance(kind, Mapping):
            if not _shaped(part, kind):
                return False
        elif not isinstance(part, kind) or isinstance(part, bool):
            return False
    return True


def _check_figures(record: dict, recipe: Recipe, truth: Truth | None) -> None:
    """Raise LabError where what a run says of itself does not fit together."""
    labels, final, predicted = record["labels"], record["final"], record["predictions"]
    wrong = LabError("was changed: its accuracy is not that of its predictions.")
    classes, confusion = range(len(labels)), final["confusion"]
    square = len(confusion) == len(labels) and all(isinstance(row, list) and len(row) == len(labels) for row in confusion)
    if not square or not all(isinstance(label, str) for label in labels) or not all(type(n) is int and n >= 0 for row in confusion for n in row):
        raise LabError(f"{NOT_A_RUN}.")
    if record["split"] != ("test" if recipe.budget.full else "check") or max(recipe.layers) > record["teacher"]["layers"]:
        raise LabError("was changed: its figures cannot come from its recipe.")
    if recipe.budget.steps not in (None, record["steps"]) or record["steps"] != record["steps_planned"]:
        raise LabError("was changed: it did not make the steps of its recipe.")
    if [predicted.count(str(label)) for label in classes] != [sum(row[label] for row in confusion) for label in classes]:
        raise wrong
    right = sum(confusion[label][label] for label in classes)
    if not predicted or sum(map(sum, confusion)) != len(predicted) or abs(right / len(predicted) - final["accuracy"]) > 1e-5:
        raise wrong
    if truth is not None:
        if len(truth.labels) != len(predicted):
            raise LabError("was measured on other examples than those of here.")
        cells = Counter(zip(truth.labels, predicted, strict=True))
        if any(cells[str(a), str(b)] != confusion[a][b] for a in classes for b in classes):
            raise wrong
