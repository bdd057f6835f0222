"""List the tasks and what each needs."""

from core.commands.output import answer, table
from core.data.catalogue import CATALOGUE, load


def add(parser) -> None:
    parser.add_argument("--card", metavar="TASK", help="print the card of one task: sources, splits, baselines, limits")


def run(args) -> None:
    if args.card:
        print(load(args.card).card)
        return
    infos = list(CATALOGUE.values())
    keys = ("name", "title", "description", "needs", "pair", "labels")
    rows = [(info.name, info.description, info.needs or "nothing") for info in infos]
    answer(args, [{key: getattr(info, key) for key in keys} for info in infos], lambda: table(("task", "description", "needs"), rows))
