"""Do the bound of regret, the interval of tau and a table of choosers keep their promise? Counted in worlds whose true accuracies are the saved
means, through the product's own functions.

A world is made of the saved runs of one task and size: its true accuracies are their means, its noise of test examples has their covariance, its
noise of seeds their pooled SD (equal) or every choice's own (sample, harsher than the truth, since own SDs of few seeds differ by luck as well)."""

import functools
import itertools
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.findings.landscape import Landscape
from core.statistics import regret
from core.statistics.agreement import Choice, kendall_tau, sum_of_layers
from core.statistics.effects import effects
from core.statistics.holm import LEVEL, holm
from core.statistics.noise import TEST_DF, ChoiceNoise, Comparison, each_its_own, ways_of
from core.statistics.ranking import Ranking, measured, score_interval, tau_interval
from core.statistics.testset import TestSet
from core.statistics.verdict import judged_together
from core.store import saved

FILES = {
    "composed-nli, 2 layers": "minilm-l6--composed-nli--k2", "composed-nli, 3 layers": "minilm-l6--composed-nli--k3",
    "composed-nli, 4 layers": "minilm-l6--composed-nli--k4", "sick, 3 layers": "minilm-l6--sick--k3", "reviews, 3 layers": "minilm-l6--reviews--k3",
}
PATH = saved.FOLDER / "calibration" / "coverage.jsonl"
LAYERS = 6  # of the teacher
SPREADS, SEEDS = ("equal", "sample"), (2, 3)
LEAST = 0.94  # of the 95 % that is promised: what is accepted
PICKS = 9  # choosers in a table
WORLDS = 2000  # of a cell


@dataclass(frozen=True)
class World:
    """C choices of one task and size. truth: (C,) accuracies. sds: (C,) between seeds; pooled: over the choices. test: (C, C) covariance of the true
    accuracies over test examples; flips: as `Ranking` has it."""

    choices: tuple[Choice, ...]
    truth: np.ndarray
    sds: np.ndarray
    pooled: float
    test: np.ndarray
    flips: float

    def draw(self, random: np.random.Generator, spread: str, seeds: int, null: bool = False) -> Ranking:
        """Return what runs of so many seeds would show. null: in a world where all choices are equally good."""
        count = len(self.truth)
        truth = np.full(count, self.truth.mean()) if null else self.truth
        runs = (truth + random.standard_normal(count) @ self._root)[:, None] + self._sd(spread)[:, None] * random.standard_normal((count, seeds))
        noises, means, (rows, columns) = list(each_its_own(dict(enumerate(runs.tolist()))).values()), runs.mean(1), np.triu_indices(count, 1)
        sds = np.array([noise.sd for noise in noises])
        of_side = [ChoiceNoise(sds[side], noises[0].most, seeds, 0.0) for side in (rows, columns)]
        n, whole = (seeds, seeds), self._gaps + 2 * self.flips / seeds
        both = Comparison(means[rows] - means[columns], ways_of(of_side, n, self._gaps, TEST_DF), self._gaps, n, "", (), whole)
        clear = np.array(holm(both.p, np.ones(len(rows)))) <= LEVEL
        return Ranking(self.choices, means, np.full(count, seeds), tuple(noises), both.p, clear, whole, both.half_width, self.flips)

    def _sd(self, spread: str) -> np.ndarray:
        return self.sds if spread == "sample" else np.full(len(self.truth), self.pooled)

    @functools.cached_property
    def _gaps(self) -> np.ndarray:
        """The variances of the gap between every two true accuracies over other test examples: (P,)."""
        rows, columns = np.triu_indices(len(self.truth), 1)
        return np.diag(self.test)[rows] + np.diag(self.test)[columns] - 2 * self.test[rows, columns]

    @functools.cached_property
    def effects(self) -> np.ndarray:
        """The true effects of the layers: (LAYERS,)."""
        return effects(measured({choice: [value] for choice, value in zip(self.choices, self.truth, strict=True)}), LAYERS).values

    @functools.cached_property
    def _root(self) -> np.ndarray:
        strengths, axes = np.linalg.eigh(self.test)
        return (axes * np.sqrt(np.maximum(strengths, 0.0))).T


@functools.cache
def world(name: str) -> World:
    """Return the world of a name in FILES."""
    runs: dict[Choice, list[dict]] = {}
    for record in saved.read(saved.FOLDER / f"{FILES[name]}.jsonl"):
        layers = tuple(record["recipe"]["layers"])
        if not record["recipe"]["seeding"]["untrained_layers"] and list(layers) == sorted(set(layers)):
            runs.setdefault(layers, []).append(record)
    (first, *_), *_ = runs.values()
    found = Landscape(runs, TestSet(saved.truth(first["task_hash"], first["split"]))).ranking
    strengths, axes = np.linalg.eigh(found.test - np.diag(found.flips / found.runs))
    sds = np.array([noise.own for noise in found.noises])
    return World(found.choices, found.means, sds, float(np.sqrt(np.mean(sds**2))), (axes * np.maximum(strengths, 0.0)) @ axes.T, found.flips)


def make(path: Path = PATH, worlds: int = WORLDS) -> None:
    """Count every cell that the file does not hold yet, a line each."""
    done = [line["cell"] for line in saved.read(path)]
    path.parent.mkdir(parents=True, exist_ok=True)
    for spread, seeds in itertools.product(SPREADS, SEEDS):
        if not any((cell["spread"], cell["seeds"]) == (spread, seeds) for cell in done):
            lines = "".join(json.dumps(line) + "\n" for line in measure(spread, seeds, worlds))
            with path.open("a") as file:
                file.write(lines)


def measure(spread: str, seeds: int, worlds: int, names: Sequence[str] = tuple(FILES)) -> list[dict]:
    """Return the cells of a spread of the seeds' SDs and a number of seeds as lines of JSON: in how many of the worlds the promise held, where there
    are several cases that of the worst, and the median width."""
    randoms = {name: np.random.default_rng(zlib.crc32(f"{name}, {spread}, {seeds}".encode())) for name in names}
    held, widths = defaultdict(list), defaultdict(list)
    for _ in range(worlds):
        shown = {name: world(name).draw(random, spread, seeds) for name, random in randoms.items()}
        found = [((what, name), *one) for name in names for what, *one in promises(world(name), shown[name], randoms[name], spread, seeds)]
        for cell, kept, width in [*found, *of_two_tasks(shown)]:
            held[cell].append(kept)
            widths[cell].append(width)
    return [
        {"status": "finished", "cell": {"what": what, "where": where, "spread": spread, "seeds": seeds}, "worlds": worlds,
         "covered": int(np.sum(some, axis=0).min()), "width": round(float(np.median(widths[what, where])), 5)}
        for (what, where), some in held.items()
    ]


def promises(one: World, shown: Ranking, random: np.random.Generator, spread: str, seeds: int) -> Iterator[tuple[str, np.ndarray, float]]:
    """Yield what is promised of a drawn world, whether it held (one bool a case), and how wide the interval was."""
    bounds, best = regret.bounds(shown), int(shown.means.argmax())
    held = bounds >= one.truth.max() - one.truth
    yield "regret of any one pick", held, float(bounds.mean())
    yield "regret of the pick that looks best", held[[best]], float(bounds[best])
    yield "regret of all picks at once", held.all(keepdims=True), float(bounds.mean())
    found = effects(shown, LAYERS)
    yield "effect of any one layer", (found.low <= one.effects) & (one.effects <= found.high), float(np.mean(found.high - found.low))
    alike = one.draw(random, spread, seeds, null=True)
    yield "no pair told apart of choices all alike", np.array([not alike.apart.any()]), float(np.mean(shown.apart == 0))
    yield "no false verdict in a table of choosers", *_table(alike, random)
    again = one.draw(random, spread, seeds)
    yield "tau of one order seen twice", *_within(1.0, tau_interval(shown.likely, again.likely))
    scores = np.array([sum_of_layers(choice) for choice in one.choices])
    yield "tau with the sum of layers", *_within(kendall_tau(scores, one.truth), score_interval(shown, scores))


def of_two_tasks(shown: Mapping[str, Ranking]) -> Iterator[tuple[tuple[str, str], np.ndarray, float]]:
    """Yield the same for tau of every two tasks with three layers."""
    for a, b in itertools.combinations([name for name in shown if "3 layers" in name], 2):
        true = kendall_tau(world(a).truth, world(b).truth)
        yield ("tau of two tasks", f"{a}, and {b}"), *_within(true, tau_interval(shown[a].likely, shown[b].likely))


def _within(true: float, span: tuple[float, float]) -> tuple[np.ndarray, float]:
    low, high = span
    return np.array([low - 1e-9 <= true <= high + 1e-9]), min(high, 1.0) - max(low, -1.0)


def _table(alike: Ranking, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """Whether nine picks beside the lowest sum of layer numbers, all choices alike, are none of them called better or worse (Holm)."""
    each, bar = np.eye(len(alike.choices)), max(range(len(alike.choices)), key=lambda row: sum_of_layers(alike.choices[row]))
    picks = random.permutation([row for row in range(len(each)) if row != bar])[:PICKS]
    judged = judged_together([alike.contrast(each[pick] - each[bar]) for pick in picks])
    return np.array([not any(found.clear for found in judged)]), float(np.mean([found.comparison.half_width(found.level) for found in judged]))
