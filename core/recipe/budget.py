"""How long a run trains: a fixed ladder of step counts, the same on every machine, and full runs counted in epochs."""

from dataclasses import dataclass

from core.errors import LabError


@dataclass(frozen=True)
class Budget:
    """Exactly one of `steps` and `epochs`; `examples` limits the training split to that many, drawn by label.

    A budget in steps is a short run: it is evaluated on the check part of validation. A budget in epochs is a full
    run: its curve is on validation, its final figures on the test split.
    """

    steps: int | None = None
    epochs: int | None = None
    examples: int | None = None

    def __post_init__(self):
        if (self.steps is None) == (self.epochs is None):
            raise LabError("A budget is either a number of steps or a number of epochs; give exactly one.")
        for name in ("steps", "epochs", "examples"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise LabError(f"The number of {name} is {value!r}; it must be a whole number of at least 1.")

    @property
    def full(self) -> bool:
        return self.epochs is not None

    @property
    def rung(self) -> str | None:
        """Its name on the ladder, or None."""
        return next((name for name, budget in RUNGS.items() if budget == self), None)

    def total_steps(self, train_examples: int, batch_size: int) -> int:
        """Optimizer steps; an epoch's last batch may be smaller."""
        if self.steps is not None:
            return self.steps
        used = min(train_examples, self.examples or train_examples)
        return self.epochs * -(-used // batch_size)


RUNGS: dict[str, Budget] = {
    "60": Budget(steps=60),
    "240": Budget(steps=240),
    "480": Budget(steps=480),
    "full": Budget(epochs=3),
}


def rung(name: str) -> Budget:
    """Return the named rung of the ladder; LabError for another name."""
    if name not in RUNGS:
        raise LabError(f"There is no rung {name!r}; choose one of {', '.join(RUNGS)}.")
    return RUNGS[name]


def evaluation_steps(total: int) -> tuple[int, ...]:
    """Return the steps after which a run is evaluated, the last one included, evenly spaced: one for every 60 steps, but 3 to 6 of them.

    Step 0 comes besides. Fewer for short runs, whose time would otherwise go to evaluation.
    """
    points = min(total, 6, max(3, total // 60))
    return tuple(round(total * (j + 1) / points) for j in range(points))
