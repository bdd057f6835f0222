"""A class of a host and a learner, each in a browser: every change of state reaches the learner's page.

Run: python -m pytest tests/browser/test_classroom.py
"""

import re

import pytest
from playwright.sync_api import expect

from core.classroom import store
from tests import class_rows as rows
from tests.browser import helpers
from tests.browser.conftest import new_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = {"width": 390, "height": 844}


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def checked(page) -> None:
    """Nothing serious for axe, nothing that scrolls sideways."""
    helpers.settled(page)
    assert helpers.serious(page) == [] and helpers.fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_change_of_state_reaches_the_learner(server, browser, scheme):
    found, key = rows.made(f"A class in {scheme}", scheme)
    with new_page(browser, color_scheme=scheme) as host, new_page(browser, color_scheme=scheme) as learner:
        learner.set_viewport_size(PHONE)
        host.goto(server.url("host"))
        host.get_by_role("textbox", name="Code of the class").fill(found.code)
        host.get_by_role("textbox", name="Host key").fill(key)
        press(host, "Open the class")
        expect(host.get_by_role("heading", name="Welcome")).to_be_visible()
        checked(host)
        learner.goto(server.url("join", code=found.code))
        expect(learner.get_by_role("textbox", name="Code of the class")).to_have_value(found.code)
        checked(learner)
        learner.get_by_role("textbox", name="Nickname").fill("Ann")
        learner.keyboard.press("Enter")
        expect(learner.get_by_role("heading", name="Welcome")).to_be_visible()
        expect(host.get_by_text("1 is in")).to_be_visible()
        press(host, "Go on")
        expect(learner.get_by_text("The question opens soon.")).to_be_visible()
        press(host, "Open the vote")
        answer = learner.get_by_role("spinbutton", name=re.compile("Your answer"))
        expect(answer).to_be_visible()
        checked(learner)
        answer.fill("80")
        press(learner, "Send my answer")
        expect(learner.get_by_text("Sent: 80 %.")).to_be_visible()
        expect(host.get_by_role("heading", name="1 of 1 has answered")).to_be_visible()
        checked(host)
        press(host, "Close the vote")
        expect(learner.get_by_text("Talk with your neighbours.")).to_be_visible()
        expect(host.locator("svg.marks")).to_have_count(0)
        learner.reload()  # the cookie finds class and seat again
        expect(learner.get_by_text("Talk with your neighbours.")).to_be_visible()
        press(host, "Open the second vote")
        expect(answer).to_have_value("80.0")
        answer.fill("84")
        press(learner, "Send my answer")
        expect(learner.get_by_text("Sent: 84 %.")).to_be_visible()
        press(host, "Reveal the answer")
        expect(learner.get_by_text("Your answer is equal to it within the margin.")).to_be_visible()
        expect(host.locator("svg.marks")).to_be_visible()
        checked(host)
        checked(learner)
        learner.get_by_role("button", name="Open: Lab").click()
        helpers.ready(learner)
        expect(learner.get_by_text("The answer is on the board.")).to_be_visible()
        press(host, "Go on")
        expect(learner.get_by_text("The question opens soon.")).to_be_visible()
        learner.get_by_role("link", name="Back to the class").click()
        expect(learner.get_by_role("heading", name="Four students")).to_be_visible()
        press(host, "Back")
        expect(learner.get_by_role("heading", name="A prediction")).to_be_visible()
        assert [(one.round, one.answer) for one in store.answers_of(found.id)] == [(1, 80.0), (2, 84.0)]
    assert "Traceback" not in server.log.read_text()
