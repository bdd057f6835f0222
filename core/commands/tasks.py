"""List the tasks and what each needs."""

from core.commands.output import print_json, table
from core.data.catalogue import CATALOGUE, load


def add(parser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--card", metavar="TASK", help="print the card of one task: sources, splits, baselines, limits")


def run(args) -> None:
    if args.card:
        print(load(args.card).card)
        return
    infos = list(CATALOGUE.values())
    if args.json:
        print_json([{"name": i.name, "title": i.title, "description": i.description, "needs": i.needs, "pair": i.pair,
                     "labels": list(i.labels)} for i in infos])
        return
    print(table(("task", "description", "needs"), ((i.name, i.description, i.needs or "nothing") for i in infos)))
