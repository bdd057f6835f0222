"""The landscape of a teacher and task: saved runs that differ in nothing but layers and seed, ranked with their noise."""

import functools
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.findings.evidence import UNTRAINED, Choice, Evidence, choice_of, settings_of
from core.recipe import RUNGS
from core.statistics import effects as effect_study
from core.statistics import ranking as ranking_study
from core.statistics.holm import LEVEL, adjusted_together, verdict
from core.statistics.noise import Comparison, SeedNoise, compare, mean_accuracy, pooled
from core.statistics.testset import TestSet
from core.store import saved

TIE, BEHIND, AHEAD, UNKNOWN = "tie", "behind", "ahead", "unknown"


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
        """Hashes of the teacher's weights and of the task's data."""
        return self.one["teacher"]["hash"], self.one["task_hash"]

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
        """The seed SD, pooled over all choices, the control left out."""
        return pooled([run["final"]["accuracy"] for run in runs] for choice, runs in self.runs.items() if choice != UNTRAINED)

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
        accuracies = {choice: [run["final"]["accuracy"] for run in self.runs[choice]] for choice in self.choices}
        hits = {choice: np.stack([self.test.hits(run) for run in self.runs[choice]]) for choice in self.choices} if self.known else None
        return ranking_study.ranking(accuracies, hits, self.test.sizes if self.known else None)

    def apart(self, choices: Sequence[Choice]) -> np.ndarray:
        """Return (P,) for every pair of the choices, in the order of np.triu_indices: 1 where these runs tell that the first is better, -1 where the
        second is, all pairs tested together; else 0."""
        found = self.compare(itertools.combinations(choices, 2))
        return np.array([np.sign(one.difference) * (p is not None and p <= LEVEL) for one, p in found])

    @property
    def best(self) -> Choice | None:
        """The ascending choice with the highest mean."""
        return max(self.choices, key=self.means.get, default=None)

    @functools.cached_property
    def against_best(self) -> dict[Choice, str]:
        """For everything but the best choice, other orders and the control among them: TIE with it, BEHIND it or AHEAD of it.

        The differences are tested together (Holm), by seeds and test examples. UNKNOWN where too few choices were repeated with other seeds."""
        others = [choice for choice in self.runs if choice != self.best]
        if self.best is None:
            return dict.fromkeys(others, UNKNOWN)
        found = self.compare([(other, self.best) for other in others])
        return {other: verdict(one.difference, p, AHEAD, BEHIND) for other, (one, p) in zip(others, found, strict=True)}

    def compare(self, pairs: Iterable[tuple[Choice, Choice]]) -> list[tuple[Comparison, float | None]]:
        """Compare pairs of choices by seeds and test examples, all tested together: each with its p adjusted (Holm), None where the noise is
        unknown."""
        found = [compare(self.runs[a], self.runs[b], self.noise, self.noise, self.test, self.flips) for a, b in pairs]
        return list(zip(found, adjusted_together([one.p for one in found]), strict=True))

    @functools.cached_property
    def effects(self) -> effect_study.Effects | None:
        return effect_study.effects(self.ranking, self.layers) if self.choices else None

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
        key = (recipe["teacher"], recipe["task"], record["teacher"]["hash"], record["task_hash"], settings, len(recipe["layers"]))
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


def full_runs(records: Iterable[dict], settings: dict, k: int) -> dict[Choice, list[dict]]:
    """Return the full runs of k layers with the objective and seeding of these settings, the control left out: choice -> runs, one a seed.

    Full is what the ladder calls so; a run of one epoch is none."""
    alike = lambda run: all(settings_of(run)[name] == settings[name] for name in ("objective", "seeding"))
    found = full_landscape(
        run for run in records if run["recipe"]["budget"].get("epochs") == RUNGS["full"].epochs and len(choice_of(run)) == k and alike(run)
    )
    return found.runs if found else {}


def full_runs_like(evidence: Evidence) -> dict[Choice, list[dict]]:
    """Return the `full_runs` of the same teacher, data, size, objective and seeding as the run of the evidence."""
    return full_runs(evidence.related, settings_of(evidence.run), evidence.k)


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
    others = [other for other in budgets(full, found) if len(_common(other, full)) >= ranking_study.FEWEST]
    return [full, *sorted(others, key=lambda other: other.one["steps"])]


def short_run_truth(short: Landscape, full: Landscape) -> ranking_study.ShortRunTruth | None:
    """Measure how far the short runs' ranking agrees with the full runs'; None with too few choices in common."""
    common = _common(short, full)
    if len(common) < ranking_study.FEWEST:
        return None
    return ranking_study.short_run_truth(short.ranking.take(common), full.ranking.take(common), full.apart(common))


def _common(a: Landscape, b: Landscape) -> list[Choice]:
    return [choice for choice in a.choices if choice in b.choices]
