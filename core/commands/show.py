"""Show one run."""

from core.commands.distill import summary
from core.commands.output import answer, percent, table
from core.store import records


def add(parser) -> None:
    parser.add_argument("run_id", help="a run's id, or enough of its beginning")


def run(args) -> None:
    record = records.get(args.run_id)
    answer(args, record, lambda: as_text(record))


def as_text(record: dict) -> str:
    """Write the summary, the curve and the accuracy of each group of examples; of figures that are not finite the summary alone."""
    if not records.finite(record):
        return summary(record)
    points = [
        (p["step"], "-" if p["loss"] is None else f"{p['loss']:.4f}", percent(p["val_accuracy"]), f"{p['val_loss']:.4f}")
        for p in record["curve"] if p["val_accuracy"] is not None
    ]
    parts = [summary(record), table(("step", "train loss", "accuracy", "loss"), points)]
    groups = [(name, percent(found["accuracy"]), found["n"]) for name, found in record["final"]["groups"].items()]
    return "\n".join(parts + ([table(("group", "accuracy", "examples"), groups)] if groups else []))
