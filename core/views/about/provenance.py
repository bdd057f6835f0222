"""The runs of this machine as a table, and what they do not show."""

from datetime import datetime
from urllib.parse import urlencode

from core.findings.names import short_name
from core.views.common.choice import choice_of_recipe, choice_query
from core.views.common.text import budget_text

LIMITS = """
- A run is **one seed**. Two seeds of the same recipe differ; a difference between two choices can be smaller than that.
- A **short run** (a budget in steps) is measured on the check part of validation, at most 600 examples. It shows how a choice begins,
  not where it ends. Only full runs, measured on the test split, rank choices.
- **Agreement** says how often student and teacher give the same answer, right or wrong.
- The student **before its first step** is measured on the same examples, so that training is not credited with what copying gave.
- The **update norm** is the length of the change of each part's weights. A part that did not move is named.
- A **stopped** run is kept with its curve, and answers nothing.
- Runs of another teacher file or another version of a task's data are not comparable; each record holds the hash of both.
"""


def rows(runs: list[dict]) -> list[dict]:
    """One row a run, newest first, with a link that opens the same settings on the Lab."""
    return [row(record) for record in runs]


def row(record: dict) -> dict:
    recipe = record["recipe"]
    choice = choice_of_recipe(recipe)
    return {
        "when": datetime.fromtimestamp(record["at"]),
        "status": record["status"],
        "again": f"/?{urlencode(choice_query(choice))}" if choice else None,
        "layers": ", ".join(map(str, recipe["layers"])) + (" (untrained)" if recipe["seeding"].get("untrained_layers") else ""),
        "objective": recipe["objective"]["name"],
        "budget": budget_text(recipe["budget"]),
        "seed": recipe["seed"],
        "before": (record.get("initial") or {}).get("accuracy"),
        "student": (record.get("final") or {}).get("accuracy"),
        "teacher's": (record.get("teacher") or {}).get("accuracy"),
        "split": record.get("split"),
        "teacher": short_name(recipe["teacher"]),
        "task": short_name(recipe["task"]),
        "seconds": record.get("seconds"),
        "device": (record.get("environment") or {}).get("device"),
        "id": record["id"],
    }
