"""Choosers beside the saved full runs: the regret of each pick, its rank, the order of its scores, and its cost."""

import dataclasses
import functools
import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import LabError
from core.findings.evidence import Choice, settings_of
from core.findings.landscape import Landscape, fullest
from core.recipe import RUNGS
from core.statistics import regret as study
from core.studies.choosers import picks


@dataclass(frozen=True)
class Judged:
    """One chooser or baseline. pick: None for a baseline that picks by seed or by chance. regret: a fraction of test examples, estimated; bound: what
    the true one is at most, with a chance of 95 % for all picks of a table together. None where the pick was not measured, or the noise is unknown.

    rank: of the pick's mean, 1 is best, of `of` choices. tau: of its scores with the truth; None where it scores not every choice. cost: in full runs
    of one seed (`cost_of`; for baselines by count). seconds, steps: what choosing took. bar: whether it is a baseline, a bar to be beaten."""

    method: str
    title: str
    pick: Choice | None
    regret: float | None
    bound: float | None
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
        one = self.landscape
        shared = {choice: [run for run in runs if run["recipe"]["seed"] in self.seeds] for choice, runs in one.runs.items()}
        noisy = Landscape({choice: runs for choice, runs in shared.items() if runs}, one.test).ranking
        accuracies = np.array([[run["final"]["accuracy"] for run in runs] for runs in self.runs])
        return study.Trials(tuple(one.choices), accuracies, noisy if noisy.seeds else None)

    @property
    def complete(self) -> bool:
        """Whether every choice of this size is among them. Where not, the best may be another, so that no regret is known."""
        return len(self.landscape.choices) == math.comb(self.landscape.layers, self.landscape.k)

    @functools.cached_property
    def run_seconds(self) -> float:
        """The median seconds of a full run."""
        return statistics.median(run["seconds"] for runs in self.runs for run in runs)

    @functools.cached_property
    def validation(self) -> np.ndarray:
        """(C, S): the last accuracy on validation of each run."""
        last = lambda run: next(point["val_accuracy"] for point in reversed(run["curve"]) if point["val_accuracy"] is not None)
        return np.array([[last(run) for run in runs] for runs in self.runs])

    @functools.cached_property
    def possible(self) -> int | None:
        """The number of choices that no other is told to be better than; None where not every choice was run, or the noise is unknown."""
        if not self.complete or self.trials.ranking is None:
            return None
        return len(self.landscape.can_be_best)

    def rank(self, choice: Choice) -> int:
        return 1 + int((self.trials.means > self.trials.means[self.trials.choices.index(choice)]).sum())


def truth_for(document: dict, found: Iterable[Landscape]) -> Ground | None:
    """Return the full runs that a pick is judged by: the same weights, data, size and short-run recipe; None where none are saved."""
    wanted = {name: value for name, value in document["settings"]["recipe"].items() if name in ("objective", "optimiser")}
    best = fullest(
        one for one in found
        if (*one.ground, one.k) == (document["teacher_hash"], document["task_hash"], document["k"]) and one.choices
        and one.one["recipe"]["budget"]["epochs"] == RUNGS["full"].epochs
        and all(settings_of(one.one)[name] == value for name, value in wanted.items())
    )
    return Ground(best) if best else None


def cost_of(ground: Ground, document: dict) -> float | None:
    """Return what a pick took, in full runs of one seed: by the clock where both were made by the same kind of device in the same dtype. Else a
    chooser that trains is counted by its steps, each of which costs what a full run's does, and of any other it is not known."""
    full = ground.landscape.one
    if all(document["environment"][name] == full["environment"][name] for name in ("device", "dtype")):
        return document["seconds"] / ground.run_seconds
    return document["steps"] / full["steps"] if document["steps"] else None


def judge(ground: Ground | None, document: dict, frozen: Mapping[str, str]) -> Judged:
    """Judge a chooser's pick by the full runs; without any, return what it picked and what that took.

    frozen: the hashes of the frozen settings by method. LabError for a pick that may not be judged, since it was not made under them."""
    pick = tuple(document["choices"][0]["layers"])
    unknown = Judged(
        document["method"], document["title"], pick, regret=None, bound=None, rank=None, of=math.comb(document["layers"], document["k"]),
        tau=None, tau_interval=None, cost=cost_of(ground, document) if ground else None, seconds=document["seconds"], steps=document["steps"],
    )
    if ground is None:
        return unknown
    if reason := picks.refusal(document, frozen):
        raise LabError(reason)
    if not ground.complete:
        return unknown
    trials = ground.trials
    policy = trials.always(pick)
    scores = {tuple(one["layers"]): one["score"] for one in document["choices"]}
    scored = len(scores) > 1 and all(scores.get(choice) is not None for choice in trials.choices)
    tau, tau_interval = study.score_tau(trials, [scores[choice] for choice in trials.choices]) if scored else (None, None)
    return dataclasses.replace(
        unknown, regret=float(study.regret(trials.accuracies, policy)), bound=study.bound(trials, policy), rank=ground.rank(pick),
        tau=tau, tau_interval=tau_interval,
    )
