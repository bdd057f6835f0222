"""What tells a student's accuracy from its layers: single layers, gaps or seams? Every description judged on the choices of one sample.

Every R² is on choices that were left out (core/statistics/ridge.py); 0 is the mean of the other choices."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.recipe.seams import seams
from core.statistics.distributions import t_quantile
from core.statistics.effects import presence
from core.statistics.noise import each_its_own
from core.statistics.ridge import LeftOut, Model, fit, r_squared
from core.studies.seams.descriptions import DESCRIPTIONS, Description
from core.studies.seams.sample import Sample

PERMUTATIONS = 2000
LEVEL = 0.95
LAYERS = "layers"  # what every other description is compared with: the Landscape draws it
FEW = 10  # choices, below which no R² is given among some of them
WORST = 4  # choices that are shown as the best description's worst


@dataclass(frozen=True)
class Judged:
    """A description's R² on left-out choices. jackknife: (C,) the same without each choice, everything chosen anew."""

    description: Description
    r_squared: float
    jackknife: np.ndarray

    def beyond(self, other: "Judged") -> tuple[float, float]:
        """Return by how much this R² is higher than another's, and the jackknife's standard error over choices (Efron and Tibshirani 1993, "An
        Introduction to the Bootstrap", 11.5): how far the difference hangs on single choices, not on seeds.

        It is on the wide side, as tests/test_seams_study.py shows with drawn worlds, since leaving out one more choice moves every other's fit."""
        each = self.jackknife - other.jackknife
        n = len(each)
        return self.r_squared - other.r_squared, float(np.sqrt((n - 1) / n * ((each - each.mean()) ** 2).sum()))

    def beside(self, other: "Judged") -> dict | None:
        """Return the same with a 95 % interval (Student's), as plain data; None beside itself."""
        if self is other:
            return None
        value, error = self.beyond(other)
        half = t_quantile(LEVEL, len(self.jackknife) - 1) * error
        return {"difference": value, "standard_error": error, "interval": [value - half, value + half]}


@dataclass(frozen=True)
class Worth(Judged):
    """What a description is worth on one sample; r_squared is that of the seeds' mean. seeds: each seed by itself. permuted: the 95th percentile
    where the accuracies are shuffled among the choices; relabelled: where the teacher's layers are renamed, in all ways (None where not all choices
    are there); p of each: the share that reaches r_squared. predicted: (C,) targets of the left-out choices. model: the fit on all choices. plain:
    r_squared with accuracies in place of logits. shared: r_squared among the choices whose seams others have too; None of fewer than FEW."""

    seeds: np.ndarray
    permuted: float
    permuted_p: float
    relabelled: float | None
    relabelled_p: float | None
    predicted: np.ndarray
    model: Model
    plain: float
    shared: float | None


def relabellings(sample: Sample) -> np.ndarray | None:
    """Return the (L!, C) indices of the choices that each choice becomes when the teacher's layers are renamed; None where some are not there."""
    place = {choice: n for n, choice in enumerate(sample.choices)}
    orders = itertools.permutations(range(1, sample.layers + 1))
    renamed = [[tuple(sorted(order[layer - 1] for layer in choice)) for choice in sample.choices] for order in orders]
    if any(choice not in place for choice in set(itertools.chain(*renamed))):
        return None
    return np.array([[place[choice] for choice in row] for row in renamed])


def chance(reached: np.ndarray) -> float:
    """Return the p-value of a random sample of permutations, each of which reached the observed figure or did not; the observed one counts as one."""
    return float((1 + reached.sum()) / (1 + len(reached)))


def worth(sample: Sample, description: Description) -> Worth:
    """Judge a description on the choices of one sample."""
    designs, targets = sample.designs(description), sample.targets
    left_out = LeftOut(designs)
    judge = lambda rows: r_squared(rows, left_out.predict(rows))
    shuffled = np.random.default_rng(0).permuted(np.tile(targets, (PERMUTATIONS, 1)), axis=1)
    found, permuted, renamed = float(judge(targets)), judge(shuffled), relabellings(sample)
    relabelled = None if renamed is None else judge(targets[renamed])
    without = lambda n: [np.delete(design, n, axis=0) for design in designs]
    jackknife = [r_squared(rest, LeftOut(without(n)).predict(rest)) for n in range(len(targets)) for rest in [np.delete(targets, n)]]
    reached = lambda values: values >= found - 1e-9
    predicted, shared = left_out.predict(targets), sample.shared
    return Worth(
        description, found, np.array(jackknife), judge(sample.logits.T), float(np.quantile(permuted, LEVEL)), chance(reached(permuted)),
        None if relabelled is None else float(np.quantile(relabelled, LEVEL)), None if relabelled is None else float(np.mean(reached(relabelled))),
        predicted, fit(designs, targets), float(judge(sample.table.mean(1))),
        float(r_squared(targets, predicted, shared)) if shared.sum() >= FEW else None,
    )


def beyond_layers(sample: Sample) -> dict[str, float]:
    """Return for each description, by name, how often its R² would lie as far above that of single layers if these were all that matters: what the
    additive model leaves is shuffled among the choices (Freedman and Lane 1983, "A nonstochastic interpretation of reported significance levels")."""
    single = np.column_stack([np.ones(len(sample.choices)), presence(sample.choices, sample.layers)])
    additive = single @ (np.linalg.pinv(single) @ sample.targets)
    rests = np.random.default_rng(0).permuted(np.tile(sample.targets - additive, (PERMUTATIONS, 1)), axis=1)
    rows = np.vstack([sample.targets, additive + rests])  # the first as it is
    found = {name: r_squared(rows, LeftOut(sample.designs(description)).predict(rows)) for name, description in DESCRIPTIONS.items()}
    gains = {name: values - found[LAYERS] for name, values in found.items() if name != LAYERS}
    return {name: chance(values[1:] >= values[0] - 1e-9) for name, values in gains.items()}


def worths(sample: Sample) -> list[Worth]:
    """Judge every description, the simplest first."""
    return [worth(sample, description) for description in DESCRIPTIONS.values()]


def best(found: Sequence[Judged]) -> Judged:
    return max(found, key=lambda one: one.r_squared)


def simplest(found: Sequence[Judged]) -> Judged:
    """Return the simplest description that is worth as much as the best: the first, in their order, whose R² lies within one standard error of the
    best's (the one-standard-error rule of Breiman et al. 1984, "Classification and Regression Trees", on paired differences)."""
    top = best(found)
    return next(one for one in found if one is top or np.less_equal(*top.beyond(one)))


def worst(sample: Sample, one: Worth, count: int) -> list[dict]:
    """List this many of the choices that a description gets most wrong, with the noise of their means and their seams that no other choice has."""
    noises = each_its_own(sample.accuracies)
    counts = [seam for choice in sample.choices for seam in seams(choice, sample.layers)]
    predicted, means = sample.accuracy(one.predicted), sample.accuracy(sample.targets)
    order = np.argsort(-np.abs(predicted - means))[:count]
    return [
        {"choice": list(choice), "accuracy": means[n], "predicted": predicted[n], "miss": predicted[n] - means[n],
         "noise": noises[choice].half_width() if noises[choice].known else None,
         "only_here": [str(seam) for seam in seams(choice, sample.layers) if counts.count(seam) == 1]}
        for n, choice in ((n, sample.choices[n]) for n in order)
    ]


def sample_table(sample: Sample, found: Sequence[Worth]) -> dict:
    """Return the table of one sample: every description, the simplest of the best, and what the best gets most wrong."""
    top, layers = best(found), next(one for one in found if one.description.name == LAYERS)
    additive = beyond_layers(sample)
    rows = [
        {"name": one.description.name, "features": one.description.features(sample.layers), "freedom": one.model.freedom,
         "design": one.model.design, "r_squared": one.r_squared, "plain": one.plain, "shared": one.shared, "seeds": one.seeds,
         "permuted": one.permuted, "permuted_p": one.permuted_p, "relabelled": one.relabelled, "relabelled_p": one.relabelled_p,
         "beside_layers": one.beside(layers), "layers_p": additive.get(one.description.name), "beside_best": one.beside(top),
         "worst": worst(sample, one, 1)[0]} for one in found
    ]
    return {
        "name": sample.name, "k": len(sample.choices[0]), "choices": len(sample.choices), "seeds": sample.table.shape[1],
        "shared": int(sample.shared.sum()), "ceiling": sample.ceiling, "rows": rows, "best": top.description.name,
        "simplest": simplest(found).description.name, "worst": worst(sample, top, WORST),
    }


def overall(found: Sequence[Sequence[Worth]]) -> dict:
    """Return the mean R² of every description over samples of the same choices, each of which is left out of all samples at once."""
    means = [
        Judged(one.description, float(np.mean([each.r_squared for each in several])), np.mean([each.jackknife for each in several], 0))
        for one, several in ((several[0], several) for several in zip(*found, strict=True))
    ]
    top = best(means)
    rows = [{"name": one.description.name, "r_squared": one.r_squared, "beside_best": one.beside(top)} for one in means]
    return {"rows": rows, "best": top.description.name, "simplest": simplest(means).description.name}
