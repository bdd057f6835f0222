"""Leave one out: keep the layers that the teacher misses most."""

import itertools

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Ranked, rank_by_sum


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by the sum of what the removal of each of their layers adds to the cross-entropy.

    One layer is removed at a time, with nothing trained; the sum takes no account of what two layers do together.
    """
    layers, losses = teacher.layers, sample.untrained_losses(teacher)
    whole = losses.of(range(1, layers + 1))
    scores = {layer: 0.0 for layer in range(1, layers + 1)}
    for done, rest in enumerate(itertools.combinations(scores, layers - 1)):
        sample.progress(done / layers, "Leaving layers out")
        (out,) = set(scores) - set(rest)
        if rest:
            scores[out] = losses.of(rest) - whole
    return rank_by_sum(list(scores.values()), k)


LEAVE_ONE_OUT = Method(
    "leave-one-out", "leave one out", rank, SEARCH_SETTINGS, order=7, labels=True,
    page_title="Leave one out",
    line="Keep the layers that the teacher misses most: what taking each one away adds to the loss.",
    formula=r"S(C)=\sum_{l\in C}\left(\mathrm{CE}(f_{\setminus l})-\mathrm{CE}(f)\right)",
)
