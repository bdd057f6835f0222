"""The study of seams on choices whose truth is planted. Run: python -m pytest tests/test_seams_study.py"""

import itertools
import json
import math

import numpy as np
import pytest

from core.__main__ import main
from core.findings.seams.sentences import sentences
from core.findings.seams.tables import tables
from core.recipe.seams import Seam, seams
from core.statistics.effects import presence
from core.statistics.ridge import RIDGES, LeftOut, fit, r_squared
from core.studies.seams import forecast, report, study
from core.studies.seams.descriptions import DESCRIPTIONS, has_seam, joints, longest_gap, missing, neighbours_gone, pairs
from core.studies.seams.elsewhere import across_sizes, summed
from core.studies.seams.sample import Sample
from core.studies.seams.stand_in import Measured, settings, stand_in
from core.studies.seams.study import Worth, beyond_layers, relabellings, simplest, worst, worth

THREE = list(itertools.combinations(range(1, 7), 3))
SAVED = json.loads(report.PATH.read_text())


def sample(logits, seeds: int = 2, noise: float = 0.02, choices=THREE, seed: int = 0) -> Sample:
    """Choices whose accuracy above a chance of a third has these logits, and what seeds add."""
    random = np.random.default_rng(seed)
    drawn = np.asarray(logits, float)[:, None] + noise * random.standard_normal((len(choices), seeds))
    return Sample("planted", dict(zip(choices, 1 / 3 + 2 / 3 / (1 + np.exp(-drawn)))), 6, 1 / 3)


def judged(one: Sample, *names: str) -> dict[str, Worth]:
    return {name: worth(one, DESCRIPTIONS[name]) for name in names or DESCRIPTIONS}


@pytest.fixture(autouse=True)
def fewer(monkeypatch):
    monkeypatch.setattr(study, "PERMUTATIONS", 200)


def by_hand(features, targets, ridge):
    """Ridge regression by its normal equations, the intercept not penalised."""
    mean = features.mean(0)
    weights = np.linalg.solve((features - mean).T @ (features - mean) + ridge * np.eye(features.shape[1]), (features - mean).T @ targets)
    return lambda row: targets.mean() + (row - mean) @ weights


def test_left_out_predictions_are_those_of_refitting_everything_without_the_choice():
    random = np.random.default_rng(1)
    designs, targets = [random.standard_normal((9, 3)), random.standard_normal((9, 12))], random.standard_normal(9)
    without = lambda values, n: np.delete(values, n, axis=0)

    def predicted(n):
        def error(design, ridge):
            x, y = without(design, n), without(targets, n)
            return sum((by_hand(without(x, m), without(y, m), ridge)(x[m]) - y[m]) ** 2 for m in range(len(y)))

        design, ridge = min(itertools.product(designs, RIDGES), key=lambda one: error(*one))
        return by_hand(without(design, n), without(targets, n), ridge)(design[n])

    assert LeftOut(designs).predict(targets) == pytest.approx([predicted(n) for n in range(9)])
    assert LeftOut(designs).predict(np.stack([targets, -targets]))[1] == pytest.approx(-LeftOut(designs).predict(targets))


def test_a_fit_takes_the_design_that_tells_most_and_predicts_other_choices_with_it():
    random = np.random.default_rng(2)
    useless, useful = random.standard_normal((2, 30, 2))
    found = fit([useless[:20], useful[:20]], 1 + useful[:20] @ [2, -1])
    assert found.design == 1 and found.freedom == pytest.approx(3, abs=0.01)
    assert found.predict([useless[20:], useful[20:]]) == pytest.approx(1 + useful[20:] @ [2, -1], abs=0.01)


def test_r_squared_is_0_for_the_mean_of_the_others_and_1_for_the_truth():
    targets = np.array([1.0, 2, 4, 8])
    assert r_squared(targets, (targets.sum() - targets) / 3) == pytest.approx(0) and r_squared(targets, targets) == 1
    assert r_squared(targets, np.array([1.0, 2, 4, 0]), np.array([True, True, True, False])) == 1


def test_what_the_descriptions_say_of_a_choice():
    one = [(1, 4, 5)]  # 2, 3 and 6 are gone
    assert longest_gap(one, 6) == [[2]] and missing(one, 6) == [[3]] and neighbours_gone(one, 6).tolist() == [[0, 1, 0, 0, 0]]
    assert has_seam(one, 6).sum() == len(seams((1, 4, 5), 6)) == 2 and joints(one, 6).sum() == 4 and pairs(one, 6).sum() == 3 + 3
    for description in DESCRIPTIONS.values():
        widths = {design.shape[1] for design in description.designs(THREE, 6)}
        assert widths == {description.features(6)}
    assert longest_gap([(1, 2, 3, 4, 5, 6)], 6) == [[0]]


def test_where_layers_add_up_single_layers_win_and_nothing_is_found_beyond_them():
    one = sample(presence(THREE, 6) @ [0.9, 0.3, 0.5, -0.4, -0.2, -1.0], noise=0.1)
    found = judged(one)
    assert found["layers"].r_squared > 0.9 > max(found[name].r_squared for name in ("longest-gap", "one-flag", "flags", "seams"))
    assert simplest(list(found.values())).description.name == "layers"
    assert found["layers"].relabelled == pytest.approx(found["layers"].r_squared)  # a set of layers stays one, whatever they are called
    assert all(beyond_layers(one)[name] > 0.05 for name in ("flags", "seams", "layers-flags"))


def test_where_seams_cost_they_win_and_it_matters_that_layers_are_neighbours():
    cost = {Seam(0, 2): 0.2, Seam(1, 3): 0.5, Seam(2, 4): 0.1, Seam(3, 5): 0.9, Seam(4, 6): 0.3, Seam(5, 7): 0.0}
    one = sample([1 - sum(cost.get(seam, 1.0) for seam in seams(choice, 6)) for choice in THREE])
    found = judged(one, "layers", "seams", "flags")
    assert found["seams"].r_squared > max(0.8, found["layers"].r_squared + 0.2) and found["seams"].permuted_p < 0.02
    assert found["seams"].r_squared > found["seams"].relabelled and found["seams"].relabelled_p <= 0.05
    assert one.shared.sum() == 16 and found["seams"].shared > found["seams"].r_squared  # 0→4, 1→5, 2→6 and 3→7 are of one choice each
    assert beyond_layers(one)["seams"] < 0.02


def test_a_flag_is_found_among_others_without_the_choice_that_it_is_judged_on():
    one = sample(-1.5 * neighbours_gone(THREE, 6)[:, 1], noise=0.1)
    found = worth(one, DESCRIPTIONS["one-flag"])
    assert found.r_squared > 0.9 and found.model.design == 1 and found.jackknife.shape == (20,)


def test_in_noise_no_description_exceeds_its_bound_more_often_than_promised():
    random = np.random.default_rng(3)
    for name in ("one-flag", "flags", "layers", "seams", "pairs"):
        left_out = LeftOut(DESCRIPTIONS[name].designs(THREE, 6))
        drawn = random.standard_normal((100, 20))
        shuffled = random.permuted(np.repeat(drawn[:, None], 60, axis=1), axis=2)
        found, chance = (r_squared(rows, left_out.predict(rows.reshape(-1, 20)).reshape(rows.shape)) for rows in (drawn, shuffled))
        assert np.mean(found > np.quantile(chance, 0.95, axis=1)) <= 0.12, name
        assert -0.3 < np.mean(found) < 0.05, name  # no worth is made of nothing
    noise = judged(sample(random.standard_normal(20)))
    assert all(found.r_squared <= max(found.permuted, 0) for found in noise.values())


def test_the_ceiling_is_what_the_true_means_reach_and_unknown_of_one_seed():
    random = np.random.default_rng(4)
    true = random.standard_normal(20)
    reached = [(one.ceiling, r_squared(one.targets, true)) for one in (sample(true, seeds=3, noise=0.8, seed=seed) for seed in range(60))]
    ceiling, found = np.mean(reached, 0)
    assert ceiling == pytest.approx(found, abs=0.03) and 0.5 < ceiling < 0.95
    assert sample(true, seeds=1).ceiling is None


def test_the_jackknife_covers_differences_between_descriptions():
    """Its intervals hold the mean difference, and are wider than they need to be."""
    random, names = np.random.default_rng(5), ("layers", "flags", "layers-flags")
    mean = -1.5 * neighbours_gone(THREE, 6)[:, 1] - 0.4 * neighbours_gone(THREE, 6)[:, 3]
    without = lambda name, n: [np.delete(design, n, axis=0) for design in DESCRIPTIONS[name].designs(THREE, 6)]
    whole = {name: LeftOut(DESCRIPTIONS[name].designs(THREE, 6)) for name in names}
    parts = {name: [LeftOut(without(name, n)) for n in range(20)] for name in names}
    rows = mean + 0.3 * random.standard_normal((100, 20))
    of = {name: r_squared(rows, whole[name].predict(rows)) for name in names}
    cut = lambda n: np.delete(rows, n, axis=1)
    jackknife = {name: np.stack([r_squared(cut(n), part.predict(cut(n))) for n, part in enumerate(some)], 1) for name, some in parts.items()}
    for a, b in itertools.combinations(names, 2):
        found = [study.Judged(None, of[b][i], jackknife[b][i]).beyond(study.Judged(None, of[a][i], jackknife[a][i])) for i in range(100)]
        differences, errors = np.array(found).T
        assert np.mean(np.abs(differences - differences.mean()) <= 2.09 * errors) >= 0.95
        assert errors.mean() > differences.std()


def test_layers_are_renamed_in_every_way_or_not_at_all():
    assert relabellings(sample(np.zeros(20))).shape == (math.factorial(6), 20)
    assert relabellings(sample(np.zeros(19), choices=THREE[:-1])) is None


def test_what_is_most_wrong_stands_with_its_noise_and_the_seams_that_only_it_has():
    true = presence(THREE, 6) @ [0.9, 0.3, 0.5, -0.4, -0.2, -1.0]
    true[THREE.index((4, 5, 6))] -= 2
    one = sample(true, seeds=3)
    (first,) = worst(one, worth(one, DESCRIPTIONS["layers"]), 1)
    assert first["choice"] == [4, 5, 6] and first["miss"] > 0.05 > first["noise"] > 0 and first["only_here"] == ["0→4"]


def test_other_sizes_rank_a_size_by_what_their_seams_cost():
    cost = lambda choice: sum(0.3 * seam.length**1.5 * (1 + 0.2 * seam.below) for seam in seams(choice, 6))
    every = {k: list(itertools.combinations(range(1, 7), k)) for k in (2, 3, 4, 5)}
    sizes = [sample([2 - cost(choice) for choice in some], choices=some) for some in every.values()]
    found = {row["name"]: row for row in across_sizes(sizes, sizes[1])}
    assert found["seams"]["tau"] > 0.7 > found["seams"]["relabelled"] and found["missing"]["tau"] is None
    low, high = found["seams"]["interval"]
    assert low <= found["seams"]["tau"] <= high and found["seams"]["all_sizes"] > 0.7 and abs(found["seams"]["bias"]) < 0.1


def test_single_seam_students_are_summed_for_the_choices_that_are_none_themselves():
    sizes = [Sample("", {choice: [0.9 - 0.05 * sum(seam.length for seam in seams(choice, 6))] * 2 for choice in some}, 6, 1 / 3)
             for some in (list(itertools.combinations(range(1, 7), k)) for k in (1, 2, 3, 4, 5))]
    sizes[2].accuracies[1, 3, 5][:] = [0.7, 0.7]  # less than its seams, 1 to 3, 3 to 5 and 5 to 7, cost
    found = summed(sizes, sizes[2], 0.9)
    assert found["choices"] == 16 and found["bias"] == pytest.approx(0.05 / 16)


def planted(**accuracies: list[float]) -> Measured:
    """Everything loses 2 points a layer, except what is named otherwise: `_1456=[0.7]`."""
    some = [choice for k in range(1, 6) for choice in itertools.combinations(range(1, 7), k)]
    every = {choice: [0.98 - 0.02 * (6 - len(choice)) + step for step in (-0.001, 0.001)] for choice in some} | {(1, 2, 3, 4, 5, 6): [0.98]}
    return Measured(every | {tuple(map(int, name[1:])): values for name, values in accuracies.items()}, 6)


def test_two_layers_that_stand_in_for_each_other_are_told_from_two_that_do_not():
    known = planted(_1456=[0.70, 0.71, 0.72])
    two_three, four_five = stand_in(known, (2, 3)), stand_in(known, (4, 5))
    assert [cost.difference for cost in two_three.alone.values()] == pytest.approx([0.02, 0.02])
    assert two_three.all.difference == pytest.approx(0.27) and two_three.beyond.difference == pytest.approx(0.23)
    assert two_three.beyond.interval(0.05)[0] > 0.05
    assert four_five.beyond.difference == pytest.approx(0) and four_five.beyond.interval(0.05)[0] < 0 < four_five.beyond.interval(0.05)[1]


def test_the_settings_keep_the_layers_beside_those_that_are_asked_about():
    known = planted()
    assert settings(known, (2, 3)) == [(), (5,), (6,), (5, 6)] and len(settings(known, (1,))) == 2**4
    found = stand_in(known, (2, 3), settings(known, (2, 3)))
    assert found.all.difference == pytest.approx(0.04) and found.beyond.difference == pytest.approx(0)
    assert found.all.standard_error < stand_in(known, (2, 3)).all.standard_error
    del known.accuracies[1, 4, 5, 6]
    assert settings(known, (2, 3)) == [(5,), (6,), (5, 6)]
    with pytest.raises(KeyError):
        stand_in(known, (2, 3))


def test_a_cost_has_no_interval_where_one_run_shows_no_noise_and_counts_the_test_examples_where_they_are_known():
    once = Measured({choice: values[:1] for choice, values in planted().accuracies.items()}, 6)
    assert stand_in(once, (2, 3)).all.interval(0.05) is None
    wide = Measured(planted().accuracies, 6, lambda weights: 0.01**2 * sum(weight**2 for weight in weights.values()))
    assert stand_in(wide, (2, 3)).all.standard_error > 0.014 > stand_in(planted(), (2, 3)).all.standard_error


def test_a_forecast_is_judged_on_left_out_choices_and_a_useless_run_adds_nothing():
    random = np.random.default_rng(6)
    true = random.uniform(0.5, 0.8, 20)
    full = {choice: [value - 0.01, value + 0.01] for choice, value in zip(THREE, true)}
    score = {choice: [[2 * value]] for choice, value in zip(THREE, true)}
    useless = {choice: random.standard_normal((2, 2)) for choice in THREE}
    exact, nothing = forecast.left_out(full, score), forecast.left_out(full, {choice: [[]] for choice in THREE})
    assert exact.error == pytest.approx(0, abs=1e-9) and exact.r_squared == pytest.approx(1) and nothing.r_squared == pytest.approx(0)
    assert nothing.misses == pytest.approx(np.abs(true - (true.sum() - true) / 19))
    run, both = forecast.left_out(full, useless), forecast.left_out(full, useless, score)
    assert both.error == pytest.approx(0, abs=1e-9) and forecast.gain(both, exact).value == pytest.approx(0, abs=1e-9)
    found = forecast.gain(exact, run)
    assert found.value == pytest.approx(run.error) and found.interval[0] > 0


def test_the_saved_figures_are_told_in_tables_and_by_the_verb(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(report, "study", lambda: SAVED)
    assert main(["seams", "--study", "--out", str(tmp_path / "a" / "study.json")]) == 0
    text = capsys.readouterr().out
    assert all(part in text for part in [*(one.title for one in tables(SAVED)), *sentences(SAVED)])
    assert json.loads((tmp_path / "a" / "study.json").read_text()) == SAVED
    assert all(len(row) == len(one.head) for one in tables(SAVED) for row in one.rows)
    assert main(["seams", "--study", "--json"]) == 0 and json.loads(capsys.readouterr().out) == SAVED
    assert main(["seams"]) == 2


def test_the_file_has_what_the_saved_runs_give_in_a_few_figures():
    """Cheap ones; all of them below."""
    three = report.sample("composed-nli", report.SAMPLES["composed-nli"])
    row = next(row for row in SAVED["samples"][0]["rows"] if row["name"] == "flags")
    designs = three.designs(DESCRIPTIONS["flags"])
    assert row["r_squared"] == pytest.approx(float(r_squared(three.targets, LeftOut(designs).predict(three.targets))), abs=1e-4)
    known = report.measured({k: report.runs_of(f"{report.BUILT_IN}--k{k}") for k in report.SIZES})
    saved = next(row for row in SAVED["stand_in"] if row["gone"] == [2, 3] and row["settings"] == 1)
    assert saved["both"]["value"] == pytest.approx(stand_in(known, (2, 3)).all.difference, abs=1e-4)


@pytest.mark.slow
def test_the_file_has_what_the_saved_runs_give(monkeypatch):
    monkeypatch.undo()
    found = report.study()

    def compare(a, b, where):
        if isinstance(a, dict):
            assert set(a) == set(b), where
            for key in a:
                compare(a[key], b[key], (*where, key))
        elif isinstance(a, list):
            assert len(a) == len(b), where
            for n, pair in enumerate(zip(a, b)):
                compare(*pair, (*where, n))
        else:
            assert a == (pytest.approx(b, abs=2e-3) if isinstance(b, float) else b), where

    compare(found, SAVED, ())
