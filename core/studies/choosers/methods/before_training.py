"""Loss before training: seed every candidate, evaluate it untrained, and keep the one with the lowest loss."""

import itertools
import math

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import BEAM, Choice, Ranked, beam_search, best_first

EXHAUSTIVE = 100  # ours: up to this many choices every one is evaluated; above it beam search removes one layer at a time


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by minus the cross-entropy of the seeded student before its first step.

    Of more than EXHAUSTIVE candidates, those that beam search finds by removing one layer at a time from the whole teacher.
    """
    if math.comb(teacher.layers, k) > EXHAUSTIVE:
        return rank_by_removal(teacher, sample, k, BEAM)
    losses, choices, scores = sample.untrained_losses(teacher), list(itertools.combinations(range(1, teacher.layers + 1), k)), {}
    for done, choice in enumerate(choices):
        sample.progress(done / len(choices), "Evaluating untrained students")
        scores[choice] = -losses.of(choice)
    return Ranked(best_first(scores))


def rank_by_removal(teacher, sample, k: int, width: int) -> Ranked:
    """Rank the choices that beam search of this width finds, by the same score."""
    layers, losses = teacher.layers, sample.untrained_losses(teacher)

    def score(choice: Choice) -> float:
        sample.progress((layers - len(choice)) / (layers - k + 1), "Evaluating untrained students")
        return -losses.of(choice)

    found = beam_search(score, layers, k, width)
    return Ranked(best_first(found), complete=len(found) == math.comb(layers, k))


BEFORE_TRAINING = Method(
    "before-training", "loss before training", rank, {"beam": BEAM, "exhaustive": EXHAUSTIVE}, order=4, labels=True,
    page_title="Loss before training",
    line="Seed a student from each choice, evaluate it untrained, and take the one with the lowest loss.",
    formula=r"S(C)=-\tfrac1n\sum_i \mathrm{CE}\left(f_C(x_i),y_i\right)",
)
