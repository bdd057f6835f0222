"""What a reader finds in a text, a line an epoch or an evaluation, and the table that becomes of it."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.errors import LabError
from core.findings.diagnose import cells, columns
from core.findings.diagnose.table import NOTHING, Known, Reading, Recorded, Row, Strategy, Table
from core.recipe import parse_layers

LONGEST_NAME = 60
MOST_STRATEGIES = 500


@dataclass(frozen=True)
class Line:
    """number: of the line in the text. cells: column -> what stands in it. run: the strategy it belongs to, "" where there is one only."""

    number: int
    cells: dict[str, str]
    run: str = ""


@dataclass(frozen=True)
class Sheet:
    """lines: in order; an epoch stands in a column "epoch", a step in "step". bare: whose figure a title without a split is ("train", "validation";
    "" where that depends on the other columns). blocks: whether the runs are only parts of one text. used_as: figures that were computed."""

    lines: Sequence[Line]
    bare: str = ""
    blocks: bool = False
    used_as: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reader:
    """One format. name: as the answer tells it. order: which reader looks first. matches: whether a text has its shape. read: the text as a Sheet, or
    as a Table where the format holds more than figures."""

    name: str
    order: int
    matches: Callable[[str], bool]
    read: Callable[[str], "Sheet | Table"]


class NoTitles(LabError):
    """A text without a first line that names figures."""


def table_of(sheet: Sheet, format_name: str, known: Known = NOTHING, use: Sequence[str] = ()) -> Table:
    """Make the table. LabError for cells that are no figures, TwoColumns where two columns claim one figure."""
    titles = list(dict.fromkeys(title for line in sheet.lines for title in line.cells))
    places = {}
    for title in titles:
        if place := columns.place(title):
            places.setdefault(place, title)
    filled = {title: {n: line.cells[title] for n, line in enumerate(sheet.lines) if not cells.is_empty(line.cells.get(title, ""))}
              for title in titles if title not in places.values()}
    used, left = columns.resolve(filled, use, sheet.bare)
    if not set(used) & {"train_loss", "val_loss", "train_accuracy", "val_accuracy"}:
        asked = f"; --use takes one of {', '.join(repr(one[:40]) for one in left[:6])}" if left else ""
        raise LabError(f"No column is a loss or an accuracy for certain{asked}.")
    rows = [_figures(line, used, places) for line in sheet.lines]
    rows, accuracy_steps = _shares(rows, used, sheet)
    rows = _measured(rows)
    unit = "epoch" if any(row["epoch"] for row in rows) else "step" if any(row["step"] for row in rows) else "evaluation"
    by_name: dict[str, list[dict]] = {}
    for row in rows:
        by_name.setdefault(row["strategy"] or "the run", []).append(row)
    if len(by_name) > MOST_STRATEGIES:
        raise LabError(f"The table has {len(by_name)} strategies; give at most {MOST_STRATEGIES}.")
    by_name = {name: _once(mine) for name, mine in by_name.items()}
    strategies = tuple(_strategy(name, _merged(mine)) for name, mine in by_name.items())
    step = lambda figure: 10.0 ** -max((cells.digits(line.cells.get(used[figure], "")) for line in sheet.lines), default=0) if figure in used else 1.0
    rates = filled.get(used.get("rate", ""), {}).values()
    fixed = len({cells.digits(cell) for cell in rates}) == 1 and not any("e" in cell.lower() for cell in rates)  # else a 0 is a 0
    return Table(strategies, known, accuracy_steps["val_accuracy"], step("val_loss"), step("rate") if fixed else 0.0, unit, sheet.blocks,
                 _reading(format_name, used | sheet.used_as, left, rows, sum(map(len, by_name.values())), sheet.bare))


def _reading(format_name: str, used: dict[str, str], left: tuple[str, ...], rows: list[dict], kept: int, bare: str) -> Reading:
    """How it was read. kept: the rows without copies."""
    empty = tuple(used[figure] for figure in used if all(row[figure] is None for row in rows))
    used = {figure: column for figure, column in used.items() if column not in empty}
    titles = [title for column in used.values() if (title := columns.read_title(column))]
    unsaid = not bare and {title.kind for title in titles} == {"loss", "accuracy"} and not any(title.split for title in titles)
    return Reading(format_name, used, left, empty, len(rows) - kept, used.get("val_accuracy", "") if unsaid else "")


def _figures(line: Line, used: dict[str, str], places: dict) -> dict:
    place = lambda name: line.cells.get(places.get(name, ""), "")
    values = {figure: cells.number(line.cells.get(title, ""), line.number, title, figure.endswith("accuracy")) for figure, title in used.items()}
    name = "".join(filter(str.isprintable, line.run or place("strategy")))[:LONGEST_NAME]
    return dict.fromkeys(columns.FIGURES) | values | {
        "strategy": name, "epoch": place("epoch"), "step": place("step"), "layers": _layers(place("layers")),
        "texts": {figure: line.cells.get(title, "") for figure, title in used.items()}, "line": line.number,
    }


def _layers(text: str) -> tuple[int, ...] | None:
    """'1-6' or '12,2,4'; None for an empty cell."""
    found = re.fullmatch(r"\s*(\d{1,3})\s*-\s*(\d{1,3})\s*", text)
    if found:
        return tuple(range(int(found[1]), int(found[2]) + 1))
    return parse_layers(re.sub(r"[\s;]+", ",", text.strip("[]() "))) if text else None


def _shares(rows: list[dict], used: dict[str, str], sheet: Sheet) -> tuple[list[dict], dict[str, float]]:
    """Accuracies as shares, with the smallest difference that their digits show. LabError where one column mixes shares and percentages."""
    steps = {}
    for figure in ("val_accuracy", "train_accuracy"):
        there = [(row[figure], "%" in row["texts"].get(figure, "")) for row in rows if row[figure] is not None]
        by_hundred = any(value > 1 or signed for value, signed in there)
        if by_hundred and any(0 < value <= 1 and not signed for value, signed in there):
            raise LabError(f"The column {used[figure][:40]!r} has shares beside percentages; write all of them one way, or with a % sign.")
        scale = 100 if by_hundred else 1
        rows = [row | {figure: None if row[figure] is None else row[figure] / scale} for row in rows]
        steps[figure] = 10.0 ** -max((cells.digits(row["texts"].get(figure, "")) for row in rows), default=0) / scale
    return rows, steps


def _measured(rows: list[dict]) -> list[dict]:
    """The rows without the NaN of cells that nobody filled: an accuracy that is none, a loss beside it, and what alternates with figures."""
    finite = lambda value: value is not None and math.isfinite(value)
    nan = lambda value: value is not None and math.isnan(value)
    train = any(finite(row["train_loss"]) and nan(row["val_loss"]) for row in rows)
    other = any(nan(row["train_loss"]) and finite(row["val_loss"]) for row in rows)
    out = []
    for row in rows:
        row = dict(row)
        for loss, accuracy in (("train_loss", "train_accuracy"), ("val_loss", "val_accuracy")):
            beside = row["val_loss" if loss == "train_loss" else "train_loss"]
            if (train and other or nan(row[accuracy]) and finite(beside)) and nan(row[loss]):
                row[loss] = None
        out.append(row | {name: None for name in ("train_accuracy", "val_accuracy", "rate") if row[name] is not None and not finite(row[name])})
    return out


def _once(rows: list[dict]) -> list[dict]:
    """The rows without copies, where each stands equally often, digit for digit: every process of a distributed training wrote it."""
    keys = [(row["epoch"], row["step"], tuple(row["texts"].items())) for row in rows]
    often = set(Counter(keys).values())
    if len(often) > 1 or often <= {1} or not all(epoch or step for epoch, step, _ in keys):
        return rows
    return list({key: row for key, row in zip(reversed(keys), reversed(rows))}.values())[::-1]


def _merged(rows: list[dict]) -> list[dict]:
    """Rows of one epoch as one where each fills what the others leave empty, as loggers write them; the order is theirs."""
    out: list[dict] = []
    by_epoch: dict[str, dict] = {}
    for row in rows:
        into = by_epoch.get(row["epoch"]) if row["epoch"] else None
        if into is None or any(into[name] is not None and row[name] is not None for name in columns.FIGURES if name not in ("rate", "gradient")):
            out.append(dict(row))
            by_epoch[row["epoch"]] = out[-1]
            continue
        rates = [rate for rate in (into["rate"], row["rate"]) if rate is not None]
        into |= {name: row[name] for name in columns.FIGURES if row[name] is not None} | {"rate": max(rates, default=None)}
        into["layers"] = into["layers"] or row["layers"]
    return out


def _strategy(name: str, rows: list[dict]) -> Strategy:
    """Rows with a number in order; one without beside numbered ones is what was reported; epoch 0 without a training loss is the start."""
    rows = [row for row in rows if any(row[figure] is not None for figure in columns.FIGURES)] or rows
    at = _counter(rows)
    numbered = [(float(row[at]), row) for row in rows if _counts(row[at])]
    _check_numbers(name, at, numbered)
    others = [row for row in rows if not _counts(row[at])]
    epochs = [epoch for epoch, _ in numbered]
    if not numbered:
        numbered, others = list(enumerate(rows, start=1)), []
    if len(others) > 1:
        raise LabError(f"The strategy {name!r} has {len(others)} lines without a number of an epoch; one is what was reported.")
    numbered = sorted(numbered, key=lambda pair: pair[0])
    start = None
    if epochs and min(epochs) == 0 and len(numbered) > 1 and numbered[0][1]["train_loss"] is None and numbered[1][1]["train_loss"] is not None:
        start, *numbered = numbered
    layers = next((row["layers"] for row in rows if row["layers"]), None)
    return Strategy(
        name, tuple(_row(*pair) for pair in numbered), _row(*start) if start else None, _row(None, others[0]) if others else None,
        Recorded(layers=layers),
    )


def _check_numbers(name: str, at: str, numbered: list[tuple[float, dict]]) -> None:
    """Raise LabError for a number that stands twice: a run that was continued from a checkpoint, or several runs under one name."""
    twice = next((number for number, times in Counter(number for number, _ in numbered).items() if times > 1), None)
    if twice is None:
        return
    back = next(((a, b, row) for (a, _), (b, row) in zip(numbered, numbered[1:]) if b < a), None)
    if back:
        line = back[2]["line"]
        raise LabError(f"The strategy {name!r} goes back from {at} {back[0]:.9g} to {back[1]:.9g} on line {line}: one run that was resumed "
                       f"from a checkpoint, or two runs. Keep one line for each {at}, or give each run a name of its own.")
    lines = _listed([row["line"] for number, row in numbered if number == twice])
    raise LabError(f"The strategy {name!r} has {at} {twice:.9g} more than once (lines {lines}); keep one, or give each run a name of its own.")


def _listed(lines: list[int]) -> str:
    """Return the numbers for a sentence: '2, 5', the first few of many."""
    return ", ".join(map(str, lines[:4])) + ("…" if len(lines) > 4 else "")


def _row(epoch: float | None, row: dict) -> Row:
    return Row(row["train_loss"], row["val_loss"], row["val_accuracy"], row["train_accuracy"], row["rate"], epoch)


def _counts(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,9}(\.\d*)?", text))


def _counter(rows: list[dict]) -> str:
    """Whether epochs or steps order the rows: the steps where an epoch has several evaluations, or where there are no epochs."""
    epochs = [float(row["epoch"]) for row in rows if _counts(row["epoch"])]
    twice = len(set(epochs)) < len(epochs) and all(_counts(row["step"]) for row in rows)
    return "step" if twice or not any(row["epoch"] for row in rows) else "epoch"
