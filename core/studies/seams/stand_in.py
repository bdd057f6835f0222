"""Do layers stand in for each other? What losing each of some neighbours costs alone, and what losing all of them costs, all else held equal.

Everything is a weighted sum of the mean accuracies of choices, so each cost has the noise of the choices' own seeds (core/statistics/noise.py)."""

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.statistics.agreement import Choice
from core.statistics.noise import BOUND_DF, TEST_DF, ChoiceNoise, Comparison, Untold, each_its_own, joined

Weights = Mapping[Choice, float]


@dataclass(frozen=True)
class Measured:
    """What is known of a teacher of so many layers. accuracies: choice -> a fraction a seed; the teacher's own, one number, under all its layers.

    test: the variance that the test examples put into a weighted sum of the choices' mean accuracies; without it the noise is that of seeds alone."""

    accuracies: Mapping[Choice, Sequence[float]]
    layers: int
    test: Callable[[Weights], float] | None = None
    noises: dict[Choice, ChoiceNoise | Untold] = field(init=False)

    def __post_init__(self):
        by_size = {}
        for choice, values in self.accuracies.items():
            by_size.setdefault(len(choice), {})[choice] = values
        object.__setattr__(self, "noises", {key: one for some in by_size.values() for key, one in each_its_own(some).items()})

    def without(self, gone: Sequence[int]) -> Choice:
        return tuple(layer for layer in range(1, self.layers + 1) if layer not in gone)

    def sum(self, weights: Weights) -> Comparison:
        """Return the weighted sum of mean accuracies with its noise. The teacher's accuracy has no noise of seeds."""
        weights = {choice: weight for choice, weight in weights.items() if weight}
        value = sum(weight * sum(self.accuracies[choice]) / len(self.accuracies[choice]) for choice, weight in weights.items())
        students = [(self.noises[choice], weight) for choice, weight in weights.items() if len(choice) < self.layers]
        counts = tuple(len(self.accuracies[choice]) for choice in weights)
        test = self.test(weights) if self.test else 0.0
        rest = {"n": (min(counts), max(counts)), "basis": "paired by example, clustered" if self.test else "seeds alone", "runs": ()}
        if not all(noise.known for noise, _ in students):
            return Comparison(value, (), test, **rest)
        parts = [[(weight**2 * noise.bound(noise.n), BOUND_DF) for noise, weight in students]]
        if min(noise.n for noise, _ in students) > 2:
            parts.insert(0, [(weight**2 * noise.variance(noise.n), noise.n - 1) for noise, weight in students])
        ways = tuple(way for some in parts for way in joined(value, some, test, TEST_DF, **rest).ways)
        return Comparison(value, ways, test, **rest)


@dataclass(frozen=True)
class StandIn:
    """Costs in accuracy, fractions, positive where accuracy is lost. gone: the layers asked about. others: what is missing besides, one tuple for
    each setting that the costs are the mean of. alone: layer -> the cost of losing it alone; all: of losing all of them; beyond: what losing all
    costs beyond the sum of each alone: well above 0, the layers stand in for each other."""

    gone: tuple[int, ...]
    others: tuple[tuple[int, ...], ...]
    alone: dict[int, Comparison]
    all: Comparison
    beyond: Comparison


def settings(measured: Measured, gone: Sequence[int]) -> list[tuple[int, ...]]:
    """List what else may be missing, the fewest layers first: the layers beside those asked about are kept, so that all other seams are the same
    whether they are there or not, and every student that the costs take was measured."""
    free = [layer for layer in range(1, measured.layers + 1) if all(abs(layer - one) > 1 for one in gone)]
    some = (others for count in range(len(free) + 1) for others in itertools.combinations(free, count))
    needed = lambda others: (measured.without((*others, *lost)) for lost in ((), gone, *((layer,) for layer in gone)))
    return [others for others in some if all(choice in measured.accuracies for choice in needed(others))]


def stand_in(measured: Measured, gone: Sequence[int], others: Sequence[tuple[int, ...]] = ((),)) -> StandIn:
    """Compare losing each of some layers alone with losing all of them, as the mean over these settings of what else is missing.

    The default: nothing else is, and the costs are those against the teacher itself. KeyError where a student that it takes was not measured."""

    def lost(layers: Sequence[int]) -> Counter:
        found = Counter()
        for some in others:
            found[measured.without(some)] += 1 / len(others)
            found[measured.without((*some, *layers))] -= 1 / len(others)
        return found

    alone, beyond = {layer: lost([layer]) for layer in gone}, lost(gone)
    everything = measured.sum(beyond)
    for costs in alone.values():
        beyond.subtract(costs)
    return StandIn(tuple(gone), tuple(others), {layer: measured.sum(costs) for layer, costs in alone.items()}, everything, measured.sum(beyond))
