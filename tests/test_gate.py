"""Landscape, Compare and Smarter choices hide the figures of a size that was not predicted behind one click that says so.

Run: python -m pytest tests/test_gate.py
"""

import pytest

from core.store import predictions, saved
from pages.parts.common import gate
from tests import app_harness as harness
from tests import landscape_runs as made
from tests.app_harness import button, clean, labels, shown

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
