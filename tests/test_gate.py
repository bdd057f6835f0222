"""Landscape, Compare and Smarter choices hide the figures of a size that was not predicted behind one click that says so.

Run: python -m pytest tests/test_gate.py
"""

import pytest

from core import figures
from core.store import predictions, saved
from pages.parts.common import gate
from tests import app_harness as harness
from tests import landscape_runs as made
from tests.app_harness import button, clean, group, labels, shown

PAIR = {"teacher": "minilm-l6", "task": "composed-nli", "layers": "1,3,5"}
SHOW = "Show the figures now"
PAGES = ["pages/landscape.py", "pages/compare.py", "pages/choosers.py"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.folder(tmp_path_factory.mktemp("saved") / "runs")


@pytest.fixture(autouse=True)
def closed(monkeypatch, folder):
    real = gate.figures_open
    harness.without_worker(monkeypatch)
    monkeypatch.setattr(gate, "figures_open", real)
    monkeypatch.setattr(saved, "FOLDER", folder)


@pytest.fixture
def app():
    return harness.opener(PAIR["teacher"], PAIR["task"])


@pytest.mark.parametrize("page", PAGES)
def test_one_click_opens_the_figures_and_is_remembered_as_a_skip(app, page):
    test = app(page, layers="1,3,5")
    hidden = shown(test)
    assert "What students of 3 layers get can be predicted in the Lab." in hidden and " %" not in hidden
    assert not any("aria" in str(chart.proto) and "%" in str(chart.proto) for chart in test.get("vega_lite_chart"))
    clean(button(test, SHOW).click().run())
    assert "can be predicted in the Lab" not in shown(test) and SHOW not in labels(test)
    assert predictions.decided(test.session_state["learner"], PAIR["teacher"], PAIR["task"], 3)
    assert not predictions.decided(test.session_state["learner"], PAIR["teacher"], PAIR["task"], 2)


@pytest.mark.parametrize("page", PAGES)
def test_a_lesson_that_asks_for_a_prediction_holds_on_every_page(app, page):
    test = app(page, layers="1,3,5", lock="predict")
    assert "once you have predicted it in the Lab: this lesson asks for that." in shown(test) and SHOW not in labels(test)


def test_a_lesson_without_predicting_has_no_gate(app):
    assert SHOW not in labels(app("pages/landscape.py", layers="1,3,5", hide="predict"))


def landscape(app, view: str, **query):
    """The landscape of students of 3 layers, which alone were skipped, at this view."""
    test = app("pages/landscape.py", layers="1,3,5", **query)
    if SHOW in labels(test):
        clean(button(test, SHOW).click().run())
    return clean(group(test, "View").set_value(view).run())


def test_the_view_of_sizes_leaves_out_those_not_predicted_and_brings_each_in_by_one_click(app, monkeypatch):
    drawn, real = [], figures.sizes
    monkeypatch.setattr(figures, "sizes", lambda rows, *more: drawn.append({row["parameters"] for row in rows}) or real(rows, *more))
    test = landscape(app, "Size and speed")
    assert "Left out here: students of 2 layers. You can predict them in the Lab." in shown(test) and len(drawn[-1]) == 2  # 3 layers, the teacher
    clean(button(test, "Show 2 layers").click().run())
    assert "Left out here" not in shown(test) and len(drawn[-1]) == 3
    assert predictions.decided(test.session_state["learner"], PAIR["teacher"], PAIR["task"], 2)


def test_the_table_and_the_view_over_tasks_leave_out_what_was_not_predicted(app):
    test = landscape(app, "Over tasks")
    [show] = [label for label in labels(test) if label.startswith("Show 3 layers")]
    assert "sick" in show and "sick" in shown(test) and "Best means" not in shown(test)
    [table] = [one for one in test.get("download_button") if one.proto.label == "Download as CSV"]
    assert "Sizes that you have not predicted are left out." in table.proto.help
    clean(button(test, show).click().run())
    assert "Best means" in shown(test)


def test_figures_of_published_claims_are_those_of_sizes_that_may_be_seen(app):
    test = landscape(app, "Elsewhere")
    assert "left out here." in shown(test) and "Left out here: students of 3 layers" in shown(test)
    before = shown(test).count(" % from layers")
    clean(button(test, next(label for label in labels(test) if label.startswith("Show 3 layers"))).click().run())
    assert shown(test).count(" % from layers") > before


def test_a_lesson_that_asks_for_predictions_shows_no_click_in_the_views_of_several_sizes(app):
    test = app("pages/landscape.py", layers="1,3,5", lock="predict")
    predictions.skip(test.session_state["learner"], test.session_state["choice"].recipe())
    clean(test.run())
    clean(group(test, "View").set_value("Size and speed").run())
    assert "They show once you have predicted them" in shown(test) and not any(label.startswith("Show ") for label in labels(test))
