"""The chooser that seeds every candidate and evaluates it untrained."""

import itertools
import math

from core.models.teachers import Teacher
from core.studies.choosers.ranked import Choice, Ranked, beam, chooser, in_order
from core.studies.choosers.sample import Sample
from core.studies.choosers.settings import BEAM, EXHAUSTIVE
from core.training.untrained import UntrainedLosses


@chooser
def before_training(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Seed each candidate and take the one whose loss before its first step is lowest: minus its cross-entropy with the labels.

    Of more than EXHAUSTIVE candidates, those that beam search finds by removing one layer at a time from the whole teacher.
    """
    return ranked_before_training(teacher, sample, k, BEAM)


@chooser
def greedy_before_training(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """The same by greedy removal, at any size: of the sets that lack one layer more, only the best goes on."""
    return ranked_before_training(teacher, sample, k, 1, exhaustive=0)


def ranked_before_training(teacher: Teacher, sample: Sample, k: int, width: int, exhaustive: int = EXHAUSTIVE) -> Ranked:
    layers, losses = teacher.layers, UntrainedLosses(teacher.model, sample.validation, sample.device)
    if math.comb(layers, k) <= exhaustive:
        choices = list(itertools.combinations(range(1, layers + 1), k))
        scores = {}
        for done, choice in enumerate(choices):
            sample.progress(done / len(choices), "Evaluating untrained students")
            scores[choice] = -losses.of(choice)
        return Ranked(in_order(scores))

    def score(choice: Choice) -> float:
        sample.progress((layers - len(choice)) / (layers - k + 1), "Evaluating untrained students")
        return -losses.of(choice)

    found = beam(score, layers, k, width)
    return Ranked(in_order(found), complete=len(found) == math.comb(layers, k))
