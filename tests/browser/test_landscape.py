"""The landscape page in a real browser, on the runs saved with the program: figures, clicks, keyboard, axe and contrast, light and dark.

Run: python -m pytest tests/browser/test_landscape.py
"""

import csv
import re

import pytest
from playwright.sync_api import expect

from core.findings.landscape import landscapes
from core.store.saved import saved_runs
from core.views.common import saved_options as offered
from core.views.landscape import view
from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAIR = ("minilm-l6", "sick")  # the first file of saved runs is of this pair
VIEWS = ("Choices", "Before and after", "Layer effects", "By phenomenon", "Size and speed", "Other budgets", "Over tasks", "Elsewhere")
ABOUT = {
    "Answers": "Six answers from the saved runs",
    "Saved runs": "Runs saved with the program", "Limits": "Limits, shown on saved runs", "Questions": "Questions put to the saved runs",
    "Speed": "How fast a training step is", "This machine": "Runs on this machine", "Lessons": "A link for a lesson",
}


@pytest.fixture
def landscape(server, page):
    page.goto(server.url("landscape", teacher=PAIR[0], task=PAIR[1], view="researcher"))
    helpers.open_figures(page)
    expect(page.get_by_role("heading", name="The landscape of every saved choice")).to_be_visible(timeout=60_000)
    expect(page.locator("svg.marks").first).to_be_visible(timeout=60_000)
    helpers.settled(page)
    return page


@pytest.fixture(scope="module")
def shown():
    return offered.options_among([one for one in landscapes(saved_runs()) if one.pair == PAIR], None, None, None).shown


def marks(page) -> list[int]:
    """Graphical elements of each chart."""
    return page.locator("svg.marks").evaluate_all("charts => charts.map(chart => chart.querySelectorAll('path, text, line, rect').length)")


@BOTH_SCHEMES
def test_every_view_has_few_marks_no_serious_fault_and_readable_text(landscape):
    page = landscape
    helpers.whole(page)
    problems = {}
    for name in VIEWS:
        page.get_by_role("radio", name=name, exact=True).click()
        expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()
        helpers.settled(page)
        page.wait_for_timeout(300)
        assert all(0 < n < 2000 for n in marks(page))
        problems[name] = helpers.serious(page)
        problems[f"{name}, text"] = contrast.hard_to_read(page)
    assert {name: found for name, found in problems.items() if found} == {}


def test_rows_say_what_the_files_say_and_a_click_picks_one_for_the_lab(landscape, shown):
    page = landscape
    rows = view.rows(shown)
    for row in (rows[0], rows[-1]):
        expect(page.get_by_label(re.compile(rf"^{re.escape(row.name)}: {100 * row.mean:.1f} %"))).to_have_count(1)
    wanted = next(row for row in rows if row.choice == (2, 4, 6))
    page.get_by_label(re.compile(rf"^{re.escape(wanted.name)}: ")).click()
    expect(page.get_by_role("combobox", name=re.compile("Choice"))).to_have_value(wanted.name)
    page.get_by_role("button", name="Open in the Lab").click()
    expect(page).to_have_url(re.compile("layers=2%2C4%2C6"))
    expect(page.get_by_role("heading", name="The landscape of every saved choice")).to_have_count(0)
    page.get_by_role("link", name="Landscape").click()  # it does not jump back to the Lab
    expect(page.get_by_role("heading", name="The landscape of every saved choice")).to_be_visible()
    helpers.settled(page)
    expect(page.locator("svg.marks").first).to_be_visible()
    expect(page).to_have_url(re.compile("/landscape"))


def test_by_keyboard_alone_another_view_and_the_lab(landscape):
    page = landscape
    first = page.get_by_role("radio", name="Choices", exact=True)
    helpers.tab_to(page, first)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Layer effects", exact=True)).to_be_checked()
    helpers.settled(page)
    helpers.tab_to(page, page.get_by_role("button", name="Open in the Lab"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("layers="))


def test_nothing_scrolls_sideways_and_charts_stay_in_the_window(landscape):
    page = landscape
    main = page.get_by_test_id("stMain")
    for name in VIEWS:
        page.get_by_role("radio", name=name, exact=True).click()
        expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()
        helpers.settled(page)
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
        ends = "charts => charts.map(chart => chart.getBoundingClientRect()).flatMap(box => [box.left, box.right])"
        assert all(0 <= end <= 1280 for end in page.locator("svg.marks").evaluate_all(ends))


def test_the_csv_file_holds_every_run_of_the_pair(landscape):
    with landscape.expect_download() as download:
        landscape.get_by_role("button", name="Download as CSV").click()
    with open(download.value.path(), newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["id"] for row in rows} == {run["id"] for run in saved_runs(*PAIR)}


@BOTH_SCHEMES
def test_no_view_of_the_about_page_has_a_serious_fault_or_scrolls_sideways(server, page):
    page.goto(server.url("about", teacher=PAIR[0], task=PAIR[1]))
    expect(page.get_by_role("heading", name="Six answers from the saved runs")).to_be_visible(timeout=60_000)
    for name, heading in ABOUT.items():
        page.get_by_role("radio", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=60_000)
        helpers.settled(page)
        assert helpers.serious(page) == [], name
        assert helpers.fits(page), name
