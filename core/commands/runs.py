"""List runs, newest first: those in the store, or those of a saved file in its order. With --export and --import, move them between machines."""

import math
import time
from pathlib import Path

from core.commands.output import answer, choice, percent, table
from core.errors import LabError
from core.store import exchange, records
from core.store.saved import read
from core.views.landscape import runs_file


def add(parser) -> None:
    parser.add_argument("--file", help="a file of saved runs, such as core/saved_runs/minilm-l6--sick--k3.jsonl")
    parser.add_argument("--teacher")
    parser.add_argument("--task")
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--export", metavar="FILE", help="write all finished runs of --teacher on --task to a file, a run a line")
    parser.add_argument("--import", dest="take", metavar="FILE", help="check the runs of such a file and keep them, as runs of --teacher on --task")


def run(args) -> None:
    if args.export or args.take:
        move(args)
        return
    where = {key: value for key, value in (("teacher", args.teacher), ("task", args.task)) if value}
    if args.file:
        if not Path(args.file).is_file():
            raise LabError(f"There is no file {args.file}; a sweep makes one.")
        found = [r for r in read(Path(args.file)) if all(r["recipe"][key] == value for key, value in where.items())]
    else:
        found = records.runs(args.limit, **where)
    none = "No runs yet; start one with: python -m core distill --preset odd --k 3"
    answer(args, found, lambda: table(HEAD, map(row, found)) if found else none)


def move(args) -> None:
    """Write this machine's runs of a pair to a file, or take in those of a file: all of them or none."""
    if not (args.teacher and args.task) or (args.export and args.take):
        raise LabError("Give either --export FILE or --import FILE, with the --teacher and the --task of the runs.")
    path = Path(args.export or args.take)
    try:
        if args.take:
            said = runs_file.take_in(path.open("rb").read(exchange.MOST_BYTES + 1), args.teacher, args.task)
            answer(args, {"file": str(path), "said": said}, lambda: said)
            return
        found = runs_file.own(args.teacher, args.task)
        if not found:
            raise LabError(f"There is no finished run of {args.teacher} on {args.task} in the store to export.")
        part = path.with_name(f"{path.name}.part")
        part.write_text(runs_file.text(found))
        part.replace(path)
    except OSError as error:
        raise LabError(f"The file {path} cannot be {'read' if args.take else 'written'} ({error.strerror}).") from error
    answer(args, {"file": str(path), "runs": len(found)}, lambda: f"{len(found)} run{'s' if len(found) != 1 else ''} written to {path}.")


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
