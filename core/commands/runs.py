"""List the runs in the store, newest first."""

import time

from core.commands.output import choice, percent, print_json, table
from core.store import records


def add(parser) -> None:
    parser.add_argument("--teacher")
    parser.add_argument("--task")
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="print the records as JSON")


def run(args) -> None:
    where = {key: value for key, value in (("teacher", args.teacher), ("task", args.task)) if value}
    found = records.runs(args.limit, **where)
    if args.json:
        print_json(found)
        return
    if not found:
        print("No runs yet; start one with: python -m core distill --preset odd --k 3")
        return
    print(table(("run", "status", "teacher", "task", "layers", "objective", "steps", "accuracy", "split", "when"), (
        (r["id"], r["status"], r["recipe"]["teacher"], r["recipe"]["task"], choice(r["recipe"]["layers"]), r["recipe"]["objective"]["name"],
         r["steps"], percent(r["final"]["accuracy"]), r["split"], time.strftime("%Y-%m-%d %H:%M", time.localtime(r["at"]))) for r in found
    )))
