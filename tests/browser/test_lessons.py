"""Lessons in a browser: an answer outlasts a reload, nothing scrolls sideways on a phone, axe finds nothing serious.

Run: python -m pytest tests/browser/test_lessons.py
"""

import pytest
from playwright.sync_api import expect

from tests.browser import helpers
from tests.browser.conftest import BOTH_SCHEMES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = {"width": 390, "height": 844}


def at_rest(page) -> list[str]:
    helpers.settled(page)
    assert helpers.fits(page)
    return helpers.serious(page)


@BOTH_SCHEMES
def test_homework_on_a_phone_outlasts_a_reload(server, page):
    page.set_viewport_size(PHONE)
    page.goto(server.url("homework"))
    expect(page.get_by_role("heading", name="Lessons")).to_be_visible()
    assert at_rest(page) == []
    page.goto(server.url("homework", lesson="luck"))
    page.get_by_role("radiogroup", name="Your answer").get_by_text("1, 4, 5").click()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("too few runs to tell").first).to_be_visible()
    assert at_rest(page) == []
    page.goto(server.url("homework", lesson="luck"))
    expect(page.get_by_text("1 of 5 questions are answered")).to_be_visible()
    expect(page.get_by_role("heading", name="Two short runs each")).to_be_visible()  # the first that is not answered


@BOTH_SCHEMES
def test_the_editor_and_the_link_builder(server, page):
    page.goto(server.url("lesson_editor"))
    expect(page.get_by_text("5 steps, 25 minutes")).to_be_visible()
    assert at_rest(page) == []
    text = page.get_by_role("textbox", name="The lesson, as TOML")
    text.fill(text.input_value().replace("minutes = 5", "minuts = 5", 1))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("has no field 'minuts'")).to_be_visible()
    page.goto(server.url("about", view="researcher"))
    page.get_by_role("radio", name="Lessons", exact=True).click()
    expect(page.get_by_role("img", name="QR code of")).to_be_visible()
    assert at_rest(page) == []
    page.set_viewport_size(PHONE)
    assert at_rest(page) == []
