"""The race on the Compare page in a real browser with a real worker. Run: python -m pytest tests/browser/test_race.py"""

import pytest
from playwright.sync_api import expect

from core.store import jobs
from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@BOTH_SCHEMES
def test_a_race_runs_to_its_end_and_its_runs_are_replayed(shared, server, page):
    page.goto(server.url("compare", teacher=shared[1], task=shared[2], layers="1,3", view="researcher"))
    expect(page.get_by_role("heading", name="Compare up to four students")).to_be_visible(timeout=60_000)
    press(page, "Four presets")
    press(page, "Start the race")
    expect(page.get_by_text("The race is over")).to_be_visible(timeout=120_000)
    assert [job for job in jobs.queue() if job.kind == "race"] == []
    expect(page.get_by_text("Training loss").first).to_be_visible()
    page.locator("summary").filter(has_text="Replay 4 finished runs").click()
    page.get_by_role("radio", name="instant").click()
    press(page, "Replay")
    expect(page.get_by_text("A replay").first).to_be_visible()
    page.mouse.move(0, 0)
    helpers.settled(page)
    helpers.whole(page)
    page.wait_for_timeout(400)  # the charts take the new width
    assert helpers.fits(page)
    assert helpers.serious(page) == []
    assert contrast.hard_to_read(page) == []
