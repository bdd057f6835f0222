"""The landscape of a teacher and task: saved runs that differ in nothing but layers and seed, ranked with their noise."""

import functools
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.findings.evidence import UNTRAINED, Choice, Evidence, choice_of, interval, noises_of, settings_of
from core.recipe import RUNGS
from core.statistics import effects as effect_study
from core.statistics import ranking as ranking_study
from core.statistics.collapse import collapsed
from core.statistics.noise import ChoiceNoise, Comparison, SeedNoise, compare, mean_accuracy, pooled
from core.statistics.testset import TestSet
from core.statistics.verdict import UNKNOWN, Verdict, judged_together
from core.store import saved
from core.store.ground import ground

WORSE, BETTER = "worse", "better"  # than the best choice; WITHIN so many points of it; UNKNOWN: too few runs to tell


@dataclass(eq=False)
class Landscape:
    """Runs of one teacher, data, objective, budget and size. runs: choice -> runs in the order of their seeds; () is the control,
    untrained layers. test: the examples that their final figures were measured on."""

    runs: dict[Choice, list[dict]]
    test: TestSet

    @functools.cached_property
    def one(self) -> dict:
        """Any of the runs, for what they have in common."""
        return next(iter(self.runs.values()))[0]

    @property
    def pair(self) -> tuple[str, str]:
        """Names of teacher and task."""
        return self.one["recipe"]["teacher"], self.one["recipe"]["task"]

    @property
    def ground(self) -> tuple[str, str]:
        """Teacher and data (core/store/ground.py)."""
        return ground(self.one)

    @property
    def settings(self) -> dict:
        return settings_of(self.one)

    @property
    def k(self) -> int:
        return len(self.one["recipe"]["layers"])

    @property
    def layers(self) -> int:
        """The number of the teacher's layers."""
        return self.one["teacher"]["layers"]

    @property
    def dtypes(self) -> list[str]:
        """The dtypes of the matrix products that the runs were made with."""
        return sorted({run["environment"]["dtype"] for runs in self.runs.values() for run in runs})

    @functools.cached_property
    def choices(self) -> list[Choice]:
        """The choices in ascending order of layers: those that can be ranked and compared over tasks."""
        return sorted(choice for choice in self.runs if choice != UNTRAINED and list(choice) == sorted(set(choice)))

    @functools.cached_property
    def means(self) -> dict[Choice, float]:
        """Mean final accuracy of every choice, the control among them; best first."""
        found = {choice: mean_accuracy(runs) for choice, runs in self.runs.items()}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    @functools.cached_property
    def noise(self) -> SeedNoise:
        """The seed SD, pooled over all choices, the control left out: what is said of noise in general. Nothing is tested with it."""
        return pooled([run["final"]["accuracy"] for run in runs] for choice, runs in self.runs.items() if choice != UNTRAINED)

    @functools.cached_property
    def noises(self) -> dict[Choice, ChoiceNoise]:
        """The noise of every choice, the control among them: what it is tested with."""
        return noises_of(self.runs)

    def interval(self, choice: Choice) -> tuple[float, float] | None:
        """The 95 % interval of the mean of a choice, from its own noise; None where that is not known."""
        return interval(self.means[choice], self.noises[choice])

    @functools.cached_property
    def collapsed(self) -> dict[Choice, int]:
        """How many runs of a choice collapsed, where any did."""
        found = {choice: sum(map(collapsed, runs)) for choice, runs in self.runs.items()}
        return {choice: count for choice, count in found.items() if count}

    @functools.cached_property
    def known(self) -> bool:
        """Whether the truth of the examples is known."""
        return self.test.fits([run for runs in self.runs.values() for run in runs])

    @functools.cached_property
    def flips(self) -> float:
        """What seeds put into one run by examples that go either way (`TestSet.flips`), of the same choices as the seed SD; 0 where unknown."""
        return self.test.flips(runs for choice, runs in self.runs.items() if choice != UNTRAINED)

    @functools.cached_property
    def ranking(self) -> ranking_study.Ranking:
        """The choices in ascending order of layers, with the verdicts on them."""
        means, runs = (np.array([value(choice) for choice in self.choices]) for value in (self.means.get, lambda choice: len(self.runs[choice])))
        verdicts = [self.verdicts.get(pair) or self.verdicts[pair[::-1]] for pair in itertools.combinations(self.choices, 2)]
        return ranking_study.judged(self.choices, means, runs, [self.noises[choice] for choice in self.choices], verdicts, self.flips)

    @property
    def best(self) -> Choice | None:
        """The ascending choice with the highest mean."""
        return max(self.choices, key=self.means.get, default=None)

    @functools.cached_property
    def verdicts(self) -> dict[tuple[Choice, Choice], Verdict]:
        """Every two of the choices, other orders and the control among them, the higher mean first; all tested together. The best is found on the
        same runs that it is compared on, and only a correction over all pairs, whichever they turn out to be, allows for that."""
        pairs = list(itertools.combinations(self.means, 2))
        return dict(zip(pairs, judged_together([self._compare(a, b) for a, b in pairs]), strict=True))

    @functools.cached_property
    def against_best(self) -> dict[Choice, str]:
        """For everything but the best choice: WORSE than it, BETTER (another order or the control), WITHIN some points of it, UNKNOWN where the runs
        are too few to tell."""
        others = [choice for choice in self.runs if choice != self.best]
        if self.best is None:
            return dict.fromkeys(others, UNKNOWN)
        found = {choice: self.beside_best(choice) for choice in others}
        clear = {choice: BETTER if self.means[choice] > self.means[self.best] else WORSE for choice in others}
        return {choice: clear[choice] if verdict.clear else verdict.word for choice, verdict in found.items()}

    def beside_best(self, choice: Choice) -> Verdict:
        """Return the verdict on a choice and the best."""
        return self.verdicts.get((self.best, choice)) or self.verdicts[choice, self.best]

    @functools.cached_property
    def can_be_best(self) -> list[Choice]:
        """The ascending choices that are not shown to be worse than any other, best mean first; with 95 % one of them is the true best."""
        worse = {b for (a, b), verdict in self.verdicts.items() if verdict.clear and a in self.choices}
        return [choice for choice in self.means if choice in self.choices and choice not in worse]

    def compare(self, pairs: Iterable[tuple[Choice, Choice]]) -> list[tuple[Comparison, float | None]]:
        """Compare pairs of choices by seeds and test examples, all tested together: each with its p adjusted (Holm), None where the noise is
        unknown."""
        return [(one.comparison, one.p) for one in self.judge(pairs)]

    def judge(self, pairs: Iterable[tuple[Choice, Choice]]) -> list[Verdict]:
        """Judge pairs of choices that were named before their means were seen, all tested together."""
        return judged_together([self._compare(a, b) for a, b in pairs])

    def _compare(self, a: Choice, b: Choice) -> Comparison:
        return compare(self.runs[a], self.runs[b], self.noises[a], self.noises[b], self.test, self.flips)

    @functools.cached_property
    def effects(self) -> effect_study.Effects | None:
        return effect_study.effects(self.ranking, self.layers) if self.choices else None

    @functools.cached_property
    def neighbours(self) -> effect_study.Effects | None:
        """What goes with it that two neighbouring layers are both missing."""
        return effect_study.neighbours(self.ranking, self.layers) if self.choices else None

    @functools.cached_property
    def left_out(self) -> tuple[float | None, float | None]:
        """R² on choices left out in turn: by which neighbours are both missing, and by single layers."""
        means = np.array([self.means[choice] for choice in self.choices])
        designs = effect_study.gone_together(self.choices, self.layers), effect_study.presence(self.choices, self.layers)
        return tuple(effect_study.left_out(means, design) for design in designs) if len(means) else (None, None)

    @functools.cached_property
    def fit(self) -> effect_study.Fit | None:
        """How well the additive model predicts a held-out seed, over the seeds that all choices have."""
        seeds = [{run["recipe"]["seed"]: run["final"]["accuracy"] for run in self.runs[choice]} for choice in self.choices]
        common = sorted(set.intersection(*map(set, seeds))) if seeds else []
        return effect_study.fit(np.array([[found[seed] for seed in common] for found in seeds]), self.choices, self.layers) if common else None

    @functools.cached_property
    def pair_block(self) -> effect_study.PairBlock | None:
        return effect_study.pair_block(self.ranking, self.layers) if self.choices else None


def landscapes(records: Iterable[dict], truth: Callable[[str, str], saved.Truth | None] = saved.truth) -> list[Landscape]:
    """Return all landscapes of saved runs; the one of most runs first."""
    groups: dict[tuple, dict[Choice, list[dict]]] = {}
    for record in records:
        recipe = record["recipe"]
        settings = json.dumps(settings_of(record), sort_keys=True)
        key = (recipe["teacher"], recipe["task"], *ground(record), settings, len(recipe["layers"]))
        groups.setdefault(key, {}).setdefault(choice_of(record), []).append(record)
    tests: dict[tuple, TestSet] = {}
    found = []
    for runs in groups.values():
        first = next(iter(runs.values()))[0]
        examples = first["task_hash"], first["split"]
        if examples not in tests:
            tests[examples] = TestSet(truth(*examples))
        ordered = {choice: sorted(some, key=lambda run: run["recipe"]["seed"]) for choice, some in runs.items()}
        found.append(Landscape(ordered, tests[examples]))
    return sorted(found, key=lambda one: -sum(map(len, one.runs.values())))


def fullest(found: Iterable[Landscape]) -> Landscape | None:
    """Return the landscape that says most: one of full runs rather than short ones, then of most choices, then of the ladder's full rung, then of
    most runs. None for none."""

    def rank(one: Landscape) -> tuple:
        budget = one.one["recipe"]["budget"]
        return budget["epochs"] is not None, len(one.choices), budget["epochs"] == RUNGS["full"].epochs, sum(map(len, one.runs.values()))

    return max(found, key=rank, default=None)


def full_landscape(records: Iterable[dict]) -> Landscape | None:
    """Return the fullest landscape of the full runs among these records, without the truth of its examples; None where there are none."""
    return fullest(landscapes([run for run in records if run["recipe"]["budget"]["epochs"]], lambda *_: None))


def full_runs(records: Iterable[dict], settings: dict, k: int, control: bool = False) -> dict[Choice, list[dict]]:
    """Return the full runs of k layers with the objective, labels and seeding of these settings, with or without the control: choice -> runs, one a
    seed.

    Full is what the ladder calls so; a run of one epoch is none."""
    alike = lambda run: all(settings_of(run).get(name) == settings.get(name) for name in ("objective", "labels", "seeding"))
    of_size = lambda run: len(run["recipe"]["layers"] if control else choice_of(run)) == k
    found = full_landscape(run for run in records if run["recipe"]["budget"].get("epochs") == RUNGS["full"].epochs and of_size(run) and alike(run))
    return found.runs if found else {}


def full_runs_like(evidence: Evidence, control: bool = False) -> dict[Choice, list[dict]]:
    """Return the `full_runs` of the same teacher, data, size, objective and seeding as the run of the evidence."""
    return full_runs(evidence.related, settings_of(evidence.run), evidence.k, control)


def budgets(one: Landscape, found: Iterable[Landscape]) -> list[Landscape]:
    """Return the landscapes of the same ground, size and settings but another budget."""
    same = settings_of(one.one, budget=False)
    return [
        other for other in found
        if other is not one and (other.pair, other.ground, other.k) == (one.pair, one.ground, one.k) and settings_of(other.one, budget=False) == same
    ]


def full_counterpart(one: Landscape, found: Iterable[Landscape]) -> Landscape | None:
    """Return the full runs that a landscape of short runs is judged by: those of the ladder's full rung, else of another length."""
    whole = [other for other in [one, *budgets(one, found)] if other.settings["budget"]["epochs"]]
    return fullest([other for other in whole if other.settings["budget"]["epochs"] == RUNGS["full"].epochs] or whole)


def judged(one: Landscape, found: Sequence[Landscape]) -> list[Landscape]:
    """Return the full runs of these settings, and every landscape of shorter or longer ones that can be judged by them, the shortest first."""
    full = full_counterpart(one, found)
    if full is None:
        return []
    shares = lambda other: sum(choice in full.choices for choice in other.choices) >= ranking_study.FEWEST
    return [full, *sorted(filter(shares, budgets(full, found)), key=lambda other: other.one["steps"])]


def short_run_truth(short: Landscape, full: Landscape) -> ranking_study.ShortRunTruth | None:
    """Measure how far the short runs' ranking agrees with the full runs'; None with too few choices in common."""
    return ranking_study.short_run_truth(short.ranking, full.ranking) if short.choices and full.choices else None
