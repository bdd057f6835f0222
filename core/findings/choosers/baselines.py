"""What a chooser has to beat: the presets run once with the best kept on validation, the lowest sum of layer numbers, and chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.findings.choosers.regret import Ground, Judged
from core.findings.evidence import Choice
from core.statistics import regret as study
from core.statistics.agreement import sum_of_layers
from core.studies.choosers.methods.presets import preset_choices

BASELINES = {"presets-once": "the presets once, the best on validation", "lowest-sum": "the lowest sum of layer numbers", "random": "at random"}
MOST = 4  # presets that are run once; spread stands in where a parity has too few layers


@dataclass(frozen=True)
class Baseline:
    """policy: (S, C), for each seed the probabilities of its picks. pick: where it is the same for all seeds. cost: in full runs of one seed."""

    method: str
    policy: np.ndarray
    pick: Choice | None
    cost: float


def baselines(ground: Ground) -> list[Baseline]:
    """Return the baselines that the saved runs allow: none where not every choice was run."""
    if not ground.complete:
        return []
    trials = ground.trials
    candidates = preset_rows(trials.choices, ground.landscape.layers, ground.landscape.k)
    lowest = max(trials.choices, key=sum_of_layers)
    once = Baseline("presets-once", study.kept_on_validation(ground.validation, candidates), None, float(len(candidates)))
    return [once, Baseline("lowest-sum", trials.always(lowest), lowest, 0.0), Baseline("random", trials.chance(), None, 0.0)]


def judged_baselines(ground: Ground) -> list[Judged]:
    """Judge every baseline as a chooser is."""
    trials = ground.trials
    found = []
    for one in baselines(ground):
        tau, tau_interval = None, None
        if one.method == "lowest-sum":
            tau, tau_interval = study.score_tau(trials, [sum_of_layers(choice) for choice in trials.choices])
        found.append(Judged(
            one.method, BASELINES[one.method], one.pick, float(study.regret(trials.accuracies, one.policy)), study.interval(trials, one.policy),
            ground.rank(one.pick) if one.pick else None, len(trials.choices), tau, tau_interval, one.cost, None, 0, bar=True,
        ))
    return found


def preset_rows(choices: Sequence[Choice], layers: int, k: int) -> list[int]:
    """Return the rows of the presets among the choices: the first four that name k layers and were measured, each once."""
    return [choices.index(choice) for choice in preset_choices(layers, k) if choice in choices][:MOST]
