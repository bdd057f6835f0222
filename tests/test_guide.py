"""The guided start: its steps, its link, what it sets and leaves alone, how it ends.

Run: python -m pytest tests/test_guide.py
"""

import json
import re

import pytest

from core.recipe import bundle
from core.store import jobs, predictions
from core.store.saved import saved_runs
from core.views.common.choice import Choice
from core.views.common.glossary import define
from core.views.common.lesson import Lesson
from core.views.guide import copying, crossing, steps
from core.views.guide.saved import Saved
from core.worker import Runner
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.lab.guide import DRAWN, OVERLAY
from tests import app_harness as harness
from tests import fake_worker
from tests.app_harness import button, chosen, clean, group, labels, shown
from tests.test_story_text import faults

BUILT_IN = ("minilm-l6", "composed-nli")


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    harness.without_worker(monkeypatch)


@pytest.fixture
def app():
    opener = harness.opener(*BUILT_IN)
    return lambda **query: opener(**{"view": None, "layers": None, "teacher": None, "task": None} | query)


@pytest.fixture(scope="module")
def saved():
    return Saved(all_landscapes(files_stamp()))


def step_of(test) -> int | None:
    return test.session_state["guide"]


def link(test) -> list[str]:
    found = test.query_params.get(steps.KEY, [])
    return [found] if isinstance(found, str) else found


def following(test, number: int):
    """Press Next until this step is open."""
    while step_of(test) < number:
        clean(button(test, "Next").click().run())
    return test


# --- who is asked ---


def test_a_new_user_is_invited_once_and_can_say_no(app):
    test = app()
    assert {"Show me", "No, thanks"} <= set(labels(test)) and step_of(test) is None and not link(test)
    clean(button(test, "No, thanks").click().run())
    assert "Show me" not in labels(test) and "Show me" not in labels(clean(test.run()))
    assert "Guided start" in labels(test)  # in the sidebar


@pytest.mark.parametrize("query", [{"layers": "1,3,5"}, {"teacher": "minilm-l6"}, {"lock": "layers"}, {"view": "story"}])
def test_a_link_with_anything_in_it_invites_nobody_and_opens_no_guide(app, query):
    test = app(**query)
    assert "Show me" not in labels(test) and step_of(test) is None


def test_who_has_run_something_is_not_new(app, monkeypatch):
    from pages.parts.common import learner

    monkeypatch.setattr(learner, "_from_browser", lambda: "a" * 32)
    jobs.submit("distill", Choice().recipe().to_dict(), "x", "a" * 32)
    assert "Show me" not in labels(app())


# --- the link ---


def test_the_step_is_in_the_link_and_a_link_resumes_it(app):
    test = app()
    clean(button(test, "Show me").click().run())
    assert step_of(test) == 1 and link(test) == ["1"] and "Show me" not in labels(test)
    following(test, 3)
    assert link(test) == ["3"]
    query = {key: test.query_params[key] for key in test.query_params}
    again = app(**{key: value[0] if isinstance(value, list) else value for key, value in query.items()})
    assert step_of(again) == 3 and chosen(again) == chosen(test)
    clean(button(again, "Leave").click().run())
    assert step_of(again) is None and not link(again)
    clean(button(again, "Guided start").click().run())
    assert step_of(again) == 3  # where it was left
    clean(button(again, "Back").click().run())
    assert link(again) == ["2"]


def test_a_step_that_is_none_is_said(app):
    test = app(guide="9")
    assert step_of(test) is None and "it can be a step from 1 to 5" in shown(test)
    assert steps.read_step({}) == (None, []) and steps.read_step({"guide": ["2"]}) == (2, [])


# --- what the steps set ---


def test_a_bare_link_to_a_step_sets_what_the_steps_before_set_and_one_with_a_choice_keeps_it(app):
    assert chosen(app(guide="2")).layers == steps.LEADS
    test = app(guide="4", layers="2,4")
    assert chosen(test).layers == (2, 4) and step_of(test) == 4


def test_each_step_sets_the_real_controls(app, teacher, task):
    test = harness.opener(teacher, task)(view=None, objective="cross-entropy", budget="60", seed="3", layers="1,2", guide=None)
    clean(button(test, "Guided start").click().run())
    assert (chosen(test).teacher, chosen(test).task) == BUILT_IN and test.session_state["overlay_name"] == OVERLAY
    following(test, 2)
    assert chosen(test).layers == steps.LEADS and test.session_state["overlay_name"] == "nothing"
    clean(group(test, "Two students").set_value("3, 4, 5").run())
    assert chosen(test).layers == steps.WINS
    following(test, 3)
    assert chosen(test).objective == "hinton" and test.get("vega_lite_chart")
    following(test, 4)
    assert (chosen(test).budget, chosen(test).seed, chosen(test).layers) == ("240", 0, steps.WINS)


def test_a_lesson_s_locks_hold(app):
    test = app(guide="1", lock="layers,budget,objective,seed,overlay", layers="2,5", budget="60", objective="hinton")
    following(test, 5)
    assert (chosen(test).layers, chosen(test).budget) == ((2, 5), "60") and "overlay_name" not in test.session_state
    for _ in range(3):
        clean(button(test, "Back").click().run())
    assert group(test, "Two students").disabled
    free = Lesson(hide=frozenset({"budget"}), lock=frozenset({"seed"}))
    assert steps.set_by(4, Choice(budget="60", seed=3), free) == {} and steps.set_by(4, Choice(budget="60"), Lesson()) == {"budget": "240"}


def test_a_lesson_on_another_teacher_is_told_that_the_pictures_are_of_the_built_in_one(teacher, task):
    test = harness.opener(teacher, task)(view=None, guide="1", lock="teacher,task")
    assert "This lesson keeps its own settings" in shown(test) and chosen(test).teacher == teacher
    for number in range(2, 6):
        following(test, number)


def test_at_most_three_new_ideas_come_before_the_first_run_and_every_term_is_defined():
    ideas = [step.idea for step in steps.STEPS[:4] if step.idea]
    assert len(ideas) <= 3 and len(steps.STEPS) == len(DRAWN) == 5
    assert all(define(term) for step in steps.STEPS for term in (step.idea, *step.terms) if term)
    assert steps.STEPS[2].sets["objective"] == bundle("hinton").name


# --- the steps themselves ---


def test_step_1_shows_head_and_probe_and_a_typed_pair_is_asked(app):
    test = app(guide="1")
    assert len(test.get("vega_lite_chart")) >= 2 and "A probe is sure of it from layer" in shown(test)
    test.text_input(key="w_guide_first").set_value("Nobody runs.")
    test.text_input(key="w_guide_second").set_value("<b>A *dog* runs.</b>")
    clean(button(test, "Ask the teacher").click().run())
    assert "Asking the teacher" in shown(test)
    while (job := jobs.claim("test")).kind != "forming":
        jobs.finish(job.id, "finished")
    assert job.payload["second"] == "<b>A *dog* runs.</b>" and job.payload["teacher"] == BUILT_IN[0]
    rows = [[0.4, 0.3, 0.3]] * 6 + [[0.01, 0.01, 0.98]]
    jobs.emit(job.id, "answer", {"labels": list(fake_worker.LABELS), "layers": rows, "probe": rows, "tokens": 9, "cut": False})
    jobs.finish(job.id, "finished")
    clean(test.run())
    assert r"\<b\>A \*dog\*" in "".join(one.value for one in test.markdown) and "sure of “contradiction” only after the last layer" in shown(test)
    box = next(one for one in test.selectbox if one.label == "A pair of sentences")
    clean(box.set_value(0).run())
    assert "A *dog*" not in shown(test)


def test_a_question_that_fails_is_a_sentence(app):
    test = app(guide="1")
    clean(button(test, "Ask the teacher").click().run())
    while (job := jobs.claim("test")).kind != "forming":
        jobs.finish(job.id, "finished")
    jobs.finish(job.id, "failed", "There is no text; write one.")
    clean(test.run())
    assert "There is no text; write one." in shown(test)


@pytest.mark.slow
def test_the_teacher_answers_a_typed_pair_as_the_saved_pairs_say(monkeypatch):
    from core.views.guide import told

    found = told.document()
    pair = found["pairs"][-1]
    job = jobs.submit("forming", {**steps.BUILT_IN, "first": pair["first"], "second": pair["second"]})
    Runner("test").run(jobs.claim("test"))
    answer = jobs.last_event(job.id, "answer")
    for mine, theirs in ((answer["layers"], pair["head"]), (answer["probe"], pair["probe"])):
        assert [share for row in mine for share in row] == pytest.approx([share for row in theirs for share in row], abs=1e-3)


def test_the_copying_picture_says_what_is_copied_and_can_be_played_again():
    drawn = copying.picture(6, (1, 3, 6))
    assert drawn.count("ll-play-0") == 3 and "block 3 becomes layer 2" in drawn and "3: copy of 6" in drawn
    assert "ll-play-1" in copying.picture(6, (1,), played=1)
    moves = [tuple(map(float, found)) for found in re.findall(r"--dx:([-.\d]+);--dy:([-.\d]+)", drawn)]
    assert moves == [(-182.0, 0.0), (-182.0, -29.0), (-182.0, -87.0)]  # from its block in the teacher, which stands higher
    assert "no block is chosen" in copying.picture(6, ())


def test_nothing_of_the_ending_shows_before_a_prediction(app):
    test = app(guide="5")
    assert "First predict or skip" in shown(test) and "Show the ending now, without a run of my own" not in [one.label for one in test.toggle]
    clean(button(test, "Skip").click().run())
    assert not re.search(r"71\.9", shown(test))
    clean(next(one for one in test.toggle if one.label.startswith("Show the ending")).set_value(True).run())
    said = shown(test)
    assert "The early leader loses." in said and "71.9 % to 63.0 %" in said and "72.0 % to 80.7 %" in said
    clean(next(one for one in test.toggle if one.label.startswith("What people often believe")).set_value(True).run())
    assert "The student that leads early wins." in shown(test)


def test_after_a_run_the_ending_stands_open(app):
    test = app(guide="4")
    predictions.skip(test.session_state["learner"], chosen(test).recipe())
    clean(button(test, "Next").click().run())
    clean(button(test, "Run").click().run())
    assert "It trains." in shown(test) and "The early leader loses." not in shown(test)
    while (job := jobs.claim("test")).kind != "distill":
        jobs.finish(job.id, "finished")
    jobs.finish(job.id, "stopped", "Stopped by the learner.")
    clean(test.run())
    assert "The early leader loses." in shown(test)
    clean(button(test, "Finish").click().run())
    assert step_of(test) is None


# --- the crossing ---


def test_the_crossing_is_that_of_the_saved_runs(saved):
    found = crossing.crossing(saved)
    records = saved_runs(*BUILT_IN)

    def mean(layers, file):
        runs = [run for run in records if run["file"] == f"minilm-l6--composed-nli--{file}.jsonl" and run["recipe"]["layers"] == layers]
        values = [run["final"]["accuracy"] for run in runs]
        return sum(values) / len(values)

    assert found.early == pytest.approx((mean([1, 3, 6], "rung-240"), mean([3, 4, 5], "rung-240")))
    assert found.final == pytest.approx((mean([1, 3, 6], "k3"), mean([3, 4, 5], "k3")))
    assert found.holds and found.between[0] > 240 and found.seeds == (2, 3) and found.total == 750
    values = {(row["line"], row["step"]): row["value"] for row in found.curves}
    before, after = found.between
    assert values["1, 3, 6", before] > values["3, 4, 5", before] and values["1, 3, 6", after] < values["3, 4, 5", after]
    assert all(row["low"] <= row["value"] <= row["high"] for row in found.curves)


def test_without_its_runs_there_is_no_crossing(saved):
    assert crossing.crossing(Saved([])) is None
    assert crossing.crossing(Saved([one for one in saved.found if one.settings["budget"]["epochs"]])) is None


def test_the_crossing_is_drawn_with_names_at_the_lines_ends(saved):
    from core.figures.crossing import crossing_curves

    found = crossing.crossing(saved)
    spec = crossing_curves(found.curves, found.dots, found.colours, found.total, 240).to_dict()
    assert "rule marks 240 steps" in spec["description"] and len(spec["layer"]) == 7
    assert "1, 3, 6" in json.dumps(spec)


# --- how it speaks ---


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_every_step_speaks_plainly(app, number):
    test = app(guide=str(number))
    if number == 5:
        clean(button(test, "Skip").click().run())
        for label in ("Show the ending", "What people often believe"):
            clean(next(one for one in test.toggle if one.label.startswith(label)).set_value(True).run())
    besides = faults(app(layers="1,3,6")) + ["<div class=", "A teacher of 6 layers", "A student of 3:"]  # of the Lab itself; of drawings
    assert [one for one in faults(test) if not one.startswith(tuple(besides))] == []
