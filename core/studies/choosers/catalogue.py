"""All choosers by name."""

from dataclasses import dataclass

from core.errors import LabError
from core.recipe import PRESETS
from core.studies.choosers.baselines import at_random, lowest_sum, named_preset
from core.studies.choosers.gates import learned_gates
from core.studies.choosers.halving import successive_halving
from core.studies.choosers.ranked import Chooser
from core.studies.choosers.sensitivity import fisher_sensitivity, leave_one_out
from core.studies.choosers.similarity import angular_distance, block_influence, cka_coverage
from core.studies.choosers.untrained import before_training, greedy_before_training


@dataclass(frozen=True)
class Method:
    """title: a few words. run: the chooser. labels: whether it reads labels. baseline: what the others are held against."""

    title: str
    run: Chooser
    labels: bool = False
    baseline: bool = False


METHODS: dict[str, Method] = {
    "block-influence": Method("Block Influence", block_influence),
    "angular-distance": Method("angular distance of blocks", angular_distance),
    "cka-coverage": Method("CKA coverage", cka_coverage),
    "before-training": Method("loss before training", before_training, labels=True),
    "before-training-greedy": Method("loss before training, greedy removal", greedy_before_training, labels=True),
    "fisher": Method("Fisher sensitivity", fisher_sensitivity, labels=True),
    "leave-one-out": Method("leave one out", leave_one_out, labels=True),
    "learned-gates": Method("learned gates", learned_gates, labels=True),
    "successive-halving": Method("successive halving over short runs", successive_halving, labels=True),
    **{
        name: Method(f"preset: {PRESETS[name].format(k='k')}", named_preset(name), baseline=True)
        for name in ("first-k", "last-k", "odd", "even", "spread")
    },
    "random": Method("at random", at_random, baseline=True),
    "lowest-sum": Method("lowest sum of layer numbers", lowest_sum, baseline=True),
}


def method(name: str) -> Method:
    """LabError for an unknown name."""
    if name not in METHODS:
        raise LabError(f"There is no chooser {name!r}; choose one of {', '.join(METHODS)}.")
    return METHODS[name]
