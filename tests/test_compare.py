"""The comparison of a few runs and its page's view model: every number against the records. Run: python -m pytest tests/test_compare.py"""

import csv
import dataclasses
import io
import math
import re
import shlex
from argparse import ArgumentParser
from html.parser import HTMLParser

import numpy as np
import pytest

from core.commands import distill
from core.errors import LabError
from core.figures.choice_colour import choice_colour
from core.findings.versus import GROUND, SEED, SPLIT, pair_findings, pairs, sides
from core.recipe import Optimiser, Recipe, Seeding, bundle, rung
from core.statistics.distributions import t_quantile
from core.store import jobs, saved
from core.views.common.choice import Choice
from core.views.common.disagreements import flips
from core.views.compare import entries as compare_entries
from core.views.compare import ladder
from core.views.compare import results as compare_views
from core.views.compare.handout import command, handout
from pages.parts.compare import run as compare_run
from tests import synthetic_runs as synthetic
from tests.synthetic_runs import ALL

STRONG, WEAK, EQUAL = ALL[0], ALL[-1], ALL[1]


@pytest.fixture(scope="module")
def world():
    return synthetic.world(np.random.default_rng(1), 600)


@pytest.fixture(scope="module")
def runs(world):
    """Three seeds of every choice: one far worse than the others, which are all alike."""
    rng = np.random.default_rng(2)
    return synthetic.sweep(world, rng, synthetic.teacher_of(world, rng), {WEAK: -1.5})


def one(runs, layers, seed=0) -> dict:
    return next(run for run in runs if tuple(run["recipe"]["layers"]) == layers and run["recipe"]["seed"] == seed)


def compared(world, runs, *records):
    found = sides([(letter, record) for letter, record in zip("ABCD", records)], runs)
    return found, pairs(found, lambda task, split: world.truth)


def test_better_only_beyond_noise_and_the_verdict_turns_with_the_order(world, runs):
    found, tested = compared(world, runs, one(runs, STRONG), one(runs, WEAK), one(runs, EQUAL))
    assert [(pair.a.name + pair.b.name, pair.word) for pair in tested] == [("AB", "higher"), ("AC", "unknown"), ("BC", "lower")]
    sentences = [finding.sentence for finding in pair_findings(tested)]
    assert sentences[0].startswith("A is better than B by") and sentences[1].startswith("C is better than B by")
    assert sentences[2].startswith("Is A or C better (") and ")? Too few runs to tell (such runs find a gap of" in sentences[2]
    assert [finding.strength for finding in pair_findings(tested)] == ["clear", "clear", "unknown"]


def test_means_intervals_and_differences_are_those_of_the_records(world, runs):
    found, tested = compared(world, runs, one(runs, STRONG, 1), one(runs, WEAK))
    mine = [run["final"]["accuracy"] for run in runs if tuple(run["recipe"]["layers"]) == STRONG]
    deviations = [np.var([r["final"]["accuracy"] for r in runs if tuple(r["recipe"]["layers"]) == c], ddof=1) for c in ALL]
    sd = max(np.std(mine, ddof=1), np.mean(np.sqrt(deviations)))
    assert found[0].run["recipe"]["seed"] == 1 and len(found[0].own) == 3
    assert found[0].mean == pytest.approx(np.mean(mine)) and found[0].average.df == 2 * len(ALL)
    half = t_quantile(0.95, 2) * sd / math.sqrt(3)
    assert found[0].interval == pytest.approx((np.mean(mine) - half, np.mean(mine) + half))
    assert tested[0].verdict.comparison.difference == pytest.approx(found[0].mean - found[1].mean)
    assert tested[0].verdict.p == pytest.approx(tested[0].verdict.comparison.p)  # the only pair


def test_holm_counts_every_pair_shown(world, runs):
    _, alone = compared(world, runs, one(runs, STRONG), one(runs, EQUAL))
    _, four = compared(world, runs, one(runs, STRONG), one(runs, EQUAL), one(runs, ALL[2]), one(runs, ALL[3]))
    assert len(four) == 6
    raw = sorted(pair.verdict.comparison.p for pair in four)
    adjusted = sorted(pair.verdict.p for pair in four)
    assert adjusted[0] == pytest.approx(min(1.0, 6 * raw[0])) and four[0].verdict.p >= alone[0].verdict.p


def test_equal_choices_are_rarely_called_better():
    """Six pairs of four equal choices: the chance of even one false verdict stays at 5 % (upper 99.9 % bound of 200 draws)."""
    rng = np.random.default_rng(3)
    false = 0
    for _ in range(200):
        w = synthetic.world(rng, 300)
        made = synthetic.sweep(w, rng, synthetic.teacher_of(w, rng), choices=ALL[:6])
        _, tested = compared(w, made, *(one(made, choice) for choice in ALL[:4]))
        false += any(pair.word in ("higher", "lower") for pair in tested)
    assert false <= 20


def test_what_cannot_be_tested_is_not(world, runs):
    rng = np.random.default_rng(4)
    full = synthetic.sweep(world, rng, synthetic.teacher_of(world, rng), choices=ALL[:2], budget=synthetic.FULL)
    other = one(runs, EQUAL) | {"task_hash": "other"}
    found, tested = compared(world, [*runs, *full], one(runs, STRONG), one(runs, STRONG, 1), one(full, STRONG), other)
    whys = {pair.a.name + pair.b.name: pair.why for pair in tested}
    assert whys == {"AB": SEED, "AC": SPLIT, "BC": SPLIT, "AD": GROUND, "BD": GROUND, "CD": GROUND}
    assert {pair.word for pair in tested} == {"same", "unknown"} and not any(pair.verdict for pair in tested)
    assert "differ in the seed alone" in pair_findings(tested)[0].sentence


def test_without_repeated_seeds_nothing_is_better(world, runs):
    single = [run for run in runs if run["recipe"]["seed"] == 0]
    found, tested = compared(world, single, one(single, STRONG), one(single, WEAK))
    assert tested[0].word == "unknown" and found[0].interval is None and "Too few runs to tell" in pair_findings(tested)[0].sentence


def test_every_number_of_a_sentence_is_a_figure(world, runs):
    _, tested = compared(world, runs, one(runs, STRONG), one(runs, WEAK), one(runs, EQUAL), one(runs, STRONG, 1))
    for finding in pair_findings(tested):
        values = [value for value in finding.figures.values() if isinstance(value, (int, float))]
        shown = {f"{100 * abs(v):.1f}" for v in values} | {str(v) for v in values if isinstance(v, int)} | {f"{100 * v:.0f}" for v in values}
        assert set(re.findall(r"\d+(?:\.\d+)?", finding.sentence)) <= shown, finding.sentence


# the page's view model


def shown_of(*records, rows=()):
    entries = [Recipe.from_dict(record["recipe"]) for record in records]
    return compare_views.place_entries(entries, list(records), set(rows))


def test_the_table_holds_fields_of_the_records_in_any_order(world, runs):
    found = compare_views.finished_sides(shown_of(one(runs, STRONG), one(runs, WEAK)), runs)
    row = next(row for row in compare_views.table(found, "loss") if row["entry"].startswith("B"))
    record = one(runs, WEAK)
    assert row["accuracy of this run"] == f"{100 * record['final']['accuracy']:.1f} %" and row["loss"] == f"{record['final']['loss']:.3f}"
    assert row["before training"] == f"{100 * record['initial']['accuracy']:.1f} %" and row["seeds"] == "3" and row["tokens a second"] == "–"
    for metric, value in compare_views.METRICS.items():
        values = [value(side) for side in compare_views.ordered(found, metric)]
        if None not in values:
            assert values == sorted(values, reverse=metric not in compare_views.SMALLER_FIRST), metric


def test_curves_share_one_scale_and_are_the_records(runs):
    found = compare_views.finished_sides(shown_of(one(runs, STRONG), one(runs, WEAK)), runs)
    drawn, low, levels = compare_views.multiples(found)
    for side in found:
        points = [(row["step"], row["value"]) for row in drawn.accuracies if row["line"] == side.name]
        assert points == [(point["step"], point["val_accuracy"]) for point in side.run["curve"]]
    assert drawn.total == 240 and low <= min(row["value"] for row in drawn.accuracies) and drawn.top >= max(r["value"] for r in drawn.losses)
    assert set(levels.values()) == {found[0].run["teacher"]["accuracy"]}


def test_flips_are_counted_example_by_example(world, runs):
    a, b = one(runs, STRONG), one(runs, WEAK)
    labels, ours, theirs = (np.array(list(text)) for text in (world.truth.labels, a["predictions"], b["predictions"]))
    found = flips(a, b, None, world.truth)
    assert (found.only_a, found.only_b) == (((ours == labels) & (theirs != labels)).sum(), ((ours != labels) & (theirs == labels)).sum())
    assert found.both + found.neither + found.only_a + found.only_b == len(labels)
    n, difference = len(labels), a["final"]["accuracy"] - b["final"]["accuracy"]
    assert (found.only_a - found.only_b) / n == pytest.approx(difference)
    assert flips(a, b | {"split": "test"}, None, world.truth) is None and flips(a, b, None, None) is None


def test_groups_are_means_over_seeds(runs):
    found = compare_views.finished_sides(shown_of(one(runs, STRONG), one(runs, WEAK)), runs)
    rows, names, cells = compare_views.groups(found)
    assert rows[0] == "teacher" and len(rows) == 3 and len(names) == synthetic.PHENOMENA
    mine = [run["final"]["groups"]["phenomenon:00"]["accuracy"] for run in runs if tuple(run["recipe"]["layers"]) == STRONG]
    assert next(c for c in cells if (c["row"], c["group"]) == (rows[1], names[0]))["accuracy"] == pytest.approx(np.mean(mine))


def test_where_a_run_comes_from_is_said(runs):
    kept, mine, theirs = one(runs, STRONG) | {"file": "a.jsonl"}, one(runs, WEAK) | {"row": 3}, one(runs, EQUAL) | {"row": 4}
    found = shown_of(kept, mine, theirs, rows={3})
    assert [each.source for each in found] == [compare_views.SAVED, compare_views.MINE, compare_views.ELSEWHERE]


def test_names_tell_entries_of_the_same_layers_apart():
    chosen = Choice()
    for name in compare_entries.SETS:
        entries = compare_entries.fill_set(name, chosen, 6)
        names = compare_views.distinct_names(compare_views.place_entries(entries, [None] * 4, set()))
        assert 2 <= len(entries) == len(set(names.values())) <= compare_entries.MOST, name
    assert "seed 1" in compare_views.distinct_names(compare_views.place_entries(compare_entries.fill_set("seeds", chosen, 6), [None] * 4, set()))["B"]


def test_the_csv_file_has_a_row_for_every_run_and_no_formula(runs):
    bad = one(runs, STRONG)
    bad = bad | {"recipe": bad["recipe"] | {"task": "=HYPERLINK(1)"}}
    found = sides([("A", bad)], [])
    rows = list(csv.DictReader(io.StringIO(compare_views.as_csv([*found, *sides([("B", one(runs, WEAK))], runs)]))))
    assert [row["entry"] for row in rows] == ["A", "B", "B", "B"] and rows[0]["task"] == "'=HYPERLINK(1)"
    assert float(rows[0]["accuracy"]) == bad["final"]["accuracy"]


# the link


def test_entries_survive_the_link():
    for name in compare_entries.SETS:
        entries = compare_entries.fill_set(name, Choice(layers=(2, 4), budget="60"), 6)
        assert compare_entries.read_entries([compare_entries.entry_text(entry) for entry in entries], "minilm-l6", "composed-nli") == (entries, [])


def test_a_run_that_no_choice_can_say_goes_by_its_id(tmp_path, monkeypatch, runs):
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    recipe = dataclasses.replace(Choice().recipe(), optimiser=Optimiser(learning_rate=1e-5))
    record = one(runs, STRONG) | {"recipe": recipe.to_dict(), "id": recipe.id}
    from core.studies.sweep import append

    append(tmp_path / "runs.jsonl", record)
    assert compare_entries.entry_text(recipe) == f"run:{recipe.id}"
    assert compare_entries.read_entries([f"run:{recipe.id}"], "minilm-l6", "composed-nli")[0] == [recipe]
    assert compare_entries.read_entries([f"run:{recipe.id}"], "minilm-l6", "sick")[0] == []


BROKEN = (
    "", "1,3,5", "1,9,5~hinton~240~0", "1,3~none~240~0", "1,3~hinton~9~0", "1,3~hinton~240~-1", "~~~", "run:zzz", "<b>" * 400,
)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_entry_is_dropped_with_a_sentence(text):
    entries, problems = compare_entries.read_entries([text, "1,3,5~hinton~240~0"], "minilm-l6", "composed-nli")
    assert [entry.layers for entry in entries] == [(1, 3, 5)] and len(problems) == 1 and len(problems[0]) < 300


def test_more_than_four_or_twice_the_same_is_cut():
    texts = [f"1,3,5~hinton~240~{seed}" for seed in (0, 0, 1, 2, 3, 4)]
    entries, problems = compare_entries.read_entries(texts, "minilm-l6", "composed-nli")
    assert [entry.seed for entry in entries] == [0, 1, 2, 3] and len(problems) == 1


# the handout


class Page(HTMLParser):
    """What a browser makes of the text: tags, addresses, words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.words = set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "action") or name.startswith("on")]

    def handle_data(self, data):
        self.words += data


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&"


def test_the_handout_has_all_its_parts_and_nothing_from_outside(world, runs):
    found, tested = compared(world, runs, one(runs, STRONG), one(runs, WEAK), one(runs, EQUAL), one(runs, ALL[2]))
    page = Page(handout(found, tested))
    assert not page.links and not {"script", "link", "img", "iframe"} & page.tags and "svg" in page.tags
    for finding in pair_findings(tested):
        assert finding.sentence in page.words
    for side in found:
        assert side.run["id"] in page.words and command(Recipe.from_dict(side.run["recipe"])) in page.words
    assert f"{100 * found[0].mean:.1f} %" in page.words and "weights" in page.words


def test_the_handout_holds_what_was_predicted_and_concluded(world, runs):
    found, tested = compared(world, runs, one(runs, STRONG), one(runs, WEAK))
    page = Page(handout(found, tested, predicted=["A: 72 %, since it is a guess"], conclusion=HOSTILE + " spread wins"))
    assert "Predicted before the runs" in page.words and "72 %, since it is a guess" in page.words
    assert "Conclusion" in page.words and "spread wins" in page.words and not page.links and "script" not in page.tags
    assert "Conclusion" not in Page(handout(found, tested)).words


def test_the_ladder_has_the_best_on_top_and_tells_who_is_ahead(world, runs):
    found, tested = compared(world, runs, one(runs, WEAK), one(runs, STRONG), one(runs, EQUAL))
    rows = ladder.rows(found)
    assert [row["mean"] for row in rows] == sorted((side.mean for side in found), reverse=True) and rows[0]["letter"] != "A"
    assert all(row["colour"] == choice_colour(row["layers"], 6) for row in rows)
    said = ladder.sentences(tested)
    better = {(pair.a if pair.word == "higher" else pair.b).name[0] for pair in tested if pair.word in ("higher", "lower")}
    assert better and {one[0] for one in said if "is ahead of" in one} == better


def test_foreign_text_is_shown_and_never_obeyed(world, runs):
    hostile = [run | {"labels": [HOSTILE] * 3, "environment": {"device_name": HOSTILE, "versions": {"a": HOSTILE}}} for run in runs]
    hostile = [run | {"recipe": run["recipe"] | {"task": HOSTILE, "teacher": HOSTILE}} for run in hostile]
    for run in hostile:
        run["teacher"] = run["teacher"] | {"groups": {}}
        run["final"] = run["final"] | {"groups": {f"phenomenon:{HOSTILE}": {"accuracy": 0.5, "n": 10}}}
    found, tested = compared(world, hostile, one(hostile, STRONG), one(hostile, WEAK))
    page = Page(handout(found, tested, title=HOSTILE, author=HOSTILE))
    assert not page.links and not {"script", "img"} & page.tags
    assert HOSTILE in page.words


RECIPES = [
    Choice().recipe(), Choice(layers=(5, 3, 3), objective="patient", budget="full", seed=7).recipe(),
    Recipe("a b'c", "file:x y.csv", (1, 2), bundle("distilbert"), rung("60"), Optimiser(learning_rate=5e-5, freeze_embeddings=True), seed=3),
    Recipe("t", "s", (2,), seeding=Seeding(copy_embeddings=False, fresh_head=True, untrained_layers=True)),
]


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_command_gives_the_recipe_again(recipe):
    parser = ArgumentParser()
    distill.add(parser)
    words = shlex.split(command(recipe))
    assert words[:4] == ["python", "-m", "core", "distill"] and distill.recipe_of(parser.parse_args(words[4:])) == recipe


def test_a_changed_objective_is_read_from_a_file():
    recipe = dataclasses.replace(Choice().recipe(), objective=dataclasses.replace(bundle("hinton"), temperature=9.0))
    assert command(recipe).endswith(f"--recipe {recipe.id}.json")


def test_a_set_never_raises():
    assert compare_entries.fill_set("presets", Choice(layers=()), 6) and compare_entries.fill_set("objectives", Choice(layers=()), 6) == []
    with pytest.raises(LabError):
        Choice(layers=()).recipe()


# the curves of what trains


def event(kind, step=0, **data):
    return {"kind": kind, "step": step, "at": float(step), **data}


def state_of(status: str, *events) -> compare_run.State:
    job = jobs.Job(**{field.name: None for field in dataclasses.fields(jobs.Job)} | {"id": 1, "status": status, "kind": "distill"})
    return compare_run.State(job, None, events=tuple(events))


def test_runs_queued_together_share_one_live_chart_named_by_their_letters(runs):
    shown = shown_of(one(runs, STRONG), one(runs, WEAK), one(runs, EQUAL))
    ready = event("prepared", steps=60, curve={"initial": 0.4, "teacher": 0.8})
    done = state_of("finished", ready, event("step", 60, loss=0.5), event("evaluated", 60, val_accuracy=0.7))
    going, waits = state_of("running", ready, event("step", 7, loss=0.9)), state_of("queued")
    view = compare_run.live_view(shown, [done, going, waits])
    names = compare_run.line_names(shown)
    assert [name[0] for name in names] == ["A", "B", "C"] and view.names == names[:2] and view.total == 60 and view.teacher == 0.8
    assert view.losses == ({"step": 60, "value": 0.5, "line": names[0]}, {"step": 7, "value": 0.9, "line": names[1]})
    assert {"step": 60, "value": 0.7, "line": names[0]} in view.accuracies
    assert compare_run.live_view(shown, [done, waits, waits]).names == names[:1]
    assert compare_run.live_view(shown, [waits, waits, waits]) is None
    assert compare_run.live_view(shown, [done, done, done]) is None
