"""The experiment on seams as data: its gaps, its arms, the layers of each arm's student, the runs that make it.

A seam costs a student two things: the work of the layers that are missing, and the input that the layer above the gap knew. Each arm changes one
of them and nothing else; all are trained alike. No arm's run is a short run like others: it is measured on the test split after a budget in steps,
so all of them have ids of their own (core.training.overrides.experiment_id).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.recipe import Budget, Optimiser, Recipe
from core.recipe.seams import Seam
from core.store.saved import FOLDER

TEACHER, LAYERS = "minilm-l6", 6
TASKS = ("composed-nli", "sick")
GAPS = (Seam(1, 4), Seam(0, 3), Seam(3, 7))  # the last lies between layer 3 and the head, nearest the output
SEEDS = (0, 1, 2)
BUDGET = Budget(steps=240)
OPTIMISER = Optimiser(learning_rate=2e-4)
RUN_SECONDS = 80.0  # of one run on one core, about; read while there is none
FILE = FOLDER / "seams" / "experiment.jsonl"

WHOLE, CUT, SWAPPED, COPIES, FRESH, FIXED, TRAINED = "whole", "cut", "swapped", "copies", "fresh", "fixed-bridge", "trained-bridge"
ARMS: dict[str, str] = {
    WHOLE: "all layers, no seam: what training by itself costs",
    CUT: "the layers of the gap are missing",
    SWAPPED: "none is missing, those of the gap stand in the reverse order",
    COPIES: "the layer below the gap again in each place of it (of a gap at the input, the layer above)",
    FRESH: "newly drawn layers in the gap",
    FIXED: "the gap is bridged by least squares; the bridge stays as it is",
    TRAINED: "the same bridge, trained along",
}
BRIDGED = (FIXED, TRAINED)


@dataclass(frozen=True)
class Trial:
    """One run. gap: None for the whole, which all gaps share. recipe: it seeds the student; fresh layers and bridges come besides."""

    recipe: Recipe
    gap: Seam | None
    arm: str

    @property
    def experiment(self) -> dict:
        """Return what the record is marked with: {gap: [below, above] or None, arm}."""
        return {"gap": [self.gap.below, self.gap.above] if self.gap else None, "arm": self.arm}

    @property
    def id(self) -> str:
        """Return 12 hex digits; never the id of a recipe."""
        from core.training.overrides import experiment_id

        return experiment_id(self.recipe, self.experiment)

    @property
    def key(self) -> tuple:
        return self.recipe.task, self.gap, self.arm, self.recipe.seed


def layers_of(arm: str, gap: Seam | None, count: int) -> tuple[int, ...]:
    """Return the layers of a teacher of `count` layers that seed an arm's student; those that FRESH draws anew are among them."""
    whole = tuple(range(1, count + 1))
    if gap is None or arm in (WHOLE, FRESH):
        return whole
    below, above = whole[:gap.below], whole[gap.above - 1:]
    again = (gap.below or gap.above,) * gap.length
    return below + {SWAPPED: gap.missing[::-1], COPIES: again}.get(arm, ()) + above


def position_of(gap: Seam) -> int:
    """Return the place of a bridge over the gap in the student without its layers: before this layer (1-based), or after the last."""
    return gap.below + 1


def trials(
    tasks: Iterable[str] = TASKS, seeds: Iterable[int] = SEEDS, teacher: str = TEACHER, count: int = LAYERS, gaps: Iterable[Seam] = GAPS,
    budget: Budget = BUDGET, optimiser: Optimiser = OPTIMISER,
) -> Iterator[Trial]:
    """Yield all runs in the order in which they are made: a task after the other, and in it a seed after the other."""
    for task in tasks:
        for seed in seeds:
            for gap, arm in ((None, WHOLE), *((gap, arm) for gap in gaps for arm in ARMS if arm != WHOLE)):
                layers = layers_of(arm, gap, count)
                recipe = Recipe(teacher, task, layers, budget=budget, optimiser=optimiser, seed=seed, allow_repeats=arm == COPIES)
                yield Trial(recipe, gap, arm)


def key_of(record: dict) -> tuple:
    """Return the key of the trial that a record is of."""
    gap, recipe = record["experiment"]["gap"], record["recipe"]
    return recipe["task"], gap and Seam(*gap), record["experiment"]["arm"], recipe["seed"]


def missing(records: Iterable[dict], planned: Iterable[Trial]) -> list[Trial]:
    """Return the planned trials that the records lack."""
    there = {key_of(record) for record in records}
    return [one for one in planned if one.key not in there]


def seconds(records: Sequence[dict], planned: Iterable[Trial]) -> float:
    """Return how long the trials that the records lack will take, by those that they have."""
    left = missing(records, planned)
    took = [record["seconds"] for record in records]
    return len(left) * (sum(took) / len(took) if took else RUN_SECONDS)
