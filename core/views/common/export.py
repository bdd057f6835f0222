"""A run for other programs: JSON whole, CSV for its curve."""

import json
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

OURS = ("at", "row", "file")  # keys of the store and the saved files, not of a record
LONG = ("curve", "predictions")


def as_json(record: dict) -> str:
    """Return the record as the command line's --json gives it."""
    return json.dumps({key: value for key, value in record.items() if key not in OURS}, indent=1)


def as_csv(record: dict) -> str:
    """Return one row a point of the curve, with what the run was in front; a value that was not measured there is empty."""
    recipe = record["recipe"]
    parts = sorted({name for point in record["curve"] for name in point["losses"]})
    fixed = {
        "run": record["id"], "status": record["status"], "teacher": recipe["teacher"], "task": recipe["task"],
        "layers": " ".join(map(str, recipe["layers"])), "objective": recipe["objective"]["name"], "seed": recipe["seed"],
    }
    columns = (*fixed, "step", "seconds", "loss", *parts, "val_accuracy", "val_loss")
    return csv_text((fixed | point | {name: point["losses"].get(name) for name in parts} for point in record["curve"]), columns)


def csv_text(rows: Iterable[Mapping], columns: Sequence[str]) -> str:
    """Return rows as CSV. Text that a spreadsheet would take for a formula gets an apostrophe in front; a missing value is empty."""
    harmless = lambda value: f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    cells = [[harmless(row.get(name)) for name in columns] for row in rows]
    return pd.DataFrame(cells, columns=list(columns), dtype=object).to_csv(index=False, lineterminator="\n")


def summary(record: dict) -> dict:
    """Return the record for reading on the page: all but the long lists."""
    teacher = {key: value for key, value in record["teacher"].items() if key not in LONG}
    return {key: value for key, value in record.items() if key not in (*OURS, *LONG)} | {"teacher": teacher}
