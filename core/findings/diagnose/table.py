"""A table of figures per epoch, and what a record holds besides."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """The figures of one epoch, or of one evaluation; None where a cell is empty. Losses in nats, the accuracy a share."""

    train_loss: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None


@dataclass(frozen=True)
class Recorded:
    """What a record measured besides its curve; None where it did not.

    wanted: the layers of the recipe. layers: for each student layer the teacher layer it was equal to before the first step, or None.
    untrained: the recipe asked for untrained layers. embeddings: whether the teacher's were copied; embeddings_wanted: whether the
    recipe asked for it. holds: the share of the student's weights that the optimizer updates. peak_rate: the highest learning rate;
    rate: the recipe's. norms: the norm of the weight update by part. frozen: the recipe freezes the embeddings.
    """

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

    rows: one an epoch, in order. start: before the first step. reported: what was published beside the epochs, on the same split.
    """

    name: str
    rows: tuple[Row, ...]
    start: Row | None = None
    reported: Row | None = None
    recorded: Recorded = Recorded()

    def values(self, figure: str, start: bool = False) -> list[float]:
        """Return the figure's values in order, empty cells left out."""
        rows = (self.start, *self.rows) if start and self.start else self.rows
        return [value for value in (getattr(row, figure) for row in rows) if value is not None]

    @property
    def last(self) -> float | None:
        """The last accuracy."""
        return next(iter(self.values("val_accuracy")[::-1]), None)


@dataclass(frozen=True)
class Known:
    """What is known besides the figures; None where it is not.

    classes: how many. majority: the share of the most frequent class in the split, which is chance. examples: how many the split has.
    fresh_head: whether the student's classifier was drawn anew.
    """

    classes: int | None = None
    majority: float | None = None
    examples: int | None = None
    fresh_head: bool | None = None


NOTHING = Known()


@dataclass(frozen=True)
class Table:
    """accuracy_step, loss_step: the smallest difference that the printed digits of the accuracy and of the validation loss can show."""

    strategies: tuple[Strategy, ...]
    known: Known = NOTHING
    accuracy_step: float = 0.0
    loss_step: float = 0.0
