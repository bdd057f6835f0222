"""The full runs of all choices of one size, as the study of seams looks at them.

Accuracies are turned into the logit of what lies above always naming the most frequent class, so that costs can add up; a choice's target is the mean
of that over its seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from core.statistics.agreement import Choice
from core.statistics.ranking import ranking
from core.statistics.regret import Trials
from core.studies.seams.descriptions import Description, has_seam

CLIP = 0.01  # of what lies above chance, kept from either end


@dataclass(frozen=True)
class Sample:
    """Full runs of choices of one size. accuracies: choice -> fractions, one a seed, the same seeds in the same order for all. layers: the teacher's.
    chance: the accuracy of always naming the most frequent class."""

    name: str
    accuracies: Mapping[Choice, Sequence[float]]
    layers: int
    chance: float

    @cached_property
    def choices(self) -> list[Choice]:
        return sorted(self.accuracies)

    @cached_property
    def table(self) -> np.ndarray:
        """(C, S) accuracies."""
        return np.array([self.accuracies[choice] for choice in self.choices], float)

    @cached_property
    def logits(self) -> np.ndarray:
        """(C, S), as the targets are."""
        return special.logit(np.clip((self.table - self.chance) / (1 - self.chance), CLIP, 1 - CLIP))

    @property
    def targets(self) -> np.ndarray:
        return self.logits.mean(1)

    def accuracy(self, targets: np.ndarray) -> np.ndarray:
        """Turn targets back into accuracies."""
        return self.chance + (1 - self.chance) * special.expit(targets)

    @cached_property
    def ceiling(self) -> float | None:
        """The R² that the true means would have, were they known: what the seeds' own noise leaves to be explained. None with one seed."""
        count, seeds = self.logits.shape
        if seeds < 2:
            return None
        noise = count * self.logits.var(axis=1, ddof=1).mean() / seeds
        return float(1 - noise / (((self.targets - self.targets.mean()) ** 2).sum() * (count / (count - 1)) ** 2))

    @cached_property
    def shared(self) -> np.ndarray:
        """(C,) whether other choices have each of the choice's seams too: the cost of one that none has cannot be known without the choice."""
        has = has_seam(self.choices, self.layers)
        return ~(has[:, has.sum(0) == 1]).any(1)

    def designs(self, description: Description) -> list[np.ndarray]:
        return description.designs(self.choices, self.layers)

    def trials(self) -> Trials:
        scores = {choice: self.accuracies[choice] for choice in self.choices}
        found = ranking(scores)
        return Trials(tuple(self.choices), self.table, found if found.seeds else None)
