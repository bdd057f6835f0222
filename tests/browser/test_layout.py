"""The Lab's layout in the story: the result beside the diagram, a calm first sight, a phone, 200 % zoom.

Run: python -m pytest tests/browser/test_layout.py
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import helpers
from tests.browser.conftest import BOTH_SCHEMES, new_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAVED = {"teacher": "minilm-l6", "task": "composed-nli", "layers": "1,3,5", "budget": "240"}
MOST = 0.1  # layout shift; web.dev/cls calls more than this in need of improvement
WATCH = """() => {
    window.shift = 0;
    let now = 0, first = 0, last = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
            if (entry.hadRecentInput) continue;
            if (entry.startTime - last > 1000 || entry.startTime - first > 5000) [now, first] = [0, entry.startTime];
            [now, last] = [now + entry.value, entry.startTime];
            window.shift = Math.max(window.shift, now);
        }
    }).observe({type: 'layout-shift', buffered: true});
}"""  # the largest burst of shifts, as web.dev/cls defines it


def result(page, server):
    """The story's result of a run that came with the program, which takes no training."""
    page.goto(server.url(**SAVED))
    helpers.ready(page)
    page.get_by_role("button", name="Skip", exact=True).click()
    page.get_by_role("button", name="Show the saved run").click()
    expect(page.get_by_text(re.compile("A student from layers 1, 3, 5"))).to_be_visible()
    helpers.settled(page)
    return page


@BOTH_SCHEMES
def test_headline_figures_and_why_stand_beside_the_diagram_without_scrolling(server, page):
    result(page, server)
    headline = page.get_by_text(re.compile("A student from layers 1, 3, 5"))
    panel = page.locator(".st-key-why")
    seen = [
        headline, *page.get_by_test_id("stMetric").all(), panel.get_by_text("Why?", exact=True), panel.locator("svg.marks"),
        page.locator(".st-key-pick svg.marks"), page.get_by_role("button", name="Run", exact=True),
    ]
    assert len(page.get_by_test_id("stMetric").all()) == 3
    for one in seen:
        box = one.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720, one
    assert panel.bounding_box()["x"] > page.locator(".st-key-pick").bounding_box()["x"] + page.locator(".st-key-pick").bounding_box()["width"]
    assert helpers.serious(page) == []


def test_nothing_jumps_while_the_page_comes_up(server, browser):
    for width, height in ((1280, 720), (390, 844)):
        with new_page(browser) as page:
            page.set_viewport_size({"width": width, "height": height})
            page.add_init_script(f"({WATCH})()")
            page.goto(server.url(**SAVED))
            helpers.ready(page)
            helpers.settled(page)
            assert page.evaluate("window.shift") < MOST, (width, page.evaluate("window.shift"))


def test_the_budget_keeps_one_row_whatever_was_measured(server, page):
    page.goto(server.url(**SAVED))
    helpers.ready(page)
    budget = page.get_by_role("radiogroup", name=re.compile("Budget"))
    tops = {round(one.bounding_box()["y"]) for one in budget.get_by_role("radio").all()}
    assert len(tops) == 1


def test_the_budget_keeps_its_row_and_height_before_while_and_after_it_trains(lab):
    page = lab(view="story", budget="240", layers="1,2,3,4")
    heights = {}

    def look(state: str) -> None:
        budget = page.get_by_role("radiogroup", name=re.compile("Budget"))
        assert len({round(one.bounding_box()["y"]) for one in budget.get_by_role("radio").all()}) == 1, state
        heights[state] = round(page.locator(".st-key-go").bounding_box()["height"])

    helpers.settled(page)
    look("before")
    helpers.free_run(page).click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.get_by_label(re.compile("^student layer 1, from teacher layer 1: moved"))).to_be_attached(timeout=60_000)
    look("while")
    expect(page.get_by_text(re.compile("A student from layers 1, 2, 3, 4"))).to_be_visible(timeout=120_000)
    helpers.settled(page)
    look("after")
    assert len(set(heights.values())) == 1, heights


@pytest.mark.parametrize("size", [(390, 844), (640, 360)], ids=["a phone", "200 % zoom"])
def test_on_little_room_the_menu_starts_closed_and_nothing_lies_over_anything(server, page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    result(page, server)
    menu = page.get_by_test_id("stSidebar")
    assert menu.get_attribute("aria-expanded") == "false" or menu.bounding_box()["x"] + menu.bounding_box()["width"] <= 0
    assert helpers.fits(page)
    overlaps = page.evaluate("""() => {
        const boxes = [...document.querySelectorAll('[data-testid=stMain] [data-testid=stElementContainer]')]
            .filter(one => one.checkVisibility({visibilityProperty: true})).map(one => [one, one.getBoundingClientRect()])
            .filter(([one, box]) => box.width > 2 && box.height > 2);
        const found = [];
        for (const [a, x] of boxes) for (const [b, y] of boxes) {
            if (a === b || a.contains(b) || b.contains(a)) continue;
            const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left), high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
            if (wide > 2 && high > 4) found.push([a.innerText.slice(0, 40), b.innerText.slice(0, 40), Math.round(high)]);
        }
        return found;
    }""")
    assert overlaps == []


def test_run_waits_for_the_slider_and_comes_after_it_and_the_budget(server, page):
    page.goto(server.url(**SAVED))
    helpers.ready(page)
    run = page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_disabled()
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(run).to_be_enabled()
    helpers.tab_to(page, page.get_by_role("radio", name="60 steps"))  # the group is one stop, at its first
    helpers.tab_to(page, run)
