"""Inside the teacher in a real browser: figures of the saved scores, a pair by keyboard, axe and contrast, light and dark.

Run: python -m pytest tests/browser/test_inside.py
"""

import re

import pytest
from playwright.sync_api import expect

from core.store import layer_scores
from core.views.common import recipe_runs
from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAIR = ("minilm-l6", "composed-nli")
VIEWS = ("Similarity", "Block Influence", "Linear probes", "Exits", "Attention")
FORMING, CHAINS = "A prediction forming", "Chains by hand"


def inside_of(teacher, task):
    """The scores of the weights that a run would use now; None while there are none."""
    weights = recipe_runs.teacher_hash(teacher, task)
    return layer_scores.find(weights, task) if weights else None


def opened(page, server, teacher: str, task: str, **query):
    page.goto(server.url("inside", teacher=teacher, task=task, **query))
    expect(page.get_by_role("heading", name="Inside the teacher")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("radio", name=FORMING, exact=True)).to_be_visible()
    return page


def view(page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()
    expect(page.locator("svg.marks").first).to_be_visible()
    helpers.settled(page)


@BOTH_SCHEMES
def test_every_view_fits_has_few_marks_no_serious_fault_and_readable_text(server, page):
    opened(page, server, *PAIR)
    main = page.get_by_test_id("stMain")
    problems = {}
    for name in VIEWS:
        page.set_viewport_size({"width": 1280, "height": 720})
        view(page, name)
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
        ends = "charts => charts.map(chart => chart.getBoundingClientRect()).flatMap(box => [box.left, box.right])"
        assert all(0 <= end <= 1280 for end in page.locator("svg.marks").evaluate_all(ends))
        helpers.whole(page)
        page.wait_for_timeout(300)
        marks = "charts => charts.map(chart => chart.querySelectorAll('path, text, line, rect').length)"
        assert all(0 < n < 2000 for n in page.locator("svg.marks").evaluate_all(marks))
        problems[name] = helpers.serious(page)
        problems[f"{name}, text"] = contrast.hard_to_read(page)
    assert {name: found for name, found in problems.items() if found} == {}


def test_the_map_says_what_was_saved(server, page):
    opened(page, server, *PAIR)
    view(page, "Similarity")
    found = inside_of(*PAIR)
    expect(page.get_by_label(f"CKA of 3 and 4: {found['cka'][3][4]:.3f}", exact=True)).to_have_count(1)
    view(page, "Linear probes")
    accuracy = found["probes"][4]["groups"]["phenomenon:negation"]["accuracy"]
    expect(page.get_by_label(f"layer 4, negation: {100 * accuracy:.1f} %", exact=True)).to_have_count(1)


@BOTH_SCHEMES
def test_by_keyboard_alone_a_pair_forms_and_nothing_of_it_is_obeyed(server, shared, page):
    _, teacher, task = shared
    opened(page, server, teacher, task)
    # Of an example that is asked by itself. Where a student is kept, it stands there a second time.
    expect(page.get_by_label(re.compile(r"^layer 4, neutral: \d")).first).to_be_visible(timeout=120_000)
    field = page.get_by_label("Second text")
    helpers.tab_to(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type("<img src=x onerror=alert(1)> a *dog* runs")
    helpers.tab_to(page, page.get_by_role("button", name="Show it forming"))
    page.keyboard.press("Enter")
    expect(page.get_by_label(re.compile(r"^layer 4, img \(\?\): \d")).first).to_be_visible(timeout=120_000)  # a token of the typed text that is read
    expect(page.get_by_label(re.compile(r"^layer 4, neutral: \d")).first).to_be_visible()
    helpers.settled(page)  # the answer draws the page once more, and the list that a key opened would be gone
    helpers.tab_to(page, page.get_by_role("combobox", name=re.compile("With which heads")))
    page.keyboard.press("ArrowDown")
    option = page.get_by_role("option", name="head 2", exact=True)
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(option).to_have_count(0)
    expect(page.get_by_text(re.compile("^Averaged over all tokens"))).to_be_visible()
    expect(page.locator("img[src='x']")).to_have_count(0)
    helpers.settled(page)
    helpers.whole(page)
    assert helpers.serious(page) == []
    assert contrast.hard_to_read(page) == []


@BOTH_SCHEMES
def test_by_keyboard_alone_a_gap_is_tried_on_a_text_and_nothing_of_it_is_obeyed(server, shared, page):
    _, teacher, task = shared
    opened(page, server, teacher, task, layers="1,4")
    page.get_by_role("radio", name=CHAINS, exact=True).click()
    helpers.tab_to(page, page.get_by_role("button", name="1", exact=True))
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="4", exact=True)).to_be_focused()
    page.keyboard.press("Space")  # a click asks at once
    expect(page.get_by_text(re.compile("^Without layers 2 to 4, and nothing trained"))).to_be_visible(timeout=120_000)
    expect(page.get_by_text(re.compile("With a bridge over the gap it gets"))).to_be_visible(timeout=120_000)
    field = page.get_by_label("Second text")
    helpers.tab_to(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type("<img src=x onerror=alert(1)> a *dog* runs")
    helpers.tab_to(page, page.get_by_role("button", name="Try this gap"))
    page.keyboard.press("Enter")
    expect(page.get_by_label(re.compile(r"^cut, layer 1: \w+ \d"))).to_have_count(1, timeout=120_000)
    expect(page.get_by_label("cut, layer 3: missing", exact=True)).to_have_count(1)
    expect(page.locator("img[src='x']")).to_have_count(0)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 4600})
        helpers.settled(page)
        assert helpers.fits(page)
    assert helpers.serious(page) == []
    assert contrast.hard_to_read(page) == []
