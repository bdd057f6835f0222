"""The pages' decisions, without drawing: links, presets, progress, results. Run: python -m pytest tests/test_app_models.py"""

import math
import re

import pytest

from core.data import cards
from core.errors import LabError
from core.findings import names
from core.recipe import BUNDLES, RUNGS, Recipe, bundle, preset, rung
from core.statistics.distributions import Z_95, wilson
from core.store import layer_scores
from core.store.saved import saved_runs
from core.views.about import provenance
from core.views.common import choice, disagreements, export, lesson, readiness, result, text
from core.views.common.choice import Choice
from core.views.common.progress import axis_top, group_rows, line_names, live_curves, progress, record_curves, with_band, with_prediction
from core.views.lab import overlays, picking, references, times
from pages.parts.app import address
from pages.parts.app.sidebar import teacher_title
from pages.parts.common import example_cards, machine
from tests import fake_worker


def read(**query):
    return choice.read_choice({key: value if isinstance(value, list) else [value] for key, value in query.items()})


# Links


def test_an_empty_link_gives_the_defaults():
    assert read() == (Choice("minilm-l6", "composed-nli", (1, 3, 5), "hinton", "240", 0), [])


@pytest.mark.parametrize("layers", [(1,), (2, 4, 6), (5, 3, 1), (2, 2, 6), (1, 2, 3, 4, 5, 6)])
@pytest.mark.parametrize("name", ["reviews", "file:a b&c.csv?text=x,y&label=z"])
def test_a_link_out_and_in_is_the_same_choice(layers, name):
    given = Choice("minilm-l6", name, layers, "patient", "60", 17)
    assert read(**choice.choice_query(given)) == (given, [])


@pytest.mark.parametrize("key, value, kept", [
    ("layers", "0", (1, 3, 5)), ("layers", "7", (1, 3, 5)), ("layers", "one,2", (1, 3, 5)), ("layers", ",", (1, 3, 5)), ("layers", "-1", (1, 3, 5)),
    ("objective", "magic", "hinton"), ("budget", "61", "240"), ("seed", "-1", 0), ("seed", "1.5", 0), ("seed", "²", 0), ("seed", str(2**31), 0),
    ("seed", "9" * 400, 0),
])
def test_a_bad_value_is_named_and_dropped(key, value, kept):
    got, problems = read(**{key: value})
    assert getattr(got, key) == kept and len(problems) == 1 and key in problems[0]


def test_unknown_keys_repeated_keys_and_long_values_are_named():
    got, problems = read(frobnicate="1", seed=["3", "4"], teacher="x" * 2001)
    assert got.seed == 4 and got.teacher == "minilm-l6" and len(problems) == 3
    assert "frobnicate" in problems[0] and "seed 2 times" in problems[1] and "longer than 2000" in problems[2]


def test_layers_are_checked_against_the_links_own_teacher():
    got, problems = read(teacher="mpnet-base", layers="1,12")
    assert got.layers == (1, 12) and problems == []
    assert read(teacher="mpnet-base", layers="13")[0].layers == (1, 3, 5, 7, 9, 11)


def test_the_recipe_of_a_choice():
    recipe = Choice("minilm-l6", "sick", (5, 5, 1), "distilbert", "60", 4).recipe()
    assert recipe == Recipe("minilm-l6", "sick", (5, 5, 1), bundle("distilbert"), rung("60"), seed=4, allow_repeats=True)
    assert not Choice(layers=(1, 2)).recipe().allow_repeats
    with pytest.raises(LabError, match="at least one"):
        Choice(layers=()).recipe()


def test_a_recipe_that_the_page_can_say_becomes_its_choice_again():
    given = Choice("minilm-l6", "sick", (5, 1), "assignment", "full", 9)
    assert choice.choice_of_recipe(given.recipe().to_dict()) == given
    other = given.recipe().to_dict()
    other["seeding"]["untrained_layers"] = True
    assert choice.choice_of_recipe(other) is None


def test_a_smaller_teacher_drops_layers_it_does_not_have():
    assert choice.fitting(Choice(layers=(1, 12)), 6).layers == (1, 3, 5)
    assert choice.fitting(Choice(layers=(2, 6)), 6).layers == (2, 6)
    assert choice.fitting(Choice(layers=()), 1).layers == (1,)


def test_short_names():
    assert names.short_name("file:/a/b/c.csv?text=x/y&label=z") == "c.csv"
    assert names.short_name("/models/mine/") == "mine"
    assert names.short_name("org/model") == "org/model" and choice.short_name("glue/rte") == "glue/rte"


# Picking


def test_a_selection_event_is_an_ascending_choice_of_real_layers():
    event = {"selection": {"layers": [{"layer": 5}, {"layer": 1}, {"layer": 9}, {"layer": None}, {}, {"layer": "2"}, "x"]}}
    assert picking.from_selection(event, 6) == (1, 5)
    assert picking.from_selection({}, 6) == () and picking.from_selection({"selection": {"layers": {}}}, 6) == ()


def test_presets_are_offered_where_they_reach():
    assert list(picking.available(6, 3)) == ["first-k", "last-k", "odd", "even", "spread", "random"]
    assert list(picking.available(6, 4)) == ["first-k", "last-k", "spread", "random"]
    assert picking.available(12, 6)["spread"] == "spread (DistilBERT)" and picking.available(6, 3)["spread"] == "evenly spread"
    assert picking.available(6, 3)["first-k"] == "first 3, nearest the input" and picking.available(6, 3)["last-k"] == "last 3, nearest the output"


def test_the_clicked_preset_stays_named_when_several_agree():
    assert preset("odd", 3, 2) == preset("spread", 3, 2) == (1, 3)
    assert picking.current((1, 3), 3, "spread") == "spread" and picking.current((1, 3), 3, None) == "odd"
    assert picking.current((1, 4), 6, "spread") is None and picking.current((), 6, "odd") is None


def test_random_gives_another_choice_each_time():
    first = picking.take("random", 6, 3, (1, 3, 5), 0)
    assert picking.take("random", 6, 3, first, 0) != first
    assert picking.take("random", 3, 3, (1, 2, 3), 0) == (1, 2, 3)  # there is no other


def test_order_and_repeats_are_taken_as_written():
    assert picking.from_text("5, 3,3", 6) == (5, 3, 3)
    with pytest.raises(LabError, match="no layer 7"):
        picking.from_text("7", 6)


def test_resizing_keeps_the_preset_where_it_reaches():
    assert choice.resized(Choice(layers=(4, 5, 6)), 2, 6) == (5, 6)
    assert choice.resized(Choice(layers=(2, 4, 6)), 4, 6) == preset("spread", 6, 4)
    assert choice.resized(Choice(layers=()), 1, 6) == preset("spread", 6, 1)


# Text


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "[a](javascript:x)", "![](http://x/y.png)", "$x$ :red[a] `c` **b**", "a\n# b"])
def test_foreign_text_has_every_sign_escaped(evil):
    escaped = text.plain(evil)
    assert "\n" not in escaped
    signs = [i for i, sign in enumerate(escaped) if sign in "<>[]()!$`*_:#&|~{}"]
    assert signs and all(escaped[i - 1] == "\\" for i in signs)


@pytest.mark.parametrize("makes", (text.plain, cards.plain))
def test_foreign_text_becomes_no_link_icon_or_arrow(makes):
    """The patterns are those by which the page's Markdown looks through text whose escapes are gone: remark-gfm's and Streamlit's own."""
    links = r"(https?://|www(?=\.))([-.\w]+)|(?<![\w])([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)"
    obeyed = re.compile(rf"{links}|:material_(\w+):|:streamlit:|:[\w+-]+:|(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)", re.IGNORECASE)
    for evil in ("see http://a.b/c", "HTTPS://A.B", "www.a.b", "(WWW.a.b)", "me.you+x@a-b.org", "mailto:me@a.org", "->", "xhttp://a.b http://http://a.b",
                 ":material_home: :streamlit: :smile: :+1:", "a -> b <- c <-> d -- e >= f <= g ~= h", "www.www.a.b a@b@c.org"):
        shown = makes(evil).replace("\\", "")
        assert obeyed.search(evil) and not obeyed.search(shown) and shown.replace("\N{WORD JOINER}", "") == evil
    assert "\N{WORD JOINER}" not in makes("minilm-l6@1 at 10:30, hub:owner/name?text=a&label=b, 3 - 4, a->b; http, www and @all")


def test_numbers_in_words():
    assert [text.budget_text(b) for b in ({"steps": 60, "epochs": None}, {"epochs": 1}, {"epochs": 3})] == ["60 steps", "1 epoch", "3 epochs"]
    assert text.percent(0.8437) == "84.4 %" and text.percent(None) == "–" and text.points(-0.012) == "-1.2 points"
    assert [text.duration(s) for s in (None, 0.2, 45, 100, 5400)] == ["", "1 s", "45 s", "2 min", "1 h 30 min"]
    assert text.choice_text((1, 3, 5), 6) == "layers 1, 3, 5 (odd layers)" and text.choice_text((2,), None) == "layer 2"


# Budget and objectives


def test_rungs_have_their_measured_time_and_never_another_step_count():
    assert times.BUDGETS == {"60": "60 steps", "240": "240 steps", "480": "480 steps", "full": "full"} and set(times.BUDGETS) == set(RUNGS)
    assert times.run_time("60", 0.2) == "About 12 s on this machine." and times.run_time("full", 0.2, 3200) == "About 60 s on this machine."
    assert times.run_time("full", 0.2) == times.run_time("60", None) and "is measured in the first run" in times.run_time("60", None)
    note = times.timing_note(0.2, 3200)
    assert "60 steps: 12 s; 240 steps: 48 s; 480 steps: 2 min; full: 60 s." in note and "3 passes through all" in note
    assert "full: " not in times.timing_note(0.2)


def test_every_bundle_has_a_title_a_line_and_a_formula_of_its_own_weights():
    for name in BUNDLES:
        assert text.objective_title(name) != name and BUNDLES[name].line.endswith(".")
        assert text.objective_formula(name).count("+") == len(bundle(name).weights) - 1
    assert "10" in text.objective_formula("patient") and "T=5" in text.objective_formula("patient")
    assert "T=" not in text.objective_formula("cross-entropy")


def test_a_measured_rate_is_found(home):
    from core.store import facts

    assert machine.step_seconds("a", "b", 3) is None
    facts.put("rate", {"a/b/3": 0.25})
    assert machine.step_seconds("a", "b", 3) == 0.25 and machine.step_seconds("a", "b", 2) is None


# Readiness


def test_a_teacher_that_is_not_there_says_what_it_needs(home):
    state = readiness.readiness("minilm-l6", "reviews")
    assert not state.ready and state.can_tune and state.layers == 6
    assert "91 MB" in state.needs[0] and "2.5 MB" in state.needs[1]


def test_data_that_is_here_already_is_not_asked_for(home, tmp_path, monkeypatch):
    assert "SICK.txt" in readiness.task_needs("sick") and readiness.task_needs("composed-nli") == ""
    (tmp_path / "SICK.txt").write_text("")
    monkeypatch.setenv("LAYER_LAB_DATA", str(tmp_path))
    assert readiness.task_needs("sick") == ""


def test_an_unknown_hub_id_has_no_layers_yet(home):
    state = readiness.readiness("some/encoder", "composed-nli")
    assert state.layers is None and state.can_tune and "downloaded" in state.needs[0]


def test_an_unknown_task_is_a_problem_that_tuning_does_not_cure(home):
    state = readiness.readiness("minilm-l6", "no-such-task")
    assert not state.ready and not state.can_tune and "no-such-task" in state.problem and state.layers == 6


@pytest.mark.parametrize("name", ["x" * 400, "~no-such-user/x"])
def test_a_name_that_no_file_system_takes_is_one_sentence(home, name):
    state = readiness.readiness(name, "composed-nli")
    assert not state.ready and not state.can_tune and "choose one from the list" in state.problem


def test_the_students_size():
    known = readiness.Readiness(True, 6, parameters=(1_000_000, 4_000_000))
    assert readiness.size_parts(known, 3) == ["**3** of 6 layers", "**7.0** of 10.0 M parameters (70 %)", "about **2.0×** as fast"]
    assert readiness.size_parts(readiness.Readiness(True, 6), 3) == ["**3** of 6 layers"]


def test_the_bundled_teachers_size_is_what_a_run_counted():
    state = readiness.readiness("minilm-l6", "composed-nli")
    counted = next(r["parameters"] for r in saved_runs("minilm-l6", "composed-nli") if len(r["recipe"]["layers"]) == 3)
    layer, rest = state.parameters
    assert rest + 6 * layer == pytest.approx(counted["teacher"], rel=1e-4) and rest + 3 * layer == pytest.approx(counted["student"], rel=1e-4)


# Progress


def step(n, of=60, **more):
    return {"n": n, "kind": "step", "at": 100.0, "step": n, "of": of, "loss": 1.0, "losses": {"cross_entropy": 1.0}, "eta": 30.0, **more}


def test_progress_in_words():
    assert progress("queued", [], 2).text == "Waiting: 2 jobs before this one"
    assert progress("queued", [], 1).text == "Waiting: 1 job before this one" and "training process" in progress("queued", [], 0).text
    assert progress("running", []).text == "Starting"
    stage = {"kind": "stage", "text": "Asking the teacher", "done": 0.25, "n": 1, "at": 0.0}
    assert (progress("running", [stage]).text, progress("running", [stage]).fraction) == ("Asking the teacher", 0.25)
    now = progress("running", [step(15)], now=110.0)
    assert (now.text, now.fraction, now.eta) == ("Training, step 15 of 60", 0.25, "20 s")
    assert progress("running", [step(15)], now=200.0).eta == "1 s"  # counted down, never below nothing
    assert progress("running", [step(60), {"kind": "evaluated", "step": 60, "val_accuracy": 0.5, "n": 61, "at": 0.0}]).fraction == 1.0
    assert all(progress("running", [step(15), {"kind": kind, "n": 61, "at": 0.0}]).text == "Finishing" for kind in ("kept", "not_kept", "finished"))


def test_live_curves_and_the_records_curves_show_the_same():
    prepared = {"kind": "prepared", "steps": 60, "curve": {"teacher": 0.9, "initial": 0.4}, "n": 1, "at": 0.0}
    assert live_curves([]) is None and live_curves([prepared]).losses == ()
    made = fake_worker.record(Choice(budget="60").recipe())
    events = [prepared, step(60, loss=0.7, losses={"cross_entropy": 0.8, "soft_targets": 0.6}),
              {"kind": "evaluated", "step": 60, "val_accuracy": 0.8, "n": 3, "at": 0.0}]
    assert live_curves(events, made["recipe"]["budget"]) == record_curves(made)
    assert record_curves(made).parts == ("total", "cross-entropy", "soft targets") and record_curves(made).top == 0.8


def test_a_full_runs_curve_is_on_validation_and_says_so():
    made = fake_worker.record(Choice(budget="full").recipe(), check={"teacher": {"accuracy": 0.91}})
    curves = record_curves(made)
    assert curves.title == "Accuracy, validation" and {row["value"] for row in curves.accuracies if row["line"] == "teacher"} == {0.91}
    made["teacher"] = made["teacher"] | {"curve_accuracy": 0.92}
    assert {row["value"] for row in record_curves(made).accuracies if row["line"] == "teacher"} == {0.92}
    assert record_curves(fake_worker.record(Choice(budget="60").recipe())).title == "Accuracy, check examples"


def test_a_single_loss_is_one_line_by_its_name():
    prepared = {"kind": "prepared", "steps": 60, "n": 1, "at": 0.0}  # fine-tuning reports no figures before its first step
    curves = live_curves([prepared, step(1)])
    assert curves.parts == ("cross-entropy",) and len(curves.losses) == 1 and curves.accuracies == ()


def test_a_prediction_is_a_line_of_its_own_with_its_name_and_a_band_has_one_too():
    made = fake_worker.record(Choice(budget="60").recipe())
    plain = record_curves(made)
    assert with_prediction(plain, None) == plain and line_names(plain) == {"student": "student 80 %", "teacher": "teacher 90 %"}
    band = [{"step": step, "low": 0.3, "high": 0.5, "line": "saved, 2 seeds"} for step in (0, 60)]
    curves = with_prediction(with_band(plain, band), 0.72)
    assert [(row["step"], row["value"]) for row in curves.accuracies if row["line"] == "predicted"] == [(0, 0.72), (60, 0.72)]
    assert line_names(curves)["predicted"] == "you said 72 %" and line_names(curves)["saved, 2 seeds"] == "saved, 2 seeds"


def test_strips_grow_with_each_evaluation_and_prefer_phenomena():
    both = {"phenomenon:negation": 0.5, "template:seen": 0.9, "class:neutral": 0.4}
    first, last = group_rows([(10, both), (20, both | {"phenomenon:negation": 0.75})])
    assert first == {"group": "negation", "from": 0, "step": 10, "accuracy": 0.5, "latest": ""}
    assert (last["from"], last["step"], last["latest"]) == (10, 20, "75 %")
    assert [row["group"] for row in group_rows([(10, {"class:neutral": 0.4})])] == ["neutral"]
    assert group_rows([(10, {})]) == ()


@pytest.mark.parametrize("values, top", [
    ([], 1.0), ([0.0], 1.0), ([0.9], 1.0), ([1.2], 1.5), ([7.9], 8.0), ([11], 15.0), ([0.031], 0.05), ([math.nan, 2], 2),
])
def test_the_loss_axis_ends_at_a_round_number(values, top):
    assert axis_top(values) == pytest.approx(top)


# Result


def test_the_result_and_its_cautions():
    made = fake_worker.record(Choice(budget="60").recipe())
    what = result.result(made)
    assert what.examples.startswith("150 check examples")
    assert what.headline == "A student from layers 1, 3, 5 (odd layers) gets 80.0 % of 150 examples right; the teacher gets 90.0 %."
    said = " ".join(what.cautions)
    assert "interval of the student's accuracy 72.9 % to 85.6 %" in said
    assert "-10.0 points" in said and "short run" in said and "stopped" not in said and "not shown to have learnt" not in said


def test_a_result_at_the_level_of_one_class_says_so():
    made = fake_worker.record(Choice(budget="60").recipe())
    made["final"] = made["final"] | {"accuracy": 0.36}
    assert "not shown to have learnt" in " ".join(result.result(made).cautions)


def test_a_stopped_run_and_a_part_that_did_not_move_are_named():
    made = fake_worker.record(Choice(budget="60").recipe(), status="stopped", steps=12)
    made["update_norms"]["2"] = 0.0
    said = " ".join(result.result(made).cautions)
    assert "stopped after 12 of 60 steps" in said and "Did not move in training: layer 2 (from layer 3)." in said


def test_what_was_noted_of_a_run_is_said_once():
    made = fake_worker.record(Choice(budget="60").recipe())
    made["update_norms"]["2"], made["notes"] = 0.0, ["Part '2' did not move in training.", "The names of the weights were freed."]
    said = " ".join(result.result(made).cautions)
    assert said.endswith("Did not move in training: layer 2 (from layer 3). The names of the weights were freed.")


def test_wilsons_interval_against_its_defining_equation():
    for share, n in ((0.5, 10), (0.9, 600), (1.0, 20), (0.0, 7)):
        for end in wilson(share, n):
            assert (share - end) ** 2 == pytest.approx(Z_95**2 * end * (1 - end) / n, abs=1e-9)


def test_groups_come_lowest_first_and_classes_stand_in_for_them():
    made = fake_worker.record(Choice().recipe())
    assert [row["name"] for row in result.group_rows(made)] == ["negation", "template: unseen"]
    made["final"] = made["final"] | {"groups": {}, "confusion": [[50, 0, 0], [25, 25, 0], [0, 0, 0]]}
    assert result.group_rows(made) == [{"name": "neutral", "accuracy": 0.5, "n": 50}, {"name": "entailment", "accuracy": 1.0, "n": 50}]


def test_the_download_is_the_record():
    import json

    made = fake_worker.record(Choice().recipe())
    assert json.loads(export.as_json(made | {"at": 1.0, "row": 3, "file": "x.jsonl"})) == made


def test_the_runs_table_links_to_the_same_settings():
    from urllib.parse import parse_qs, urlsplit

    given = Choice(layers=(6, 2), budget="60", seed=3)
    [row] = provenance.rows([fake_worker.record(given.recipe()) | {"at": 0.0, "row": 1}])
    assert choice.read_choice(parse_qs(urlsplit(row["again"]).query)) == (given, [])
    assert (row["layers"], row["budget"], row["student"]) == ("6, 2", "60 steps", 0.8)


# Lessons, the address


def test_a_lesson_out_and_in_is_the_same():
    given = lesson.Lesson(frozenset({"seed", "predict"}), frozenset({"layers"}))
    assert lesson.lesson_query(given) == {"hide": "predict,seed", "lock": "layers"} and lesson.lesson_query(lesson.Lesson()) == {}
    assert lesson.read_lesson({key: [value] for key, value in lesson.lesson_query(given).items()}) == (given, [])


def test_a_lesson_names_what_it_drops():
    got, problems = lesson.read_lesson({"hide": ["seed, layers", "magic"], "lock": [""], "seed": ["3"]})
    assert got == lesson.Lesson(frozenset({"seed"})) and len(problems) == 1 and "'layers' and 1 more" in problems[0]
    assert read(hide="seed", seed="3") == (Choice(seed=3), [])


@pytest.mark.parametrize("opened, bound, lan, expected", [
    ("http://localhost:8501", None, "10.0.0.7", "http://10.0.0.7:8501"), ("http://127.0.0.1:8501/about", "0.0.0.0", "10.0.0.7", "http://10.0.0.7:8501"),
    ("http://10.0.0.9:8501/", None, "10.0.0.7", "http://10.0.0.9:8501"), ("https://lab.school.example/", None, None, "https://lab.school.example"),
    ("http://localhost:8501", "127.0.0.1", "10.0.0.7", None), ("http://localhost:8501", None, None, None),
    ("http://localhost:8501", "10.0.0.8", "10.0.0.7", "http://10.0.0.8:8501"), (None, None, "10.0.0.7", "http://10.0.0.7:8501"),
])
def test_the_address_that_learners_type(opened, bound, lan, expected):
    assert address.server_address(opened, {}, bound, 8501, "", lan) == expected


# What a run is seen against


def test_the_presets_of_the_same_settings_stand_beside_a_run(home):
    from core.store import records

    made = fake_worker.record(Choice(budget="60").recipe())
    twin = fake_worker.record(Choice(budget="60", layers=(4, 5, 6)).recipe())
    twin["final"] = twin["final"] | {"accuracy": 0.85}
    records.add(twin)
    for other in ({"seed": 1}, {"budget": "240"}, {"task": "sick"}, {"objective": "patient"}):
        records.add(fake_worker.record(Choice(**{"budget": "60", "layers": (1, 2, 3)} | other).recipe()))
    records.add(fake_worker.record(Choice(budget="60", layers=(2, 4, 6)).recipe(), task_hash="f" * 16))
    rows, missing = references.reference_rows(made)
    assert [(row["name"], row["accuracy"], row["kind"]) for row in rows] == [
        ("teacher", 0.9, "teacher"), ("last 3, nearest the output", 0.85, "other"), ("this run: odd layers", 0.8, "this"),
        ("before its first step", 0.4, "level"), ("always one class", 1 / 3, "level"),
    ]
    assert missing == ["first 3, nearest the input", "even layers", "evenly spread, both ends kept"]
    assert rows[2]["low"] == pytest.approx(0.7288, abs=1e-3) and rows[2]["loss"] == 0.6


def test_the_band_is_of_twins_that_differ_in_the_seed_alone():
    recipe = Choice(budget="60").recipe().to_dict()

    def of(weights="1" * 16, **more):
        return fake_worker.record(Choice(**{"budget": "60"} | more).recipe(), teacher={"hash": weights, "accuracy": 0.9, "loss": 0.3})

    higher = of(seed=2)
    higher["curve"] = [dict(point, val_accuracy=point["val_accuracy"] + 0.1) for point in higher["curve"]]
    others = [of(seed=3, budget="240"), of(layers=(1, 2, 3)), of(objective="patient"), of(seed=3, weights="2" * 16)]
    found = references.seed_band(recipe, "1" * 16, [of(seed=1), higher, *others])
    assert {row["line"] for row in found} == {"saved, 2 seeds"}
    assert [(row["step"], row["low"], row["high"]) for row in found] == [(0, 0.4, 0.5), (60, 0.8, pytest.approx(0.9))]
    assert references.seed_band(recipe, "1" * 16, [of(seed=1)])[0]["line"] == "saved, seed 1"
    assert references.seed_band(recipe, "1" * 16, others) == []


def test_the_example_is_of_another_size_and_lies_near():
    of = lambda layers, **more: fake_worker.record(Choice(**{"layers": layers, "budget": "full"} | more).recipe())
    chosen = Choice(layers=(1, 3, 5))
    far, near, own = of((1, 2), task="sick"), of((1, 3, 4, 6)), of((4, 5, 6))
    assert references.example(chosen, [own, far, near]) == near and references.example(chosen, [own, far]) == far
    assert references.example(chosen, [own]) is None
    short = of((1, 3), budget="60")
    assert references.example(chosen, [short, near]) == near
    brief = of((1, 3))
    brief["recipe"]["budget"]["epochs"] = 1
    assert references.example(chosen, [brief, near]) == near and references.example(chosen, [short, brief]) == brief
    control = of((1, 3))
    control["recipe"]["seeding"]["untrained_layers"] = True
    assert references.example(chosen, [control]) is None


# Answers


def tiny_record(name, budget="60", **changes):
    loaded = disagreements.local_task(name)
    split = loaded.split("check" if budget == "60" else "test")
    truth = "".join(map(str, split.labels))
    return loaded, fake_worker.record(Choice(task=name, budget=budget).recipe(), task_hash=loaded.hash, predictions=truth, **changes), truth


def test_differing_answers_are_found_with_their_texts(task):
    loaded, made, truth = tiny_record(task)
    wrong = str((int(truth[0]) + 1) % 3)
    made["predictions"] = wrong + truth[1:]
    made["teacher"] = made["teacher"] | {"predictions": truth[:1] + str((int(truth[1]) + 1) % 3) + truth[2:]}
    found, why = disagreements.disagreements(made)
    split = loaded.split("check")
    assert why == "" and [(*one.texts, one.kind) for one in found] == [
        (split.first[0], split.second[0], "lost"), (split.first[1], split.second[1], "won"),
    ]
    right = loaded.labels[int(truth[0])]
    assert (found[0].label, found[0].ours, found[0].theirs) == (right, loaded.labels[int(wrong)], right)


def test_what_cannot_be_shown_says_why(task):
    loaded, made, truth = tiny_record(task)
    assert "does not hold the teacher's answers" in disagreements.disagreements(made)[1]
    assert "not at hand" in disagreements.disagreements(made | {"task_hash": "f" * 16})[1]
    assert "not at hand" in disagreements.disagreements(fake_worker.record(Choice(task="glue/mnli").recipe()))[1]


def test_a_bundled_teachers_answers_come_from_its_own_logits():
    """Of an older record, which lacks them; believed only where they agree with the record's own agreement."""
    made = next(r for r in saved_runs("minilm-l6", "composed-nli") if r["split"] == "test")
    made = made | {"teacher": {key: value for key, value in made["teacher"].items() if key != "predictions"}}
    loaded = disagreements.local_task("composed-nli")
    found = disagreements.teacher_predictions(made, loaded)
    right = sum(int(a) == b for a, b in zip(found, loaded.test.labels, strict=True)) / len(found)
    assert right == pytest.approx(made["teacher"]["accuracy"], abs=2e-3)
    assert disagreements.teacher_predictions(made | {"final": made["final"] | {"agreement": 0.123}}, loaded) is None
    assert disagreements.teacher_predictions(made | {"teacher": made["teacher"] | {"hash": "f" * 16}}, loaded) is None


def test_an_examples_card_escapes_all_of_it():
    evil = "<script>x</script>"
    card = example_cards.html((evil, None), {"label": evil, "student": "b"}, (f"phenomenon:{evil}", "words:seen"))
    assert "<script" not in card and card.count("&lt;script&gt;") == 3 and 'class="ll-wrong">student' in card and "words" not in card


# Overlays and exports


def ground(**more):
    return overlays.Ground(**{"task": "t", "layers": 6, "k": 3, "weights": "w", "record": None, "saved": []} | more)


def test_update_norms_stand_on_the_layers_that_seeded():
    made = fake_worker.record(Choice(layers=(5, 2, 2)).recipe(), update_norms={"embeddings": 9.0, "1": 1.0, "2": 3.0, "3": 4.0, "head": 9.0})
    assert overlays.update_norms(ground(record=made)).values == {5: 1.0, 2: 5.0} and overlays.update_norms(ground()) is None


def test_what_was_measured_inside_the_teacher_is_offered(home):
    inside = {"task": "t", "influence": [0.1] * 6, "exits": [{"accuracy": 0.3}] * 7, "probes": [{"accuracy": 0.5}] * 7,
              "attention": {"entropy": [None] * 6, "distance": [2.0] * 6}}
    layer_scores.write("w", "d" * 16, "inside", inside)
    assert list(overlays.offered(ground())) == ["influence", "exit_accuracy", "probe_accuracy", "attention_distance"]
    assert overlays.offered(ground(weights="v")) == {} and overlays.offered(ground(task="u")) == {}
    assert all(overlays.title(name) and overlays.described(name)[1].endswith(".") for name in overlays.MEASURED | overlays.FROM_RUNS)


def test_mean_accuracies_need_every_choice():
    from itertools import combinations

    judged = {"accuracy": 0.9, "loss": 0.3, "hash": "w", "layers": 6}
    full = [
        fake_worker.record(Choice(layers=layers, budget="full").recipe(), teacher=judged, split="test")
        for layers in combinations(range(1, 7), 3)
    ]
    for made in full:
        made["final"] = made["final"] | {"accuracy": 0.8 if 1 in made["recipe"]["layers"] else 0.4}
    found = overlays.mean_accuracies(ground(saved=full))
    assert found.values[1] == pytest.approx(0.8) and found.values[2] == pytest.approx((4 * 0.8 + 6 * 0.4) / 10)
    assert (found.low, found.high) == (1 / 3, 0.9) and found.share(1) == pytest.approx((0.8 - 1 / 3) / (0.9 - 1 / 3))
    assert overlays.mean_accuracies(ground(saved=full[1:])) is None


def test_the_curve_as_csv():
    import csv
    import io

    made = fake_worker.record(Choice(task="=cmd()", budget="60").recipe())
    rows = list(csv.DictReader(io.StringIO(export.as_csv(made))))
    found = [(row["step"], row["val_accuracy"], row["loss"], row["soft_targets"]) for row in rows]
    assert found == [("0", "0.4", "", ""), ("60", "0.8", "0.7", "0.6")]
    assert rows[0]["layers"] == "1 3 5" and rows[0]["task"] == "'=cmd()" and rows[0]["run"] == made["id"]


def test_a_teacher_of_another_seed_is_told_apart():
    assert teacher_title("minilm-l6") == "MiniLM-L6 (6 layers)"
    assert teacher_title("minilm-l6@1") == "MiniLM-L6, seed 1 (6 layers)"
    assert teacher_title("/some/folder@1") == "folder@1"
