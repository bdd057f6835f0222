"""Records of runs as a table: the curve's evaluations are its rows."""

import dataclasses

from core.errors import LabError
from core.findings.diagnose.table import NOTHING, Known, Recorded, Row, Strategy, Table

STEP = 1e-6  # saved files keep six decimals


def from_records(records: list, known: Known = NOTHING) -> Table:
    """Make a table of one or several records (DESIGN: "A run as JSON"), in the order in which they were trained. LabError for what is no record."""
    runs = [run for record in records for run in (record.get("runs") or [record] if isinstance(record, dict) else [record])]
    try:
        strategies = [_strategy(run) for run in runs]
        there = [_known(run) for run in runs]
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        raise LabError("The JSON is not a run's record (it lacks a recipe or a curve); `python -m core show RUN_ID --json` prints one.") from None
    if not runs:
        raise LabError("The JSON holds no run.")
    same = lambda name: getattr(known, name) if getattr(known, name) is not None else _common([getattr(one, name) for one in there])
    names = [strategy.name for strategy in strategies]
    if len(set(names)) < len(names):
        strategies = [dataclasses.replace(strategy, name=f"run {n}, {strategy.name}") for n, strategy in enumerate(strategies, start=1)]
    return Table(tuple(strategies), Known(*(same(name) for name in ("classes", "majority", "examples", "fresh_head"))), STEP, STEP)


def _common(values: list):
    return values[0] if all(value == values[0] for value in values) else None


def _strategy(run: dict) -> Strategy:
    recipe, audit = run["recipe"], run.get("audit", {})
    rows, losses = [], []
    for point in run["curve"]:
        if point["loss"] is not None:
            losses.append(point["loss"])
        if point["val_accuracy"] is not None:
            rows.append(Row(sum(losses) / len(losses) if losses else None, point["val_loss"], point["val_accuracy"]))
            losses = []
    start = rows.pop(0) if run["curve"][0]["step"] == 0 else None
    reported = run.get("reported", run["final"]["accuracy"] if run["split"] == "check" else None)
    seeding = recipe.get("seeding", {})
    recorded = Recorded(
        run=run["id"], wanted=tuple(recipe["layers"]), layers=tuple(audit["layers"]) if "layers" in audit else None,
        untrained=seeding.get("untrained_layers", False), embeddings=audit.get("embeddings"),
        embeddings_wanted=seeding.get("copy_embeddings", True), holds=audit.get("optimizer_holds"), peak_rate=audit.get("peak_rate"),
        rate=recipe.get("optimiser", {}).get("learning_rate"), norms=dict(run.get("update_norms", {})),
        frozen=recipe.get("optimiser", {}).get("freeze_embeddings", False), teacher_accuracy=run.get("teacher", {}).get("accuracy"),
    )
    name = "layers " + ",".join(map(str, recipe["layers"]))
    return Strategy(name, tuple(rows), start, None if reported is None else Row(val_accuracy=reported), recorded)


def _known(run: dict) -> Known:
    """A full run's curve is on validation, whose size the record does not hold."""
    confusion = run["final"].get("confusion")
    examples = sum(map(sum, confusion)) if confusion and run["split"] == "check" else run.get("examples")
    fresh = run["recipe"].get("seeding", {}).get("fresh_head", False)
    return Known(len(run["labels"]), run["majority"], examples, fresh or None)
