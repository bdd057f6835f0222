"""Choosers beside the saved truth: the regret of each pick, its rank, the order of its scores, and its cost."""

import functools
import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.findings.evidence import Choice, settings_of
from core.findings.landscape import Landscape, fullest
from core.recipe import RUNGS
from core.statistics import regret as study
from core.studies.choosers import picks


@dataclass(frozen=True)
class Judged:
    """One chooser or bar. pick: None for a bar that picks by seed or by chance. regret, interval: fractions of test examples; None where
    the pick was not measured, or the noise is unknown.

    rank: of the pick's mean, 1 is best, of `of` choices. tau: of its scores with the truth; None where it scores not every choice. cost: in full
    runs of one seed (`cost_of`; for bars by count). seconds, steps: what choosing took.
    """

    method: str
    title: str
    pick: Choice | None
    regret: float | None
    interval: tuple[float, float] | None
    rank: int | None
    of: int
    tau: float | None
    tau_interval: tuple[float, float] | None
    cost: float | None
    seconds: float | None
    steps: int
    bar: bool = False


class Ground:
    """The truth of one teacher, task and size: full runs of its choices, over the seeds that all of them have."""

    def __init__(self, landscape: Landscape):
        self.landscape = landscape
        by_seed = [{run["recipe"]["seed"]: run for run in landscape.runs[choice]} for choice in landscape.choices]
        self.seeds = sorted(set.intersection(*map(set, by_seed)))
        self.runs = [[found[seed] for seed in self.seeds] for found in by_seed]

    @functools.cached_property
    def trials(self) -> study.Trials:
        figure = lambda name: np.array([[run[name]["accuracy"] for run in runs] for runs in self.runs])
        return study.Trials(tuple(self.landscape.choices), figure("final"), self._noise())

    def _noise(self) -> np.ndarray | None:
        one = self.landscape
        if not one.noise.known:
            return None
        hits = np.array([[one.test.hits(run) for run in runs] for runs in self.runs]) if one.known else None
        return study.noise(hits, one.test.sizes if one.known else None, (len(self.runs), len(self.seeds)),
                           math.sqrt(max(0.0, one.noise.sd**2 - one.flips)))

    @property
    def complete(self) -> bool:
        """Whether every choice of this size is among them. Where not, the best may be another, so that no regret and no bar is known."""
        return len(self.landscape.choices) == math.comb(self.landscape.layers, self.landscape.k)

    @functools.cached_property
    def run_seconds(self) -> float:
        """What a full run takes, the median."""
        return statistics.median(run["seconds"] for runs in self.runs for run in runs)

    @functools.cached_property
    def validation(self) -> np.ndarray:
        """(C, S): the last accuracy on validation of each run."""
        last = lambda run: next(point["val_accuracy"] for point in reversed(run["curve"]) if point["val_accuracy"] is not None)
        return np.array([[last(run) for run in runs] for runs in self.runs])

    @functools.cached_property
    def within_noise(self) -> float | None:
        return study.within_noise(self.trials) if self.complete else None

    def rank(self, choice: Choice) -> int:
        return 1 + int((self.trials.means > self.trials.means[self.trials.choices.index(choice)]).sum())


def truth_for(document: dict, found: Iterable[Landscape]) -> Ground | None:
    """The full runs that a pick is judged by: the same weights, data, size and short-run recipe; None where none are saved."""
    wanted = {name: value for name, value in document["settings"]["recipe"].items() if name in ("objective", "optimiser")}
    matching = [
        one for one in found
        if (*one.ground, one.k) == (document["teacher_hash"], document["task_hash"], document["k"]) and one.choices
        and one.one["recipe"]["budget"]["epochs"] == RUNGS["full"].epochs
        and all(settings_of(one.one)[name] == value for name, value in wanted.items())
    ]
    best = fullest(matching)
    return Ground(best) if best else None


def cost_of(ground: Ground, document: dict) -> float | None:
    """What a pick took, in full runs of one seed: by the clock where both were made by the same kind of device in the same dtype. Else a chooser
    that trains is counted by its steps, each of which costs what a full run's does, and of any other it is not known."""
    full = ground.landscape.one
    if all(document["environment"][name] == full["environment"][name] for name in ("device", "dtype")):
        return document["seconds"] / ground.run_seconds
    return document["steps"] / full["steps"] if document["steps"] else None


def judge(ground: Ground | None, document: dict, frozen: str | None) -> Judged:
    """A chooser's pick by the truth; with none, what it picked and what that took. LabError for a held-out pick that must not be judged."""
    if ground is not None:
        picks.admitted([document], frozen)
    pick = tuple(document["choices"][0]["layers"])
    told = {"method": document["method"], "title": document["title"], "pick": pick, "seconds": document["seconds"], "steps": document["steps"]}
    unknown = {"regret": None, "interval": None, "rank": None, "tau": None, "tau_interval": None}
    if ground is None:
        return Judged(**told, **unknown, of=math.comb(document["layers"], document["k"]), cost=None)
    trials = ground.trials
    cost = cost_of(ground, document)
    if not ground.complete:
        return Judged(**told, **unknown, of=math.comb(document["layers"], document["k"]), cost=cost)
    rest = {"of": len(trials.choices), "cost": cost}
    policy = trials.always(pick)
    scores = {tuple(one["layers"]): one["score"] for one in document["choices"]}
    scored = len(scores) > 1 and all(scores.get(choice) is not None for choice in trials.choices)
    tau, tau_interval = study.score_tau(trials, [scores[choice] for choice in trials.choices]) if scored else (None, None)
    return Judged(
        **told, **rest, regret=float(study.regret(trials.accuracies, policy)), interval=study.interval(trials, policy), rank=ground.rank(pick),
        tau=tau, tau_interval=tau_interval,
    )
