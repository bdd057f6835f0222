"""Seams measured without training beside the full runs: how well each way to combine them ranks choices, and what it costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.findings.choosers.regret import Ground
from core.findings.evidence import settings_of
from core.findings.landscape import Landscape
from core.recipe import RUNGS, Recipe
from core.statistics.regret import score_tau
from core.studies.seams.combine import VARIANTS


@dataclass(frozen=True)
class Judged:
    """One variant on one teacher, task and size. tau, interval: of its order with the full runs' (core.statistics.regret.score_tau)."""

    variant: str
    tau: float
    interval: tuple[float, float] | None


def grounds(document: Mapping, found: Iterable[Landscape]) -> dict[int, Ground]:
    """Return the fullest landscape of full runs with the default recipe of every choice, by size, for the document's teacher and data."""
    of = {}
    for one in found:
        if one.ground == (document["teacher_hash"], document["task_hash"]) and _full(one):
            ground = Ground(one)
            if ground.complete and len(one.choices) > 1:
                of.setdefault(one.k, ground)
    return dict(sorted(of.items()))


def judge(document: Mapping, ground: Ground) -> list[Judged]:
    """Judge every variant that the document allows."""
    found = []
    for name, variant in VARIANTS.items():
        costs = [variant.cost(document, choice) for choice in ground.trials.choices]
        if None not in costs:
            found.append(Judged(name, *score_tau(ground.trials, [-round(cost, 9) for cost in costs])))
    return found


def cost_in_full_runs(document: Mapping, ground: Ground) -> tuple[float, float]:
    """Return what measuring the seams took, in full runs of one seed of this size by the clock: by its own clock, and by its processor time, which
    other work on the machine does not lengthen. The clock of the full runs had other work beside it too."""
    return sum(document["seconds"].values()) / ground.run_seconds, document["processor_seconds"] / ground.run_seconds


@dataclass(frozen=True)
class Healing:
    """Choices of one size before their first step and after full runs. rows: choice -> (accuracy cut, accuracy after), means over seeds, the highest
    before first. tau, interval: of the order before with the order after."""

    rows: dict[tuple[int, ...], tuple[float, float]]
    tau: float
    interval: tuple[float, float] | None


def healing(ground: Ground) -> Healing:
    """Return what the saved runs of one size say of cutting alone: every record holds what its student was worth before its first step."""
    before = {choice: float(np.mean([run["initial"]["accuracy"] for run in runs])) for choice, runs in zip(ground.trials.choices, ground.runs)}
    rows = {choice: (before[choice], float(after)) for choice, after in zip(ground.trials.choices, ground.trials.means)}
    tau, interval = score_tau(ground.trials, [before[choice] for choice in ground.trials.choices])
    return Healing(dict(sorted(rows.items(), key=lambda row: -row[1][0])), tau, interval)


def _full(one: Landscape) -> bool:
    return one.settings == settings_of({"recipe": Recipe("any", "any", (1,), budget=RUNGS["full"]).to_dict()})
