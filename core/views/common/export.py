"""A run for other programs: JSON whole, CSV for its curve."""

import csv
import io
import json

OURS = ("at", "row", "file")  # keys of the store and the saved files, not of a record
LONG = ("curve", "predictions")


def as_json(record: dict) -> str:
    """The record as the command line's --json gives it."""
    return json.dumps({key: value for key, value in record.items() if key not in OURS}, indent=1)


def as_csv(record: dict) -> str:
    """One row a point of the curve, with what the run was in front; a value that was not measured there is empty."""
    recipe = record["recipe"]
    parts = sorted({name for point in record["curve"] for name in point["losses"]})
    fixed = {
        "run": record["id"], "status": record["status"], "teacher": recipe["teacher"], "task": recipe["task"],
        "layers": " ".join(map(str, recipe["layers"])), "objective": recipe["objective"]["name"], "seed": recipe["seed"],
    }
    figures = ("step", "seconds", "loss", *parts, "val_accuracy", "val_loss")
    out = io.StringIO()
    writer = csv.DictWriter(out, [*fixed, *figures], lineterminator="\n")
    writer.writeheader()
    for point in record["curve"]:
        row = fixed | {name: point.get(name) for name in figures} | {name: point["losses"].get(name) for name in parts}
        writer.writerow({name: harmless(value) for name, value in row.items()})
    return out.getvalue()


def harmless(value):
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def summary(record: dict) -> dict:
    """The record for reading on the page: all but the long lists."""
    teacher = {key: value for key, value in record["teacher"].items() if key not in LONG}
    return {key: value for key, value in record.items() if key not in (*OURS, *LONG)} | {"teacher": teacher}
