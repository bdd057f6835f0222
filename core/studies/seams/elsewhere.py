"""How far descriptions that were fitted on other runs rank the choices of a sample: of other sizes, tasks and teachers."""

import itertools
from collections.abc import Sequence

import numpy as np

from core.recipe.seams import seams
from core.statistics.agreement import Choice, kendall_tau, relabelling_null
from core.statistics.regret import score_tau
from core.statistics.ridge import LeftOut, fit, r_squared
from core.studies.seams.descriptions import DESCRIPTIONS, Description, missing
from core.studies.seams.sample import Sample
from core.studies.seams.study import LEVEL


def fitted(samples: Sequence[Sample], description: Description, others: Sequence[Choice]) -> np.ndarray:
    """Fit a description on all choices of some samples, the number of missing layers beside it, and predict other choices' targets."""
    known, layers = [choice for sample in samples for choice in sample.choices], samples[0].layers
    build = lambda choices: [np.hstack([design, missing(choices, layers)]) for design in description.designs(choices, layers)]
    return fit(build(known), np.concatenate([sample.targets for sample in samples])).predict(build(others))


def ranked(sample: Sample, scores: Sequence[float]) -> dict:
    """Return how far scores, (C,), rank the choices of a sample as its full runs do: Kendall's tau, its interval for the true order, and the 95th
    percentile where the teacher's layers are renamed."""
    tau, interval = score_tau(sample.trials(), scores)
    if tau != tau:
        return {"tau": None, "interval": None, "relabelled": None}
    means = dict(zip(sample.choices, sample.table.mean(1)))
    null = relabelling_null(means, dict(zip(sample.choices, scores)), sample.layers)
    return {"tau": tau, "interval": interval, "relabelled": float(np.quantile(null, LEVEL))}


def across_sizes(sizes: Sequence[Sample], predicted: Sample) -> list[dict]:
    """Judge every description by the full runs of the other sizes alone: the order that it gives to one size, and how far off it is; and, over all
    sizes with one choice left out, its R² among the left-out choices of this size."""
    others = [sample for sample in sizes if sample is not predicted]
    every = [choice for sample in sizes for choice in sample.choices]
    targets = np.concatenate([sample.targets for sample in sizes])
    here = [n for n, choice in enumerate(every) if choice in predicted.accuracies]
    rows = []
    for description in DESCRIPTIONS.values():
        scores = fitted(others, description, predicted.choices)
        designs = [np.hstack([design, missing(every, predicted.layers)]) for design in description.designs(every, predicted.layers)]
        off = predicted.accuracy(scores) - predicted.accuracy(predicted.targets)
        rows.append({
            "name": description.name, **ranked(predicted, scores), "r_squared": float(r_squared(predicted.targets, scores)),
            "off": float(np.abs(off).mean()), "bias": float(off.mean()),
            "all_sizes": float(r_squared(targets[here], LeftOut(designs).predict(targets)[here])),
        })
    return rows


def single_seams(sizes: Sequence[Sample], teacher: float) -> dict[str, float]:
    """Return what a student with one seam and nothing else changed loses against the teacher's accuracy, for every seam that was measured."""
    found = {}
    for sample in sizes:
        for choice, row in zip(sample.choices, sample.table):
            if len(made := seams(choice, sample.layers)) == 1:
                found[str(made[0])] = teacher - float(row.mean())
    return found


def summed(sizes: Sequence[Sample], predicted: Sample, teacher: float) -> dict:
    """Rank choices by the summed costs of their seams, each measured in a student that has it alone; nothing is fitted. The choices of this size that
    have one seam are themselves such students and are left out."""
    costs = single_seams(sizes, teacher)
    many = [choice for choice in predicted.choices if len(seams(choice, predicted.layers)) > 1]
    scores = np.array([teacher - sum(costs[str(seam)] for seam in seams(choice, predicted.layers)) for choice in many])
    part = Sample(predicted.name, {choice: predicted.accuracies[choice] for choice in many}, predicted.layers, predicted.chance)
    means = part.table.mean(1)
    tau, interval = score_tau(part.trials(), scores)
    correlation = float(np.corrcoef(scores, means)[0, 1])
    return {"choices": len(many), "tau": tau, "interval": interval, "r": correlation, "off": float(np.abs(scores - means).mean()),
            "bias": float((scores - means).mean())}


def transfer(samples: Sequence[Sample], names: Sequence[str]) -> list[dict]:
    """Return, for every two samples of one size, how far descriptions fitted on one rank the other, beside the tau of their own accuracies."""
    return [
        {"fitted": one.name, "predicted": other.name, "tau": kendall_tau(one.table.mean(1), other.table.mean(1)),
         **{name: ranked(other, fitted([one], DESCRIPTIONS[name], other.choices)) for name in names}}
        for one, other in itertools.permutations(samples, 2)
    ]


def weights(sample: Sample, name: str) -> list[float]:
    """Return the fitted weights of a description's only design, in logits."""
    return fit(sample.designs(DESCRIPTIONS[name]), sample.targets).weights.tolist()
