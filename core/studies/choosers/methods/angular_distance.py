"""Angular distance: leave out the blocks whose output points where their input does."""

import itertools

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Choice, Ranked, rank_by_score


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by minus the angular distance across every block that they leave out.

    The paper removes, of all blocks of L - k neighbours, the one with the smallest distance. Departures: the first token's hidden states
    instead of the last's, since that is what an encoder's classifier reads; and a choice may leave out several blocks, whose distances add
    up, so that every choice has a score. Among the choices that leave out one block the order is the paper's.
    """
    from core.studies.inside.similarity import angular_matrix

    angles = angular_matrix(sample.states(teacher).first)
    score = lambda choice: -sum(angles[start][end] for start, end in blocks_left_out(choice, teacher.layers))
    return rank_by_score(score, teacher.layers, k)


def blocks_left_out(choice: Choice, layers: int) -> list[tuple[int, int]]:
    """Return each run of neighbouring layers that the choice leaves out, as (layer before it, its last layer); 0 is the embeddings.

    >>> blocks_left_out((1, 4), 6)
    [(1, 3), (4, 6)]
    """
    ends = [0, *choice, layers + 1]
    return [(before, after - 1) for before, after in itertools.pairwise(ends) if after - before > 1]


ANGULAR_DISTANCE = Method(
    "angular-distance", "angular distance of blocks", rank, SEARCH_SETTINGS, order=2,
    page_title="Angular distance",
    line="Leave out the blocks of neighbouring layers whose output points where their input does.",
    formula=r"S(C)=-\sum_{\mathrm{blocks}\ (a,b]\ \mathrm{left\ out}}\tfrac{1}{\pi}\,\overline{\arccos}\,\cos(h_a,h_b)",
    source='Gromov et al., "The Unreasonable Ineffectiveness of the Deeper Layers" (arXiv 2403.17887)',
)
