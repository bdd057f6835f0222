"""The landscape page and the saved runs on the About page, in Streamlit's own test harness. Run: python -m pytest tests/test_landscape_page.py"""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from core.recipe import Recipe
from core.store import jobs, saved
from core.store.saved import read
from core.views.common.choice import Choice
from tests import app_harness as harness
from tests import fake_worker
from tests import landscape_runs as made
from tests.app_harness import ROOT, button, chosen, clean, group, shown

VIEWS = ("Choices", "Before and after", "Layer effects", "By phenomenon", "Size and speed", "Other budgets", "Over tasks", "Elsewhere")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.folder(tmp_path_factory.mktemp("saved") / "runs")


@pytest.fixture(autouse=True)
def saved_here(monkeypatch, folder):
    harness.without_worker(monkeypatch)
    monkeypatch.setattr(saved, "FOLDER", folder)


def opened(page: str = "pages/landscape.py", **query) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in ({"view": "researcher"} | query).items():
        test.query_params[key] = value
    return clean(test.run().switch_page(page).run())


def charts(test: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in test.get("vega_lite_chart")]


def view(test: AppTest, name: str) -> AppTest:
    return clean(group(test, "View").set_value(name).run())


def test_every_view_stands_and_draws_few_marks():
    test = opened()
    assert "20 choices of 3 of 6 layers, 2 seeds each, and 1 in another order." in shown(test)
    for name in VIEWS:
        view(test, name)
        assert charts(test), name
        assert all(sum(len(layer.get("data", {}).get("values", ())) for layer in spec.get("layer", [spec])) < 2000 for spec in charts(test)), name
    assert "Notebook B" in shown(test) and "1 of 12 layers; six layers have no such pattern" in shown(test)
    view(test, "Layer effects")
    text = shown(test)
    assert text.index("Two neighbours both missing") < text.index("Layer by layer: single layers tell") and "Each choice left out in turn" in text


def test_the_headline_is_of_the_files(folder):
    runs = [run for run in read(folder / "nli.jsonl") if not run["recipe"]["seeding"]["untrained_layers"]]
    by_choice: dict = {}
    for run in runs:
        by_choice.setdefault(tuple(run["recipe"]["layers"]), []).append(run["final"]["accuracy"])
    means = {choice: sum(values) / len(values) for choice, values in by_choice.items() if list(choice) == sorted(choice)}
    text = shown(opened())
    assert f"{100 * max(means.values()):.1f} %; lowest" in text and f"{100 * min(means.values()):.1f} %. The teacher" in text
    assert f"The teacher: {100 * runs[0]['teacher']['accuracy']:.1f} %" in text


def test_filters_show_other_runs_and_keep_what_was_asked():
    test = opened()
    trainings = ["60 steps", "240 steps", "3 epochs (full)", "3 epochs (full) · fresh head", "9 epochs"]
    assert test.selectbox(key="w_landscape_training").options == trainings
    clean(group(test, "Student layers").set_value(2).run())
    assert "15 choices of 2 of 6 layers, 1 seed each." in shown(test) and "Too few runs to tell which choices are better" in shown(test)
    clean(test.selectbox(key="w_landscape_training").select("60 steps").run())
    assert "300 check examples" in shown(test) and "20 choices of 3" in shown(test)
    clean(test.selectbox(key="w_landscape_objective").select("Patient: also the inner layers, match uniform").run())
    assert "1 choice of 3 of 6 layers" in shown(test)
    view(test, "Layer effects")
    assert "do not tell the layers apart" in shown(test) and not charts(test)
    clean(test.switch_page("pages/about.py").run())
    clean(test.switch_page("pages/landscape.py").run())
    assert "do not tell the layers apart" in shown(test)


def test_the_pair_is_the_sidebars_and_is_selected_there_alone():
    test = opened()
    assert all(not one.label.startswith("Saved runs of") for one in test.get("button_group"))
    clean(test.selectbox(key="w_task").select("sick").run())
    assert chosen(test).task == "sick" and "20 choices of 3 of 6 layers, 2 seeds each." in shown(test)


def test_a_pair_without_saved_runs_is_said():
    test = opened(teacher="mpnet-base", task="sick")
    assert "No run is saved of MPNet base on sick" in shown(test) and group(test, "Saved runs of").value is None
    clean(group(test, "Saved runs of").set_value(("minilm-l6", "sick")).run())
    assert "20 choices" in shown(test)


def test_the_keyboard_opens_a_choice_in_the_lab():
    test = opened(budget="60", objective="patient")
    clean(test.selectbox(key="w_landscape_choice").select("2,3,6").run())
    clean(button(test, "Open in the Lab").click().run())
    assert chosen(test).layers == (2, 3, 6) and (chosen(test).objective, chosen(test).budget) == ("hinton", "full")
    assert button(test, "Run") and test.query_params["layers"] == "2,3,6"


def test_a_rows_own_buttons_put_its_choice_among_the_entries_of_compare():
    test = opened(view="story", hide="predict")
    for name in ("2,3,6", "1,2,3", "1,2,3"):
        clean(test.selectbox(key="w_landscape_choice").select(name).run())
        clean(button(test, "Add to Compare").click().run())
    assert "among the entries already" in shown(test)
    clean(test.switch_page("pages/compare.py").run())
    assert test.query_params["entry"] == ["2,3,6~hinton~full~0", "1,2,3~hinton~full~0"]


def test_the_story_has_three_views_one_filter_and_short_sentences():
    test = opened(view="story", hide="predict")
    assert group(test, "View").options == ["Choices", "By phenomenon", "Size and speed"]
    assert [one.key for one in test.selectbox if "landscape" in one.key] == ["w_landscape_choice"] and group(test, "Student layers").value == 3
    assert "Best: layers" in shown(test) and "can be the best" in shown(test)
    framed = [layer for layer in charts(test)[0]["layer"] if layer["mark"].get("strokeWidth") == 2 and layer["mark"]["type"] == "rect"]
    assert len(framed) == 1


def test_the_learners_own_runs_are_marked(folder):
    test = opened()
    twin = next(run for run in read(folder / "nli.jsonl") if run["recipe"]["layers"] == [1, 2, 3])
    learner = test.session_state["learner"]
    for record in (twin, fake_worker.record(Choice(layers=(1, 3, 5), budget="60").recipe())):
        job = jobs.submit("distill", record["recipe"], run_id=Recipe.from_dict(record["recipe"]).id, learner=learner)
        jobs.finish(job.id, "finished", record=record)
    clean(test.run())
    assert "Diamonds are your own runs (1)" in shown(test) and "1 of your runs" in shown(test)
    drawn = [row for layer in charts(test)[0]["layer"] for row in layer["data"]["values"]]
    assert any(f"your own: {100 * twin['final']['accuracy']:.1f} %" in row.get("told", "") for row in drawn)
    stranger = opened()
    assert "Diamonds" not in shown(stranger)


def test_without_any_saved_run_the_page_says_so_and_shows_figures_from_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    test = opened()
    assert "No run has been saved" in shown(test) and len(charts(test)) == 3 and "Notebook B" in shown(test)
    test = opened("pages/about.py")
    for name in ("Saved runs", "Limits", "Questions"):
        assert "No run has been saved" in shown(view(test, name)), name


def test_few_runs_make_an_honest_page(monkeypatch, tmp_path, folder):
    (tmp_path / "few.jsonl").write_text("".join((folder / "nli.jsonl").read_text().splitlines(keepends=True)[:3]))
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    test = opened()
    assert "2 choices of 3 of 6 layers, 1 to 2 seeds each." in shown(test)
    said = {"Layer effects": "do not tell the layers apart", "Other budgets": "No runs of another length", "Over tasks": "one teacher and task only"}
    for name, words in said.items():
        view(test, name)
        assert words in shown(test)


def test_a_damaged_file_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "bad.jsonl").write_text("nonsense\n{}\n")
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    assert re.search("Line 1 of .* is not JSON", shown(opened()))


def test_about_says_how_each_file_is_made_again(folder):
    command = "python -m core sweep --layers all:3"
    (folder / "index.json").write_text(json.dumps({"nli.jsonl": {"block": "All", "purpose": "To see.", "minutes": 2, "commands": [command]}}))
    test = view(opened("pages/about.py"), "Saved runs")
    assert test.selectbox(key="w_about_file").value == "nli.jsonl" and "All. To see." in shown(test).replace("*", "")
    codes = [code.value for code in test.code]
    assert command in codes and "python -m core sweep --out core/saved_runs/nli.jsonl --check" in codes
    cells = test.table[0].value.astype(str).to_string()
    assert "A processor" in cells and "2.13.0" in cells and "float32" in cells
    clean(test.selectbox(key="w_about_file").select("sick.jsonl").run())
    assert "not in the index" in shown(test)
    view(view(test, "Limits"), "Saved runs")
    assert test.selectbox(key="w_about_file").value == "sick.jsonl"  # remembered beyond the view


def test_about_shows_limits_and_what_the_runs_answer(folder):
    limits = shown(view(opened("pages/about.py"), "Limits"))
    expected = ("Capacity", "Over- and underfitting", "a head drawn anew", "evenly spaced", "pairs apart", "one seed")
    assert all(word in limits for word in expected)
    asked = shown(view(opened("pages/about.py"), "Questions"))
    expected = ("Do order and gaps survive longer training?", "9 epochs, in place of 3 epochs", "No saved run can tell yet.")
    assert all(words in asked for words in expected)
    assert "a head drawn anew" not in asked  # it is among the limits


def test_every_view_of_about_stands_and_is_remembered(folder):
    test = opened("pages/about.py")
    for name, words in (("Speed", "Times ours"), ("Lessons", "a locked one cannot be skipped"), ("This machine", "Runs, teachers and caches")):
        assert words in shown(view(test, name)), name
    clean(test.switch_page("pages/lab.py").run())
    assert "Runs, teachers and caches" in shown(clean(test.switch_page("pages/about.py").run()))
