"""Forecasts: coverage on sets of known truth, nothing leaks from what is left out, and silence where there is nothing to say.

Run: python -m pytest tests/test_findings_forecast.py
"""

import numpy as np
import pytest

from core.findings.evidence import gather
from core.findings.explanation.explain import explain
from core.findings.explanation.forecast import BASELINES, doubt, end_of_short_run, short_and_full
from core.statistics.agreement import sum_of_layers
from core.statistics.conformal import LEVEL, Check, Example, Forecaster, check, half_width
from core.statistics.distributions import exact_interval
from tests.synthetic_runs import ALL, FULL, shift_for, sweep, teacher_of, world

ODD = (1, 3, 5)


def examples(rng, n=20, seeds=2, noise=0.02, slope=0.8, spread=0.1):
    """Choices whose full accuracy is a line of the short one, with normal noise by choice and by run."""
    found = []
    for _ in range(n):
        short = rng.normal(0.6, spread)
        end = 0.3 + slope * short + rng.normal(0, noise)
        found.append(Example(short + rng.normal(0, 0.01, (seeds, 1)), end + rng.normal(0, 0.01, seeds)))
    return found


def test_eighty_percent_of_new_choices_end_inside():
    hits, times = 0, 600
    for i in range(times):
        rng = np.random.default_rng([4, i])
        *known, new = examples(rng)
        forecaster = Forecaster(known)
        hits += abs(forecaster.centre(new.features[0]) - new.targets[0]) <= forecaster.half
    assert LEVEL - 0.02 <= hits / times <= LEVEL + 0.06  # a little more is on the safe side, and what so few choices allow


@pytest.mark.slow
def test_the_check_is_calibrated_on_most_sets_and_beats_the_mean():
    calibrated = better = 0
    for i in range(40):
        known = examples(np.random.default_rng([5, i]))
        own, mean = check(known), check([Example(e.features[:, :0], e.targets) for e in known])
        calibrated += own.calibrated
        better += own.beats(mean)
        assert own.choices == 20 and 0 <= own.hits <= 20 and own.interval == exact_interval(own.hits, 20)
    assert calibrated >= 38 and better == 40


def test_nothing_of_a_choice_left_out_reaches_its_forecast():
    """The check of one choice is what a forecaster of the others alone says; its own runs, short and full, change nothing in it."""
    known = examples(np.random.default_rng(6), n=8)
    hits, widths = 0.0, []
    for i, left_out in enumerate(known):
        rest = Forecaster(known[:i] + known[i + 1:])
        misses = [abs(rest.centre(row) - target) for row in left_out.features for target in left_out.targets]
        hits += np.mean(np.array(misses) <= rest.half)
        widths.append(2 * rest.half)
    found = check(known)
    assert found.hits == round(hits) and found.width == pytest.approx(np.mean(widths))


def test_least_squares_is_numpys():
    known = examples(np.random.default_rng(8), n=9, seeds=1)
    x, y = np.array([e.features[0, 0] for e in known]), np.array([e.targets[0] for e in known])
    slope, start = np.polyfit(x, y, 1)
    assert Forecaster(known).coefficients == pytest.approx([start, slope])


def test_a_feature_that_never_varies_is_the_mean():
    known = [Example(np.full((2, 1), 0.57), np.array([0.6 + i / 100])) for i in range(6)]
    assert Forecaster(known).centre(np.array([0.57])) == pytest.approx(0.625)


def test_too_few_choices_give_no_interval():
    assert half_width([np.array([0.1])] * 3) == float("inf") and half_width([np.array([0.1])] * 4) == 0.1


def test_a_doubt_is_told_before_a_forecast():
    good = Check(16, 20, exact_interval(16, 20), 0.04, 0.05)
    worse = Check(16, 20, exact_interval(16, 20), 0.05, 0.06)
    rash = Check(9, 20, exact_interval(9, 20), 0.01, 0.02)
    assert doubt({"own": good, "mean": worse, "sum": worse}) is None
    assert "ended inside" in doubt({"own": rash, "mean": worse, "sum": worse})
    assert "mean" in doubt({"own": worse, "mean": good, "sum": worse})
    assert "layer numbers" in doubt({"own": worse, "mean": Check(16, 20, good.interval, 0.07, 0.08), "sum": good})


@pytest.fixture(scope="module")
def worlds():
    """(live run, saved runs) where short runs predict the full ones, and where they do not."""
    rng = np.random.default_rng(9)
    w, teacher = world(rng, n=1500), None
    teacher = teacher_of(w, rng)
    worth = {choice: shift_for(w, float(rng.normal(0, 0.07))) for choice in ALL}
    other = dict(zip(ALL, rng.permutation(list(worth.values()))))
    short = sweep(w, rng, teacher, worth, seeds=4)
    foretold = sweep(w, rng, teacher, {choice: shift + 0.5 for choice, shift in worth.items()}, seeds=4, budget=FULL)
    unrelated = sweep(w, rng, teacher, other, seeds=2, budget=FULL)
    live = next(run for run in short if tuple(run["recipe"]["layers"]) == ODD)
    return w, live, short, foretold, unrelated


def of(findings, kind):
    return next(one for one in findings if one.kind == kind)


def test_a_forecast_is_given_where_short_runs_predict_full_ones(worlds):
    w, live, short, foretold, _ = worlds
    findings = explain(live, short + foretold, w.truth)
    told = of(findings, "forecast")
    ends = [run["final"]["accuracy"] for run in foretold if tuple(run["recipe"]["layers"]) == ODD]
    assert told.strength == "likely" and told.figures["coverage_low"] <= LEVEL <= told.figures["coverage_high"]
    assert told.figures["low"] - 0.05 < np.mean(ends) < told.figures["high"] + 0.05
    for name in BASELINES:
        assert told.figures["own_width"] < told.figures[f"{name}_width"] and told.figures["own_score"] < told.figures[f"{name}_score"]
    assert told.figures["full_mean"] == pytest.approx(np.mean(ends)) and told.figures["full_runs"] == 4
    assert of(findings, "ranking").strength == "likely" and of(findings, "ranking").figures["tau"] > 0.6


def test_the_forecast_does_not_know_the_choices_own_full_runs(worlds):
    w, live, short, foretold, _ = worlds
    told = of(explain(live, short + foretold, w.truth), "forecast").figures
    without = [run for run in foretold if tuple(run["recipe"]["layers"]) != ODD]
    assert of(explain(live, short + without, w.truth), "forecast").figures["forecast"] == pytest.approx(told["forecast"])


def test_it_is_unknown_where_short_runs_predict_nothing(worlds):
    w, live, short, _, unrelated = worlds
    findings = explain(live, short + unrelated, w.truth)
    assert of(findings, "forecast").strength == "unknown" and "say no more" in of(findings, "forecast").sentence


def test_short_runs_that_rank_the_other_way_round_are_not_trusted(worlds):
    w, live, short, _, _ = worlds
    rng = np.random.default_rng(10)
    means = {choice: np.mean([run["final"]["accuracy"] for run in short if tuple(run["recipe"]["layers"]) == choice]) for choice in ALL}
    reverse = {choice: shift_for(w, float(np.mean(list(means.values())) - mean)) for choice, mean in means.items()}
    told = of(explain(live, short + sweep(w, rng, teacher_of(w, rng), reverse, seeds=2, budget=FULL), w.truth), "ranking")
    assert told.figures["tau"] < -0.5 and told.strength == "unknown" and "are not shown to rank" in told.sentence


def test_the_ranking_says_where_the_noise_of_seeds_is_not_known(worlds):
    w, live, short, foretold, _ = worlds
    single = [run for run in short if run["recipe"]["seed"] == live["recipe"]["seed"]]
    unknown = "How much other seeds would change that is not known."
    assert unknown in of(explain(live, single + foretold, w.truth), "ranking").sentence
    assert unknown not in of(explain(live, short + foretold, w.truth), "ranking").sentence


def test_it_is_unknown_with_few_choices_and_absent_for_full_runs(worlds):
    w, live, short, foretold, _ = worlds
    few = [run for run in foretold if tuple(run["recipe"]["layers"]) in ALL[:9]]
    assert of(explain(live, short + few, w.truth), "forecast").strength == "unknown"
    assert not [one for one in explain(foretold[0], short + foretold, w.truth) if one.kind in ("forecast", "ranking")]


def test_pairs_are_of_one_kind_of_full_runs_and_of_this_rung(worlds):
    w, live, short, foretold, unrelated = worlds
    longer = {"budget": {"steps": None, "epochs": 6, "examples": None}}
    slower = [run | {"id": run["id"] + "s", "recipe": run["recipe"] | longer} for run in unrelated]
    pairs = short_and_full(gather(live, short + foretold + slower[:12], w.truth))
    assert set(pairs.full) == set(ALL) and all(run in foretold for runs in pairs.full.values() for run in runs)
    assert live not in [run for runs in pairs.short.values() for run in runs]
    assert pairs.examples(end_of_short_run)[0].features.shape == (4, 2) and len(pairs.examples(end_of_short_run, without=ODD)) == 19
    assert BASELINES["sum"](live) == [sum_of_layers(ODD)]


def test_runs_of_one_epoch_are_not_called_full_however_many_there_are(worlds):
    w, live, short, foretold, unrelated = worlds
    brief = {"budget": {"steps": None, "epochs": 1, "examples": None}}
    once = [run | {"id": run["id"] + "o", "recipe": run["recipe"] | brief} for run in unrelated]
    few = [run for run in foretold if tuple(run["recipe"]["layers"]) in ALL[:11]]
    assert set(short_and_full(gather(live, short + few + once, w.truth)).full) == set(ALL[:11])
    told = of(explain(live, short + once, w.truth), "forecast")
    assert told.strength == "unknown" and "full_mean" not in told.figures
