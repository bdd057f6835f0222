"""Shares of a seam's cost and verdicts on predictions, of drawn runs whose truth is known. Run: python -m pytest tests/test_seam_shares.py"""

import numpy as np
import pytest

from core.recipe.seams import Seam
from core.statistics.noise import compare, each_its_own
from core.statistics.testset import TestSet
from core.store.saved import Truth
from core.studies.seams.arms import ARMS, COPIES, CUT, FIXED, GAPS, SWAPPED, TASKS, TRAINED, WHOLE, key_of, layers_of
from core.studies.seams.predictions import PREDICTIONS, SHARE, Prediction
from core.studies.seams.shares import HELD, NOT_HELD, TOO_FEW, Measured, input_and_work, judged, rows, share_of

GAP, EXAMPLES = Seam(1, 4), 2000
TRUTH = Truth("0" * EXAMPLES, tuple(range(EXAMPLES)))
MEANS = {WHOLE: 0.96, SWAPPED: 0.93, FIXED: 0.72, TRAINED: 0.73, CUT: 0.60, COPIES: 0.56}


def drawn(means=MEANS, seeds=3, sd=0.008, rng=0, task="composed-nli", gap=GAP) -> list[dict]:
    """Runs whose right answers are drawn example by example, with a common difficulty; each run's level varies by sd from seed to seed."""
    rng = np.random.default_rng(rng)
    difficulty = rng.uniform(size=EXAMPLES)
    runs = []
    for arm, mean in means.items():
        for seed in range(seeds):
            right = difficulty < np.clip(mean + sd * rng.standard_normal(), 0, 1)
            marks = {"gap": None if arm == WHOLE else [gap.below, gap.above], "arm": arm}
            runs.append({
                "id": f"{arm}-{seed}", "experiment": marks, "recipe": {"task": task, "seed": seed}, "final": {"accuracy": float(right.mean())},
                "predictions": "".join("0" if one else "1" for one in right),
            })
    return runs


def of_arm(runs, arm):
    return [run for run in runs if key_of(run)[2] == arm]


@pytest.mark.parametrize("truth", (TRUTH, None), ids=("truth", "bound"))
@pytest.mark.parametrize("seeds", (2, 3))
def test_a_contrast_of_two_arms_is_the_comparison_of_two_choices(truth, seeds):
    runs = drawn(seeds=seeds)
    measured, test = Measured(runs, truth), TestSet(truth)
    by = {arm: of_arm(runs, arm) for arm in MEANS}
    noises = each_its_own({arm: [run["final"]["accuracy"] for run in some] for arm, some in by.items()})
    wanted = compare(by[FIXED], by[CUT], noises[FIXED], noises[CUT], test, test.flips(by.values()))
    found = measured.contrast(GAP, {FIXED: 1, CUT: -1})
    assert found.difference == pytest.approx(wanted.difference) and found.p == pytest.approx(wanted.p)
    assert found.interval(0.05) == pytest.approx(wanted.interval(0.05)) and found.n == wanted.n


def test_a_share_is_what_an_arm_gives_back_of_the_cost_and_the_rest_is_work():
    measured = Measured(drawn(), TRUTH)
    share = share_of(measured, GAP, FIXED)
    assert share.value == pytest.approx(1 / 3, abs=0.05) and 0 < share.interval[0] < share.value < share.interval[1] < 0.7
    for end in share.interval:  # at an end the test stands at its level
        assert measured.beyond(GAP, FIXED, end).p == pytest.approx(0.05, abs=1e-6)
    wrong_input, work = input_and_work(measured, GAP)
    assert wrong_input == share and wrong_input.value + work.value == pytest.approx(1)
    assert work.interval == pytest.approx((1 - share.interval[1], 1 - share.interval[0]))
    assert share_of(measured, GAP, COPIES).value < 0 < share_of(measured, GAP, SWAPPED).value < 1


def test_no_share_is_shown_where_the_cost_is_within_noise():
    for means in (MEANS | {CUT: 0.958, FIXED: 0.959}, MEANS | {CUT: 0.97}):
        measured = Measured(drawn(means), TRUTH)
        assert share_of(measured, GAP, FIXED) is None and input_and_work(measured, GAP) is None
        (one,) = judged([Prediction("composed-nli", GAP, FIXED, CUT, -1, 1, "", SHARE)], {"composed-nli": measured})
        assert one.found is one.inside is one.interval is one.beats is None and one.range == TOO_FEW


def test_one_seed_shows_a_share_without_an_interval_and_decides_nothing():
    measured = Measured(drawn(seeds=1), TRUTH)
    assert share_of(measured, GAP, FIXED).interval is None
    (one,) = judged([Prediction("composed-nli", GAP, WHOLE, CUT, 0, 100, "")], {"composed-nli": measured})
    assert one.inside and one.p_range is one.p_beats is None and one.range == one.beats == TOO_FEW


@pytest.mark.parametrize(("arm", "against", "low", "high", "kind", "word"), (
    (WHOLE, CUT, 25, 45, "points", HELD), (WHOLE, CUT, 0, 20, "points", NOT_HELD), (WHOLE, CUT, 50, 60, "points", NOT_HELD),
    (WHOLE, CUT, 35.9, 36.1, "points", TOO_FEW), (CUT, COPIES, 0, 30, "points", HELD), (COPIES, CUT, 0, 30, "points", NOT_HELD),
    (TRAINED, FIXED, 0, 10, "points", TOO_FEW), (FIXED, CUT, 0.1, 0.6, SHARE, HELD), (FIXED, CUT, 0.6, 0.9, SHARE, NOT_HELD),
    (FIXED, CUT, -0.2, 0.1, SHARE, NOT_HELD), (FIXED, CUT, 0.32, 0.34, SHARE, TOO_FEW),
))
def test_a_prediction_held_did_not_or_cannot_be_told(arm, against, low, high, kind, word):
    (one,) = judged([Prediction("composed-nli", GAP, arm, against, low, high, "", kind)], {"composed-nli": Measured(drawn(), TRUTH)})
    assert one.range == word
    assert one.inside == (word == HELD) or word == TOO_FEW


@pytest.mark.parametrize(("arm", "against", "low", "word"), (
    (CUT, COPIES, 0, HELD), (COPIES, CUT, 0, NOT_HELD), (TRAINED, FIXED, 0, TOO_FEW), (CUT, COPIES, -1, None), (FIXED, CUT, 0.1, HELD),
))
def test_which_arm_is_better_is_judged_where_it_was_said(arm, against, low, word):
    kind = SHARE if isinstance(low, float) else "points"
    (one,) = judged([Prediction("composed-nli", GAP, arm, against, low, 30, "", kind)], {"composed-nli": Measured(drawn(), TRUTH)})
    assert one.beats == word and one.prediction.beats == (word is not None)


def test_holm_counts_all_predictions_that_have_runs_and_no_others():
    by_task = {"composed-nli": Measured(drawn(), TRUTH)}
    one = Prediction("composed-nli", GAP, CUT, COPIES, 0, 30, "")
    elsewhere = Prediction("sick", GAP, CUT, COPIES, 0, 30, "")
    (alone,) = judged([one, elsewhere], by_task)
    many = judged([one] + [Prediction("composed-nli", GAP, TRAINED, FIXED, 0, 10, "")] * 20, by_task)
    assert len(many) == 21 and many[0].p_range == pytest.approx(21 * alone.p_range, rel=0.01)


def test_fiellers_interval_covers_the_true_share():
    inside = 0
    for n in range(60):
        low, high = share_of(Measured(drawn(rng=n, sd=0.02), TRUTH), GAP, FIXED).interval
        inside += low <= (MEANS[FIXED] - MEANS[CUT]) / (MEANS[WHOLE] - MEANS[CUT]) <= high
    assert inside >= 54


def test_rows_have_every_arm_beside_the_cut():
    found = rows({"composed-nli": Measured(drawn(), TRUTH)}, GAPS)
    assert [(one.gap, one.arm) for one in found] == [(GAP, arm) for arm in ARMS if arm in MEANS]
    by = {one.arm: one for one in found}
    assert by[CUT].given_interval is by[CUT].share is by[WHOLE].share is None and by[COPIES].given < 0 and by[FIXED].seeds == 3
    assert by[WHOLE].given_interval[0] < by[WHOLE].given < by[WHOLE].given_interval[1]


def test_the_predictions_name_every_gap_and_task_and_can_be_checked():
    assert {(one.task, one.gap) for one in PREDICTIONS} == {(task, gap) for task in TASKS for gap in GAPS} and len(PREDICTIONS) == 36
    for one in PREDICTIONS:
        assert one.low < one.high and one.why and one.arm != one.against and {one.arm, one.against} <= set(ARMS)
        assert (one.kind == SHARE) <= (one.against == CUT and one.high < 1)  # a share is a fraction, of the seam's cost
        assert layers_of(one.arm, one.gap, 6)
    assert {arm for one in PREDICTIONS for arm in (one.arm, one.against)} == set(ARMS)
