"""What a map of choices will be able to tell apart, before any of its runs is made."""

from core.statistics.holm import LEVEL
from core.statistics.noise import LEAST_DF, TEST_DF, ChoiceNoise, Comparison, findable, ways_of


def gap_found(sd: float, most: float, test_variance: float, choices: int, seeds: int) -> float | None:
    """Return the gap between two of so many choices that is found in four of five maps, all pairs tested together; None where none is.

    sd, most: of the seeds of a choice, on average and at most, as fractions. test_variance: of the difference of two choices, from the test examples.
    """
    if seeds < 2 or choices * (seeds - 1) < LEAST_DF:
        return None
    noise, n = ChoiceNoise(sd, most, seeds, sd), (seeds, seeds)
    planned = Comparison(0.0, ways_of((noise, noise), n, test_variance, TEST_DF), test_variance, n, "planned", ())
    return findable(planned, LEVEL / (choices * (choices - 1) / 2))
