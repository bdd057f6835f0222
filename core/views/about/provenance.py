"""Where runs come from: the files of saved runs, the runs of this machine as a table, and what runs do not show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from core.findings.evidence import choice_of
from core.findings.names import short_name
from core.store.saved import Block
from core.views.common.choice import Choice, choice_of_recipe, choice_query
from core.views.common.text import budget_text

UNLISTED = "not in the index"  # a file of saved runs
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


def rows(runs: Sequence[dict]) -> list[dict]:
    """Return one row a run, newest first, with a link that opens the same settings on the Lab."""
    return [_row(record, record["recipe"], choice_of_recipe(record["recipe"])) for record in runs]


def _row(record: dict, recipe: dict, choice: Choice | None) -> dict:
    accuracy = lambda part: (record.get(part) or {}).get("accuracy")
    untrained = " (untrained)" if recipe["seeding"].get("untrained_layers") else ""
    return {
        "when": datetime.fromtimestamp(record["at"]), "status": record["status"],
        "again": f"/?{urlencode(choice_query(choice))}" if choice else None, "layers": ", ".join(map(str, recipe["layers"])) + untrained,
        "objective": recipe["objective"]["name"], "budget": budget_text(recipe["budget"]), "seed": recipe["seed"],
        "before": accuracy("initial"), "student": accuracy("final"), "teacher's": accuracy("teacher"), "split": record.get("split"),
        "teacher": short_name(recipe["teacher"]), "task": short_name(recipe["task"]), "seconds": record.get("seconds"),
        "device": (record.get("environment") or {}).get("device"), "id": record["id"],
    }


@dataclass(frozen=True)
class SavedFile:
    """A file of saved runs. rows: values of the page's table, by heading. commands: they make the file. check: the command that repeats
    three runs; '' for runs in stages, which are no recipe's."""

    file: str
    block: str
    purpose: str
    rows: dict
    commands: tuple[str, ...]
    check: str


def files(by_file: Mapping[str, Sequence[dict]], blocks: dict[str, Block]) -> list[SavedFile]:
    """Return the files in the order of the index, others last. by_file: the records of each file; one without any is left out."""
    order = list(blocks)
    names = sorted((name for name in by_file if by_file[name]), key=lambda name: (order.index(name) if name in order else len(order), name))
    made = []
    for name in names:
        block = blocks.get(name, Block(name, UNLISTED, "", (), 0.0))
        staged = any("staged" in run for run in by_file[name])
        check = "" if staged else f"python -m core sweep --out core/saved_runs/{name} --check"
        made.append(SavedFile(name, block.block, block.purpose, _table(by_file[name]), block.commands, check))
    return made


def _table(runs: Sequence[dict]) -> dict:
    environments = [run["environment"] for run in runs]
    some = lambda values: ", ".join(sorted({str(value) for value in values if value is not None})) or "not recorded"
    versions = lambda name: some((environment.get("versions") or {}).get(name) for environment in environments)
    return {
        "runs": len(runs), "teacher": some(short_name(run["recipe"]["teacher"]) for run in runs),
        "task": some(short_name(run["recipe"]["task"]) for run in runs),
        "choices": len({choice_of(run) for run in runs}), "seeds": some(run["recipe"]["seed"] for run in runs),
        "hours of computing": round(sum(run["seconds"] for run in runs) / 3600, 2),
        "device": some(environment.get("device_name") or environment["device"] for environment in environments),
        "threads": some(environment.get("threads") for environment in environments),
        "dtype": some(environment.get("dtype") for environment in environments),
        "python": versions("python"), "torch": versions("torch"), "transformers": versions("transformers"),
        "code": some(environment.get("code") for environment in environments), "teacher file": some(run["teacher"]["hash"] for run in runs),
        "data": some(run["task_hash"] for run in runs),
    }
