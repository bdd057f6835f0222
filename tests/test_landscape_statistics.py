"""Rankings, layer effects and short-run truth against planted truths. Run: python -m pytest tests/test_landscape_statistics.py"""

import itertools

import numpy as np
import pytest

from core.statistics import effects as study
from core.statistics.agreement import kendall_tau, sum_of_layers
from core.statistics.ranking import Ranking, ranking, short_run_truth, tau, taus
from core.statistics.testset import TestSet
from core.store.saved import Truth

CHOICES = list(itertools.combinations(range(1, 7), 3))
EFFECTS = np.array([0.05, 0.03, 0.01, -0.02, -0.03, -0.04])  # they sum to zero
TRUE = {choice: 0.7 + EFFECTS[[layer - 1 for layer in choice]].sum() for choice in CHOICES}


def measured(true, seeds, sd, rng):
    return {choice: [mean + sd * rng.normal() for _ in range(seeds)] for choice, mean in true.items()}


def exact(true) -> Ranking:
    """A ranking without noise."""
    choices = tuple(sorted(true))
    return Ranking(choices, np.array([true[choice] for choice in choices]), np.zeros((1000, len(choices))), True, True)


def test_the_noise_of_seeds_is_the_pooled_one_over_the_number_of_seeds():
    rng = np.random.default_rng(0)
    few, many = list(itertools.combinations(range(1, 9), 3)), 3
    scores = measured({choice: 0.5 for choice in few}, many, 0.02, rng)
    pooled = np.sqrt(np.mean([np.var(runs, ddof=1) for runs in scores.values()]))
    found = ranking(scores)
    assert found.seeds and not found.examples and abs(found.noise.mean()) < 1e-3
    assert found.noise.std() == pytest.approx(pooled / np.sqrt(many), rel=0.03)


def test_one_seed_a_choice_says_nothing_of_seed_noise():
    found = ranking({choice: [mean] for choice, mean in TRUE.items()})
    assert not found.seeds and not found.examples and not found.noise.any()


def test_the_noise_of_seeds_may_come_from_elsewhere():
    single = ranking({choice: [mean] for choice, mean in TRUE.items()})
    found = single.with_seeds(0.02, [1, 4] * 10)
    assert found.seeds and np.array_equal(found.means, single.means) and abs(found.noise.mean()) < 1e-3
    assert found.noise[:, ::2].std() == pytest.approx(0.02, rel=0.03) and found.noise[:, 1::2].std() == pytest.approx(0.01, rel=0.03)
    (_, (low, high), ceiling), (_, _, without) = tau(single, found), tau(single, single)
    assert low < high < 1 and ceiling < without == 1


def test_the_noise_of_examples_is_paired_and_clustered():
    """Against the linearised variance of core/statistics/testset.py."""
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(300), 3)
    labels = rng.integers(0, 3, 900)
    test = TestSet(Truth("".join(map(str, labels)), tuple(int(c) for c in clusters)))
    hard = np.repeat(rng.random(300), 3)

    def record(skill):
        right = rng.random(900) < np.clip(skill + 0.6 * (hard - 0.5), 0, 1)
        return {"predictions": "".join(str(label if ok else (label + 1) % 3) for label, ok in zip(labels, right))}

    records = {(1,): record(0.8), (2,): record(0.7), (3,): record(0.6)}
    hits = {choice: test.hits(run)[None] for choice, run in records.items()}
    found = ranking({choice: [hits[choice].sum() / 900] for choice in records}, hits, test.sizes)
    assert found.examples and not found.seeds
    for i, j in itertools.combinations(range(3), 2):
        one, other = (hits[found.choices[k]][0] for k in (i, j))
        assert found.gap_errors()[i, j] == pytest.approx(np.sqrt(test.variance(one - other)), rel=0.1)


def test_what_seeds_change_example_by_example_counts_once():
    """Runs whose answers are coin tosses: examples and seeds are the same noise, so that of one run is neither doubled nor halved."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(20):
        hits = {choice: (rng.random((3, 500)) < 0.7).astype(float) for choice in CHOICES}
        found.append(ranking({choice: list(runs.mean(1)) for choice, runs in hits.items()}, hits, np.ones(500)).noise.std())
    assert np.mean(found) == pytest.approx(np.sqrt(0.7 * 0.3 / 500 / 3), rel=0.06)


def test_means_are_drawn_together_by_the_share_of_noise():
    rng = np.random.default_rng(3)
    ratios = []
    for _ in range(50):
        found = ranking(measured(TRUE, 2, 0.05, rng))
        ratios.append(np.var(found.steady()) / np.var(list(TRUE.values())))
    assert np.mean(ratios) == pytest.approx(1, abs=0.1) and np.allclose(exact(TRUE).steady(), exact(TRUE).means - exact(TRUE).means.mean())


def test_effects_are_found_and_sum_to_zero():
    found = study.effects(exact(TRUE), 6)
    assert np.allclose(found.values, EFFECTS) and np.allclose(found.low, EFFECTS) and np.allclose(found.high, EFFECTS)


def test_effects_equal_constrained_least_squares():
    rng = np.random.default_rng(4)
    scores = {choice: rng.random() for choice in CHOICES}
    free = study.presence(CHOICES, 6)[:, :-1] - study.presence(CHOICES, 6)[:, -1:]  # the last effect is minus the sum of the others
    design = np.column_stack([np.ones(20), free])
    solution = np.linalg.lstsq(design, np.array([scores[choice] for choice in CHOICES]), rcond=None)[0]
    found = study.effects(exact(scores), 6).values
    assert np.allclose(found, [*solution[1:], -solution[1:].sum()]) and abs(found.sum()) < 1e-12


def test_intervals_of_effects_cover_the_truth():
    rng = np.random.default_rng(5)
    held = []
    for _ in range(150):
        found = study.effects(ranking(measured(TRUE, 3, 0.02, rng)), 6)
        held.append((found.low <= EFFECTS) & (found.high >= EFFECTS))
    assert 0.91 <= np.mean(held) <= 0.98


def test_four_presets_do_not_tell_the_layers_apart():
    few = [(1, 2, 3), (4, 5, 6), (1, 3, 5), (2, 4, 6)]
    assert not study.separable(few, 6) and study.separable(CHOICES, 6) and not study.separable([], 6)
    assert study.effects(exact({choice: TRUE[choice] for choice in few}), 6) is None
    assert study.fit(np.random.rand(4, 2), few, 6) is None


def table(scores):
    return np.array([scores[choice] for choice in CHOICES])


def test_the_fit_is_judged_on_the_held_out_seed():
    exactly = study.fit(table({choice: [mean, mean + 0.1] for choice, mean in TRUE.items()}), CHOICES, 6)
    assert exactly.additive == pytest.approx(1) and exactly.ceiling == pytest.approx(1)
    rng = np.random.default_rng(6)
    noise_share = []
    for _ in range(40):
        found = study.fit(table(measured(TRUE, 3, 0.05, rng)), CHOICES, 6)
        noise_share.append((found.additive, found.ceiling))
    expected = np.var(list(TRUE.values())) / (np.var(list(TRUE.values())) + 0.05**2)
    additive, ceiling = np.mean(noise_share, axis=0)
    assert ceiling == pytest.approx(expected, abs=0.06) and ceiling - 0.2 < additive < ceiling
    nothing = study.fit(rng.normal(size=(20, 2)), CHOICES, 6)
    assert nothing.additive < 0.3
    assert study.fit(table({choice: [mean] for choice, mean in TRUE.items()}), CHOICES, 6) is None


def test_the_block_of_pairs_is_silent_without_pairs_and_loud_with_one(monkeypatch):
    monkeypatch.setattr(study, "PERMUTATIONS", 400)
    rng = np.random.default_rng(7)
    alarms = [study.pair_block(ranking(measured(TRUE, 2, 0.01, rng)), 6).p <= 0.05 for _ in range(200)]
    assert np.mean(alarms) <= 0.09
    paired = {choice: mean + 0.05 * ({1, 2} <= set(choice)) for choice, mean in TRUE.items()}
    found = study.pair_block(ranking(measured(paired, 2, 0.002, rng)), 6)
    assert found.p < 0.01 and found.share > 0.95 and found.expected == pytest.approx(9 / 14)


def test_a_block_that_fits_everything_is_not_judged():
    two = {choice: 0.5 + 0.01 * rank for rank, choice in enumerate(itertools.combinations(range(1, 7), 2))}
    assert study.pair_block(exact(two), 6) is None


def test_tau_with_its_interval_and_ceiling_foretells_a_repeated_measurement():
    """Two rankings of the same true order: the ceiling is what they reach on average, and a repetition falls into the interval."""
    rng = np.random.default_rng(8)
    again = lambda: ranking(measured(TRUE, 2, 0.03, rng))
    reached, ceilings, inside = [], [], []
    for _ in range(25):
        found, (low, high), ceiling = tau(again(), again())
        repeated = kendall_tau(again().means, again().means)
        reached.append(found), ceilings.append(ceiling), inside.append(low <= repeated <= high)
    assert np.mean(ceilings) == pytest.approx(np.mean(reached), abs=0.05) and np.mean(inside) >= 0.84
    perfect, interval, ceiling = tau(exact(TRUE), exact(TRUE))
    assert perfect == 1 and interval == (1, 1) and ceiling == 1


def test_many_taus_at_once_are_those_one_by_one():
    rng = np.random.default_rng(10)
    a, b = rng.integers(0, 4, (50, 6)), rng.normal(size=(50, 6))
    assert np.allclose(taus(a, b), [kendall_tau(x, y) for x, y in zip(a, b)], equal_nan=True)


def test_short_run_truth_of_known_scores():
    full = exact({(1, 2): 0.9, (1, 3): 0.8, (2, 3): 0.7, (2, 4): 0.6, (3, 4): 0.6})
    short = exact({(1, 2): 0.5, (1, 3): 0.6, (2, 3): 0.4, (2, 4): 0.3, (3, 4): 0.2, (1, 4): 0.9})
    found = short_run_truth(short, full)
    assert (found.choices, found.pairs) == (5, 10) and found.ties == pytest.approx(0.1) and found.agreement == pytest.approx(8 / 9)
    assert found.tau == pytest.approx(kendall_tau([0.9, 0.8, 0.7, 0.6, 0.6], [0.5, 0.6, 0.4, 0.3, 0.2]))
    trivial = [sum_of_layers(choice) for choice in sorted(full.choices)]
    assert found.trivial_tau == pytest.approx(kendall_tau(trivial, full.means)) and found.trivial_agreement == 1
    assert found.agreement_interval == pytest.approx((8 / 9, 8 / 9))


def test_gaps_within_noise_are_ties():
    rng = np.random.default_rng(9)
    alike = ranking(measured({choice: 0.7 for choice in CHOICES}, 3, 0.02, rng))
    found = short_run_truth(alike, alike)
    assert found.ties >= 0.85
    apart = short_run_truth(alike, ranking(measured({choice: 10 * mean for choice, mean in TRUE.items()}, 3, 0.001, rng)))
    assert apart.ties <= 0.15 and apart.agreement < 0.75  # (some sums of effects are equal)


def test_nothing_is_said_of_too_few_choices():
    few = exact({(1, 2): 0.9, (1, 3): 0.8, (2, 3): 0.7})
    assert short_run_truth(few, few) is None


def test_all_ties_leave_no_agreement():
    flat = exact({choice: 0.5 for choice in CHOICES})
    found = short_run_truth(exact(TRUE), flat)
    assert found.ties == 1 and found.agreement is None and found.trivial_agreement is None
