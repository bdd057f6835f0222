"""Chance: every choice gets a number drawn with a fixed seed."""

import random

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Ranked, rank_by_score


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by numbers that are the same for the same layers and k."""
    return rank_by_score(lambda choice: random.Random(f"{teacher.layers}/{choice}").random(), teacher.layers, k)


RANDOM = Method("random", "at random", rank, SEARCH_SETTINGS, baseline=True, order=10)
