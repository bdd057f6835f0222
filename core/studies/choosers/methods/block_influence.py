"""Block Influence: keep the layers that change the hidden states most."""

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Ranked, rank_by_sum


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by the sum of their layers' Block Influence.

    The paper removes the layers of lowest influence first, which leaves the choice of the highest sum. Departure: an encoder, all of whose
    tokens are averaged over.
    """
    return rank_by_sum(sample.states(teacher).influence.tolist(), k)


BLOCK_INFLUENCE = Method(
    "block-influence", "Block Influence", rank, SEARCH_SETTINGS, order=1,
    page_title="Block Influence",
    line="Keep the layers that change the hidden states most: one minus the cosine between what enters a layer and what leaves it.",
    formula=r"S(C)=\sum_{l\in C}\left(1-\overline{\cos}(h_{l-1},h_l)\right)",
    source='Men et al., "ShortGPT: Layers in Large Language Models are More Redundant Than You Expect" (arXiv 2403.03853)',
)
