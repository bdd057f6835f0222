"""List runs, newest first: those in the store, or those of a saved file in its order."""

import math
import time
from pathlib import Path

from core.commands.output import answer, choice, percent, table
from core.errors import LabError
from core.store import records
from core.store.saved import read


def add(parser) -> None:
    parser.add_argument("--file", help="a file of saved runs, such as core/saved_runs/minilm-l6--sick--k3.jsonl")
    parser.add_argument("--teacher")
    parser.add_argument("--task")
    parser.add_argument("--limit", type=int, default=50)


def run(args) -> None:
    where = {key: value for key, value in (("teacher", args.teacher), ("task", args.task)) if value}
    if args.file:
        if not Path(args.file).is_file():
            raise LabError(f"There is no file {args.file}; a sweep makes one.")
        found = [r for r in read(Path(args.file)) if all(r["recipe"][key] == value for key, value in where.items())]
    else:
        found = records.runs(args.limit, **where)
    none = "No runs yet; start one with: python -m core distill --preset odd --k 3"
    answer(args, found, lambda: table(HEAD, map(row, found)) if found else none)


HEAD = ("run", "status", "teacher", "task", "layers", "objective", "steps", "before", "after", "teacher's", "split", "moved", "seconds", "when")


def row(record: dict) -> tuple:
    """Write one line of the list. moved: the norm of all weight updates together."""
    recipe = record["recipe"]
    layers = "untrained " * recipe["seeding"]["untrained_layers"] + choice(recipe["layers"])
    accuracy = lambda part: percent(record[part]["accuracy"]) if records.finite(record) else "not finite"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(record["at"])) if "at" in record else "-"
    return (
        record["id"], record["status"], recipe["teacher"], recipe["task"], layers, recipe["objective"]["name"], record["steps"],
        accuracy("initial"), accuracy("final"), accuracy("teacher"), record["split"],
        f"{moved(record):.1f}", f"{record['seconds']:.0f}", when,
    )


def moved(record: dict) -> float:
    """Return the Euclidean norm of the whole weight update, from its parts."""
    return math.sqrt(sum((norm or 0.0) ** 2 for norm in record["update_norms"].values()))
