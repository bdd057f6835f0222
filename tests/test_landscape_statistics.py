"""Rankings, layer effects and short-run truth against planted truths. Run: python -m pytest tests/test_landscape_statistics.py"""

import dataclasses
import itertools

import numpy as np
import pytest

from core.statistics import effects as study
from core.statistics.agreement import kendall_tau, sum_of_layers, taus
from core.statistics.noise import UNTOLD, Comparison, each_its_own, ways_of
from core.statistics.ranking import Ranking, agreement, short_run_truth
from core.statistics.ranking import measured as ranking
from core.statistics.testset import TestSet
from core.store.saved import Truth

CHOICES = list(itertools.combinations(range(1, 7), 3))
EFFECTS = np.array([0.05, 0.03, 0.01, -0.02, -0.03, -0.04])  # they sum to zero
TRUE = {choice: 0.7 + EFFECTS[[layer - 1 for layer in choice]].sum() for choice in CHOICES}


def measured(true, seeds, sd, rng):
    return {choice: [mean + sd * rng.normal() for _ in range(seeds)] for choice, mean in true.items()}


def exact(true) -> Ranking:
    """A ranking without noise, which is known to be none."""
    return ranking({choice: [mean, mean] for choice, mean in true.items()})


def test_a_gap_is_compared_as_two_choices_of_a_landscape_are():
    scores = measured(TRUE, 3, 0.02, np.random.default_rng(0))
    found, noises = ranking(scores, np.full(190, 1e-4), 2e-5), each_its_own(scores)
    pair = [noises[choice] for choice in CHOICES[:2]]
    by_hand = Comparison(found.means[0] - found.means[1], ways_of(pair, (3, 3), 1e-4 - 2 * 2e-5 / 3, 1000), 1e-4 - 2 * 2e-5 / 3, (3, 3), "", (), 1e-4)
    each = np.eye(20)
    one = found.contrast(each[0] - each[1])
    assert one.difference == pytest.approx(by_hand.difference) and one.interval(0.05) == pytest.approx(by_hand.interval(0.05))
    assert found.p[0] == pytest.approx(by_hand.p) and one.p == pytest.approx(by_hand.p) and found.whole[0] == pytest.approx(one.least_variance)


def test_many_choices_of_two_seeds_show_their_noise_together_and_two_do_not():
    found, each = ranking(measured(TRUE, 2, 0.02, np.random.default_rng(0))), np.eye(20)
    assert len(found.contrast(each[0] - each[1]).ways) == 1 and len(found.contrast(each[0] - each.mean(0)).ways) == 2


def test_one_seed_a_choice_says_nothing_of_seed_noise():
    found = ranking({choice: [mean] for choice, mean in TRUE.items()})
    assert not found.seeds and not found.apart.any() and not found.likely.any() and set(found.noises) == {UNTOLD}
    assert agreement(found, found).interval is None and agreement(found, exact(TRUE)).interval is None


def test_the_noise_of_seeds_may_come_from_elsewhere():
    rng = np.random.default_rng(1)
    single, repeated = ranking({choice: [mean] for choice, mean in TRUE.items()}), ranking(measured(TRUE, 3, 0.02, rng))
    found = single.take(CHOICES[3:9]).with_seeds_of(repeated)
    assert found.seeds and found.noises == repeated.noises[3:9] and np.array_equal(found.means, single.means[3:9])
    three = repeated.take(CHOICES[3:9]).half_width(0.05)
    assert found.half_width(0.05) == pytest.approx(np.sqrt(3) * three)  # of one run each, not of three


def test_pairs_are_told_apart_all_together():
    rng = np.random.default_rng(2)
    false = [ranking(measured({choice: 0.7 for choice in CHOICES}, 3, 0.02, rng)).apart.any() for _ in range(100)]
    assert np.mean(false) <= 0.06
    rows, columns = np.triu_indices(20, 1)
    found, wide = ranking(measured(TRUE, 3, 0.002, rng)), np.array([TRUE[CHOICES[i]] - TRUE[CHOICES[j]] for i, j in zip(rows, columns)])
    assert (found.apart[np.abs(wide) > 0.04] == np.sign(wide)[np.abs(wide) > 0.04]).all() and set(found.apart) == {-1, 0, 1}
    assert np.count_nonzero(found.likely) > np.count_nonzero(found.apart)


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
    whole = [test.between([one], [other])[0] for one, other in itertools.combinations(records.values(), 2)]
    found = ranking({choice: [test.hits(run).sum() / 900] for choice, run in records.items()}, whole)
    for (i, j), variance in zip(itertools.combinations(range(3), 2), found.whole):
        weights = np.eye(3)[i] - np.eye(3)[j]
        paired = test.variance(test.hits(records[found.choices[i]]) - test.hits(records[found.choices[j]]))
        assert variance == pytest.approx(paired) and weights @ found.test @ weights == pytest.approx(paired)
    hits = [test.hits(records[choice]) for choice in found.choices]
    assert [1, 1, -2] @ found.test @ [1, 1, -2] == pytest.approx(test.variance(hits[0] + hits[1] - 2 * hits[2]))


def of_hits(hits) -> Ranking:
    """A ranking of choices whose runs, (seeds, examples), are right or wrong; every example is a cluster."""
    rests = {choice: runs - runs.mean(1, keepdims=True) for choice, runs in hits.items()}
    n = next(iter(hits.values())).shape[1]
    whole = [((one.mean(0) - other.mean(0)) ** 2).sum() / n**2 for one, other in itertools.combinations(rests.values(), 2)]
    flips = np.mean([one.var(0, ddof=1).sum() for one in rests.values()]) / n**2
    return ranking({choice: list(runs.mean(1)) for choice, runs in hits.items()}, whole, flips)


def test_what_seeds_change_example_by_example_counts_once():
    """Runs whose answers are coin tosses: examples and seeds are the same noise, so that of one run is neither doubled nor halved."""
    rng = np.random.default_rng(2)
    single = [of_hits({choice: (rng.random((3, 500)) < 0.7).astype(float) for choice in CHOICES}).deviations(0).std() for _ in range(20)]
    assert np.mean(single) == pytest.approx(np.sqrt(0.7 * 0.3 / 500 / 3), rel=0.1)


def test_an_error_is_never_below_that_of_the_examples_alone():
    """Two seeds that happen to agree to the last example leave the noise of the examples as it is."""
    rng = np.random.default_rng(3)
    found = of_hits({choice: np.repeat((rng.random((1, 400)) < 0.7).astype(float), 2, 0) for choice in CHOICES})
    for flips in (0.0, 1.0):
        one = dataclasses.replace(found, flips=flips).contrast(np.eye(20)[0] - np.eye(20)[1])
        assert one.standard_error == pytest.approx(np.sqrt(found.whole[0]))


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
    for sds in ([0.02], [0.003, 0.003, 0.003, 0.06]):  # alike, and one choice of four twenty times as noisy
        held = []
        for _ in range(150):
            runs = {choice: [mean + sd * rng.normal() for _ in range(3)] for (choice, mean), sd in zip(TRUE.items(), itertools.cycle(sds))}
            found = study.effects(ranking(runs), 6)
            held.append((found.low <= EFFECTS) & (found.high >= EFFECTS))
        assert np.mean(held) >= 0.94


def test_what_lacking_two_neighbours_goes_with_is_found_and_judged_on_choices_left_out():
    lost = np.array([-0.05, -0.2, 0.0, -0.03, -0.1])
    flags = study.gone_together(CHOICES, 6)
    scores = dict(zip(CHOICES, 0.9 + flags @ lost))
    found = study.neighbours(exact(scores), 6)
    assert np.allclose(found.values, lost) and np.allclose(found.low, lost)
    means = table(scores)
    assert study.left_out(means, flags) == pytest.approx(1) and study.left_out(means, study.presence(CHOICES, 6)) < 0.9
    assert study.neighbours(exact({(1, 2, 3): 0.5, (4, 5, 6): 0.6}), 6) is None and study.left_out(means[:2], flags[:2]) is None


def test_r_squared_on_choices_left_out_is_that_of_refitting_without_each():
    rng = np.random.default_rng(7)
    means, flags = rng.random(20), study.gone_together(CHOICES, 6)
    design = np.column_stack([np.ones(20), flags])
    errors, others = [], []
    for i in range(20):
        rest = np.arange(20) != i
        errors.append(means[i] - design[i] @ np.linalg.lstsq(design[rest], means[rest], rcond=None)[0])
        others.append(means[i] - means[rest].mean())
    assert study.left_out(means, flags) == pytest.approx(1 - np.sum(np.square(errors)) / np.sum(np.square(others)))
    alone = np.eye(20)[:, :1]  # only one choice has it, so the others say nothing about it
    assert study.left_out(means, alone) is None


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


def test_the_ceiling_is_what_two_rankings_of_one_order_reach():
    rng = np.random.default_rng(8)
    again = lambda: ranking(measured(TRUE, 2, 0.03, rng))
    found = [agreement(again(), again()) for _ in range(25)]
    assert np.mean([one.ceiling for one in found]) == pytest.approx(np.mean([one.tau for one in found]), abs=0.06)
    assert np.mean([one.ceiling_range[0] <= one.tau <= one.ceiling_range[1] for one in found]) >= 0.8
    perfect = agreement(exact(TRUE), exact(TRUE))
    assert perfect.tau == perfect.ceiling == 1 and perfect.ceiling_range == (1, 1)


def test_the_ceiling_is_the_same_whichever_is_named_first():
    rng = np.random.default_rng(12)
    steep, flat = ranking(measured(TRUE, 2, 0.01, rng)), ranking(measured({choice: 0.7 for choice in CHOICES}, 2, 0.03, rng))
    one, other = agreement(steep, flat), agreement(flat, steep)
    assert (one.ceiling, one.ceiling_range, one.interval, one.tau) == (other.ceiling, other.ceiling_range, other.interval, other.tau)


@pytest.mark.parametrize("same", [True, False])
def test_the_interval_of_tau_holds_that_of_the_true_orders(same):
    """Two noisy orders that are truly one, and two that are unrelated; resampled means would say 0 of the first."""
    rng = np.random.default_rng(9)
    other = TRUE if same else dict(zip(CHOICES, rng.permutation(list(TRUE.values()))))
    jitter = {choice: 1e-4 * rng.normal() for choice in CHOICES}  # no two are truly equal
    one, two = ({choice: mean + jitter[choice] for choice, mean in some.items()} for some in (TRUE, other))
    true = kendall_tau(list(one.values()), list(two.values()))
    found = [agreement(ranking(measured(one, 3, 0.01, rng)), ranking(measured(two, 3, 0.02, rng))).interval for _ in range(60)]
    assert np.mean([low - 1e-9 <= true <= high + 1e-9 for low, high in found]) >= 0.94 and np.mean([high - low for low, high in found]) < 1.7


def test_many_taus_at_once_are_those_one_by_one():
    rng = np.random.default_rng(10)
    a, b = rng.integers(0, 4, (50, 6)), rng.normal(size=(50, 6))
    assert np.allclose(taus(a, b), [kendall_tau(x, y) for x, y in zip(a, b)], equal_nan=True)


def test_short_run_truth_of_known_scores():
    full = exact({(1, 2): 0.9, (1, 3): 0.8, (2, 3): 0.7, (2, 4): 0.6, (3, 4): 0.6})  # one pair is equal
    short = exact({(1, 2): 0.5, (1, 3): 0.6, (2, 3): 0.4, (2, 4): 0.3, (3, 4): 0.2, (1, 4): 0.9})
    found = short_run_truth(short, full)
    assert (found.choices, found.pairs) == (5, 10) and found.ties == pytest.approx(0.1) and found.agreement == pytest.approx(8 / 9)
    assert found.tau == pytest.approx(kendall_tau([0.9, 0.8, 0.7, 0.6, 0.6], [0.5, 0.6, 0.4, 0.3, 0.2]))
    trivial = [sum_of_layers(choice) for choice in sorted(full.choices)]
    assert found.trivial_tau == pytest.approx(kendall_tau(trivial, full.means)) and found.trivial_agreement == 1
    assert found.agreement_interval == pytest.approx((8 / 9, 8 / 9))


def test_pairs_that_full_runs_do_not_tell_apart_do_not_count():
    rng = np.random.default_rng(9)
    alike = ranking(measured({choice: 0.7 for choice in CHOICES}, 3, 0.02, rng))
    found = short_run_truth(alike, alike)
    assert found.ties == 1 and found.agreement is None
    apart = short_run_truth(alike, ranking(measured({choice: 10 * mean for choice, mean in TRUE.items()}, 3, 0.001, rng)))
    assert apart.ties <= 0.15 and apart.agreement < 0.75  # (some sums of effects are equal)


def test_nothing_is_said_of_too_few_choices():
    few = exact({(1, 2): 0.9, (1, 3): 0.8, (2, 3): 0.7})
    assert short_run_truth(few, few) is None


def test_no_pair_told_apart_leaves_no_agreement():
    flat = exact({choice: 0.5 for choice in CHOICES})
    found = short_run_truth(exact(TRUE), flat)
    assert found.ties == 1 and found.agreement is None and found.trivial_agreement is None
