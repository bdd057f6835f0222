"""Figures that others published, each with its source (core/assets/published_results.csv). None was measured by this program."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PATH = Path(__file__).resolve().parents[1] / "assets" / "published_results.csv"
CHANGE = "change in points"


@dataclass(frozen=True)
class Published:
    """value: accuracy in percent, or a difference in points where metric is CHANGE. init_or_mapping: what the student started from, or which
    layers its losses compare. note: what the source says beside it, such as its teacher's figure."""

    source: str
    model: str
    init_or_mapping: str
    dataset: str
    metric: str
    value: float
    note: str


@cache
def published() -> tuple[Published, ...]:
    with PATH.open(newline="") as file:
        return tuple(Published(**row | {"value": float(row["value"])}) for row in csv.DictReader(file))
