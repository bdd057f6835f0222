"""One walk a page in a real browser with a real worker: open it, do what it is for, look at it. Run: python -m pytest tests/browser/test_walks.py

The other files of this folder look closer; they are slow.
"""

import re

import pytest
from playwright.sync_api import expect

from core.store import records
from tests.browser import contrast, helpers

SAVED = {"teacher": "minilm-l6", "task": "composed-nli"}
RUN_MS = 120_000  # a short run of a tiny student, on a busy machine


@pytest.fixture
def opened(shared, server, page):
    """A function that opens a page, by default on the tiny teacher, once its heading stands there."""

    def open_page(name: str, heading: str, **query):
        page.goto(server.url(name, **({"teacher": shared[1], "task": shared[2], "layers": "1,3"} | query)))
        expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=60_000)
        helpers.open_figures(page)
        return page

    return open_page


@pytest.fixture
def stands(page):
    """A function that looks at the page as it is: no fault of the program, nothing scrolls sideways, axe finds nothing serious."""

    def look() -> None:
        helpers.settled(page)
        assert helpers.fits(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert helpers.serious(page) == []

    return look


@pytest.mark.browser
def test_lab(lab, stands):
    page = lab(budget="60")
    helpers.block(page, 2).click()
    helpers.expect_picked(page, [1, 2, 3])
    stands()
    helpers.free_run(page).click()
    expect(page.get_by_text(re.compile("A student from layers 1, 2, 3 .* gets"))).to_be_visible(timeout=RUN_MS)
    stands()
    (made,) = [run for run in records.runs() if run["recipe"]["layers"] == [1, 2, 3]]
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{100 * made['final']['accuracy']:.1f} %")


@pytest.mark.browser
def test_compare(opened, stands):
    page = opened("compare", "Compare up to four students")
    page.get_by_role("button", name="Four presets", exact=True).click()
    page.get_by_role("button", name="Start the race", exact=True).click()
    expect(page.get_by_text("The race is over")).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_role("heading", name="Which student is best?")).to_be_visible()
    stands()


@pytest.mark.browser
def test_landscape(opened, stands):
    page = opened("landscape", "The landscape of every saved choice", **SAVED)
    expect(page.locator("svg.marks").first).to_be_visible(timeout=60_000)
    stands()
    page.get_by_label(re.compile(r"^layers 2, 3, 5: \d")).click()
    expect(page.get_by_role("combobox", name=re.compile("Choice"))).to_have_value("layers 2, 3, 5")
    page.get_by_role("button", name="Open in the Lab").click()
    expect(page).to_have_url(re.compile("layers=2%2C3%2C5"))
    helpers.ready(page)


@pytest.mark.browser
def test_wrong(opened, stands):
    page = opened("wrong", "What went wrong?")
    page.get_by_text(re.compile("^Nothing about layers yet")).click()
    page.get_by_role("button", name="Commit my answer").click()
    expect(page.get_by_text("That holds.")).to_be_visible()
    stands()
    page.get_by_role("button", name="On to the log").click()
    expect(page).to_have_url(re.compile("step=log"))
    expect(page.get_by_role("button", name="Commit my answer")).to_be_visible()


@pytest.mark.browser
def test_choosers(opened, stands):
    page = opened("choosers", "Smarter choices")
    page.get_by_role("combobox", name=re.compile("Method")).click()
    page.get_by_role("option", name="Leave one out", exact=True).click()
    helpers.settled(page)
    page.get_by_role("button", name="Run it live").click()
    expect(page.get_by_text(re.compile("Pick: layers"))).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_label(re.compile("^Leave one out picks layers"))).to_have_count(1)
    stands()


@pytest.mark.browser
def test_inside(opened, stands):
    page = opened("inside", "Inside the teacher", **SAVED)
    expect(page.get_by_label(re.compile(r"^layer 6, contradiction: \d")).first).to_be_visible()  # saved with the program
    expect(page.get_by_label(re.compile(r"^layer 6, \[CLS\] start: \d"))).to_have_count(1, timeout=RUN_MS)  # asked of the worker
    page.get_by_role("radio", name="Linear probes", exact=True).click()
    expect(page.get_by_label(re.compile(r"^layer 4, negation: \d"))).to_have_count(1)
    stands()


@pytest.mark.browser
def test_about(opened, stands):
    page = opened("about", "About the runs", **SAVED)
    expect(page.get_by_role("heading", name="Six answers from the saved runs")).to_be_visible(timeout=60_000)
    expect(page.get_by_label(re.compile(r"^Best: layers [\d, ]+: [\d.]+ %$"))).to_have_count(2)
    stands()
    page.get_by_role("radio", name="Limits", exact=True).click()
    expect(page.get_by_role("heading", name="Limits, shown on saved runs")).to_be_visible()


def test_the_contrast_formula_on_known_pairs():
    """Black on white is 21; #767676 is the lightest grey that passes on white; both by WCAG's own examples."""
    assert contrast.ratio((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast.ratio((0x76,) * 3, (255,) * 3) == pytest.approx(4.54, abs=0.01)
    assert contrast.ratio((0x77,) * 3, (255,) * 3) < 4.5
