"""The race's panel in Streamlit's own harness, the worker played. Run: python -m pytest tests/test_race_panel.py"""

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from core.recipe import Recipe, bundle, rung
from core.store import jobs, races, records, saved
from core.views.race import curves as race_curves
from tests import app_harness as harness
from tests import fake_worker
from tests.app_harness import button, clean, labels, shown, shown_progress


def page() -> None:
    import streamlit as st

    from pages.parts.race import panel as race_panel

    race_panel.draw(st.session_state.recipes)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch, tmp_path):
    harness.without_worker(monkeypatch)
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "no saved runs")


@pytest.fixture
def wanted(teacher, task) -> list[Recipe]:
    return [Recipe(teacher, task, layers, budget=rung("60")) for layers in ((1, 3), (2, 4))]


@pytest.fixture
def panel(wanted):
    test = AppTest.from_function(page, default_timeout=60)
    test.session_state["recipes"] = wanted
    return clean(test.run())


def play(job, steps: int, runner: int) -> None:
    jobs.emit(job.id, "prepared", {"steps": 60, "runner": runner, "curve": {"teacher": 0.9, "initial": 0.4}})
    for step in range(1, steps + 1):
        jobs.emit(job.id, "step", {"step": step, "of": 60, "loss": 1.0 / step, "losses": {}, "seconds": step, "eta": 2.0, "runner": runner})
    jobs.emit(job.id, "evaluated", {"step": steps, "val_accuracy": 0.5 + runner / 10, "val_loss": 1.0, "seconds": steps, "runner": runner})


def test_start_pause_step_go_on_and_stop(panel, wanted):
    assert "paired comparison" in shown(panel) and labels(panel) == ["Start the race"]
    clean(button(panel, "Start the race").click().run())
    (job,) = jobs.queue()
    assert (job.kind, job.payload["recipes"]) == ("race", [recipe.to_dict() for recipe in wanted])
    assert "You are next" in shown_progress(panel)
    fake_worker.claim()
    play(job, 5, 0), play(job, 5, 1)
    clean(panel.run())
    assert "step 5 of 60" in shown_progress(panel) and labels(panel) == ["Pause", "Step once", "Stop"]
    clean(button(panel, "Pause").click().run())
    assert races.control(job.id).waits and "After 20 seconds" in shown(panel) and labels(panel)[0] == "Go on"
    races.set_aside(job.id)
    clean(panel.run())
    assert "Paused at step 5" in shown(panel)
    clean(button(panel, "Step once").click().run())
    assert (jobs.get(job.id).status, races.control(job.id)) == ("queued", races.Control(True, 1))
    clean(button(panel, "Go on").click().run())
    assert races.take_step(job.id)
    clean(button(panel, "Stop").click().run())
    assert jobs.get(job.id).status == "stopped" and labels(panel) == ["Start the race"]


def test_the_place_in_the_queue_is_shown(panel, teacher, task):
    jobs.submit("distill", Recipe(teacher, task, (1,)).to_dict(), learner="bob")
    clean(button(panel, "Start the race").click().run())
    assert "1 job before yours" in shown_progress(panel)


def test_recipes_that_share_no_batches_cannot_start(panel, wanted):
    panel.session_state["recipes"] = [wanted[0], dataclasses.replace(wanted[1], seed=5)]
    clean(panel.run())
    assert button(panel, "Start the race").disabled and "the same seed" in shown(panel)


def test_a_finished_race_says_so_and_its_runs_can_be_replayed(panel, wanted):
    clean(button(panel, "Start the race").click().run())
    job = fake_worker.claim()
    for n, recipe in enumerate(wanted):
        play(job, 60, n)
        jobs.emit(job.id, "made", {"runner": n, "row": records.add(fake_worker.record(recipe, teacher=fake_worker.of_teacher(recipe.teacher)))})
    jobs.finish(job.id, "finished")
    clean(panel.run())
    assert any("race is over" in box.value for box in panel.success)
    assert [box.label for box in panel.expander] == ["Replay 2 finished runs"]


def test_all_curves_are_in_one_view_on_one_scale(wanted):
    job = races.submit(wanted)
    play(job, 4, 0), play(job, 3, 1)
    view = race_curves.curves_of_events(jobs.events(job.id), job.payload["recipes"])
    assert view.names == ("1: 1, 3", "2: 2, 4") and view.total == 60 and view.teacher == 0.9 and view.one_objective
    assert [row["value"] for row in view.losses if row["line"] == "2: 2, 4"] == [1.0, 0.5, 1 / 3]
    assert [(row["step"], row["value"]) for row in view.accuracies] == [(0, 0.4), (0, 0.4), (4, 0.5), (3, 0.6)]
    mixed = [wanted[0].to_dict(), dataclasses.replace(wanted[0], objective=bundle("patient")).to_dict()]
    assert race_curves.names(mixed) == ("1: 1, 3, Hinton", "2: 1, 3, Patient")
