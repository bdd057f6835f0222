"""The saved runs that a run is compared with: those that differ from it in nothing but layers and seed."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from core.errors import LabError
from core.recipe import PRESETS, preset
from core.statistics.noise import ChoiceNoise, Comparison, SeedNoise, Untold, compare, each_its_own, mean_accuracy, pooled
from core.statistics.testset import TestSet
from core.store.ground import ground
from core.store.records import finite
from core.store.saved import Truth

Choice = tuple[int, ...]
UNTRAINED: Choice = ()  # the control, whatever its layers: none of them is used


@dataclass
class Evidence:
    """A run, the saved runs it may be compared with, and the noise of both.

    twins: choice -> runs of the same teacher, data, budget and settings, one a seed, the run itself among its own choice's. sizes: the same by number
    of layers, for other k. related: every saved run of this teacher and data. test: the examples of the run's split. inside: what was measured of the
    teacher's layers (core.store.layer_scores.read), None where nothing was."""

    run: dict
    related: list[dict]
    test: TestSet
    sizes: dict[int, dict[Choice, list[dict]]] = field(default_factory=dict)
    inside: dict | None = None

    @property
    def choice(self) -> Choice:
        return choice_of(self.run)

    @property
    def k(self) -> int:
        return len(self.run["recipe"]["layers"])

    @property
    def teacher_layers(self) -> int:
        return self.run["teacher"]["layers"]

    @property
    def twins(self) -> dict[Choice, list[dict]]:
        return self.sizes[self.k]

    @property
    def copied(self) -> dict[Choice, list[dict]]:
        """The choices of teacher layers, this one among them; the control is left out."""
        return {choice: runs for choice, runs in self.twins.items() if choice != UNTRAINED}

    @property
    def own(self) -> list[dict]:
        """The runs of this choice, this run first."""
        return self.twins[self.choice]

    @property
    def others(self) -> dict[Choice, list[dict]]:
        """The other choices of teacher layers, the control left out."""
        return {choice: runs for choice, runs in self.copied.items() if choice != self.choice}

    @property
    def control(self) -> list[dict]:
        return [] if self.choice == UNTRAINED else self.twins.get(UNTRAINED, [])

    @functools.cached_property
    def means(self) -> dict[Choice, float]:
        """Mean final accuracy by choice, this one among them, the control left out; best first."""
        found = {choice: mean_accuracy(runs) for choice, runs in self.copied.items()}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @functools.cached_property
    def best(self) -> Choice | None:
        """The other choice with the highest mean."""
        return next((choice for choice in self.means if choice != self.choice), None)

    @functools.cached_property
    def noise(self) -> SeedNoise:
        """The pooled seed SD of final accuracy among the choices of this k: what is said of noise in general. Nothing is tested with it."""
        return self.noise_of(lambda run: run["final"]["accuracy"])

    def noise_of(self, figure: Callable[[dict], float | None], k: int | None = None) -> SeedNoise:
        """Return the pooled seed SD of any figure of a run, among the choices of k teacher layers (default: this run's k), the control left out."""
        samples = [runs for choice, runs in self.sizes.get(k or self.k, {}).items() if choice != UNTRAINED]
        return pooled([[value for run in runs if (value := figure(run)) is not None] for runs in samples])

    @functools.cached_property
    def groups(self) -> dict[Choice, dict[str, tuple[float, int]]]:
        """`group_means` of every choice and of the control."""
        return {choice: group_means(runs) for choice, runs in self.twins.items()}

    @functools.cached_property
    def noises(self) -> dict[int, dict[Choice, ChoiceNoise]]:
        """The noise of every choice, by number of layers."""
        return {k: noises_of(runs) for k, runs in self.sizes.items()}

    def interval(self, choice: Choice) -> tuple[float, float] | None:
        """The 95 % interval of the mean of a choice of this k, from its own noise; None where that is not known."""
        return interval(mean_accuracy(self.twins[choice]), self.noises[self.k][choice])

    @functools.cached_property
    def group_noise(self) -> dict[str, dict[Choice, ChoiceNoise]]:
        """The noise of accuracy by group, each choice its own."""
        tables = {choice: [groups_of(run) for run in runs] for choice, runs in self.twins.items()}
        several = [table for some in tables.values() if len(some) > 1 for table in some]
        names = [name for name in self.groups[self.choice] if all(name in table for table in several)]
        values = lambda name: {choice: [table[name][0] for table in some if name in table] for choice, some in tables.items()}
        return {name: each_its_own(values(name), beside=[UNTRAINED]) for name in names}

    @functools.cached_property
    def flips(self) -> float:
        """`TestSet.flips` of the twins, the control left out as in the seed SD; 0 where the truth is unknown."""
        return self.test.flips(self.copied.values())

    def compare(self, runs: list[dict]) -> Comparison:
        """Compare the runs of this choice with those of another of the same size and settings."""
        noises = self.noises[self.k]
        return compare(self.own, runs, noises[self.choice], noises[choice_of(runs[0])], self.test, self.flips)

    def presets(self) -> dict[str, Choice]:
        """Return the presets of this k and what they name; `random` left out, of two that name the same choice the first."""
        found: dict[str, Choice] = {}
        for name in PRESETS:
            with suppress(LabError):  # a preset that has no such choice
                choice = preset(name, self.teacher_layers, self.k)
                if name != "random" and choice not in found.values():
                    found[name] = choice
        return found


def noises_of(runs: Mapping[Choice, Sequence[dict]]) -> dict[Choice, ChoiceNoise]:
    """Return the noise of final accuracy of each choice of one size; the control says nothing about the others'."""
    return each_its_own({choice: [run["final"]["accuracy"] for run in some] for choice, some in runs.items()}, beside=[UNTRAINED])


def interval(mean: float, noise: ChoiceNoise | Untold) -> tuple[float, float] | None:
    """Return the 95 % interval of a mean accuracy over seeds; None where the noise is not known."""
    if not noise.known:
        return None
    half = noise.half_width()
    return max(0.0, mean - half), min(1.0, mean + half)


def gather(run: dict, saved: Iterable[dict], truth: Truth | None = None, inside: dict | None = None) -> Evidence:
    """Gather what a run is explained with. Saved runs of other weights or data, those made with a mistake on purpose and those whose figures are
    not finite are left out; so is a saved copy of the run itself."""
    sound = [other for other in saved if other["status"] == "finished" and finite(other) and not other.get("mistake") and same_ground(other, run)]
    related = list({other["id"]: other for other in sound}.values())
    test = TestSet(truth if truth and len(truth.labels) == len(run["predictions"]) else None)
    sizes: dict[int, dict[Choice, list[dict]]] = {}
    for other in [run, *related]:
        if settings_of(other) == settings_of(run) and (other is run or other["id"] != run["id"]):
            found = sizes.setdefault(len(other["recipe"]["layers"]), {}).setdefault(choice_of(other), [])
            if all(other["id"] != one["id"] for one in found):
                found.append(other)
    return Evidence(run, related, test, sizes, inside)


def same_ground(a: dict, b: dict) -> bool:
    """Return whether two runs have the same teacher and the same data."""
    return ground(a) == ground(b)


def settings_of(record: dict, budget: bool = True) -> dict:
    """Return all of a recipe besides teacher, task, layers and seed; the control counts as a choice of layers. Without the budget where asked."""
    recipe = record["recipe"]
    left_out = {"teacher", "task", "layers", "seed", "allow_repeats", "seeding"} | (set() if budget else {"budget"})
    kept = {name: value for name, value in recipe.items() if name not in left_out}
    return kept | {"seeding": {name: value for name, value in recipe["seeding"].items() if name != "untrained_layers"}}


def choice_of(record: dict) -> Choice:
    """Return the layers that seeded the student, in order; () for untrained ones."""
    recipe = record["recipe"]
    return UNTRAINED if recipe["seeding"]["untrained_layers"] else tuple(recipe["layers"])


def swapped(choice: Choice, other: Choice) -> tuple[int, int] | None:
    """Return (the layer that goes, the layer that comes) where one layer makes the difference, at its place or in ascending choices; else None."""
    if len(choice) != len(other):
        return None
    places = [(a, b) for a, b in zip(choice, other) if a != b]
    if len(places) == 1:
        return places[0]
    out, into = set(choice) - set(other), set(other) - set(choice)
    ascending = list(choice) == sorted(choice) and list(other) == sorted(other)
    return (out.pop(), into.pop()) if ascending and len(out) == len(into) == 1 else None


def groups_of(record: dict) -> dict[str, tuple[float, int]]:
    """Return final accuracy and number of examples by phenomenon; by tag where there are no phenomena, by class (recall) where there are no tags."""
    groups = record["final"].get("groups") or {}
    if groups:
        kept = {name: group for name, group in groups.items() if name.startswith("phenomenon:")} or groups
        return {name: (group["accuracy"], group["n"]) for name, group in kept.items()}
    rows = zip(record["labels"], record["final"]["confusion"], strict=True)
    return {f"class:{label}": (row[i] / sum(row), sum(row)) for i, (label, row) in enumerate(rows) if sum(row)}


def group_means(runs: list[dict]) -> dict[str, tuple[float, int]]:
    """Return `groups_of`, averaged over runs."""
    tables = [groups_of(run) for run in runs]
    return {name: (sum(table[name][0] for table in tables) / len(tables), n) for name, (_, n) in tables[0].items()}
