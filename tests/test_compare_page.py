"""The Compare page in Streamlit's own test harness. Run: python -m pytest tests/test_compare_page.py"""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.recipe import Recipe
from core.store import jobs, saved
from core.store.saved import read
from core.store.waiting import MOST_WAITING
from core.views.common.recipe_runs import finished_run
from core.views.compare import entries as compare_entries
from pages.parts.compare import run as compare_run
from tests import app_harness as harness
from tests import fake_worker
from tests import landscape_runs as made
from tests.app_harness import ROOT, button, clean, group, labels, shown, shown_progress, unescaped

VIEWS = ("Curves", "Table", "Examples that flip", "Groups of examples")
NEW = ["1,2~hinton~60~0", "2,3~hinton~60~0", "3,4~hinton~60~0", "4,5~hinton~60~0"]  # not saved


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.folder(tmp_path_factory.mktemp("saved") / "runs")


@pytest.fixture(autouse=True)
def saved_here(monkeypatch, folder):
    harness.without_worker(monkeypatch)
    monkeypatch.setattr(saved, "FOLDER", folder)
    by_id = lambda recipe: finished_run(recipe.id, recipe.teacher, recipe.task, None)
    monkeypatch.setattr(compare_run, "answer", by_id)  # the synthetic runs are of weights that nobody has


def opened(*entries: str, **query) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in ({"view": "researcher"} | query).items():
        test.query_params[key] = value
    clean(test.run())
    test.switch_page("pages/compare.py")
    if entries:
        test.query_params["entry"] = list(entries)
    return clean(test.run())


def runs_queued() -> list[jobs.Job]:
    """The Lab asks for the teacher to be loaded, too."""
    return [job for job in jobs.queue() if job.kind == "distill"]


def claim_run() -> jobs.Job:
    """Take the next run; what is to be made ready before it is done at once."""
    while (job := fake_worker.claim()).kind != "distill":
        jobs.finish(job.id, "finished")
    return job


def link(test: AppTest) -> list[str]:
    found = test.query_params["entry"]
    return found if isinstance(found, list) else [found]


def test_it_opens_on_the_saved_presets_and_every_view_stands():
    test = opened()
    assert link(test) == ["1,2,3~hinton~full~0", "4,5,6~hinton~full~0", "1,3,5~hinton~full~0", "2,4,6~hinton~full~0"]
    assert shown(test).count("saved with the program") == 4 and "Of 6 pairs" in shown(test) and "Run all" not in labels(test)
    for name in VIEWS:
        clean(group(test, "View").set_value(name).run())
        assert name == "Examples that flip" or test.get("vega_lite_chart"), name
        assert ("only in A" in shown(test)) == (name == "Examples that flip")
    assert "You have not predicted a run of 3 layers yet" in shown(test)


def test_the_figures_are_those_of_the_file(folder):
    runs = [run for run in read(folder / "nli.jsonl") if run["recipe"]["layers"] == [1, 2, 3] and not run["recipe"]["seeding"]["untrained_layers"]]
    test = opened()
    first = next(run for run in runs if run["recipe"]["seed"] == 0)
    assert f"{100 * first['final']['accuracy']:.1f} %" in shown(test)
    clean(group(test, "View").set_value("Table").run())
    mean = sum(run["final"]["accuracy"] for run in runs) / len(runs)
    assert f"{100 * mean:.1f} %" in unescaped(test.table[0].value.to_string())


def test_sets_removing_and_adding_change_the_link():
    test = opened()
    clean(button(test, "Seeds").click().run())
    assert link(test) == ["1,3,5~hinton~240~0", "1,3,5~hinton~240~1", "1,3,5~hinton~240~2"]
    assert "differ in the seed alone" in shown(test)
    clean(test.button(key="remove_B").click().run())
    assert link(test) == ["1,3,5~hinton~240~0", "1,3,5~hinton~240~2"]
    clean(button(test, "Add the Lab's choice").click().run())
    assert "among the entries already" in shown(test) and len(link(test)) == 2
    clean(group(test, "Teacher layers").set_value([5, 2]).run())
    clean(button(test, "Add these layers").click().run())
    assert link(test)[-1] == "2,5~hinton~240~0"
    clean(button(test, "Objectives").click().run())
    assert link(test)[0] == "1,3,5~hinton~240~0" and len(link(test)) == 4 and "Run all" in labels(test)


def test_the_entries_are_kept_over_other_pages_and_given_up_for_another_task():
    test = opened(*NEW[:2])
    assert link(test) == NEW[:2]
    clean(test.switch_page("pages/about.py").run())
    clean(test.switch_page("pages/compare.py").run())
    assert link(test) == NEW[:2]
    clean(test.selectbox(key="w_task").select("sick").run())
    assert test.query_params["task"] in ("sick", ["sick"]) and link(test)[0] == "1,2,3~hinton~full~0"


def test_a_broken_link_is_said_and_shown_as_text():
    test = opened("1,3,5~hinton~240~0", "<script>~a~b~c")
    assert link(test) == ["1,3,5~hinton~240~0"] and "is dropped" in shown(test)
    assert "<script>" not in "".join(element.value for element in test.warning)  # escaped


def test_run_all_queues_three_and_says_so_then_the_rest():
    test = opened(*NEW)
    clean(button(test, "Run all").click().run())
    assert len(runs_queued()) == MOST_WAITING and f"3 of 4 queued. You already have {MOST_WAITING} jobs waiting" in shown(test)
    assert [job.run_id for job in runs_queued()] == [entry_recipe(text).id for text in NEW[:3]]
    first = claim_run()
    fake_worker.play(first, 20)
    clean(test.run())
    assert "step 20 of 60" in shown_progress(test) and "left" in shown_progress(test) and "before yours" in shown_progress(test)
    clean(button(test, "Run the missing one").click().run())
    assert len(runs_queued()) == 4
    jobs.finish(first.id, "finished", record=fake_worker.record(Recipe.from_dict(first.payload)))
    clean(test.run())
    assert "Run the missing one" not in labels(test)
    clean(button(test, "Stop all").click().run())
    assert not runs_queued() and "Run all" in labels(test)


def entry_recipe(text: str) -> Recipe:
    return compare_entries.read_entries([text], "minilm-l6", "composed-nli")[0][0]


def test_a_run_that_ends_is_shown_as_the_learners_own():
    test = opened(*NEW[:2])
    clean(button(test, "Run all").click().run())
    for right in (0.8, 0.6):
        job = claim_run()
        record = fake_worker.record(Recipe.from_dict(job.payload))
        jobs.finish(job.id, "finished", record=record | {"final": record["final"] | {"accuracy": right}})
    clean(test.run())
    text = shown(test)
    assert text.count("your own run") == 2 and "80.0 %" in text and "60.0 %" in text and "Too few runs to tell" in text
    clean(button(test, "Add the Lab's choice").click().run())
    specs = [json.loads(chart.proto.spec) for chart in test.get("vega_lite_chart")]
    scales = {json.dumps(layer["encoding"]["x"]["scale"]) for spec in specs for layer in spec["layer"]
              if "by step" in spec["description"] and "x" in layer["encoding"]}
    assert len(specs) >= 4 and len(scales) == 1


def test_a_failed_run_says_why():
    test = opened(*NEW[:1])
    clean(button(test, "Run the missing one").click().run())
    jobs.finish(claim_run().id, "failed", "There was no *room*.")
    clean(test.run())
    assert "There was no *room*." in shown(test) and "Run the missing one" in labels(test)
