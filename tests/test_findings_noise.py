"""Noise, tests and error rates against SciPy, brute force and draws. Run: python -m pytest tests/test_findings_noise.py"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.statistics.distributions import exact_interval, t_p_value, t_quantile, wilson
from core.statistics.holm import adjusted_together, holm
from core.statistics.noise import UNTOLD, ChoiceNoise, Comparison, SeedNoise, compare, each_its_own, joined, pooled
from core.statistics.testset import TestSet, disagreement
from core.store.saved import Truth


@given(st.floats(-40, 40), st.floats(0.5, 3000))
def test_students_t_is_scipys(t, df):
    assert t_p_value(t, df) == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-7, abs=1e-14)


@pytest.mark.parametrize("df", (1, 4, 38.5, 900))
@pytest.mark.parametrize("level", (0.5, 0.95, 0.9999))
def test_quantiles_invert(level, df):
    assert t_quantile(level, df) == pytest.approx(stats.t.ppf((1 + level) / 2, df), rel=1e-6)


@pytest.mark.parametrize(("hits", "n"), ((0, 20), (13, 20), (16, 20), (20, 20), (1, 3)))
def test_intervals_of_shares_are_scipys(hits, n):
    test = stats.binomtest(hits, n)
    assert exact_interval(hits, n) == pytest.approx(tuple(test.proportion_ci(0.95, "exact")), abs=1e-9)
    assert wilson(hits / n, n) == pytest.approx(tuple(test.proportion_ci(0.95, "wilson")), abs=1e-7)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from((0.1, 0.5, 1.0, 2.0))), min_size=1, max_size=6))
def test_holm_is_the_closed_test_of_weighted_bonferroni(pairs):
    """A hypothesis is rejected where every set of hypotheses that holds it is, each set tested by min p / w against its share."""
    p, weights = zip(*pairs)
    sets = [s for size in range(1, len(p) + 1) for s in itertools.combinations(range(len(p)), size)]
    of_set = {s: min(1.0, min(p[i] / weights[i] for i in s) * sum(weights[i] for i in s)) for s in sets}
    expected = [max(value for s, value in of_set.items() if i in s) for i in range(len(p))]
    assert holm(p, weights) == pytest.approx(expected, abs=1e-12)


def test_the_pooled_sd_is_the_root_of_the_within_variance():
    samples = [[0.1, 0.4, 0.3], [0.8, 0.7], [0.5]]
    expected = np.sqrt((2 * np.var(samples[0], ddof=1) + np.var(samples[1], ddof=1)) / 3)
    assert pooled(samples) == SeedNoise(pytest.approx(expected), 3)
    assert pooled([[0.5], [0.6]]) == SeedNoise(None, 0) and not pooled([[0.1, 0.2]]).known


def test_without_test_set_noise_it_is_the_two_sample_t_test():
    a, b = [0.81, 0.84, 0.80, 0.83], [0.78, 0.80, 0.79]
    noise = pooled([a, b])
    one = joined(np.mean(a) - np.mean(b), [(noise.sd**2 * (1 / 4 + 1 / 3), noise.df)], 0.0, 1, n=(4, 3), basis="", runs=())
    assert one.df == pytest.approx(5) and one.p == pytest.approx(stats.ttest_ind(a, b).pvalue)


def some_runs(rng, n=300, runs=3, flip=0.1):
    """Runs that are right on the same examples but for a share that goes either way."""
    labels = rng.integers(0, 3, n)
    base = rng.random(n) < 0.7
    right = np.where(rng.random((runs, n)) < flip, ~base, base)
    predictions = ["".join(map(str, np.where(row, labels, (labels + 1) % 3))) for row in right]
    records = [{"id": f"r{i}", "predictions": p, "final": {"accuracy": float(row.mean())}} for i, (p, row) in enumerate(zip(predictions, right))]
    return Truth("".join(map(str, labels)), tuple((np.arange(n) // rng.choice([1, 2, 3, 5])).tolist())), records, right


def test_the_variance_is_that_of_a_bootstrap_over_clusters():
    rng = np.random.default_rng(0)
    truth, records, right = some_runs(rng, n=600)
    clusters = np.sort(rng.integers(0, 180, 600))  # of different sizes
    test = TestSet(Truth(truth.labels, tuple(clusters.tolist())))
    difference = test.hits(records[0]) - test.hits(records[1])
    assert test.hits(records[0]).sum() == right[0].sum()
    sums = np.bincount(test.cluster, right[0].astype(float) - right[1])
    draws = rng.integers(0, test.clusters, (20000, test.clusters))
    ratios = sums[draws].sum(1) / test.sizes[draws].sum(1)
    assert test.variance(difference) == pytest.approx(ratios.var(), rel=0.05)


def test_what_seeds_flip_is_counted_once():
    """Two choices that do the same in truth: what is left of the test-set variance after the flips is zero on average."""
    rng = np.random.default_rng(1)
    left = []
    for _ in range(200):
        truth, records, _ = some_runs(rng, runs=6)
        test = TestSet(truth)
        a, b = records[:3], records[3:]
        difference = np.mean([test.hits(r) for r in a], 0) - np.mean([test.hits(r) for r in b], 0)
        left.append((test.variance(difference) - test.flips([a, b]) * 2 / 3) / test.variance(difference))
    assert abs(np.mean(left)) < 0.05


def test_without_truth_the_noise_of_the_test_set_is_bounded_and_named():
    rng = np.random.default_rng(2)
    truth, records, _ = some_runs(rng)
    noise = ChoiceNoise(0.01, 0.02, 3, 0.01)
    apart = Truth(truth.labels, tuple(range(300)))
    exact = compare(records[:1], records[1:2], noise, noise, TestSet(apart))
    bound = compare(records[:1], records[1:2], noise, noise, TestSet(None))
    assert bound.test_variance >= exact.test_variance and "bound" in bound.basis and "paired" in exact.basis
    assert bound.test_variance == pytest.approx(disagreement(records[0]["predictions"], records[1]["predictions"]) / 300)
    assert compare(records[:1], records[1:2], UNTOLD, noise, TestSet(None)).p is None


def test_no_noise_at_all():
    assert Comparison(0.0, ((0.0, 5),), 0.0, (1, 1), "", ()).p == 1.0
    assert Comparison(0.1, ((0.0, 5),), 0.0, (1, 1), "", ()).p == 0.0


def test_each_choice_has_its_own_noise_with_a_floor_and_a_bound():
    samples = {"calm": [0.5, 0.501, 0.502], "wild": [0.4, 0.5, 0.6], "two": [0.5, 0.5], "one": [0.7], "control": [0.1, 0.9, 0.5]}
    found = each_its_own(samples, beside=["control"])
    mean = (0.001 + 0.1 + 0.0) / 3
    assert found["calm"].sd == pytest.approx(mean) and found["wild"].sd == pytest.approx(0.1) and found["one"] is UNTOLD
    assert found["control"].sd == pytest.approx(0.4) and found["control"].most == found["calm"].most == pytest.approx(0.1)
    assert found["calm"].bound(3) == pytest.approx(1.5 * 0.01) and found["two"].bound(2) == pytest.approx(2.5 * 0.01)
    assert found["control"].bound(3) == pytest.approx(1.5 * 0.16)  # its own, where that is larger
    assert found["wild"].half_width() == pytest.approx(stats.t.ppf(0.975, 2) * 0.1 / np.sqrt(3))
    assert set(each_its_own({"a": [0.1, 0.2, 0.3], "b": [0.1, 0.2]}).values()) == {UNTOLD}  # three degrees of freedom in all


def test_the_interval_of_a_noisy_choice_covers_its_mean_beside_calm_ones():
    """One choice ten times noisier than 19 others: the pooled SD would cover its mean in six of ten cases."""
    rng, sds = np.random.default_rng(4), np.array([0.05, *[0.005] * 19])
    hits = 0
    for _ in range(500):
        drawn = 0.7 + sds[:, None] * rng.normal(size=(20, 3))
        hits += abs(drawn[0].mean() - 0.7) <= each_its_own(dict(enumerate(drawn.tolist())))[0].half_width()
    assert hits >= 0.93 * 500


def test_comparisons_without_a_known_noise_do_not_count_in_the_adjustment():
    assert adjusted_together([0.01, None, 0.04]) == [*holm([0.01, 0.04], [1.0, 1.0])[:1], None, holm([0.01, 0.04], [1.0, 1.0])[1]]
    assert adjusted_together([None]) == [None] and adjusted_together([]) == []
