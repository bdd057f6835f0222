"""The plan of the saved runs: what each block costs in CPU hours, and how much of it is there."""

import shlex
from collections.abc import Sequence

from core.commands.output import answer, table
from core.commands.sweep import recipes_of
from core.models.catalogue import TEACHERS
from core.recipe.tuning import split_teacher
from core.store import saved
from core.studies.contrasts import missing


def add(parser) -> None:
    parser.add_argument("--files", action="store_true", help="a line for each file instead of each block")


def run(args) -> None:
    found = lines("file" if args.files else "block")
    answer(args, found, lambda: table(HEAD, map(cells, found)))


HEAD = ("block", "runs planned", "CPU hours planned", "runs made", "CPU hours used")


def cells(line: dict) -> tuple:
    return line["name"], line["planned"], f"{line['hours_planned']:.1f}", line["made"], f"{line['hours']:.1f}"


def lines(by: str = "block") -> list[dict]:
    """Return the plan's lines in the order of the index. by: "block" or "file". hours: of one thread, as the records have them."""
    made = saved.by_file()
    found: dict[str, dict] = {}
    for block in saved.blocks().values():
        name = getattr(block, by)
        line = found.setdefault(name, {"name": name, "planned": 0, "hours_planned": 0.0, "made": 0, "hours": 0.0})
        runs = made.get(block.file, ())
        planned = runs_planned(block, runs)
        line["planned"] += planned
        line["hours_planned"] += planned * block.minutes / 60
        line["made"] += len(runs)
        line["hours"] += sum(run["seconds"] * (run["environment"].get("threads") or 1) for run in runs) / 3600
    return list(found.values())


def runs_planned(block: saved.Block, runs: Sequence[dict]) -> int:
    """Return how many runs the commands of a file make; of the study of stages those that are there and those that are known to be missing."""
    return len(recipe_ids(block)) or len(runs) + len(missing(list(runs)))


def recipe_ids(block: saved.Block) -> set[str]:
    """Return the ids of the runs that a file's sweeps make; none for the study of stages, whose runs are no recipe's."""
    from core.__main__ import parser

    ids = set()
    for command in block.commands:
        args = parser().parse_args(shlex.split(command)[3:])
        if args.verb == "sweep":
            ids |= {recipe.id for recipe in recipes_of(args, TEACHERS[split_teacher(args.teacher)[0]].layers)}
    return ids
