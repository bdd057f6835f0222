"""Reading a table: pasted or from a file, with commas, semicolons, tabs or bars; or a run's JSON, several runs, or a file of saved runs."""

import csv
import json
import math
import re

from core.errors import LabError
from core.findings.diagnose.table import NOTHING, Known, Recorded, Row, Strategy, Table, from_records
from core.recipe import parse_layers

LARGEST = 1_000_000  # characters
LONGEST_NAME = 60
COLUMNS = {
    "strategy": ("strategy", "student layer", "student layers", "student", "layer strategy", "method", "name", "choice"),
    "epoch": ("epoch", "epochs", "step", "steps"),
    "train_loss": ("train loss", "training loss", "loss"),
    "val_loss": ("val loss", "validation loss", "valid loss", "eval loss", "test loss", "average validation loss"),
    "val_accuracy": ("val accuracy", "validation accuracy", "val acc", "validation acc", "accuracy", "acc", "eval accuracy", "test accuracy"),
    "layers": ("layers", "layers copied", "copied layers"),
}
EXAMPLE = "strategy,epoch,train_loss,val_loss,val_accuracy"
EMPTY = f"The table is empty; give lines such as those under {EXAMPLE}."
FIGURES = ("train_loss", "val_loss", "val_accuracy")


def read_table(text: str, known: Known = NOTHING) -> Table:
    """Read a table or JSON from text. LabError in one sentence for what cannot be read."""
    if len(text) > LARGEST:
        raise LabError(f"The table has {len(text)} characters; give at most {LARGEST}.")
    if not text.strip():
        raise LabError(EMPTY)
    if text.lstrip()[0] in "{[":
        return from_records(_json(text), known)
    return _delimited(text, known)


def _json(text: str) -> list:
    try:
        value = json.loads(text)
        return value if isinstance(value, list) else [value]
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise LabError(f"The run is not valid JSON ({error.msg} at line {error.lineno}).") from None
    except RecursionError:
        raise LabError("The run is not valid JSON (it is nested too deeply).") from None
    try:
        return [json.loads(line) for line in lines]
    except (json.JSONDecodeError, RecursionError) as error:
        raise LabError("The text is neither one JSON document nor one to a line.") from error


def _delimited(text: str, known: Known) -> Table:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not re.fullmatch(r"[\s|:=+-]+", line)]
    if not lines:  # rules and separators alone
        raise LabError(EMPTY)
    delimiter = next((mark for mark in ("|", "\t", ";") if mark in lines[0]), ",")
    if delimiter == "|":
        lines = [line.strip("|") for line in lines]
    try:
        head, *body = [[cell.strip() for cell in cells] for cells in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)]
    except csv.Error as error:
        raise LabError(f"The table cannot be read ({error}).") from None
    columns = {name: at for at, cell in enumerate(head) if (name := _column(cell))}
    if not set(columns) & set(FIGURES):
        raise LabError(f"The first line names no column of losses or accuracies; write for example {EXAMPLE}.")
    if not body:
        raise LabError("The table has a first line and no figures; add a line for each epoch.")
    cells = [{name: row[at] if at < len(row) else "" for name, at in columns.items()} for row in body]
    return _table([_numbers(row, n) for n, row in enumerate(cells, start=2)], known, _step(cells))


def _column(cell: str) -> str | None:
    words = " ".join(re.findall(r"[a-z]+", cell.lower()))
    return next((name for name, titles in COLUMNS.items() if words in titles), None)


def _numbers(cells: dict[str, str], line: int) -> dict:
    out = {"line": line, "strategy": cells.get("strategy", ""), "epoch": cells.get("epoch", ""), "layers": _layers(cells.get("layers", ""))}
    return out | {name: _number(cells.get(name, ""), line, name) for name in FIGURES}


def _number(text: str, line: int, name: str) -> float | None:
    """None for an empty cell and for what is not finite."""
    bare = text.rstrip("% ").replace("−", "-")
    if bare in ("", "-", "–", "—") or bare.lower() in ("nan", "inf", "-inf", "none", "null", "n/a"):
        return None
    try:
        value = float(bare if "." in bare else bare.replace(",", "."))
    except ValueError:
        raise LabError(f"Line {line} has {text[:40]!r} under {name}, which is not a number.") from None
    if not math.isfinite(value) or abs(value) > 1e9 or (name == "val_accuracy" and not 0 <= value <= 100):
        raise LabError(f"Line {line} has {text[:40]!r} under {name}; losses are finite, accuracies shares or percentages.")
    return value


def _layers(text: str) -> tuple[int, ...] | None:
    """'1-6' or '12,2,4'; None for an empty cell."""
    found = re.fullmatch(r"\s*(\d{1,3})\s*-\s*(\d{1,3})\s*", text)
    if found:
        return tuple(range(int(found[1]), int(found[2]) + 1))
    return parse_layers(re.sub(r"[\s;]+", ",", text.strip("[]() "))) if text else None


def _step(cells: list[dict[str, str]]) -> dict[str, float]:
    """Return the value of the last printed digit, by figure, in the cells with the most digits: a trailing zero may have been dropped."""
    digits = lambda name: max((len(re.sub(r"^[^.,]*[.,]?", "", row.get(name, "").rstrip("% "))) for row in cells), default=0)
    return {name: 10.0 ** -digits(name) for name in FIGURES}


def _table(rows: list[dict], known: Known, step: dict[str, float]) -> Table:
    if any((row["val_accuracy"] or 0) > 1 for row in rows):  # percentages
        rows = [row | {"val_accuracy": None if row["val_accuracy"] is None else row["val_accuracy"] / 100} for row in rows]
        step = step | {"val_accuracy": step["val_accuracy"] / 100}
    by_name: dict[str, list[dict]] = {}
    for row in rows:
        name = "".join(filter(str.isprintable, row["strategy"]))[:LONGEST_NAME]
        by_name.setdefault(name or "the run", []).append(row)
    strategies = tuple(_strategy(name, mine) for name, mine in by_name.items())
    return Table(strategies, known, step["val_accuracy"], step["val_loss"])


def _strategy(name: str, rows: list[dict]) -> Strategy:
    """Rows with a number in order; one without beside numbered ones is what was reported; epoch 0 without a training loss is the start."""
    numbered = [(float(row["epoch"]), row) for row in rows if re.fullmatch(r"\d{1,9}(\.\d*)?", row["epoch"])]
    others = [row for row in rows if row not in [row for _, row in numbered]]
    epochs = [epoch for epoch, _ in numbered]
    for epoch in epochs:
        if epochs.count(epoch) > 1:
            raise LabError(f"The strategy {name!r} has epoch {epoch:g} more than once; give each run a name of its own.")
    if not numbered:
        numbered, others = list(enumerate(rows)), []
    if len(others) > 1:
        raise LabError(f"The strategy {name!r} has {len(others)} lines without a number of an epoch; one is what was reported.")
    ordered = [row for _, row in sorted(numbered, key=lambda pair: pair[0])]
    start = None
    if epochs and min(epochs) == 0 and len(ordered) > 1 and ordered[0]["train_loss"] is None and ordered[1]["train_loss"] is not None:
        start, *ordered = ordered
    layers = next((row["layers"] for row in rows if row["layers"]), None)
    figures = lambda row: Row(*(row[name] for name in FIGURES))
    return Strategy(
        name, tuple(map(figures, ordered)), figures(start) if start else None, figures(others[0]) if others else None, Recorded(layers=layers)
    )
