"""What a gap that does not stand out comes to: within so many points, or too few runs to tell, with the gap that would have been found and the seeds
that would settle it. Run: python -m pytest tests/test_findings_settling.py"""

import numpy as np
import pytest
from scipy import stats

from core.findings.finding import fill
from core.findings.words import few, no_wider
from core.statistics.noise import ChoiceNoise, Comparison, findable, seeds_to_settle, ways_of
from core.statistics.verdict import EQUAL, UNKNOWN, WITHIN, Verdict

TEST = 0.00002
NOISES = (ChoiceNoise(0.012, 0.03, 3, 0.012), ChoiceNoise(0.018, 0.03, 3, 0.018))


def gap_of(gap: float, n: int = 3, noises=NOISES, test_variance: float = TEST) -> Comparison:
    return Comparison(gap, ways_of(noises, (n, n), test_variance, 1000), test_variance, (n, n), "", (), noise=noises)


def power(gap: float, n: int, level: float) -> float:
    """The chance that either way finds the gap, drawn: two choices with these SDs, the third noisier."""
    rng, times = np.random.default_rng(0), 4000
    sds = np.array([noise.sd for noise in NOISES])
    means = gap * np.array([1, 0]) + rng.normal(size=(times, 2)) * np.sqrt(sds**2 / n + TEST / 2)
    own = sds**2 * rng.chisquare(n - 1, (times, 2)) / (n - 1)
    found = []
    for (a, b), (u, v) in zip(means, np.sqrt(own)):
        one = gap_of(a - b, n, (ChoiceNoise(max(u, 0.012), 0.03, n, u), ChoiceNoise(max(v, 0.012), 0.03, n, v)))
        found.append(one.p <= level)
    return float(np.mean(found))


@pytest.mark.parametrize("gap", (0.03, 0.06, 0.2))
def test_the_seeds_find_it_in_about_four_of_five(gap):
    level = 0.002
    n = seeds_to_settle(gap_of(gap), level)
    assert power(gap, n, level) > 0.6 and (n == 2 or power(gap, n - 1, level) < 0.9)


def test_a_gap_that_the_examples_cannot_show_is_settled_by_no_number_of_seeds():
    quiet = (ChoiceNoise(0.001, 0.001, 3, 0.001),) * 2
    assert seeds_to_settle(gap_of(0.01, noises=quiet, test_variance=0.01**2), 0.05) is None
    assert seeds_to_settle(gap_of(0.0001), 0.05) is None


def test_the_gap_that_would_have_been_found_is_what_the_test_asks_for():
    one, level = gap_of(0.0), 0.01
    for way in one.ways:
        error = np.sqrt(way[0] + TEST)
        assert findable(one, level) <= (stats.t.ppf(1 - level / 4, way[1]) + 0.8416) * error + 1e-6
    assert findable(gap_of(0.0, 2), 1e-13) is None  # nothing so wide exists


def test_words_follow_the_interval():
    steady = (ChoiceNoise(0.002, 0.002, 10, 0.002),) * 2
    alike, wide = Verdict(gap_of(0.004, 10, steady, 0.0), 0.4, 0.05), Verdict(gap_of(0.004), 0.4, 0.05)
    assert (alike.word, wide.word) == (WITHIN, UNKNOWN) and alike.far <= EQUAL < wide.far
    low, high = alike.interval
    assert alike.far == pytest.approx(max(-low, high)) and low < 0.004 < high
    figures = {}
    assert fill(no_wider(figures, alike), figures) == f"lie within {100 * alike.far:.1f} points of each other"
    said = fill(few(figures, wide), figures)
    seeds = f"needs {wide.seeds}" if wide.seeds else "would need more than 100"
    assert said == (
        f"too few runs to tell (such runs find a gap of {100 * wide.findable:.1f} points in 80 % of cases; this one, 0.4 points, {seeds} seeds of "
        "each)."
    )


def test_the_smaller_p_of_two_ways_counts_twice():
    one = gap_of(0.1)
    each = [2 * stats.t.sf(0.1 / np.sqrt(variance + TEST), df) for variance, df in one.ways]
    assert len(each) == 2 and one.p == pytest.approx(2 * min(each)) and len(gap_of(0.1, 2).ways) == 1
    low, high = one.interval(one.p)
    assert min(abs(low), abs(high)) == pytest.approx(0.0, abs=1e-9)  # the interval ends where the test turns


def test_the_error_is_never_below_that_of_the_examples_with_all_that_seeds_flip():
    one = Comparison(0.01, ((0.0, 5.0),), 0.0, (3, 3), "", (), least_variance=0.0001)
    assert one.standard_error == pytest.approx(0.01) and one.p == pytest.approx(2 * stats.t.sf(1, 5))
