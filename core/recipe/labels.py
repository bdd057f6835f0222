"""Which labels of the training split a student sees: how many examples keep theirs, and what share of those is wrong."""

from dataclasses import dataclass

from core.errors import LabError


@dataclass(frozen=True)
class Labels:
    """The labels of train that the student sees; validation and test keep all of theirs, and keep them right.

    kept: how many training examples keep their label. The others have none: only the teacher's answer tells the student about them. None: all.
    wrong: the share of labels that name another class than the right one, from 0 to 1. Which examples these are is drawn once for a task
    (`core.data.seen_labels`), whatever the seed of the run.
    """

    kept: int | None = None
    wrong: float = 0.0

    def __post_init__(self):
        if self.kept is not None and (isinstance(self.kept, bool) or not isinstance(self.kept, int) or self.kept < 0):
            raise LabError(f"The number of labels is {self.kept!r}; it must be a whole number from 0 on, or all.")
        if isinstance(self.wrong, bool) or not isinstance(self.wrong, (int, float)) or not 0 <= self.wrong <= 1:
            raise LabError(f"The share of wrong labels is {self.wrong!r}; it must be a number from 0 to 1.")
        if self.kept == 0 and self.wrong:
            raise LabError("Without labels none can be wrong; keep some labels, or let none be wrong.")
        object.__setattr__(self, "wrong", float(self.wrong))

    @property
    def usual(self) -> bool:
        """Return whether every example keeps its right label."""
        return self == Labels()

    @property
    def text(self) -> str:
        """Return '500 labels, 20 % of them wrong'; '' where every example keeps its right label."""
        if self.usual:
            return ""
        many = "all labels" if self.kept is None else f"{self.kept or 'no'} label{'s' * (self.kept != 1)}"
        return f"{many}, {100 * self.wrong:g} % of them wrong" if self.wrong else many
