"""Each page in Streamlit's own test harness: presets, extremes, a run from click to result, bad links, hostile text.

Run: python -m pytest tests/test_app_pages.py
"""

import re
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import LabError
from core.recipe import PRESETS, RUNGS, Recipe, preset
from core.store import facts, jobs, records
from core.views.common.choice import Choice
from tests import app_harness as harness
from tests import fake_worker
from tests.app_harness import ROOT, button, chosen, clean, field, group, labels, run_button, shown, shown_progress

EVIL = "<script>alert(1)</script>[x](javascript:alert(1))"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    harness.without_worker(monkeypatch)


@pytest.fixture
def app(teacher, task):
    """A function that opens the app on a ready teacher of 4 layers and its task."""
    return harness.opener(teacher, task)


def test_the_first_visit_offers_the_default_pair(home):
    test = clean(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run())
    assert chosen(test) == Choice()
    assert test.selectbox(key="w_teacher").value == "minilm-l6" and test.selectbox(key="w_task").value == "composed-nli"


def test_about_without_and_with_runs(app, teacher, task):
    here = lambda: clean(group(app("pages/about.py"), "View").set_value("This machine").run())
    assert "No run has been made here yet" in shown(here())
    facts.put("device", {"device": "cpu", "name": "A processor", "dtype": "float32", "threads": 2})
    records.add(fake_worker.record(Choice(teacher, task, (1, 3), budget="60").recipe()))
    test = here()
    assert "A processor, 2 threads, float32" in shown(test)
    table = test.dataframe[0].value
    assert list(table["layers"]) == ["1, 3"] and list(table["student"]) == [80.0] and "torch" in shown(test)


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "random"])
def test_every_preset_sets_diagram_pills_and_address(app, name):
    test = app(layers="2,3")
    clean(group(test, "Presets").set_value(name).run())
    expected = preset(name, 4, 2)
    assert chosen(test).layers == expected and test.session_state["diagram_starts"] == expected
    assert group(test, "The same by keyboard").value == list(expected)
    assert test.query_params["layers"] == ",".join(map(str, expected))


def test_random_gives_another_choice_of_the_same_size(app):
    test = app(layers="1,2")
    clean(group(test, "Presets").set_value("random").run())
    assert len(chosen(test).layers) == 2 and chosen(test).layers != (1, 2)


def test_pills_clicked_backwards_give_the_ascending_recipe(app):
    test = app()
    clean(group(test, "The same by keyboard").set_value([4, 2, 1]).run())
    assert chosen(test).layers == (1, 2, 4)


@pytest.mark.parametrize("layers", ["1", "4", "1,2,3,4"])
def test_the_smallest_and_the_largest_student(app, layers):
    test = app(layers=layers)
    assert f"about **{4 / (layers.count(',') + 1):.1f}×** as fast" in shown(test)
    assert not run_button(test).disabled and field(test, "Student layers").value == layers.count(",") + 1


def test_no_layer_means_no_run(app):
    test = app()
    clean(group(test, "The same by keyboard").set_value([]).run())
    assert button(test, "Run").disabled and "layers" not in test.query_params and "Click the teacher's blocks" in shown(test)


def test_resizing_keeps_the_preset(app):
    test = app(layers="3,4")
    clean(field(test, "Student layers").set_value(3).run())
    assert chosen(test).layers == (2, 3, 4)


def test_order_and_repeats_are_written_and_left_again(app, teacher, task):
    test = app()
    clean(field(test, "Teacher layers in").set_value("4, 1, 1").run())
    assert chosen(test).layers == (4, 1, 1) and test.query_params["layers"] == "4,1,1"
    clean(run_button(test).click().run())
    assert Recipe.from_dict(jobs.queue()[-1].payload).allow_repeats
    clean(group(test, "A click here leaves").set_value([1, 2, 4]).run())
    assert chosen(test).layers == (1, 2, 4)


def test_a_wrong_order_is_said_and_changes_nothing(app):
    test = app()
    clean(field(test, "Teacher layers in").set_value("9").run())
    assert chosen(test).layers == (1, 3) and "no layer 9" in shown(test)


def test_objective_budget_and_seed_reach_the_job(app, teacher, task):
    test = app(objective="patient")
    clean(group(test, "Budget").set_value("60").run())
    clean(test.number_input(key="w_seed").set_value(7).run())
    clean(test.selectbox(key="w_objective").select("assignment").run())
    clean(run_button(test).click().run())
    job = next(job for job in jobs.queue() if job.kind == "distill")
    recipe = Choice(teacher, task, (1, 3), "assignment", "60", 7).recipe()
    assert (job.run_id, job.payload) == (recipe.id, recipe.to_dict()) and len(job.learner) == 32


def test_every_rung_is_there_with_its_measured_time(app, teacher, task):
    facts.put("rate", {f"{teacher}/{task}/2": 0.1})
    test = app()
    budget = group(test, "Budget")
    assert budget.options == ["60 steps", "240 steps", "480 steps", "full"] and len(RUNGS) == 4
    assert "60 steps: 6 s; 240 steps: 24 s; 480 steps: 48 s." in budget.help and "About 24 s on this machine." in shown(test)


def test_a_run_from_click_to_result(app):
    test = app(budget="60")
    warming = fake_worker.claim()
    assert warming.kind == "prepare"
    jobs.finish(warming.id, "finished")
    clean(run_button(test).click().run())
    job = fake_worker.claim()
    clean(test.run())
    assert "Starting" in shown_progress(test) and button(test, "Stop")
    fake_worker.play(job, 30)
    clean(test.run())
    assert "Training, step 30 of 60" in shown_progress(test)
    fake_worker.finish(job)
    clean(test.run())
    assert button(test, "Run") and "gets 80.0 % of 150 examples right; the teacher gets 90.0 %" in shown(test)
    assert [(metric.label, metric.value) for metric in test.metric] == [("Student", "80.0 %"), ("Before step 1", "40.0 %"), ("Teacher", "90.0 %")]
    for part in ("groups", "confusion", "answers", "norms", "record", "against"):
        clean(group(test, "Details").set_value(part).run())
        assert group(test, "Details").value == part
    assert "the settings above are others" not in shown(test)
    clean(group(test, "Presets").set_value("last-k").run())
    assert "The run below is of layers 1, 3" in shown(test)


def test_a_run_is_found_again_by_the_learner(app):
    test = app(budget="60")
    clean(run_button(test).click().run())
    other = app(budget="60")  # another browser: another learner
    assert all(b.label != "Stop" for b in other.button)
    again = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    again.session_state["learner"] = test.session_state["learner"]
    for key, value in test.query_params.items():
        again.query_params[key] = value
    clean(again.run())
    assert button(again, "Stop")


def test_stop_while_waiting_and_while_running(app):
    test = app(budget="60")
    jobs.finish(fake_worker.claim().id, "finished")
    clean(run_button(test).click().run())
    clean(button(test, "Stop").click().run())
    assert "Stopped while waiting." in shown(test) and button(test, "Run")
    clean(run_button(test).click().run())
    job = fake_worker.claim()
    clean(button(test, "Stop").click().run())
    assert jobs.cancelled(job.id)
    fake_worker.finish(job, status="stopped", steps=12)
    clean(test.run())
    assert "stopped after 12 of 60 steps" in shown(test)


def test_a_failed_run_says_its_reason_as_text(app):
    test = app()
    jobs.finish(fake_worker.claim().id, "finished")
    clean(run_button(test).click().run())
    jobs.finish(fake_worker.claim().id, "failed", f"It broke: {EVIL}")
    clean(test.run())
    error = next(e.value for e in test.error)
    assert r"\<script\>" in error and r"\[x\]\(javascript" in error and button(test, "Run")


def test_waiting_says_how_many_come_first(app):
    jobs.submit("distill", {"task": "x"})
    test = app()
    clean(run_button(test).click().run())
    assert "2 jobs before yours" in shown_progress(test)  # the other run, and this pair being loaded


def test_a_saved_run_of_the_recipe_is_offered_and_labelled(app, teacher, task):
    records.add(fake_worker.record(Choice(teacher, task, (1, 3), budget="60").recipe(), teacher=fake_worker.of_teacher(teacher)))
    test = app(budget="60")
    assert "Show the saved run of this recipe" not in labels(test)
    clean(button(test, "Skip").click().run())
    assert "80.0 %" not in shown(test)
    clean(button(test, "Show the saved run of this recipe").click().run())
    assert "A saved run, made here earlier" in shown(test) and "gets 80.0 %" in shown(test)
    clean(group(test, "Budget").set_value("240").run())
    assert "Show the saved run of this recipe" not in labels(test)


def test_bad_values_of_a_link_are_named_and_dropped(app):
    test = app(layers="9", seed="-1", colour=EVIL, budget="60")
    assert chosen(test).budget == "60" and chosen(test).seed == 0
    warning = test.warning[0].value
    assert all(word in warning for word in ("layers", "seed", "does not know"))
    clean(test.number_input(key="w_seed").set_value(3).run())
    assert len(test.warning) == 0


def test_another_task_says_what_it_needs_and_offers_to_tune(app, teacher):
    test = app(teacher="minilm-l6")
    clean(test.selectbox(key="w_task").select("reviews").run())
    assert "It has to be downloaded (91 MB)" in shown(test) and "about 2.5 MB" in shown(test)
    clean(button(test, "Fine-tune this teacher").click().run())
    job = next(job for job in jobs.queue() if job.kind == "tune")
    assert (job.payload["teacher"], job.payload["task"]) == ("minilm-l6", "reviews")
    while (claimed := fake_worker.claim()).id != job.id:
        jobs.finish(claimed.id, "finished")
    jobs.emit(job.id, "stage", {"stage": "fetching", "text": "Downloading the checkpoint", "done": 0.5})
    clean(test.run())
    assert "Downloading the checkpoint" in shown_progress(test) and button(test, "Stop fine-tuning")
    jobs.emit(job.id, "prepared", {"steps": 20, "device": "cpu", "dtype": "float32", "train_examples": 100})
    step = {"step": 5, "of": 20, "loss": 1.0, "losses": {"cross_entropy": 1.0}, "seconds": 1.0, "eta": 3.0, "tokens_per_second": 1.0}
    jobs.emit(job.id, "step", step)
    clean(test.run())
    assert "Training, step 5 of 20" in shown_progress(test)
    jobs.finish(job.id, "failed", "There is no network.")
    clean(test.run())
    assert "There is no network." in shown(test) and button(test, "Fine-tune this teacher")


def test_somebody_elses_tuning_of_the_pair_is_shown(app):
    jobs.submit("tune", {"teacher": "minilm-l6", "task": "reviews", "seed": 0}, learner="other")
    test = app(teacher="minilm-l6", task="reviews")
    assert button(test, "Stop fine-tuning") and shown_progress(test)


@pytest.mark.parametrize("teacher_name, task_name", [
    ("some/encoder", "composed-nli"), ("minilm-l6", "nothing"), ("~no-such-user", "sick"), (EVIL, EVIL), ("minilm-l6", "file:"),
    ("minilm-l6", "hub:"),
])
def test_strange_teachers_and_tasks_are_sentences(app, teacher_name, task_name):
    test = app(teacher=teacher_name, task=task_name, layers=None)
    assert all(b.label != "Run" for b in test.button)
    assert not re.search(r"(?<!\\)<script", "\n".join(m.value for m in [*test.markdown, *test.caption, *test.error, *test.warning]))


def test_a_changed_teacher_keeps_layers_that_it_has(app, teacher):
    test = app()
    clean(test.selectbox(key="w_teacher").select("mpnet-base").run())
    assert chosen(test).teacher == "mpnet-base" and chosen(test).layers == (1, 3)


def test_page_switch_and_back_keeps_the_choice(app):
    test = app()
    clean(group(test, "Presets").set_value("last-k").run())
    first = test.session_state["controls"]["diagram"]
    clean(test.switch_page("pages/about.py").run())
    clean(test.switch_page("pages/lab.py").run())
    assert chosen(test).layers == (3, 4) and test.session_state["diagram_starts"] == (3, 4) and test.session_state["controls"]["diagram"] != first


def test_an_unknown_encoder_can_be_fetched_alone(app):
    test = app(teacher="some/encoder", layers=None)
    clean(button(test, "Download only").click().run())
    job = next(job for job in jobs.queue() if job.kind == "fetch")
    assert job.payload == {"teacher": "some/encoder"} and button(test, "Stop downloading")
    jobs.finish(job.id, "failed", "There is no hub.")
    clean(test.run())
    assert "There is no hub." in shown(test)


def cards(test: AppTest) -> list[str]:
    return [element.proto.body for element in test.get("html") if "ll-example" in element.proto.body and "<style>" not in element.proto.body]


def test_the_task_card_shows_examples_by_label(app):
    test = app()
    clean(button(test, "About this task").click().run())
    chooser = next(s for s in test.selectbox if s.label == "Examples by label")
    assert len(cards(test)) == 6 and all(f"<b>{chooser.value}</b>" in card for card in cards(test))


def test_the_built_in_tasks_card_shows_examples_by_phenomenon(home):
    test = AppTest.from_file(str(harness.ROOT / "app.py"), default_timeout=60).run()
    clean(button(test, "About this task").click().run())
    chooser = next(s for s in test.selectbox if s.label == "Examples by phenomenon")
    assert {"antonymy", "negation", "passive"} <= set(chooser.options) and len(cards(test)) == 6


def test_a_store_that_cannot_be_read_is_one_sentence(app, home, monkeypatch):
    def broken(*_, **__):
        raise LabError("The run store is damaged; move it away to start a new one.")

    monkeypatch.setattr(jobs, "submit", broken)
    test = app()
    clean(run_button(test).click().run())
    assert "The run store is damaged" in shown(test)


def test_no_page_imports_torch():
    """In a process of its own: importing everything a page imports leaves torch, transformers and datasets out."""
    code = (
        "import importlib, pathlib, sys; import core.figures, core.worker; "
        "[importlib.import_module('.'.join(p.with_suffix('').parts)) for p in pathlib.Path('pages/parts').rglob('*.py')]; "
        "from core.store.saved import saved_runs; from core.views.common import disagreements, readiness; "
        "from core.views.lab import references; from pages.parts.app import task_card; "
        "readiness.readiness('minilm-l6', 'composed-nli'); task_card.card_of.__wrapped__('composed-nli'); "
        "[(references.reference_rows(r), disagreements.disagreements(r)) for r in saved_runs('minilm-l6', 'composed-nli')[:1]]; "
        "sys.exit(','.join(m for m in ('torch', 'transformers', 'datasets') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]
