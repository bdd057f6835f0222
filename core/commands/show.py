"""Show one run."""

from core.commands.distill import summary
from core.commands.output import percent, print_json, table
from core.store import records


def add(parser) -> None:
    parser.add_argument("run_id", help="a run's id, or enough of its beginning")
    parser.add_argument("--json", action="store_true", help="print the record as JSON")


def run(args) -> None:
    record = records.get(args.run_id)
    if args.json:
        print_json(record)
        return
    print(summary(record))
    points = [p for p in record["curve"] if p["val_accuracy"] is not None]
    print(table(("step", "train loss", "accuracy", "loss"), (
        (p["step"], "-" if p["loss"] is None else f"{p['loss']:.4f}", percent(p["val_accuracy"]), f"{p['val_loss']:.4f}") for p in points
    )))
    if record["final"]["groups"]:
        print(table(("group", "accuracy", "examples"), ((g, percent(v["accuracy"]), v["n"]) for g, v in record["final"]["groups"].items())))
