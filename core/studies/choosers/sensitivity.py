"""Choosers that ask how much the teacher's loss depends on a layer."""

import itertools

from core.models.teachers import Teacher
from core.studies.choosers.ranked import Ranked, added, chooser
from core.studies.choosers.sample import Sample
from core.training.relevance import fisher
from core.training.untrained import UntrainedLosses


@chooser
def fisher_sensitivity(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Keep the layers whose gates the loss is most sensitive to: the sum of their Fisher scores (core.training.relevance.fisher)."""
    return added(fisher(teacher, sample.validation, sample.device), k)


@chooser
def leave_one_out(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Keep the layers that the teacher misses most: a layer's score is what its removal adds to the cross-entropy, and a choice's their sum.

    Ablation of one layer at a time, with nothing trained; the sum takes no account of what two layers do together.
    """
    layers, losses = teacher.layers, UntrainedLosses(teacher.model, sample.validation, sample.device)
    whole = losses.of(range(1, layers + 1))
    scores = {layer: 0.0 for layer in range(1, layers + 1)}
    for done, rest in enumerate(itertools.combinations(scores, layers - 1)):
        sample.progress(done / layers, "Leaving layers out")
        (out,) = set(scores) - set(rest)
        if rest:
            scores[out] = losses.of(rest) - whole
    return added(list(scores.values()), k)
