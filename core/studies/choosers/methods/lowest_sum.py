"""The lowest sum of layer numbers: the nearer the input the better, whatever the teacher."""

from core.statistics.agreement import sum_of_layers
from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Ranked, rank_by_score


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by minus the sum of their layer numbers."""
    return rank_by_score(sum_of_layers, teacher.layers, k)


LOWEST_SUM = Method("lowest-sum", "lowest sum of layer numbers", rank, SEARCH_SETTINGS, baseline=True, order=11)
