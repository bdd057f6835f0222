"""The page of smarter choices in a real browser with a real worker: run live, stop, by keyboard, axe and contrast, light and dark.

Run: python -m pytest tests/browser/test_choosers.py
"""

import re

import pytest
from playwright.sync_api import expect

from core.store import jobs
from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def choosers(shared, server, page):
    """The page on the tiny teacher of 4 layers, layers 1 and 3 chosen."""
    page.goto(server.url("choosers", teacher=shared[1], task=shared[2], layers="1,3"))
    helpers.open_figures(page)
    expect(page.get_by_role("heading", name="Smarter choices")).to_be_visible(timeout=60_000)
    expect(page.locator("svg.marks").first).to_be_visible(timeout=60_000)
    helpers.settled(page)
    return page


def view(page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()
    helpers.settled(page)


def run(page):
    return page.get_by_role("button", name="Run it live")


def pick_option(page, label: str, name: str) -> None:
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=name, exact=True).click()
    helpers.settled(page)


def shown(page, text: str):
    """Text that can be seen: a saved run's stands below it, folded away."""
    return page.get_by_text(re.compile(text)).filter(visible=True)


def faults(page) -> list:
    """What axe finds, chart text that is hard to read, and sideways scrolling."""
    assert helpers.fits(page)
    helpers.whole(page)
    page.wait_for_timeout(400)  # the charts take the new width
    hard = contrast.hard_to_read(page)
    found = helpers.serious(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    return found + hard


@BOTH_SCHEMES
def test_a_chooser_is_run_live_and_its_pick_opens_in_the_lab(choosers):
    page = choosers
    pick_option(page, "Method", "Leave one out")
    run(page).click()
    expect(page.get_by_text(re.compile("Pick: layers"))).to_be_visible(timeout=90_000)
    helpers.settled(page)
    row = page.get_by_label(re.compile("^Leave one out picks layers"))
    expect(row).to_have_count(1)
    layers = re.search(r"picks layers ([\d, ]+):", row.get_attribute("aria-label")).group(1)
    assert faults(page) == []
    page.get_by_label(re.compile("^Learned gates: not run yet")).click()  # a click on a row shows that method
    expect(page.get_by_text("Put a gate on every layer", exact=False)).to_be_visible()
    helpers.settled(page)
    expect(row).to_have_count(1)  # the chart was drawn again: for a moment the old one stands beside the new one
    row.click()
    page.get_by_role("button", name="Open this choice in the Lab").click()
    helpers.ready(page)
    helpers.expect_picked(page, [int(layer) for layer in layers.split(", ")])


@BOTH_SCHEMES
def test_a_run_in_stages_and_one_with_attention(choosers):
    page = choosers
    view(page, "In stages")
    page.get_by_role("radio", name="60", exact=True).click()
    run(page).click()
    expect(shown(page, "Progressive shrinking finished: layers")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("cell", name=re.compile("without layer . the loss is lowest")).first).to_be_visible()
    helpers.settled(page)
    assert faults(page) == []
    view(page, "With attention")
    pick_option(page, "Emphasis", "Gradient balancing")
    run(page).click()
    expect(shown(page, "One stage finished: layers 1, 3")).to_be_visible(timeout=120_000)
    expect(page.locator("[aria-label^='Weights of the compared layers']").first).to_be_visible()
    helpers.settled(page)
    assert faults(page) == []


def test_by_keyboard_alone_a_chooser_is_started_and_stopped(choosers):
    page = choosers
    pick_option(page, "Method", "Successive halving")
    helpers.tab_to(page, run(page))
    page.keyboard.press("Enter")
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_visible()
    helpers.tab_to(page, stop)
    page.keyboard.press("Enter")
    expect(run(page)).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("^Stopped"))).to_be_visible()
    assert not [job for job in jobs.queue() if job.kind == "choose"]
