"""Regret of choosers: closed forms, planted truths, what is refused before the settings are frozen, and what choosers may see.

Run: python -m pytest tests/test_choosers_regret.py
"""

import csv
import dataclasses
import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest

from core.__main__ import main
from core.commands.choose.regret import overall as over_all
from core.commands.choose.regret import row, tables
from core.errors import LabError
from core.findings.choosers.baselines import BASELINES, baselines, judged_baselines, judged_table, overall, preset_rows, sentences, verdicts
from core.findings.choosers.regret import Ground, judge, truth_for
from core.findings.landscape import landscapes
from core.recipe import Optimiser, Recipe, rung
from core.statistics import regret
from core.statistics.ranking import measured
from core.statistics.regret import Trials
from core.store import saved
from core.studies.choosers import picks
from core.studies.choosers.choose import choose
from core.studies.choosers.method import settings_hash
from core.studies.choosers.methods import METHODS
from core.studies.choosers.methods import successive_halving as halving
from core.studies.sweep import append
from tests import landscape_runs as made
from tests.tiny_task import write_task

FIRST = (1, 2, 3)
RECIPE = Recipe("minilm-l6", "composed-nli", (1,))
HASHES = {name: one.settings_hash(one.settings_for(RECIPE)) for name, one in METHODS.items()}
FROZEN = HASHES | dict.fromkeys(("good", "bad"), HASHES["fisher"])
OTHER = METHODS["fisher"].settings_for(RECIPE) | {"beam": 4}


def document(pick, k=3, method="fisher", task="composed-nli", scores=None, **changes) -> dict:
    """A saved pick, first `pick`, then every other choice of six layers."""
    rest = [choice for choice in itertools.combinations(range(1, 7), k) if choice != pick]
    ranked = [pick, *rest]
    return {
        "status": "finished", "method": method, "title": method, "baseline": False, "labels": True, "teacher": "minilm-l6", "teacher_hash": "weights",
        "task": task, "task_hash": f"data-{task}", "layers": 6, "k": k,
        "settings": METHODS.get(method, METHODS["fisher"]).settings_for(RECIPE), "settings_hash": HASHES.get(method, HASHES["fisher"]),
        "choices": [{"layers": list(one), "score": (scores or {}).get(one, -i)} for i, one in enumerate(ranked)],
        "complete": True, "layer_scores": {}, "seconds": 50.0, "steps": 0, "notes": [], "environment": {"device": "cpu", "dtype": "float32"},
    } | changes


# --- the estimate ---


def trials(accuracies, known=True) -> Trials:
    accuracies = np.asarray(accuracies, float)
    choices = tuple((i + 1,) for i in range(len(accuracies)))
    return Trials(choices, accuracies, measured(dict(zip(choices, accuracies.tolist()))) if known else None)


def test_the_best_is_found_on_the_other_seeds_and_measured_on_this_one():
    """By hand: seed 1 names choice 1 (0.9), which has 0.5 on seed 0; seed 0 names choice 2 (0.8), which has 0.6 on seed 1."""
    found = trials([[0.5, 0.9], [0.8, 0.6], [0.7, 0.7]])
    assert regret.best_elsewhere(found.accuracies).tolist() == [0, 1]
    assert regret.regret(found.accuracies, found.always((3,))) == pytest.approx((0.5 - 0.7 + 0.6 - 0.7) / 2)
    assert regret.regret(found.accuracies, found.always((2,))) == pytest.approx((0.5 - 0.8 + 0.6 - 0.6) / 2)
    assert regret.regret(found.accuracies, found.chance()) == pytest.approx(np.mean([0.5, 0.6]) - found.accuracies.mean())


def test_with_one_seed_the_best_is_found_where_it_is_measured():
    found = trials([[0.5], [0.8], [0.7]])
    assert regret.regret(found.accuracies, found.always((2,))) == 0
    assert regret.regret(found.accuracies, found.always((1,))) == pytest.approx(0.3)


def test_without_noise_the_regret_is_the_gap_to_the_best():
    found = trials(np.tile([[0.6], [0.9], [0.7]], 3))
    for choice, gap in (((1,), 0.3), ((2,), 0.0), ((3,), 0.2)):
        assert regret.regret(found.accuracies, found.always(choice)) == pytest.approx(gap)
        assert regret.bound(found, found.always(choice)) == pytest.approx(gap)
    assert regret.bound(found, found.chance()) == pytest.approx(0.5 / 3)
    assert regret.bound(trials([[0.5, 0.6]], known=False), np.ones((2, 1))) is None


def test_cross_fitting_takes_the_winners_curse_away():
    """All choices are alike: the best one's regret over a fixed pick is 0; taking the highest mean instead says far more."""
    rng = np.random.default_rng(1)
    drawn = 0.8 + 0.01 * rng.standard_normal((400, 20, 3))
    policy = trials(drawn[0]).always((1,))
    fitted = [float(regret.regret(one, policy)) for one in drawn]
    naive = [one.mean(1).max() - one[0].mean() for one in drawn]
    assert abs(np.mean(fitted)) < 3 * np.std(fitted) / 20 and np.mean(naive) > 0.008


@pytest.mark.parametrize("sds", [(0.015, 0.015), (0.002, 0.05)])
@pytest.mark.parametrize("gap", [0.0, 0.02, 0.1])
def test_the_true_regret_lies_below_its_bound_as_often_as_said(gap, sds):
    """Planted truths with a spread between choices like the noise, and above it, seeds that scatter alike and not. The bound is never silent: a
    middling pick's, and that of the pick that looks best in these very runs."""
    rng = np.random.default_rng(int(1000 * gap))
    held, best, wide = [], [], []
    for _ in range(150):
        truth = 0.8 + gap * rng.standard_normal(12)
        found = trials(truth[:, None] + np.resize(sds, 12)[:, None] * rng.standard_normal((12, 3)))
        bounds, looks_best = regret.bounds(found.ranking), int(found.means.argmax())
        held.append(bounds[4] >= truth.max() - truth[4])
        best.append(bounds[looks_best] >= truth.max() - truth[looks_best])
        wide.append(bounds[looks_best])
    assert np.mean(held) >= 0.94 and np.mean(best) >= 0.94 and 0 < np.median(wide) < 6 * max(sds)


def test_running_presets_once_is_picked_with_one_seed_and_measured_on_others():
    validation = np.array([[0.9, 0.1, 0.9], [0.5, 0.5, 0.5], [0.1, 0.9, 0.1]])
    policy = regret.kept_on_validation(validation, [0, 2])  # seed 0 keeps 0, seed 1 keeps 2, seed 2 keeps 0
    assert policy.tolist() == [[0.5, 0, 0.5], [1, 0, 0], [0.5, 0, 0.5]]
    assert regret.kept_on_validation(validation[:, :1], [0, 2]).tolist() == [[1, 0, 0]]


def test_the_order_of_scores_is_kendalls_tau():
    found = trials([[0.5, 0.5], [0.6, 0.6], [0.7, 0.7], [0.8, 0.8]])
    assert regret.score_tau(found, [1, 2, 3, 4]) == (pytest.approx(1), (pytest.approx(1), pytest.approx(1)))
    assert regret.score_tau(found, [4, 3, 2, 1])[0] == pytest.approx(-1)
    assert regret.score_tau(found, [2, 1, 3, 4])[0] == pytest.approx(4 / 6)
    assert regret.score_tau(found, [1, 1, 3, 4])[1] == pytest.approx((5 / np.sqrt(30),) * 2)  # one pair tied for good
    unsure = trials([[0.5, 0.7], [0.7, 0.5], [0.1, 0.1], [0.2, 0.2]])
    low, high = regret.score_tau(unsure, [1, 2, 3, 4])[1]
    assert low < -0.5 and high > 0


class _Planted:
    """As much of a Ground as verdicts ask for: single layers, seed noise alone."""

    complete = True

    def __init__(self, accuracies):
        self.trials = trials(accuracies)
        self.validation = accuracies
        self.landscape = SimpleNamespace(layers=len(accuracies), k=1)


def _judged(ground, pick):
    return SimpleNamespace(method=f"picks {pick}", pick=pick, cost=0.1, title="")


# --- saved runs ---


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.folder(tmp_path_factory.mktemp("saved") / "runs")


@pytest.fixture(scope="module")
def found(folder):
    return landscapes(saved.saved_runs(folder=folder), lambda *which: saved.truth(*which, folder))


def test_a_pick_is_judged_by_the_full_runs_of_its_ground(found):
    one = document(FIRST)
    ground = truth_for(one, found)
    assert (ground.landscape.k, ground.seeds, ground.complete) == (3, [0, 1], True) and ground.landscape.settings["budget"]["epochs"] == 3
    first, last = judge(ground, one, FROZEN), judge(ground, document((4, 5, 6)), FROZEN)
    means = {choice: np.mean([run["final"]["accuracy"] for run in runs]) for choice, runs in ground.landscape.runs.items()}
    order = sorted(ground.trials.choices, key=means.get, reverse=True)
    assert (first.rank, last.rank) == (1 + order.index(FIRST), 1 + order.index((4, 5, 6))) and first.of == 20
    assert first.regret < last.regret and last.regret < last.bound > first.bound  # the planted truth: first layers are worth most
    assert last.regret == pytest.approx(first.regret + means[FIRST] - means[4, 5, 6])
    assert first.cost == pytest.approx(0.5)  # 50 s, and each run took 100
    for other in ({"device": "cuda", "dtype": "float32"}, {"device": "cpu", "dtype": "bfloat16"}):  # its clock says nothing, a count of steps does
        assert judge(ground, document(FIRST, environment=other), FROZEN).cost is None
        steps = 3 * ground.landscape.one["steps"]
        assert judge(ground, document(FIRST, environment=other, steps=steps), FROZEN).cost == pytest.approx(3)


def test_tau_is_of_the_scores_and_absent_where_a_chooser_scores_not_every_choice(found):
    ground = truth_for(document(FIRST), found)
    truth = dict(zip(ground.trials.choices, ground.trials.means))
    best = max(truth, key=truth.get)
    assert judge(ground, document(best, scores=truth), FROZEN).tau == pytest.approx(1)
    alone = document(FIRST)
    alone["choices"] = alone["choices"][:1]
    assert judge(ground, alone, FROZEN).tau is None


def test_without_truth_only_pick_and_seconds_are_known(found):
    assert truth_for(document(FIRST, teacher_hash="other"), found) is None
    other = document(FIRST)
    other["settings"] = json.loads(json.dumps(other["settings"]))
    other["settings"]["recipe"]["optimiser"]["learning_rate"] = 1e-5
    assert truth_for(other, found) is None
    unknown = judge(None, document(FIRST), {})
    assert unknown.regret is unknown.rank is unknown.cost is None and unknown.seconds == 50
    assert row(unknown)[2:8] == ("-",) * 5 + ("50 s",)


def test_one_seed_and_few_choices_are_said(folder, found):
    ground = truth_for(document((1, 2), k=2), found)
    assert ground.seeds == [0] and ground.trials.ranking is None
    judged = judge(ground, document((1, 2), k=2), {})
    assert judged.regret >= 0 and judged.bound is None
    some = [run for run in saved.saved_runs(folder=folder) if run["task_hash"] == "data-composed-nli" and run["recipe"]["layers"][0] == 1]
    part = truth_for(document(FIRST), landscapes(some, lambda *which: saved.truth(*which, folder)))
    assert not part.complete and len(part.trials.choices) == 10
    for pick in (FIRST, (4, 5, 6)):  # one of them was run; the best of all may be none of them
        judged = judge(part, document(pick), FROZEN)
        assert judged.regret is judged.rank is judged.tau is None and judged.of == 20 and judged.cost == 50 / part.run_seconds
    assert judged_baselines(part) == [] and part.possible is None and verdicts(part, [judge(part, document(FIRST), FROZEN)]) == []


def test_the_bars(found):
    ground = truth_for(document(FIRST), found)
    once, lowest, chance = judged_baselines(ground)
    assert [bar.method for bar in (once, lowest, chance)] == list(BASELINES)
    assert (once.cost, lowest.cost, chance.cost) == (4, 0, 0) and lowest.pick == FIRST
    assert lowest.regret == judge(ground, document(FIRST), FROZEN).regret
    every = [judge(ground, document(choice), FROZEN) for choice in ground.trials.choices]
    assert chance.regret == pytest.approx(np.mean([one.regret for one in every]))
    assert chance.bound == pytest.approx(np.mean([one.bound for one in every])) and 0 < ground.possible < 20
    assert once.regret < chance.regret
    assert preset_rows(ground.trials.choices, 6, 3) == [ground.trials.choices.index(one) for one in (FIRST, (4, 5, 6), (1, 3, 5), (2, 4, 6))]
    four = list(itertools.combinations(range(1, 7), 4))
    assert [four[row] for row in preset_rows(four, 6, 4)] == [(1, 2, 3, 4), (3, 4, 5, 6), (1, 3, 4, 6)]  # three odd layers name no four


def test_which_chooser_beats_a_bar_is_tested_against_the_noise(found):
    """Planted: the first layers are worth most, so the lowest sum is hard to beat and the last layers lose to every bar."""
    ground = truth_for(document(FIRST), found)
    choosers = [judge(ground, document(pick, method=name), FROZEN) for name, pick in (("good", FIRST), ("bad", (4, 5, 6)))]
    said = {(one.chooser.method, one.baseline.method): one for one in verdicts(ground, choosers)}
    assert set(said) == {(name, bar) for name in ("good", "bad") for bar in ("presets-once", "lowest-sum")}
    same = said["good", "lowest-sum"]
    assert (same.gain, same.judged.far, same.word, same.cheaper) == (0, 0, "within", False) and said["good", "presets-once"].cheaper
    once = next(bar for bar in baselines(ground) if bar.method == "presets-once")
    of_bar = (ground.trials.accuracies.T * once.policy).sum() / len(once.policy)
    means = dict(zip(ground.trials.choices, ground.trials.means))
    assert said["good", "presets-once"].gain == pytest.approx(means[FIRST] - of_bar)
    assert {one.word for (name, _), one in said.items() if name == "bad"} == {"worse"}
    lines = sentences(list(said.values()))
    assert len(lines) == 2 and "Better: none. Worse: bad (0.50). Shown to be near: good (0.50, the same choice)." in lines[1]
    said = overall([list(said.values())] * 2)
    assert said.count("good (0.50)") == 2 and "bad" not in said and "better in at least one and worse in none, no chooser" in said
    assert overall([verdicts(ground, choosers)]) == overall([]) == ""
    few = truth_for(document((1, 2), k=2), found)
    unknown = verdicts(few, [judge(few, document((1, 2), k=2), {})])
    assert {one.word for one in unknown} == {"unknown"} and "not known" in sentences(unknown)[0] and sentences([]) == []


@pytest.mark.parametrize("sds", [(0.02,), (0.003, 0.003, 0.003, 0.05)])
def test_equal_choosers_seldom_beat_a_bar(sds):
    """All choices are equally good: a pick is called better or worse than the lowest sum in about 5 % of the tables, all of Holm's pairs together."""
    rng = np.random.default_rng(4)
    false = 0
    for _ in range(150):
        ground = _Planted(0.8 + np.resize(sds, 12)[:, None] * rng.standard_normal((12, 3)))
        choosers = [_judged(ground, (layer,)) for layer in (3, 5, 8, 11)]
        false += any(one.word in ("better", "worse") for one in verdicts(ground, choosers))
    assert false / 150 < 0.08


def test_too_few_runs_come_with_the_gap_that_they_would_find():
    """Such a gap, where it is there, is found about as often as said, and the sentence has it."""
    rng = np.random.default_rng(5)

    def beside_lowest(gap: float):
        accuracies = 0.8 + 0.03 * rng.standard_normal((12, 3))
        accuracies[6] += gap
        ground = _Planted(accuracies)
        return next(one for one in verdicts(ground, [_judged(ground, (7,))]) if one.baseline.method == "lowest-sum")

    equal = [beside_lowest(0.0) for _ in range(60)]
    few = next(one for one in equal if one.word == "few")
    said = sentences([dataclasses.replace(few, chooser=SimpleNamespace(title="a", cost=0.1))])[0]
    assert f"with 80 % power): a (0.10, {100 * few.judged.findable:.1f} points)." in said and few.judged.far > 0.03
    gap = float(np.median([one.judged.findable for one in equal]))
    assert 0.05 < gap < 0.2 and 0.7 <= np.mean([beside_lowest(gap).word == "better" for _ in range(120)]) <= 0.92


def test_seeds_that_not_every_choice_has_are_left_out(folder):
    runs = [run for run in saved.saved_runs(folder=folder) if run["task_hash"] == "data-composed-nli"]
    runs = [run for run in runs if not (run["recipe"]["layers"] == [1, 2, 4] and run["recipe"]["seed"] == 1)]
    assert truth_for(document(FIRST), landscapes(runs, lambda *which: saved.truth(*which, folder))).seeds == [0]


# --- the freeze ---


def test_a_hash_survives_a_saved_file_and_changes_with_the_methods_own_settings_alone(tmp_path):
    append(tmp_path / "picks.jsonl", picks.record(document(FIRST) | {"size": {}}))
    (line,) = saved.read(tmp_path / "picks.jsonl")
    assert picks.own_hash(line) == line["settings_hash"] == HASHES["fisher"] and "size" not in line
    others = [dataclasses.replace(RECIPE, seed=1), dataclasses.replace(RECIPE, optimiser=Optimiser(learning_rate=1e-4))]
    hashes = lambda name, recipes: {METHODS[name].settings_hash(METHODS[name].settings_for(one)) for one in recipes}
    assert len(hashes("successive-halving", [RECIPE, *others])) == 3 and hashes("fisher", others) == {HASHES["fisher"]}
    same = dataclasses.replace(RECIPE, task="sick", layers=(2,), budget=rung("60"))
    assert hashes("successive-halving", [same]) == {HASHES["successive-halving"]}
    more = dataclasses.replace(METHODS["learned-gates"], settings=METHODS["learned-gates"].settings | {"gate_steps": 201})
    assert more.settings_hash(more.settings_for(RECIPE)) != HASHES["learned-gates"]


@pytest.mark.parametrize(("teacher", "task", "k", "out", "guarded"), [
    ("minilm-l6", "composed-nli", 2, False, False), ("minilm-l6", "composed-nli", 4, False, False), ("minilm-l6", "composed-nli", 3, False, True),
    ("minilm-l6", "sick", 3, True, True), ("minilm-l6", "reviews", 4, True, True), ("mpnet-base", "composed-nli", 2, True, True),
    ("minilm-l6@1", "composed-nli", 3, True, True),
])
def test_held_out_is_another_task_or_teacher(teacher, task, k, out, guarded):
    """A size of its own does not hold out; but all that could not be looked at before the freeze is judged only under the frozen settings."""
    one = document(tuple(range(1, k + 1)), k, task=task, teacher=teacher)
    assert picks.held_out(one) is out and (picks.seen_before(one) == "") is out and picks.guarded(one) is guarded
    assert bool(picks.refusal(one, {})) is guarded and bool(picks.refusal(one, {"fisher": "another"})) is guarded and not picks.refusal(one, HASHES)


def test_a_held_out_pick_made_under_other_settings_is_refused(found):
    ground = truth_for(document(FIRST), found)
    with pytest.raises(LabError, match="The choosers' settings are not frozen yet"):
        judge(ground, document(FIRST), {})
    with pytest.raises(LabError, match="The settings of fisher are not frozen yet"):
        judge(ground, document(FIRST), {"random": "another"})
    with pytest.raises(LabError, match="made under other settings than the frozen ones"):
        judge(ground, document(FIRST, settings=OTHER), HASHES)
    assert not picks.refusal(document((1, 2), k=2, settings=OTHER), HASHES)


def test_a_method_that_is_not_frozen_keeps_its_regret_unknown_and_no_other(found):
    documents = [document(FIRST), document((4, 5, 6), method="leave-one-out"), document((1, 2, 4), method="learned-gates")]
    frozen = {name: HASHES[name] for name in ("fisher", "learned-gates")}
    table = judged_table(documents, found, frozen)
    assert "The settings of leave-one-out are not frozen yet" in table.refused
    assert {row.method for row in table.judged if row.regret is None} == {"leave-one-out"} and len(table.judged) == 6
    assert {one.chooser.method for one in table.verdicts} == {"fisher", "learned-gates"}
    without = judged_table([documents[0], documents[2]], found, frozen)
    assert [row for row in table.judged if row.regret is not None] == without.judged
    assert [(one.chooser.method, one.judged.p) for one in table.verdicts] == [(one.chooser.method, one.judged.p) for one in without.verdicts]


def test_settings_are_frozen_once_for_each_method_on_picks_of_2_and_4_layers(tmp_path):
    assert picks.frozen(tmp_path) == {}
    file = tmp_path / "choosers" / "picks.jsonl"
    file.parent.mkdir()
    append(file, document((1, 2), k=2))
    append(file, document((1, 2, 3, 4), k=4, settings=OTHER))
    with pytest.raises(LabError, match="No picks of 4 layers"):
        picks.freeze(RECIPE, None, tmp_path)
    append(file, document((1, 2, 3, 4), k=4))
    with pytest.raises(LabError, match="No picks of 2 and 4 layers"):
        picks.freeze(RECIPE, "leave-one-out", tmp_path)
    baseline_hashes = {name: HASHES[name] for name, one in METHODS.items() if one.baseline}
    assert main(["choose", "--freeze", "--saved", str(tmp_path)]) == 0
    assert picks.frozen(tmp_path) == baseline_hashes | {"fisher": HASHES["fisher"]}
    for k in (2, 4):
        append(file, document(tuple(range(1, k + 1)), k=k, method="successive-halving"))
    other_seed = dataclasses.replace(RECIPE, seed=1)
    with pytest.raises(LabError, match="No picks of 2 and 4 layers"):
        picks.freeze(other_seed, "successive-halving", tmp_path)
    assert main(["choose", "--freeze", "--method", "successive-halving", "--saved", str(tmp_path)]) == 0
    assert picks.frozen(tmp_path) == baseline_hashes | {name: HASHES[name] for name in ("fisher", "successive-halving")}
    with pytest.raises(LabError, match="frozen once"):
        picks.freeze(other_seed, None, tmp_path)
    for name, one in json.loads((tmp_path / "choosers" / "frozen.json").read_text())["methods"].items():
        assert settings_hash(one["settings"]) == one["settings_hash"] == HASHES[name]


def test_every_frozen_hash_is_that_of_the_code_and_of_the_saved_picks():
    """The files that come with the program. Their picks are from before each method had its own hash: `earlier` says what their hash stands for."""
    there, frozen = picks.read(), json.loads((picks.folder() / picks.FROZEN).read_text())
    assert picks.frozen() == {name: one["settings_hash"] for name, one in frozen["methods"].items()} == HASHES
    assert {hashed: settings_hash(settings) for hashed, settings in frozen["earlier"].items()} == {hashed: hashed for hashed in frozen["earlier"]}
    assert {one["method"] for one in there} == set(HASHES)
    for one in there:
        assert not picks.refusal(one, picks.frozen())
        assert picks.own_hash(one) == HASHES[one["method"]]
        if one["settings_hash"] != HASHES[one["method"]]:
            assert settings_hash(one["settings"]) == one["settings_hash"]
            assert METHODS[one["method"]].settings_hash(frozen["earlier"][one["settings_hash"]]) == HASHES[one["method"]]


# --- the verb ---


def test_tables_of_saved_picks(tmp_path, capsys):
    folder = made.folder(tmp_path / "runs", seed=3)
    (folder / "choosers").mkdir()
    for one in (document((1, 2), k=2), document((5, 6), k=2, method="learned-gates"), document(FIRST), document((1, 2, 3, 4), k=4)):
        append(folder / "choosers" / "picks.jsonl", one)
    two, three, four = tables(folder)
    assert two["refused"] == "" and [row.method for row in two["judged"][:2]] == ["fisher", "learned-gates"] and two["seeds"] == 1
    assert all("could be looked at before" in one["seen_before"] for one in (two, three, four))
    assert "not frozen" in three["refused"] and [row.regret for row in three["judged"]] == [None]
    assert four["choices"] is None and four["refused"] == ""
    assert main(["choose", "--regret", "--saved", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "all 15 choices, 1 seed each" in out and out.count("the regrets of these choices could be looked at") == 1
    assert "are not frozen yet" in out and "no full runs of these choices" in out
    assert main(["choose", "--freeze", "--saved", str(folder)]) == 0
    capsys.readouterr()
    assert main(["choose", "--regret", "--k", "3", "--saved", str(folder), "--json"]) == 0
    (table,) = json.loads(capsys.readouterr().out)
    assert "with other sizes" in table["seen_before"] and table["seeds"] == 2
    assert [row["method"] for row in table["rows"]] == ["fisher", *BASELINES] and 0 < table["possible"] <= 20


def test_what_is_said_over_all_tables_leaves_out_what_is_not_held_out(found):
    ground = truth_for(document(FIRST), found)
    choosers = [judge(ground, document(pick, method=name), FROZEN) for name, pick in (("good", FIRST), ("bad", (4, 5, 6)))]
    of = lambda seen, *kept: {"seen_before": seen, "verdicts": [one for one in verdicts(ground, choosers) if one.chooser.method in kept]}
    held_out = [of("", "good", "bad")] * 2
    assert "bad" not in over_all(held_out) and "Over the 2 held-out tables" in over_all(held_out)
    assert over_all([*held_out, of("seen", "bad")]) == over_all(held_out) and over_all([of("seen", "good")] * 2) == ""


def test_picks_go_to_a_file_once(teacher, task, tmp_path, capsys):
    out = tmp_path / "choosers" / "tiny.jsonl"
    command = ["choose", "--teacher", teacher, "--task", task, "--k", "2", "--method", "block-influence", "--out", str(out)]
    assert main(command) == 0 and main(command) == 0
    (line,) = saved.read(out)
    assert line["method"] == "block-influence" and len(line["choices"]) == 6 and line["seconds"] > 0
    assert line["settings_hash"] == picks.own_hash(line) == HASHES["block-influence"]
    assert main([*command, "--max-parameters", "10"]) == 2


# --- what choosers may see ---


def test_every_chooser_picks_the_same_whatever_the_test_split_holds(teacher, tmp_path, monkeypatch):
    """Two files with the same training and validation rows; in one the test rows are others, in another order, with wrong labels."""
    monkeypatch.setattr(halving, "HALVING_FIRST", 2)
    monkeypatch.setattr(halving, "HALVING_LAST", 4)
    task, path = write_task(tmp_path / "data"), tmp_path / "data" / "tiny.csv"
    rows = list(csv.DictReader(path.open()))
    test = [row for row in rows if row["split"] == "test"]
    wrong = {"entailment": "contradiction", "contradiction": "neutral", "neutral": "entailment"}
    changed = [row | {"label": wrong[row["label"]], "premise": row["hypothesis"]} for row in reversed(test)]
    other = tmp_path / "other" / "tiny.csv"
    other.parent.mkdir()
    with other.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([row for row in rows if row["split"] != "test"] + changed)
    recipe = Recipe(teacher, task, (1,), optimiser=Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32"))
    elsewhere = dataclasses.replace(recipe, task=task.replace(str(path), str(other)))
    for name in METHODS:
        one, two = (choose(name, each, 2) for each in (recipe, elsewhere))
        assert one["task_hash"] != two["task_hash"]
        assert one["choices"] == two["choices"], name


def test_grounds_hold_full_runs_alone(found):
    assert isinstance(truth_for(document(FIRST), found), Ground)
    short = [one for one in found if not one.one["recipe"]["budget"]["epochs"]]
    assert short and truth_for(document(FIRST), short) is None
    others = [one for one in found if one.one["recipe"]["budget"]["epochs"] != 3]
    assert any(one.one["recipe"]["budget"]["epochs"] for one in others) and truth_for(document(FIRST), others) is None
