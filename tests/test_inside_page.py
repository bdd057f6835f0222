"""The page Inside the teacher: what it says, its jobs, and the scores saved with the program. Run: python -m pytest tests/test_inside_page.py"""

import json
import math

import pytest

from core.figures import accuracy_lines, head_spread, layer_map, score_bars, similarity_map
from core.figures.style import MOST_MARKS
from core.findings.explanation.explain import explain
from core.models.catalogue import bundled_folder
from core.models.weights import file_hash
from core.store import facts, jobs, layer_scores, saved
from core.store.waiting import lane_of
from core.studies.inside.forming import forming
from core.views.common import recipe_runs
from core.views.inside import view
from core.views.inside.formulas import SCORES
from core.views.lab import overlays
from core.worker import Runner
from tests import app_harness as harness
from tests.app_harness import button, clean, group, labels, shown, shown_progress
from tests.stopping import cancel

PAGE = "pages/inside.py"
VIEWS = ("Similarity", "Block Influence", "Linear probes", "Exits", "Attention")


def inside_of(teacher, task):
    """The scores of the weights that a run would use now; None while there are none."""
    weights = recipe_runs.teacher_hash(teacher, task)
    return layer_scores.find(weights, task) if weights else None


def scores(**more) -> dict:
    """Of 3 layers, on 400 examples: the answer can be read after layer 2, the head reads it after layer 3 alone."""
    probe = lambda share, of_negation: {"accuracy": share, "groups": {"phenomenon:negation": {"accuracy": of_negation, "n": 40, "majority": 0.5}}}
    return {
        "teacher_hash": "w", "task_hash": "d", "task": "t", "layers": 3, "heads": 2, "examples": 400, "probe_examples": 800, "majority": 0.34,
        "environment": {"device": "cpu", "device_name": "A processor"}, "seconds": {"states": 60.0, "probes": 60.0},
        "cka": [[1.0, 0.9, 0.5, 0.1], [0.9, 1.0, 0.4, 0.2], [0.5, 0.4, 1.0, None], [0.1, 0.2, None, 1.0]],
        "angular": [[0.0, 0.1, 0.2, 0.5], [0.1, 0.0, 0.05, 0.4], [0.2, 0.05, 0.0, 0.3], [0.5, 0.4, 0.3, 0.0]],
        "influence": [0.1, 0.104, 0.5],
        "exits": [{"accuracy": share} for share in (0.34, 0.34, 0.35, 0.95)],
        "probes": [probe(0.36, 0.5), probe(0.5, 0.55), probe(0.94, 0.9), probe(0.95, 1.0)],
        "attention": {"entropy": [2.0, 1.0, 1.5], "distance": [None, 3.0, 3.01],
                      "heads": {"entropy": [[2.0, 2.0], [0.5, 1.5], [1.0, 2.0]], "distance": [[None, None], [2.0, 4.0], [3.0, 3.02]]}},
    } | more


# --- sentences ---


def test_neighbours_are_named_by_the_measure_and_an_unknown_pair_is_left_out():
    assert view.similarity_text(scores(), "cka") == (
        "Of neighbours the most alike are the embeddings and layer 1 (0.90), the least alike layer 1 and layer 2 (0.40).")
    assert "alike are layer 1 and layer 2 (0.05), the least alike layer 2 and layer 3 (0.30)" in view.similarity_text(scores(), "angular")
    assert view.similarity_text(scores(cka=[[1.0, None], [None, 1.0]], layers=1), "cka") == "No two layers could be compared."


def test_layers_that_round_to_the_same_figure_are_named_together():
    assert view.influence_text(scores()) == "Layer 3 turns its input the most (0.50), layers 1, 2 the least (0.10)."
    assert view.influence_text(scores(influence=[0.2, 0.2])) == "Layers 1, 2 turn alike."
    said = view.attention_text(scores())
    assert "Layer 1 spreads attention the most (2.0 nats), layer 2 the least (1.0)." in said and "Layers 2, 3 look alike." in said


def test_accuracies_within_noise_of_each_other_tie():
    text = view.probe_text(scores())
    assert "after layer 3: 95.0 %; layer 2 is within noise of it." in text and "After the embeddings it is not shown to read more" in text
    assert view.ties([0.5, 0.5, 0.9], 100, 2) == [2] and view.ties([0.88, 0.5, 0.9], 100, 2) == [0, 2]
    assert view.ties([0.88, 0.9], 10**6, 1) == [1]


def test_an_exit_that_fails_where_a_probe_reads_is_said():
    text = view.exit_text(scores())
    assert "The whole teacher: 95.0 %; every earlier exit gives clearly less." in text
    assert "The widest gap is after layer 2: the head gets 35.0 % right where a probe reads 94.0 %." in text
    alike = scores(probes=[{"accuracy": layer["accuracy"]} for layer in scores()["exits"]])
    assert "gap" not in view.exit_text(alike)


def test_the_basis_says_where_the_scores_are_from():
    assert "measured here" in view.basis(scores()) and "400 validation examples" in view.basis(scores()) and "2 min" in view.basis(scores())
    assert "saved with the program" in view.basis(scores(file="a.json"))


def test_the_map_of_probes_has_the_trivial_answer_at_its_foot():
    rows, columns, cells = view.probe_map(scores())
    assert rows == ["layer 3", "layer 2", "layer 1", "embeddings", view.ONE_CLASS] and columns == [view.EVERYTHING, "negation"]
    found = {(cell["row"], cell["column"]): cell["value"] for cell in cells}
    assert found["layer 2", "negation"] == 90.0 and found["embeddings", view.EVERYTHING] == 36.0
    assert found[view.ONE_CLASS, "negation"] == 50.0 and found[view.ONE_CLASS, view.EVERYTHING] == 34.0 and len(cells) == 10


def test_progress_is_of_the_whole_and_the_time_left_from_its_pace():
    assert math.isclose(sum(view.PARTS.values()), 1.0)
    first, *_, last = view.PARTS
    at = lambda text, done, when: {"kind": "stage", "text": text, "done": done, "at": when}
    events = [at("Loading the teacher and the task", None, 0.0), at(first, 0.5, 10.0), at(last, 0.0, 20.0)]
    half = view.measuring("running", events, 0, 20.0)
    assert half.fraction == pytest.approx(1 - view.PARTS[last]) and half.text == f"{last} (4 of 4)"
    assert half.eta == f"{10 * view.PARTS[last] / (1 - view.PARTS[last]):.0f} s"
    assert view.measuring("running", events[:1], 0, 1.0).text == "Loading the teacher and the task"
    assert "1 job before" in view.measuring("queued", [], 1, 0.0).text


# --- figures ---


def marks(chart) -> list[dict]:
    return [row for layer in chart.to_dict()["layer"] for row in layer.get("data", {}).get("values", [])]


def test_maps_hold_every_cell_and_leave_numbers_out_when_there_would_be_too_many():
    small = similarity_map(scores()["cka"], view.short_names(3), "CKA", (0.0, 1.0)).to_dict()
    values = small["layer"][0].get("data", small.get("data"))["values"]
    assert len(values) == 16 and {"row": "3", "column": "2", "value": None, "told": "CKA of 3 and 2: unknown"} in values
    assert small["layer"][0]["encoding"]["y"]["sort"] == ["3", "2", "1", "emb."] and len(small["layer"]) == 2
    names = view.short_names(32)
    large = similarity_map([[0.5] * 33] * 33, names, "CKA", (0.0, 1.0)).to_dict()
    assert len(large["layer"]) == 1 and 2 * 33 * 33 > MOST_MARKS > 33 * 33


def test_figures_stand_with_unknown_values():
    one = scores()
    assert layer_map(*view.probe_map(one), (0.0, 100.0), ".0f", "d").to_dict()["description"] == "d"
    assert score_bars(["1", "2"], [0.0, 0.0], "t").to_dict()
    assert len(marks(head_spread(["1", "2", "3"], one["attention"]["heads"]["distance"], one["attention"]["distance"], "t"))) == 6 + 3
    lines = accuracy_lines(["emb.", "1"], {"exit": [0.2, 0.4]}, ("level", 0.3)).to_dict()
    assert len(lines["layer"]) == 2 and set(SCORES) >= {"cka", "angular", "influence", "probes", "exits", "entropy", "distance"}


# --- what comes with the program ---


def test_the_saved_scores_are_of_the_bundled_teacher_and_answer_everywhere(home):
    weights = file_hash(bundled_folder("minilm-l6", "composed-nli") / "model.safetensors")[:16]
    found = inside_of("minilm-l6", "composed-nli")
    assert (found["teacher_hash"], found["file"]) == (weights, "minilm-l6--composed-nli.json") and not (home / "layer_scores").exists()
    assert layer_scores.read(weights, found["task_hash"]) == found and layer_scores.read(weights, "0" * 16) is None
    assert inside_of("mpnet-base", "sick") is None
    assert found["task_hash"] in {run["task_hash"] for run in saved.saved_runs("minilm-l6", "composed-nli")}
    assert found["exits"][6]["accuracy"] > 0.9 and len(found["probes"][0]["groups"]) == 15


def test_what_was_measured_here_comes_first():
    layer_scores.write("b33822c48026f49f", "d", "inside", scores(task="composed-nli"))
    assert inside_of("minilm-l6", "composed-nli")["layers"] == 3


def test_the_explanation_of_a_saved_run_uses_the_saved_scores():
    runs = saved.saved_runs("minilm-l6", "composed-nli")
    run = next(one for one in runs if one["recipe"]["layers"] == [4, 5, 6])
    inside = layer_scores.read(run["teacher"]["hash"], run["task_hash"])
    told = " ".join(finding.sentence for finding in explain(run, runs, saved.truth(run["task_hash"], run["split"]), None, inside))
    assert "In the teacher a linear probe gets" in told


def test_every_measured_score_is_an_overlay():
    layer_scores.write("w", "d", "inside", scores())
    layer_scores.write("w", "d", "choices--block-influence--k2", {"task": "t", "layer_scores": {"1": -0.5, "2": 1.0, "3": None}})
    found = overlays.offered(overlays.Ground("t", 3, 2, "w", None, []))
    assert {"cka_before", "angular_before", "probe phenomenon:negation", "chooser block-influence"} <= set(found)
    assert found["cka_before"].values == {1: 0.9, 2: 0.4} and found["angular_before"].values == {1: 0.1, 2: 0.05, 3: 0.3}
    assert found["probe phenomenon:negation"].values == {1: 0.55, 2: 0.9, 3: 1.0}
    assert found["chooser block-influence"].values == {1: -0.5, 2: 1.0} and found["chooser block-influence"].low == -0.5
    assert overlays.title("probe phenomenon:negation") == "a linear probe: negation"
    assert overlays.title("chooser block-influence") == "chooser: Block Influence"
    told = overlays.help_text(found)
    assert told.count("linear probe: a phenomenon") == 1 and "negation" not in told and "Block Influence" in told


# --- jobs ---


def test_a_measurement_is_a_job_and_its_time_is_remembered(teacher, task):
    job = jobs.submit("inside", {"teacher": teacher, "task": task})
    assert "distill" in lane_of("inside") and lane_of("forming") == lane_of("ask")
    Runner("test").run(jobs.claim("test"))
    assert jobs.get(job.id).status == "finished"
    told = [event["text"] for event in jobs.events(job.id)]
    assert list(dict.fromkeys(told))[1:] == list(view.PARTS)  # the parts that the page counts
    found = inside_of(teacher, task)
    assert found["layers"] == 4 and "file" not in found
    assert facts.get("inside_seconds")[f"{teacher}/{task}"] > 0


def test_a_measurement_that_is_stopped_keeps_nothing(teacher, task, monkeypatch):
    job = jobs.submit("inside", {"teacher": teacher, "task": task})
    claimed = jobs.claim("test")
    cancel(job.id)
    Runner("test").run(claimed)
    assert (jobs.get(job.id).status, jobs.get(job.id).reason) == ("stopped", "Stopped by the learner.")
    assert inside_of(teacher, task) is None and facts.get("inside_seconds") is None


def test_forming_answers_as_an_event_and_bad_texts_are_a_sentence(teacher, task):
    payload = {"teacher": teacher, "task": task, "first": "the dog runs", "second": "<b>a *dog* runs</b>"}
    job = jobs.submit("forming", payload)
    bad = jobs.submit("forming", payload | {"second": None})
    for _ in range(2):
        Runner("test").run(jobs.claim("test"))
    answer = jobs.last_event(job.id, "answer")
    assert answer["layers"] == forming(*payload.values())["layers"] and len(answer["layers"]) == 5
    assert jobs.get(bad.id).status == "failed" and "two texts" in jobs.get(bad.id).reason


# --- the page ---


def taken(kind: str) -> jobs.Job:
    """The job of this kind; others, such as getting the Lab's teacher ready, are ended unseen."""
    while (job := jobs.claim("test")).kind != kind:
        jobs.finish(job.id, "finished")
    return job


@pytest.fixture
def opened(monkeypatch, teacher, task):
    """The page on its first view that rests on a measurement."""
    harness.without_worker(monkeypatch)
    return clean(group(harness.opener(teacher, task)(PAGE), "View").set_value("Similarity").run())


def test_every_view_of_the_bundled_teacher_stands_at_once(monkeypatch):
    harness.without_worker(monkeypatch)
    test = harness.opener("minilm-l6", "composed-nli")(PAGE)
    found = inside_of("minilm-l6", "composed-nli")
    for name in VIEWS:
        clean(group(test, "View").set_value(name).run())
        assert test.get("vega_lite_chart") and "saved with the program" in shown(test)
        assert "Does not say:" in shown(test) and [one.value for one in test.latex]
        assert all(json.loads(chart.proto.spec)["description"].endswith(".") for chart in test.get("vega_lite_chart"))  # in words, for readers
    clean(group(test, "View").set_value("Exits").run())
    assert f"The whole teacher: {100 * found['exits'][-1]['accuracy']:.1f} %" in shown(test)
    clean(group(test, "View").set_value("Similarity").run())
    clean(group(test, "Measure").set_value("angular").run())
    assert view.similarity_text(found, "angular") in shown(test)


def test_nothing_measured_is_said_and_a_measurement_is_asked_for_followed_and_stopped(opened, teacher, task):
    assert "Nothing has been measured" in shown(opened) and not opened.get("vega_lite_chart")
    clean(button(opened, "Measure").click().run())
    job = taken("inside")
    assert job.payload == {"teacher": teacher, "task": task}
    jobs.emit(job.id, "stage", {"stage": "evaluating", "text": "Training probes", "done": 0.5})
    clean(opened.run())
    assert "Training probes (4 of 4)" in shown_progress(opened) and "Stop" in labels(opened) and "Measure" not in labels(opened)
    clean(button(opened, "Stop").click().run())
    assert jobs.cancelled(job.id)
    jobs.finish(job.id, "stopped", "Stopped by the learner.")
    clean(opened.run())
    assert "Stopped by the learner." in shown(opened) and "Measure" in labels(opened)


def test_a_measurement_that_is_done_is_shown_and_found_again_in_another_session(opened, teacher, task, monkeypatch):
    clean(button(opened, "Measure").click().run())
    Runner("test").run(taken("inside"))
    clean(opened.run())
    assert "measured here" in shown(opened) and "Measure again" in labels(opened) and opened.get("vega_lite_chart")
    for name in VIEWS:
        clean(group(opened, "View").set_value(name).run())
        assert opened.get("vega_lite_chart")
    again = harness.opener(teacher, task)(PAGE)
    assert "measured here" in shown(clean(group(again, "View").set_value("Similarity").run()))


def test_a_failed_measurement_says_why(opened):
    clean(button(opened, "Measure").click().run())
    jobs.finish(taken("inside").id, "failed", "The disk is *full*.")
    clean(opened.run())
    assert "The disk is *full*." in shown(opened) and r"\*full\*" in opened.error[0].value


def test_a_teacher_that_is_not_ready_is_said(monkeypatch):
    harness.without_worker(monkeypatch)
    test = harness.opener("mpnet-base", "composed-nli")(PAGE)
    assert "The Lab makes a teacher ready." in shown(test) and not test.get("vega_lite_chart")

