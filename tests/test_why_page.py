"""The panel "Why?" on the Lab in Streamlit's harness: where it stands, its seams, loading a choice, measuring.

Run: python -m pytest tests/test_why_page.py
"""

import re

import pytest

from core.recipe import Recipe
from core.recipe.seams import Seam
from core.store import jobs, layer_scores, records, saved
from core.store.ground import ground
from core.store.seam_costs import SECTION, possible, seam_costs
from core.views.lab import why as view
from core.worker import Runner
from pages.parts.common import follow
from tests import app_harness as harness
from tests import explanation_runs, fake_worker
from tests.app_harness import button, chosen, clean, group, labels, shown, shown_progress

CHOSEN = explanation_runs.CHOSEN
MEASURE = "Measure what each seam costs the teacher"


@pytest.fixture
def run(tmp_path, monkeypatch, teacher, task):
    """A learner's run, beside saved ones of all choices of two of four layers, short and full."""
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "saved")
    harness.without_worker(monkeypatch)
    return explanation_runs.write(tmp_path / "saved", teacher, task)


@pytest.fixture
def app(run, teacher, task):
    return harness.opener(teacher, task)


def lab(app, run):
    """The Lab with the learner's run on it."""
    records.add(run)
    test = app(budget="60")
    if "Skip" in labels(test):
        clean(button(test, "Skip").click().run())
    return clean(button(test, "Show the saved run of this recipe").click().run())


def end_measuring(job, run):
    """Do what the worker does at the end: the figures are kept, then the job is over."""
    part = lambda seam, lost: {"below": seam.below, "above": seam.above, "cut": {"accuracy": 0.9 - lost}, "bridged": {"accuracy": 0.9 - lost}}
    document = job.payload | {"layers": 4, "accuracy": 0.9, "examples": 600, "seconds": {"seams": 3.0}, "task_hash": run["task_hash"]}
    document["seams"] = [part(seam, 0.3 if seam.above == 3 else 0.02) for seam in possible(4)]
    layer_scores.write(*ground(run), SECTION, document)
    jobs.finish(job.id, "finished")


def test_the_panel_stands_before_everything_else_that_the_run_shows(app, run):
    test = lab(app, run)
    text = shown(test)
    assert text.index("**Why?**") < text.index("**What this run shows**")
    assert "Trained fully, the student of layers 1, 3" in text and "At the same size" in text
    specs = [chart.proto.spec for chart in test.get("vega_lite_chart")]
    assert any("from layer 1 to layer 3: 1 layer missing" in spec and "from layer 3 to the head: 1 layer missing" in spec for spec in specs)


def test_a_seam_shows_its_students_and_one_of_them_is_loaded(app, run):
    test = lab(app, run)
    seam = group(test, "Seam")
    assert seam.options == ["1→3", "3→out"] and "layer 2 missing" not in shown(test)
    clean(seam.set_value("1-3").run())
    assert "Layer 1 to layer 3: layer 2 missing" in shown(test) and "layer 2 back, layer" in shown(test) and "given up" in shown(test)
    name = test.selectbox(key=f"w_why_choice_{run['id']}_1-3").options[0]
    clean(button(test, "Load these layers").click().run())
    assert ", ".join(map(str, chosen(test).layers)) == name != "1, 3" and 2 in chosen(test).layers


def test_seams_are_measured_on_request_with_progress_and_the_figures_then_stand_there(app, run, teacher, task):
    test = lab(app, run)
    assert "not known yet" in shown(test)
    clean(button(test, MEASURE).click().run())
    while (job := fake_worker.claim()).kind != "seams":  # the teacher is made ready beforehand
        jobs.finish(job.id, "finished")
    assert job.payload == {"teacher": teacher, "task": task}
    jobs.emit(job.id, "stage", {"stage": "evaluating", "text": "Trying every seam", "done": 0.5})
    clean(test.run())
    assert "Trying every seam (3 of 3)" in shown_progress(test) and MEASURE not in labels(test)
    end_measuring(job, run)
    clean(test.run())
    assert "Measured on the teacher itself" in shown(test) and "falls from 90.0 % to 60.0 %. That is clearly further" in shown(test)
    assert "nothing trained" in shown(test) and MEASURE not in labels(test)


def test_a_measurement_that_ends_while_the_page_is_being_drawn_is_seen(app, run, monkeypatch):
    """The page has read that nothing is known, the measurement ends, and only then the page reads how far the job is."""
    test = lab(app, run)
    clean(button(test, MEASURE).click().run())
    current = follow.current_job

    def ends_first(kind: str):
        job = current(kind)
        if job is not None and not job.over:
            end_measuring(job, run)
        return current(kind)

    monkeypatch.setattr(follow, "current_job", ends_first)
    clean(test.run())
    assert "Measured on the teacher itself" in shown(test) and MEASURE not in labels(test)


def test_an_own_pair_is_measured_once_and_the_panel_then_says_what_was_measured(app, run, monkeypatch, tmp_path):
    """A teacher in a folder and a task in a file, no saved run, and the real measurement."""
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "none")
    (tmp_path / "none").mkdir()
    test = lab(app, run)
    assert "No full runs of layers 1, 3" in shown(test) and "not known yet" in shown(test)
    clean(button(test, MEASURE).click().run())
    while (job := fake_worker.claim()).kind != "seams":
        jobs.finish(job.id, "finished")
    Runner("test").run(job)
    texts = [event["text"] for event in jobs.events(job.id) if event["kind"] == "stage"]
    assert list(dict.fromkeys(texts))[1:] == list(view.PARTS)  # the parts that progress and the time left are counted in
    clean(test.run())
    costs = seam_costs(*ground(run))
    assert MEASURE not in labels(test) and "not known yet" not in shown(test)
    told = re.search(r"Measured on the teacher itself, nothing trained: .+?(?= Training may|$)", shown(test), re.MULTILINE)[0]
    percents = {f"{100 * value:.1f}" for value in (costs.accuracy, *(costs.accuracy - cost for cost in costs.bridged.values()))}
    points = {f"{abs(100 * cost):.1f}" for cost in costs.bridged.values()}
    assert set(re.findall(r"(\d+\.\d) %", told)) <= percents and set(re.findall(r"(\d+\.\d) points", told)) <= points
    charts = [chart.proto.spec for chart in test.get("vega_lite_chart")]
    for seam in (Seam(1, 3), Seam(3, 5)):
        assert any(f"1 layer missing, {100 * costs.bridged[seam]:z.1f} points" in spec for spec in charts)
    again = lab(app, run)  # another visit
    assert MEASURE not in labels(again) and "Measured on the teacher itself" in shown(again)


def test_a_pair_without_saved_runs_has_a_plain_sentence_and_the_button(app, run, monkeypatch, tmp_path):
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "none")
    (tmp_path / "none").mkdir()
    test = lab(app, run)
    assert "No full runs of layers 1, 3" in shown(test) and MEASURE in labels(test)


def test_the_learners_own_reason_is_judged(app, run):
    records.add(run)
    test = app(budget="60")
    clean(test.slider(key="w_predict_accuracy").set_value(60).run())
    clean(test.selectbox(key="w_predict_reason").select("near-input").run())
    clean(button(test, "Commit").click().run())
    clean(button(test, "Show the saved run of this recipe").click().run())
    assert "Your reason, that layers near the input do the groundwork, is " in shown(test)


def test_a_written_order_has_a_sentence_and_no_chain(app, run, teacher, task):
    recipe = Recipe.from_dict(run["recipe"] | {"layers": [3, 1]})
    records.add(run | {"recipe": recipe.to_dict(), "id": recipe.id})
    test = app(budget="60", layers="3,1")
    clean(button(test, "Skip").click().run())
    clean(button(test, "Show the saved run of this recipe").click().run())
    assert "another order than in the teacher" in shown(test) and all(not one.label.startswith("Seam") for one in test.get("button_group"))
