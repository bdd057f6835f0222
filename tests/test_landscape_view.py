"""What the landscape page shows, recomputed from records made with planted truths. Run: python -m pytest tests/test_landscape_view.py"""

import copy
import csv
import io
import itertools
import json

import numpy as np
import pytest

from core.figures.layer_rows import most_rows
from core.findings.landscape import BETTER, UNKNOWN, WORSE, Landscape, landscapes, short_run_truth
from core.recipe import Budget, Seeding, rung
from core.statistics.agreement import kendall_tau
from core.statistics.verdict import WITHIN
from core.store.saved import FOLDER, saved_runs, truth
from core.views.about import limits, provenance
from core.views.common import saved_options as offered
from core.views.common.choice import Choice
from core.views.landscape import aspects as sides
from core.views.landscape import view
from tests import fake_worker
from tests import landscape_runs as made

NLI, SICK = ("minilm-l6", "composed-nli"), ("minilm-l6", "sick")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.folder(tmp_path_factory.mktemp("saved") / "runs")


@pytest.fixture(scope="module")
def records(folder):
    return saved_runs(folder=folder)


@pytest.fixture(scope="module")
def found(folder, records):
    return landscapes(records, lambda data, split: truth(data, split, folder))


def of(found, pair, training="3 epochs (full)", k=3, objective=None) -> Landscape:
    return offered.options_among([one for one in found if one.pair == pair], objective, training, k).shown


def accuracies(records, task, choice, **more):
    """By hand: final accuracies of the plain full runs of a choice."""
    plain = {"untrained_layers": False, "fresh_head": False} | more
    return [r["final"]["accuracy"] for r in records if r["recipe"]["task"] == task and tuple(r["recipe"]["layers"]) == choice
            and r["recipe"]["budget"]["epochs"] == 3 and all(r["recipe"]["seeding"][name] == value for name, value in plain.items())
            and r["recipe"]["objective"]["name"] == "hinton"]


def test_runs_are_grouped_by_all_that_decides_them_but_layers_and_seed(found, records):
    assert sum(len(runs) for one in found for runs in one.runs.values()) == len(records)
    assert {(one.pair[1], one.k, offered.training_text(one.settings), offered.objective_text(one.settings)) for one in found} >= {
        ("composed-nli", 3, "3 epochs (full)", "Hinton: soft targets and labels"), ("composed-nli", 3, "60 steps", "Hinton: soft targets and labels"),
        ("composed-nli", 2, "3 epochs (full)", "Hinton: soft targets and labels"),
        ("composed-nli", 3, "3 epochs (full) · fresh head", "Hinton: soft targets and labels"),
        ("composed-nli", 3, "3 epochs (full)", "Patient: also the inner layers, match uniform"),
    }
    assert offered.pairs(found) == [NLI, SICK]


def test_what_is_not_there_gives_way_to_the_fullest(found):
    here = [one for one in found if one.pair == NLI]
    default = offered.options_among(here, None, None, None)
    assert (default.shown.k, offered.training_text(default.shown.settings), len(default.shown.choices)) == (3, "3 epochs (full)", 20)
    assert offered.options_among(here, "no such objective", "no such training", 9).shown is default.shown
    assert default.sizes == [2, 3] and offered.options_among(here, None, "60 steps", None).shown.settings["budget"]["steps"] == 60
    assert offered.options_among(here, default.objectives[-1], "60 steps", 3).shown.settings["objective"]["name"] == "patient"


def test_rows_are_the_means_and_intervals_of_the_files(found, records):
    """Two seeds a choice: the interval is from 2.5 times the largest variance between seeds of any choice."""
    one = of(found, NLI)
    rows = view.rows(one)
    assert len(rows) == 22 and [row.mean for row in rows] == sorted((row.mean for row in rows), reverse=True)
    sds = [np.std(runs, ddof=1) for choice in one.runs if choice and len(runs := accuracies(records, "composed-nli", choice)) > 1]
    control = accuracies(records, "composed-nli", (1, 2, 3), untrained_layers=True)  # left out of the pooled SD
    sd = np.sqrt(2.5) * max(sds)
    for row in rows:
        if row.choice and list(row.choice) == sorted(row.choice):
            runs = accuracies(records, "composed-nli", row.choice)
            assert row.seeds == tuple(runs) and row.mean == pytest.approx(np.mean(runs))
            assert row.high - row.mean == pytest.approx(min(2.3060 * sd / np.sqrt(2), 1 - row.mean), rel=1e-3)  # Student's t of 8 degrees of freedom
    control_row = next(row for row in rows if not row.choice)
    assert control_row.note.startswith("untrained") and control_row.mean == pytest.approx(np.mean(control))
    assert next(row for row in rows if row.id == "3,2,1").note.startswith("order 3, 2, 1")
    assert [row.id for row in view.rows(one, by="layers")][:2] == ["1,2,3", "1,2,4"]


def test_only_choices_beyond_noise_are_worse_than_the_best_and_the_others_can_be_it(found):
    one = of(found, NLI)
    assert one.best == max(one.choices, key=lambda choice: one.means[choice])
    verdicts = one.against_best
    assert verdicts[4, 5, 6] == verdicts[()] == WORSE and set(verdicts.values()) <= {WITHIN, WORSE, BETTER, UNKNOWN}
    can = [choice for choice in one.choices if choice == one.best or verdicts[choice] != WORSE]
    assert set(one.can_be_best) <= set(can) and one.best in one.can_be_best
    worse = sum(verdicts[choice] == WORSE for choice in one.choices if choice != one.best)
    assert f"{worse} of the 19 others" in view.headline(one) and f"{len(one.can_be_best)} choices can be the best" in view.headline(one)
    assert {row.note for row in view.rows(one) if row.choice in one.can_be_best} <= {"can be the best", "highest mean"}
    alone = landscapes([run for runs in one.runs.values() for run in runs[:1]], lambda *_: None)[0]
    assert set(alone.against_best.values()) == {UNKNOWN} and "Too few runs to tell which choices are better" in view.headline(alone)
    assert all(row.low is None for row in view.rows(alone)) and "one seed" in view.noise_text(alone)


def test_effects_follow_the_planted_worth_of_the_layers(found):
    values = of(found, NLI).effects.values
    assert abs(values.sum()) < 1e-9 and list(np.argsort(-values)) == [0, 1, 2, 3, 4, 5]
    assert of(found, NLI).fit.additive > 0.8 and of(found, NLI).pair_block.p > 0.001
    assert len(sides.effects_text(of(found, NLI))) == 2
    by_pairs, by_layers = of(found, NLI).left_out
    assert by_layers > by_pairs and f"tell as much or more (R² {by_layers:.2f} against {by_pairs:.2f})" in sides.layers_heading(of(found, NLI))
    assert f"{by_pairs:.2f}" in sides.neighbours_text(of(found, NLI))


def test_the_learners_runs_are_marked_where_they_are_comparable(found):
    one = of(found, NLI)
    mine = [dict(one.runs[1, 2, 3][0]), dict(one.runs[1, 2, 3][0], task_hash="other"), dict(of(found, NLI, "60 steps").runs[1, 2, 3][0])]
    own = view.own_runs(one, mine)
    assert list(own) == [(1, 2, 3)] and len(own[1, 2, 3]) == 1
    marked = next(row for row in view.rows(one, own) if row.choice == (1, 2, 3))
    assert marked.own == (mine[0]["final"]["accuracy"],)
    few = landscapes(one.runs[1, 2, 4], lambda *_: None)[0]
    only_mine = next(row for row in view.rows(few, own) if row.choice == (1, 2, 3))
    assert only_mine.mean is None and only_mine.note == "yours only"


def test_a_run_from_the_lab_has_the_form_that_is_compared():
    record = fake_worker.record(Choice("t", "x", (1, 3), budget="60").recipe())
    assert view.own_runs(landscapes([record], lambda *_: None)[0], [record]) == {(1, 3): [record]}


def test_a_chart_never_holds_more_rows_than_it_may_have_marks(found):
    rows = view.rows(of(found, NLI)) * 20
    kept = view.fitting(rows, 6)
    assert len(kept) <= most_rows(6, 2, 0) < len(rows) and kept[0] is rows[0]
    assert view.fitting(rows[:22], 6) == rows[:22]


def test_before_and_after_are_means_of_the_files(found, records):
    rows, tau = sides.before_after(of(found, NLI))
    row = next(row for row in rows if row["name"].startswith("layers 2, 4, 6"))
    assert row["before"] == pytest.approx(0.321) and row["after"] == pytest.approx(np.mean(accuracies(records, "composed-nli", (2, 4, 6))))
    plain = [row for row in rows if "untrained" not in row["name"]]
    assert tau == pytest.approx(kendall_tau([row["before"] for row in plain], [row["after"] for row in plain]))
    assert f"{tau:.2f}" in sides.seeding_text(of(found, NLI))


def test_groups_are_phenomena_with_the_teacher_on_top_or_classes(found, records):
    rows, groups, cells = sides.groups(of(found, NLI))
    assert rows[0] == "teacher" and len(groups) == 15 and len(cells) == len(rows) * 15
    cell = next(c for c in cells if c["row"] == "1, 2, 3" and c["group"] == "03")
    values = [r["final"]["groups"]["phenomenon:03"]["accuracy"] for r in of(found, NLI).runs[1, 2, 3]]
    assert cell["accuracy"] == pytest.approx(np.mean(values))
    rows, groups, _ = sides.groups(of(found, SICK))
    assert groups == ["entailment", "neutral", "contradiction"] and "teacher" not in rows


def test_the_pareto_front_is_what_nothing_beats(found):
    sizes = sides.sizes(of(found, NLI), found)
    assert len(sizes) == 20 + 2 + 15 + 1 + 1  # 3 layers, their control and another order; 2 layers, their control; the teacher
    by_hand = {
        i for i, one in enumerate(sizes)
        if not any(o.parameters <= one.parameters and o.accuracy >= one.accuracy and (o.parameters, o.accuracy) != (one.parameters, one.accuracy)
                   for o in sizes)
    }
    assert sides.front(sizes, lambda one: one.parameters) == by_hand
    rows = sides.size_rows(sizes, "parameters")
    assert rows[-1]["label"] == "teacher" and rows[-1]["parameters"] == pytest.approx(22.8) and sum(row["front"] for row in rows) == len(by_hand)
    assert {round(row["speed"]) for row in sides.size_rows(sizes, "speed")} == {13_333, 20_000}


def test_runs_of_other_lengths_are_judged_by_the_full_ones_of_the_same_settings(found, records):
    one = of(found, NLI)
    for shown in (one, of(found, NLI, "60 steps")):
        judged = [(budget, seeds, truth.choices) for budget, seeds, truth in sides.short_runs(shown, found)]
        assert judged == [("60 steps", 2, 20), ("240 steps", 2, 20), ("9 epochs", 1, 4)]
    short = of(found, NLI, "240 steps")
    truth_240 = short_run_truth(short, one)
    means = lambda which: [which.means[choice] for choice in made.THREE]
    assert truth_240.tau == pytest.approx(kendall_tau(means(short), means(one)))
    assert truth_240.interval[0] <= truth_240.tau <= truth_240.ceiling_range[1] and truth_240.interval[1] <= 1
    pairs = list(itertools.combinations(made.THREE, 2))
    assert truth_240.pairs == len(pairs) and 0 < truth_240.ties < 1
    table = sides.short_run_table(sides.short_runs(one, found))
    assert f"{truth_240.tau:.2f}" in table[1]["tau with the full runs"] and len(sides.short_run_rows(sides.short_runs(one, found))) == 3


def test_tau_between_tasks_is_that_of_the_means():
    rng = np.random.default_rng(3)
    tasks = {pair: made.task(pair[1], rng, worth) for pair, worth in ((NLI, made.WORTH), (SICK, made.OTHER))}
    runs = [copy.deepcopy(run) for one in tasks.values() for run in made.runs(one, made.THREE, 4, rng)]  # tasks share their recipes
    found = landscapes(runs, lambda data, split: next(one.worlds[split].truth for one in tasks.values() if one.hash == data))
    compared, (shared,) = sides.over_tasks(next(one for one in found if one.pair == NLI), found)
    assert [one.pair for one in compared] == [NLI, SICK] and min(shared.told) > 10
    a, b = compared
    rows = sides.shared_rows([shared])
    assert rows[0]["tau"] == pytest.approx(kendall_tau([a.means[c] for c in made.THREE], [b.means[c] for c in made.THREE]))
    assert rows[0]["low"] < rows[0]["tau"] < rows[0]["ceiling_high"] <= 1
    lines, columns, ranks = sides.ranks(compared)
    assert ranks == 20 and len(columns) == 2
    assert [line["id"] for line in lines if line["column"] == columns[0]][0] == ",".join(map(str, a.best))


def test_every_run_stands_in_the_csv_file(found, records):
    rows = list(csv.DictReader(io.StringIO(view.csv_table([one for one in found if one.pair == NLI]))))
    mine = [r for r in records if r["recipe"]["task"] == "composed-nli"]
    assert len(rows) == len(mine)
    assert {(row["id"], float(row["accuracy"]), row["file"]) for row in rows} == {(r["id"], r["final"]["accuracy"], r["file"]) for r in mine}


def test_a_landscape_of_the_control_alone_says_so(folder):
    record = made.runs(made.task("x", np.random.default_rng(0)), [(1, 2)], 1, np.random.default_rng(0), seeding=Seeding(untrained_layers=True))
    one = landscapes(record, lambda *_: None)[0]
    assert "Only the control" in view.headline(one) and [row.id for row in view.rows(one)] == [view.CONTROL]
    assert one.effects is None and one.fit is None and one.pair_block is None and sides.short_runs(one, [one]) == []


def test_limits_are_shown_on_the_runs_that_show_them(found):
    capacity, fitting, task, mismatch = limits.limits(found)
    assert "2 layers, best of 15" in capacity.shown[0] and "3 layers, best of 20" in capacity.shown[0]
    assert "0.60 in training" in fitting.shown[0] and "99.0 % right on its training data" in fitting.shown[0]
    assert "pairs apart: whether other tasks or teachers have its order is not known" in task.shown[1]
    assert len(mismatch.shown) == 2 and "a head drawn anew" in mismatch.shown[0] and "evenly spaced" in mismatch.shown[1]
    head = {one.k: one for one in found if one.settings["seeding"]["fresh_head"]}[3]
    gap = head.means[1, 2, 3] - of(found, NLI).means[1, 2, 3]
    assert f"{100 * gap:+.1f} points" in mismatch.shown[0]
    assert all(limit.shown == () for limit in limits.limits([]))


def test_files_say_where_and_with_what_they_were_made(records):
    in_files = {name: [record for record in records if record["file"] == name] for name in {record["file"] for record in records}}
    files = provenance.files(in_files | {"empty.jsonl": []}, {})
    assert "empty.jsonl" not in {one.file for one in files}
    (stages,) = provenance.files({"stages.jsonl": [run | {"staged": {}} for run in in_files["nli.jsonl"][:2]]}, {})
    assert stages.check == "" and stages.rows["runs"] == 2
    nli = next(one for one in files if one.file == "nli.jsonl")
    assert nli.block == provenance.UNLISTED and nli.check.endswith("nli.jsonl --check")
    assert nli.rows["runs"] == 43 and nli.rows["choices"] == 22 and nli.rows["seeds"] == "0, 1"
    assert nli.rows["hours of computing"] == round(4300 / 3600, 2)
    assert (nli.rows["device"], nli.rows["torch"], nli.rows["dtype"]) == ("A processor", "2.13.0", "float32")


def test_a_full_run_is_any_run_in_epochs():
    assert offered.training_text({"budget": vars(Budget(epochs=1)), "optimiser": {}, "seeding": vars(Seeding())}) == "1 epoch"
    assert offered.rung_of({"budget": vars(rung("240"))}) == "240" and offered.rung_of({"budget": vars(Budget(epochs=9))}) is None


def test_the_saved_runs_of_the_program_give_the_figures_of_their_lines():
    """Each mean that the page shows, from the lines of core/saved_runs/*.jsonl, read anew."""
    lines = [json.loads(line) for path in FOLDER.glob("*.jsonl") for line in path.read_text().splitlines()]
    for one in landscapes(saved_runs()):
        for row in view.rows(one):
            ids = {run["id"] for run in one.runs[row.choice]}
            values = {line["id"]: line["final"]["accuracy"] for line in lines
                      if line["id"] in ids and (line["teacher"]["hash"], line["task_hash"]) == one.ground}
            assert row.mean == pytest.approx(sum(values.values()) / len(values)) and len(values) == len(row.seeds)
            if row.choice:
                assert {tuple(line["recipe"]["layers"]) for line in lines if line["id"] in ids} == {row.choice}
