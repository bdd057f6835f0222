"""What others published, each with its source: figures (core/assets/published_results.csv) and statements (published_claims.csv). None was measured
by this program."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "assets"
CHANGE = "change in points"


@dataclass(frozen=True)
class Published:
    """value: as the source prints it: accuracy in percent or as a fraction, another score, or a difference in points where metric is CHANGE.
    init_or_mapping: what the student started from, or which layers its losses compare. note: what the source says beside it, such as its teacher's
    figure."""

    source: str
    model: str
    init_or_mapping: str
    dataset: str
    metric: str
    value: float
    note: str


@dataclass(frozen=True)
class Statement:
    """What a source says without a figure of its own, in the words of this project's notes on it."""

    key: str
    source: str
    statement: str


@cache
def published() -> tuple[Published, ...]:
    return tuple(Published(**row | {"value": float(row["value"])}) for row in _rows("published_results.csv"))


@cache
def statements() -> dict[str, Statement]:
    return {row["key"]: Statement(**row) for row in _rows("published_claims.csv")}


def figure(source: str, what: str) -> Published:
    """Return the one figure whose source begins with these words and whose model or start is `what`. LookupError where there is not exactly one."""
    found = [one for one in published() if one.source.startswith(source) and what in (one.model, one.init_or_mapping)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} published figures are called {what!r} by a source that begins with {source!r}; there has to be one.")
    return found[0]


def _rows(name: str) -> list[dict]:
    with (ASSETS / name).open(newline="") as file:
        return list(csv.DictReader(file))
