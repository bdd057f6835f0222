"""Figures from elsewhere, as rows and with their sources: other solutions of the assignment, and publications."""

import csv
import re

from core.studies.mistakes.cases import cases
from core.studies.published import CHANGE, published
from core.views.common.text import layers_text

TABLES = ("assignment", *"ABCDEFGHI")  # J of the cohort is the assignment's own run
SCALE = 100.0  # some tables write percent


def notebook_rows() -> list[dict]:
    """Return a row a figure of the assignment's table and the other solutions: {"notebook", "strategy", "accuracy", "told"}."""
    rows = []
    for case in cases():
        if case.name not in TABLES:
            continue
        for line in csv.DictReader(case.table.split("\n")):
            name, value = line["strategy"], float(line["val_accuracy"])
            rows.append({
                "notebook": case.title, "strategy": name.lower().split()[0], "accuracy": value / SCALE if value > 1 else value,
                "told": layers_text(case.layers[name]),
            })
    return rows


def four_choices() -> list[str]:
    """Return titles of the tables whose code copied four different choices and trained a student of its own for each."""
    shared = {"stale-optimizer", "stale-schedule", "shared-student", "one-choice"}
    return [case.title for case in cases() if case.name in TABLES and not shared & set(case.made) and len(set(case.layers.values())) == 4]


def notebook_sources() -> list[str]:
    """Return a line a table: its title, its source and whether it compares four choices."""
    good = four_choices()
    what = lambda case: "four choices, each trained" if case.title in good else "not four choices that were each trained"
    return [f"{case.title}: {case.source}. {what(case)[0].upper()}{what(case)[1:]}." for case in cases() if case.name in TABLES]


def published_rows(metric_is_change: bool) -> list[dict]:
    """Return a row a published figure: {"name", "value", "source", "teacher"}: changes, or accuracies on MNLI. The others share no axis with any."""
    return [
        {"name": f"{_author(one.source)}: {', '.join(filter(None, (one.model.removeprefix('student'), one.init_or_mapping)))}", "value": one.value,
         "source": one.source, "teacher": one.init_or_mapping == "teacher"}
        for one in published() if (one.metric == CHANGE if metric_is_change else one.dataset.startswith("MNLI"))
    ]


def published_table() -> list[dict]:
    return [
        {"source": one.source, "model": one.model, "start or mapping": one.init_or_mapping, "data": one.dataset, "metric": one.metric,
         "value": f"{one.value:g}", "note": one.note}
        for one in published()
    ]


def _author(source: str) -> str:
    """Shorten 'Sun et al. 2019 Patient KD, authors' result files' to 'Sun et al. 2019'."""
    first = source.partition(",")[0]
    until_year = re.match(r".*?\b\d{4}\b", first)
    return until_year[0] if until_year else first
