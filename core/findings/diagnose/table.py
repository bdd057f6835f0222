"""A table of figures per epoch, and what a record holds besides; records of runs as a table: the curve's evaluations are its rows."""

import math
from dataclasses import dataclass, field, fields, replace

from core.errors import LabError

STEP = 1e-6  # saved files keep six decimals


@dataclass(frozen=True)
class Row:
    """The figures of one epoch, or of one evaluation; None where a cell is empty. Losses in nats and possibly not finite, accuracies shares.

    rate: the highest learning rate since the row before. epoch: its number, or the step's."""

    train_loss: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    train_accuracy: float | None = None
    rate: float | None = None
    epoch: float | None = None


@dataclass(frozen=True)
class Recorded:
    """What a record measured besides its curve; None where it did not.

    wanted: the layers of the recipe. layers: for each student layer the teacher layer it was equal to before the first step, or None. untrained: the
    recipe asked for untrained layers. embeddings: whether the teacher's were copied; embeddings_wanted: whether the recipe asked for it. holds: the
    share of the student's weights that the optimizer updates. peak_rate: the highest learning rate; rate: the recipe's. norms: the norm of the weight
    update by part. frozen: the recipe freezes the embeddings."""

    run: str | None = None
    wanted: tuple[int, ...] | None = None
    layers: tuple[int | None, ...] | None = None
    untrained: bool = False
    embeddings: bool | None = None
    embeddings_wanted: bool = True
    holds: float | None = None
    peak_rate: float | None = None
    rate: float | None = None
    norms: dict = field(default_factory=dict)
    frozen: bool = False
    teacher_accuracy: float | None = None


@dataclass(frozen=True)
class Strategy:
    """One column of the comparison: a layer choice and its figures.

    rows: one an epoch, in order. start: before the first step. reported: what was published beside the epochs, on the same split."""

    name: str
    rows: tuple[Row, ...]
    start: Row | None = None
    reported: Row | None = None
    recorded: Recorded = Recorded()

    def values(self, figure: str, start: bool = False) -> list[float]:
        """Return the figure's values in order; empty cells and what is not finite left out."""
        rows = (self.start, *self.rows) if start and self.start else self.rows
        return [value for value in (getattr(row, figure) for row in rows) if value is not None and math.isfinite(value)]

    @property
    def last(self) -> float | None:
        """The last accuracy."""
        return next(iter(self.values("val_accuracy")[::-1]), None)


@dataclass(frozen=True)
class Known:
    """What is known besides the figures; None where it is not.

    classes: how many. majority: the share of the most frequent class in the split, which is chance. examples: how many the split has. fresh_head:
    whether the student's classifier was drawn anew."""

    classes: int | None = None
    majority: float | None = None
    examples: int | None = None
    fresh_head: bool | None = None


NOTHING = Known()


@dataclass(frozen=True)
class Reading:
    """How a text was read. format: its name, as told. used: figure -> column. left: columns of losses or accuracies that were not used.

    empty: columns of figures without one. copies: lines left out since each stands several times. assumed: the accuracy's column, where no title
    names a split."""

    format: str
    used: dict[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    copies: int = 0
    assumed: str = ""


@dataclass(frozen=True)
class Table:
    """accuracy_step, loss_step, rate_step: the smallest difference that the printed digits of accuracy, validation loss and learning rate can show.
    unit: what a row's epoch counts. blocks: whether strategies are only parts of one text, which need not be different students."""

    strategies: tuple[Strategy, ...]
    known: Known = NOTHING
    accuracy_step: float = 0.0
    loss_step: float = 0.0
    rate_step: float = 0.0
    unit: str = "epoch"
    blocks: bool = False
    reading: Reading | None = None


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
    names = [strategy.name for strategy in strategies]
    if len(set(names)) < len(names):
        strategies = [replace(strategy, name=f"run {n}, {strategy.name}") for n, strategy in enumerate(strategies, start=1)]
    agreed = Known(*(_common([getattr(one, each.name) for one in there]) for each in fields(Known)))
    return from_known(Table(tuple(strategies), agreed, STEP, STEP, unit="step", reading=Reading("runs of this program as JSON")), known)


def from_known(table: Table, known: Known) -> Table:
    """Return the table with what is known by hand, which wins over what its records hold."""
    told = {each.name: value for each in fields(known) if (value := getattr(known, each.name)) is not None}
    return replace(table, known=replace(table.known, **told))


def _common(values: list):
    return values[0] if all(value == values[0] for value in values) else None


def _strategy(run: dict) -> Strategy:
    recipe, audit = run["recipe"], run.get("audit", {})
    rows, losses = [], []
    for point in run["curve"]:
        if point["loss"] is not None:
            losses.append(point["loss"])
        if point["val_accuracy"] is not None:
            rows.append(Row(sum(losses) / len(losses) if losses else None, point["val_loss"], point["val_accuracy"], epoch=point["step"]))
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
