"""Predicting on the Lab, the gate before the figures, lesson links, the example of an empty page, overlays and the band, in Streamlit's harness.

Run: python -m pytest tests/test_app_predict.py
"""

import json
from itertools import combinations

import pytest

from core.recipe import Recipe
from core.store import jobs, predictions, records, saved
from core.views.common.choice import Choice
from pages.parts.app import address
from pages.parts.lab import outcome as lab_outcome
from pages.parts.lab import predict as lab_predict
from tests import app_harness as harness
from tests import fake_worker
from tests.app_harness import button, chosen, clean, field, group, labels, run_button, shown

CHOSEN = (1, 3)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    harness.without_worker(monkeypatch)


@pytest.fixture
def app(teacher, task):
    """A function that opens the app on a ready teacher of 4 layers and its task."""
    return harness.opener(teacher, task)


@pytest.fixture
def save(tmp_path, monkeypatch, teacher, task):
    """A function that writes saved runs of these choices: full ones of the tiny teacher, of this accuracy, one a seed."""
    folder = tmp_path / "saved"
    folder.mkdir()
    monkeypatch.setattr(saved, "FOLDER", folder)

    def write(layers, accuracy=0.7, seed=0, budget="full", **changes):
        recipe = Choice(teacher, task, tuple(layers), budget=budget, seed=seed).recipe()
        made = fake_worker.record(recipe, teacher=fake_worker.of_teacher(teacher), split="test" if budget == "full" else "check")
        made["final"] = made["final"] | {"accuracy": accuracy}
        with (folder / "runs.jsonl").open("a") as file:
            file.write(json.dumps(made | changes) + "\n")
        return recipe

    return write


def run_to_the_end(test, **changes):
    """Press Run and play the job."""
    clean(run_button(test).click().run())
    job = jobs.latest(test.session_state["learner"])
    while (claimed := fake_worker.claim()).id != job.id:
        jobs.finish(claimed.id, "finished")
    record = fake_worker.finish(claimed, teacher=fake_worker.of_teacher(claimed.payload["teacher"]), **changes)
    clean(test.run())
    return record


def mine(test, recipe: Recipe | None = None):
    return predictions.of_recipe(test.session_state["learner"], (recipe or chosen(test).recipe()).id)


# The gate


def test_nothing_of_a_size_is_seen_before_a_prediction_or_a_skip(app, save):
    save(CHOSEN)
    for choice in combinations(range(1, 5), 2):
        save(choice, seed=1)
    test = app(budget="full")
    assert not test.metric
    assert "Show the saved run of this recipe" not in labels(test) and all(s.label != "On the blocks" for s in test.selectbox)
    assert "70.0 %" not in shown(test)
    clean(button(test, "Skip").click().run())
    assert mine(test).skipped and "Show the saved run of this recipe" in labels(test)
    assert any(s.label == "On the blocks" for s in test.selectbox)


def test_a_run_of_this_size_made_under_a_lesson_without_predicting_is_hidden_without_that_lesson(app):
    test = app(budget="60", hide="predict")
    run_to_the_end(test)
    assert "gets 80.0 %" in shown(test) and mine(test) is None
    test.query_params.clear()
    for key, value in (("teacher", chosen(test).teacher), ("task", chosen(test).task), ("layers", "1,3"), ("budget", "60")):
        test.query_params[key] = value
    clean(test.run())
    assert "80.0 %" not in shown(test) and not test.metric and lab_outcome.HIDDEN in shown(test)
    clean(button(test, "Skip").click().run())
    assert "gets 80.0 %" in shown(test)


def test_another_size_is_open_or_closed_by_itself(app):
    test = app(budget="60")
    run_to_the_end(test)
    clean(field(test, "Student layers").set_value(3).run())
    assert "gets 80.0 %" in shown(test)  # a run of two layers says nothing about three
    assert "Skip" in labels(test)
    clean(field(test, "Student layers").set_value(2).run())
    assert "Skip" not in labels(test)


# Committing


def test_an_accuracy_is_committed_locked_and_scored_against_this_run(app):
    test = app(budget="60")
    clean(test.slider(key="w_predict_accuracy").set_value(72).run())
    clean(test.selectbox(key="w_predict_reason").select("spread").run())
    clean(button(test, "Commit").click().run())
    made = mine(test)
    assert (made.kind, made.value, made.reason, made.layers) == ("accuracy", 0.72, "spread", CHOSEN)
    assert "You predicted 72 %, since spread layers keep a bit of everything." in shown(test) and "Commit" not in labels(test)
    clean(run_button(test).click().run())
    assert "Locked while it runs." in shown(test) and all(s.label != "Because" for s in test.selectbox)
    job = jobs.latest(test.session_state["learner"])
    while (claimed := fake_worker.claim()).id != job.id:
        jobs.finish(claimed.id, "finished")
    fake_worker.finish(claimed)
    clean(test.run())
    assert "The run reached 80.0 %: your prediction of 72.0 % is 8.0 points too low" in shown(test) and "Locked" not in shown(test)


def test_a_guess_within_the_noise_is_right(app):
    test = app(budget="60")
    clean(test.slider(key="w_predict_accuracy").set_value(84).run())
    clean(test.selectbox(key="w_predict_reason").select("guess").run())
    run_to_the_end(test)
    assert "The run reached 80.0 %: your prediction of 84.0 % is right, within the 95 % interval that 150 examples allow" in shown(test)


def test_run_waits_until_the_slider_was_moved_and_commits_what_it_says(app):
    test = app(budget="60")
    assert button(test, "Run").disabled and button(test, "Run").help == lab_predict.UNTOUCHED
    clean(test.slider(key="w_predict_accuracy").set_value(30).run())
    clean(button(test, "Run").click().run())
    assert (mine(test).kind, mine(test).value, mine(test).reason) == ("accuracy", 0.3, "guess")
    other = app(budget="60")
    clean(other.slider(key="w_predict_accuracy").set_value(30).run())
    clean(other.selectbox(key="w_predict_reason").select("short").run())
    clean(button(other, "Run").click().run())
    assert (mine(other).value, mine(other).reason) == (0.3, "short")


def test_run_waits_for_a_prediction_of_this_size_again(app):
    test = app(budget="60")
    clean(test.slider(key="w_predict_accuracy").set_value(30).run())
    assert not button(test, "Run").disabled
    clean(field(test, "Student layers").set_value(3).run())
    assert button(test, "Run").disabled and test.slider(key="w_predict_accuracy").value == 50
    clean(button(test, "Skip").click().run())
    assert not button(test, "Run").disabled and mine(test).skipped


def test_an_untouched_slider_is_not_committed(app):
    test = app()
    clean(test.selectbox(key="w_predict_reason").select("spread").run())
    clean(button(test, "Commit").click().run())
    assert lab_predict.UNTOUCHED in shown(test) and mine(test) is None
    clean(test.slider(key="w_predict_accuracy").set_value(51).run())
    clean(button(test, "Commit").click().run())
    assert (mine(test).value, mine(test).reason) == (0.51, "spread")


def test_a_second_prediction_is_offered_for_the_next_choice_alone(app):
    test = app(budget="60")
    run_to_the_end(test)
    assert "Commit" not in labels(test)
    clean(group(test, "Presets").set_value("last-k").run())
    assert not button(test, "Run").disabled  # of this size a prediction was made or skipped
    clean(test.slider(key="w_predict_accuracy").set_value(60).run())
    clean(test.selectbox(key="w_predict_reason").select("near-output").run())
    clean(button(test, "Commit").click().run())
    assert mine(test).layers == (3, 4)


def test_a_rank_is_scored_against_all_saved_choices_with_ties(app, save):
    for seed in (0, 1):
        for n, choice in enumerate(combinations(range(1, 5), 2)):
            save(choice, accuracy=(0.9 if choice in ((1, 2), CHOSEN) else 0.4 + n / 1000) + seed / 1000, seed=seed, predictions=f"{n}" * 150)
    test = app(budget="60")
    clean(group(test, "Predict first").set_value("rank").run())
    assert "saved full runs of 6 choices (hinton, 3 epochs, 2 seeds each)" in shown(test)
    clean(test.number_input(key="w_predict_rank").set_value(2).run())
    clean(test.selectbox(key="w_predict_reason").select("guess").run())
    run_to_the_end(test)
    assert "is right: by the saved full runs the choice stands at place 1 to 2 of 6, no nearer do the runs tell." in shown(test)


def test_a_rank_waits_for_the_saved_runs(app, save):
    test = app(budget="60")
    clean(group(test, "Predict first").set_value("rank").run())
    assert "Scored once full runs of 6 of the 6 choices are saved with this objective; so far there are 0." in shown(test)
    clean(test.number_input(key="w_predict_rank").set_value(2).run())
    clean(test.selectbox(key="w_predict_reason").select("guess").run())
    run_to_the_end(test)
    assert "is not scored yet: it takes saved full runs of 6 choices with this objective, and there are 0." in shown(test)


def test_an_order_has_no_rank(app):
    test = app(layers="3,1")
    clean(group(test, "Predict first").set_value("rank").run())
    assert "nothing to rank" in shown(test)
    clean(test.selectbox(key="w_predict_reason").select("guess").run())
    clean(button(test, "Commit").click().run())
    assert "This choice has no rank" in shown(test) and mine(test) is None


def test_a_saved_run_that_was_looked_at_cannot_be_predicted(app, save):
    save(CHOSEN)
    test = app(layers="2,3", budget="full")
    clean(button(test, "Skip").click().run())
    clean(group(test, "The same by keyboard").set_value(list(CHOSEN)).run())
    clean(button(test, "Show the saved run of this recipe").click().run())
    assert "came with the program" in shown(test) and "70.0 %" in shown(test)
    assert mine(test).skipped and "Commit" not in labels(test)


# Lesson links


def test_a_lesson_hides_and_locks_controls(app):
    test = app(hide="seed,presets,predict,order", lock="budget,task,layers")
    assert all(n.label != "Seed" for n in test.number_input) and all(g.label != "Presets" for g in test.get("button_group"))
    assert all(i.label != "Teacher layers in the student's order, from the input" for i in test.text_input)
    assert "Commit" not in labels(test) and test.selectbox(key="w_task").disabled and not test.selectbox(key="w_teacher").disabled
    assert group(test, "Budget").disabled and group(test, "The same by keyboard").disabled and field(test, "Student layers").disabled


def test_a_lesson_stays_in_the_address_while_the_choice_changes(app):
    test = app(hide="seed", lock="task")
    clean(group(test, "Presets").set_value("last-k").run())
    query = {key: value if isinstance(value, str) else value[-1] for key, value in test.query_params.items()}
    assert (query["hide"], query["lock"], query["layers"]) == ("seed", "task", "3,4")


def test_a_lesson_can_ask_for_a_prediction(app):
    test = app(lock="predict", budget="60")
    assert "Skip" not in labels(test)
    assert button(test, "Run").disabled and lab_predict.FORCED in shown(test)
    clean(test.slider(key="w_predict_accuracy").set_value(40).run())
    clean(button(test, "Run").click().run())
    assert jobs.latest(test.session_state["learner"]) is None and mine(test) is None  # a reason is asked for as well
    clean(test.selectbox(key="w_predict_reason").select("guess").run())
    clean(button(test, "Run").click().run())
    assert jobs.latest(test.session_state["learner"]) is not None and (mine(test).value, mine(test).reason) == (0.4, "guess")


def test_unknown_controls_of_a_link_are_named_and_dropped(app):
    test = app(hide="seed,layers,<b>x</b>", lock="everything")
    warning = test.warning[0].value.replace("\\", "")
    assert "The link's hide names 'layers' and 1 more" in warning and "The link's lock names 'everything'" in warning
    assert all(n.label != "Seed" for n in test.number_input)


# The empty page, overlays, the band


def test_an_empty_page_opens_on_a_finished_run_of_another_size(app, save):
    save((1, 2), accuracy=0.61)
    save((1, 2, 3), accuracy=0.62)
    test = app()
    assert "An example that came with the program, of a student with 3 layers" in shown(test) and "gets 62.0 %" in shown(test)
    assert "61.0 %" not in shown(test)
    clean(field(test, "Student layers").set_value(3).run())
    assert "of a student with 2 layers" in shown(test) and "62.0 %" not in shown(test)


def test_without_a_run_of_another_size_the_empty_page_says_what_to_do(app, save):
    save(CHOSEN)
    test = app()
    assert "Click layers, guess the result, and run it." in shown(test) and not test.metric


def test_overlays_show_the_runs_norms_by_source_layer(app, save):
    test = app(budget="60", layers="2,4")
    run_to_the_end(test, update_norms={"embeddings": 0.1, "1": 0.5, "2": 1.5, "head": 0.2})
    before = test.session_state["controls"]["diagram"]
    clean(test.selectbox(key="w_overlay").select("norms").run())
    assert test.session_state["overlay_drawn"] == ("update norm", ((2, 0.5), (4, 1.5))) and test.session_state["controls"]["diagram"] != before
    clean(test.selectbox(key="w_overlay").select("nothing").run())
    assert test.session_state["overlay_drawn"] is None


def test_the_band_of_saved_twins_stands_behind_a_run_that_trains(app, save, monkeypatch):
    seen = []
    monkeypatch.setattr(lab_outcome.live, "draw_curves", lambda found: seen.append(found))
    save(CHOSEN, budget="60", seed=3)
    save(CHOSEN, budget="60", seed=4)
    save(CHOSEN, budget="full", seed=5)
    test = app(budget="60")
    clean(run_button(test).click().run())
    job = jobs.latest(test.session_state["learner"])
    while (claimed := fake_worker.claim()).id != job.id:
        jobs.finish(claimed.id, "finished")
    fake_worker.play(claimed, 12)
    clean(test.run())
    assert seen[-1].band == "saved, 2 seeds" and seen[-1].title == "Accuracy, check examples"
    assert [(row["step"], row["low"], row["high"]) for row in seen[-1].accuracies if row["line"] == seen[-1].band] == [(0, 0.4, 0.4), (60, 0.8, 0.8)]


def test_the_presets_run_so_far_stand_beside_a_result(app, teacher, task):
    test = app(budget="60")
    run_to_the_end(test)
    assert group(test, "Details").options[0] == "Answers"  # wrong answers and pictures come before tables
    clean(group(test, "Details").set_value("against").run())
    assert "Not run yet with these settings: first 2, nearest the input; last 2, nearest the output; even layers; evenly spread" in shown(test)
    twin = Choice(teacher, task, (3, 4), budget="60").recipe()
    records.add(fake_worker.record(twin, teacher=fake_worker.of_teacher(teacher)))
    clean(test.run())
    assert "last 2, nearest the output" not in shown(test)


def test_the_sidebar_shows_the_address_for_learners(app, monkeypatch):
    monkeypatch.setattr(address, "lan_host", lambda: "10.1.2.3")
    assert any(code.value.startswith("10.1.2.3:") for code in app().sidebar.code)
    monkeypatch.setattr(address, "lan_host", lambda: None)
    assert "Open on this machine only" in shown(app())


def test_two_learners_do_not_see_each_others_predictions(app):
    first = app(budget="60")
    clean(button(first, "Skip").click().run())
    second = app(budget="60")
    assert "Skip" in labels(second) and mine(second) is None
