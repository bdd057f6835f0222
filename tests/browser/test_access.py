"""The Lab for everybody: axe-core finds nothing serious, and chart text has its contrast, in light and dark.

Run: python -m pytest tests/browser/test_access.py
"""

import re

import pytest
from playwright.sync_api import expect

from core.store import layer_scores, records
from core.views.common.choice import Choice, task_content
from core.views.common.recipe_runs import teacher_hash
from pages.parts.lab.result import DETAILS
from tests import fake_worker
from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES
from tests.tiny import save_tiny_teacher

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARKS = {  # of each of the details, once it is drawn
    "Compared": "[aria-label^='Accuracy of this run']", "Groups": "[aria-label^='Accuracy by group']",
    "Confusion": "[aria-label^='Confusion matrix']", "Answers": "text=does not hold the teacher's answers",
    "Moved": "[aria-label^='Norm of the weight update']", "Record": "text=Download the run as JSON",
}
NUMBERS = 18  # px: of the diagram's block numbers


def kept(shared) -> None:
    """A finished run in the store, made with the shared teacher's weights."""
    _, teacher, task = shared
    recipe = Choice(teacher, task, (1, 3), budget="60").recipe()
    records.add(fake_worker.record(recipe, teacher=fake_worker.of_teacher(teacher)))


def opened(page, title: str) -> None:
    """One of the details, drawn."""
    page.get_by_role("radio", name=title, exact=True).click()
    expect(page.locator(MARKS[title]).first).to_be_visible()
    helpers.settled(page)


@BOTH_SCHEMES
def test_an_open_page_and_every_part_of_a_result(lab, shared, server):
    kept(shared)
    page = lab()
    helpers.settled(page)
    assert helpers.serious(page) == []
    page.get_by_role("button", name="Skip", exact=True).click()
    page.get_by_role("button", name="Show the saved run").click()
    expect(page.get_by_text(re.compile("A student from layers 1, 3"))).to_be_visible()
    problems = {}
    for title in DETAILS.values():
        opened(page, title)
        problems[title] = helpers.serious(page)
    page.get_by_text("Replay this run", exact=True).click()
    page.get_by_role("radio", name="instant").click()
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page.get_by_text(re.compile("A replay of this run, at instant"))).to_be_visible()
    helpers.settled(page)
    problems["the replay"] = helpers.serious(page)
    page.get_by_role("button", name="About this task").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    problems["the task's card"] = helpers.serious(page)
    assert {title: found for title, found in problems.items() if found} == {}


@BOTH_SCHEMES
def test_every_text_of_every_chart_can_be_read(lab, shared, server):
    kept(shared)
    weights = teacher_hash(shared[1], shared[2])
    scores = {"task": shared[2], "influence": [0.1, 0.2, 0.3, 0.4], "exits": [{"accuracy": 0.3}] * 5, "examples": 600,
              "probes": [{"accuracy": 0.4, "groups": {}}] * 5, "attention": {"entropy": [1.0] * 4, "distance": [2.0] * 4}}
    data = task_content(shared[2]).hash
    layer_scores.write(weights, data, "inside", scores | {"task_hash": data})
    page = lab()
    page.get_by_role("button", name="Skip", exact=True).click()
    page.get_by_role("button", name="Show the saved run").click()
    expect(page.get_by_text(re.compile("A student from layers 1, 3"))).to_be_visible()
    helpers.whole(page)
    seen = {}
    for title in DETAILS.values():
        opened(page, title)
        seen |= {(one["text"], one["colours"]): one for one in contrast.texts(page)}
    page.get_by_role("combobox", name="On the blocks").click()
    page.get_by_role("option", name="Block Influence").click()
    expect(page.get_by_text("0.30", exact=True)).to_be_attached()
    helpers.settled(page)
    seen |= {(one["text"], one["colours"]): one for one in contrast.texts(page)}
    words = {one["text"] for one in seen.values()}
    assert {"embeddings", "head", "from layer 3", "0.30", "step", "the student says", "teacher", "norm of the weight update"} <= words
    assert [one for one in seen.values() if one["ratio"] < contrast.LEAST] == []
    assert [one for one in seen.values() if one["size"] < contrast.SMALLEST] == []


def test_block_numbers_are_large_and_nothing_scrolls_sideways(lab):
    page = lab()
    helpers.settled(page)
    sizes = page.locator("svg.marks text").evaluate_all(
        "texts => texts.filter(t => /^[1-4]$/.test(t.textContent)).map(t => parseFloat(getComputedStyle(t).fontSize))"
    )
    assert len(sizes) == 4 + 2 and min(sizes) >= NUMBERS  # of the teacher's and of the student's blocks
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    for chart in page.locator("svg.marks").all():
        box = chart.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1280


@BOTH_SCHEMES
def test_a_teacher_of_fourteen_layers_stands_in_two_columns_that_can_be_read_and_clicked(lab, tmp_path):
    teacher = str(save_tiny_teacher(tmp_path / "fourteen", layers=14))
    page = lab(teacher=teacher, layers="1,8,14")
    helpers.settled(page)
    left = [helpers.block(page, layer).bounding_box() for layer in (1, 7)]
    right = [helpers.block(page, layer).bounding_box() for layer in (8, 14)]
    assert left[0]["x"] == left[1]["x"] and right[0]["x"] == right[1]["x"] > left[0]["x"] + 0.9 * left[0]["width"]  # a box includes its outline
    assert abs(left[0]["y"] - right[0]["y"]) < 1 and left[1]["y"] < left[0]["y"]  # 8 stands beside 1; 7 above it, nearer the output
    helpers.block(page, 13).click()
    helpers.expect_picked(page, [1, 8, 13, 14])
    expect(page.get_by_label("student layer 3, from teacher layer 13")).to_be_attached()
    helpers.whole(page)
    helpers.settled(page)
    seen = contrast.texts(page)
    numbers = [one["size"] for one in seen if one["text"].isdigit()]
    assert len(numbers) == 14 + 4 and min(numbers) >= NUMBERS
    assert [one for one in seen if one["ratio"] < contrast.LEAST] == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@BOTH_SCHEMES
def test_the_run_button_can_be_read_at_rest_and_under_the_mouse(lab):
    page = lab()
    button = helpers.free_run(page)
    helpers.settled(page)
    colours = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    for act in (lambda: page.mouse.move(0, 0), button.hover, button.focus):
        act()
        page.wait_for_timeout(300)  # the colour's transition
        text, behind = map(contrast.channels, button.evaluate(colours))
        assert contrast.ratio(text[:3], behind[:3]) >= contrast.LEAST


def test_what_a_screen_reader_finds_on_the_diagram_follows_the_clicks(lab):
    page = lab()
    diagram = page.locator(".st-key-pick svg.marks")
    expect(diagram.get_by_label("Student of 2 layers, from teacher layers 1, 3", exact=True)).to_be_attached()
    helpers.block(page, 2).click()
    expect(diagram.get_by_label("Student of 3 layers, from teacher layers 1, 2, 3", exact=True)).to_be_attached()
    expect(diagram.get_by_label("layer 2 is chosen", exact=True)).to_be_attached()
    helpers.expect_picked(page, [1, 2, 3])
    for layer, left in ((1, [2, 3]), (2, [3]), (3, [])):
        helpers.block(page, layer).click()
        helpers.expect_picked(page, left)
    expect(diagram.get_by_label("Student: no layer is chosen yet", exact=True)).to_be_attached()
    assert "1, 3" not in page.locator(".st-key-pick [role=graphics-document]").get_attribute("aria-label")
