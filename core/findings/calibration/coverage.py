"""Do the bound of regret, the interval of tau and a table of choosers keep their promise? Counted in worlds whose true accuracies are the saved
means, through the product's own functions.

A world is made of the saved runs of one task and size: its true accuracies are their means, its noise of test examples has their covariance, its
noise of seeds their pooled SD (equal) or every choice's own (sample, harsher than the truth, since own SDs of few seeds differ by luck as well)."""

import functools
import itertools
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.findings.landscape import Landscape
from core.statistics import regret
from core.statistics.agreement import Choice, sum_of_layers, taus
from core.statistics.effects import effects
from core.statistics.ranking import Ranking, measured, tau_interval
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
        rows, columns = np.triu_indices(count, 1)
        test = (np.diag(self.test)[rows] + np.diag(self.test)[columns] - 2 * self.test[rows, columns]) + 2 * self.flips / seeds
        return measured(dict(zip(self.choices, runs.tolist(), strict=True)), test.tolist(), self.flips)

    def _sd(self, spread: str) -> np.ndarray:
        return self.sds if spread == "sample" else np.full(len(self.truth), self.pooled)

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


@dataclass(frozen=True)
class Cell:
    """What is promised, where, with which spread of the seeds' SDs and how many seeds. hits: draws one world, and returns whether the promise held
    (one bool a case, of which the worst counts) and how wide the interval was."""

    what: str
    where: str
    spread: str
    seeds: int
    hits: Callable[[np.random.Generator], tuple[np.ndarray, float]]

    @property
    def named(self) -> dict:
        return {"what": self.what, "where": self.where, "spread": self.spread, "seeds": self.seeds}

    def measure(self, worlds: int) -> dict:
        """Return the cell as a line of JSON: in how many of the worlds the promise held, and the median width."""
        random = np.random.default_rng(zlib.crc32(json.dumps(self.named).encode()))
        held, width = zip(*(self.hits(random) for _ in range(worlds)), strict=True)
        covered, median = int(np.sum(held, axis=0).min()), round(float(np.median(width)), 5)
        return {"status": "finished", "cell": self.named, "worlds": worlds, "covered": covered, "width": median}


def make(path: Path = PATH, worlds: int = WORLDS) -> None:
    """Measure every cell that the file does not hold yet, a line each."""
    done = [line["cell"] for line in saved.read(path)]
    path.parent.mkdir(parents=True, exist_ok=True)
    for cell in cells():
        if cell.named not in done:
            with path.open("a") as file:
                file.write(json.dumps(cell.measure(worlds)) + "\n")


def cells() -> Iterator[Cell]:
    """Yield every cell of the table."""
    for spread, seeds in itertools.product(SPREADS, SEEDS):
        for name in FILES:
            for what, hits in REGRET.items():
                yield Cell(what, name, spread, seeds, functools.partial(hits, world(name), spread, seeds))
            for what, other in (("tau of one order seen twice", name), ("tau with the sum of layers", None)):
                yield Cell(what, name, spread, seeds, functools.partial(_tau, name, other, spread, seeds))
        for one, other in itertools.combinations([name for name in FILES if "3 layers" in name], 2):
            yield Cell("tau of two tasks", f"{one}, and {other}", spread, seeds, functools.partial(_tau, one, other, spread, seeds))


def _regret(which: str, one: World, spread: str, seeds: int, random: np.random.Generator) -> tuple[np.ndarray, float]:
    drawn = one.draw(random, spread, seeds)
    bounds = regret.bounds(drawn)
    held, best = bounds >= one.truth.max() - one.truth, int(drawn.means.argmax())
    if which == "best":
        return held[[best]], float(bounds[best])
    return (held if which == "each" else held.all(keepdims=True)), float(bounds.mean())


def _effects(one: World, spread: str, seeds: int, random: np.random.Generator) -> tuple[np.ndarray, float]:
    found, true = effects(one.draw(random, spread, seeds), LAYERS), one.effects
    return (found.low <= true) & (true <= found.high), float(np.mean(found.high - found.low))


def _apart(one: World, spread: str, seeds: int, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """Whether no pair is told apart where none differs; the width is the share of pairs left open where the saved means are true."""
    shown = one.draw(random, spread, seeds)
    return np.array([not one.draw(random, spread, seeds, null=True).apart.any()]), float(np.mean(shown.apart == 0))


def _table(one: World, spread: str, seeds: int, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """Whether nine picks beside the lowest sum of layer numbers, all choices alike, are none of them called better or worse (Holm)."""
    drawn, each = one.draw(random, spread, seeds, null=True), np.eye(len(one.choices))
    bar = max(range(len(one.choices)), key=lambda row: sum_of_layers(one.choices[row]))
    picks = random.permutation([row for row in range(len(one.choices)) if row != bar])[:PICKS]
    judged = judged_together([drawn.contrast(each[pick] - each[bar]) for pick in picks])
    return np.array([not any(found.clear for found in judged)]), float(np.mean([found.comparison.half_width(found.level) for found in judged]))


REGRET = {
    "regret of any one pick": functools.partial(_regret, "each"), "regret of the pick that looks best": functools.partial(_regret, "best"),
    "regret of all picks at once": functools.partial(_regret, "all"), "no false verdict in a table of choosers": _table,
    "no pair told apart of choices all alike": _apart, "effect of any one layer": _effects,
}


def _tau(name: str, other: str | None, spread: str, seeds: int, random: np.random.Generator) -> tuple[np.ndarray, float]:
    one = world(name)
    first = one.draw(random, spread, seeds)
    if other is None:
        scores = np.array([sum_of_layers(choice) for choice in one.choices])
        trials = regret.Trials(one.choices, first.means[:, None], first)
        _, (low, high) = regret.score_tau(trials, scores)
        true = taus(scores[None], one.truth[None])[0]
    else:
        second = world(other)
        low, high = tau_interval(first.likely, second.draw(random, spread, seeds).likely)
        true = taus(one.truth[None], second.truth[None])[0]
    return np.array([low - 1e-9 <= true <= high + 1e-9]), min(high, 1.0) - max(low, -1.0)
