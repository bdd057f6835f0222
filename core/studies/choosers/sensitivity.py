"""Choosers that ask how much the teacher's loss depends on a layer."""

from core.models.teachers import Teacher
from core.studies.choosers.ranked import Ranked, added, chooser
from core.studies.choosers.sample import Sample
from core.studies.choosers.untrained import loss_of
from core.training.relevance import fisher


@chooser
def fisher_sensitivity(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Keep the layers whose gates the loss is most sensitive to: the sum of their Fisher scores (core.training.relevance.fisher)."""
    return added(fisher(teacher, sample.validation, sample.device), k)


@chooser
def leave_one_out(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Keep the layers that the teacher misses most: a layer's score is what its removal adds to the cross-entropy, and a choice's their sum.

    Ablation of one layer at a time, with nothing trained; the sum takes no account of what two layers do together.
    """
    everything = range(1, teacher.layers + 1)
    whole = loss_of(teacher, sample, tuple(everything))
    scores = []
    for out in everything:
        sample.progress((out - 1) / teacher.layers, "Leaving layers out")
        rest = tuple(layer for layer in everything if layer != out)
        scores.append(loss_of(teacher, sample, rest) - whole if rest else 0.0)
    return added(scores, k)
