"""Fisher sensitivity: keep the layers to whose strength the teacher's loss is most sensitive."""

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Ranked, rank_by_sum


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by the sum of their layers' Fisher scores (core.training.layer_weights.fisher)."""
    from core.training.layer_weights import fisher

    return rank_by_sum(fisher(teacher, sample.validation, sample.device), k)


FISHER = Method(
    "fisher", "Fisher sensitivity", rank, SEARCH_SETTINGS, order=6, labels=True,
    page_title="Fisher sensitivity",
    line="Keep the layers to whose strength the loss is most sensitive: squared gradients of a gate on each layer.",
    formula=r"S(C)=\sum_{l\in C}\overline{\left(\partial\,\mathrm{CE}/\partial g_l\right)^2}",
)
