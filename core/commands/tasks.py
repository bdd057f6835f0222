"""List the tasks and what each needs."""

from core.commands.output import answer, table
from core.data import files, hub
from core.data.address import USAGE
from core.data.catalogue import CATALOGUE, load


def add(parser) -> None:
    parser.add_argument("--card", metavar="TASK", help="print the card of one task: sources, how it was read, splits, baselines, limits")


def run(args) -> None:
    if args.card:
        print(load(args.card).card)
        return
    infos = list(CATALOGUE.values())
    keys = ("name", "title", "description", "needs", "pair", "labels")
    rows = [(info.name, info.description, info.needs or "nothing") for info in infos]
    answer(args, [{key: getattr(info, key) for key in keys} for info in infos], lambda: "\n".join([
        table(("task", "description", "needs"), rows),
        f"\nAny table ({files.SYNTAX}) and any hub data set ({hub.SYNTAX}) is a task too.\n{USAGE}.",
    ]))
