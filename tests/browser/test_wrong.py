"""The page "What went wrong?" in a real browser: the whole page by keyboard, axe and contrast in light and dark.

Run: python -m pytest tests/browser/test_wrong.py
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES, new_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RUN_MS = 120_000  # two short runs of a tiny student, on a busy machine


def press(page, name: str, key: str = "Enter") -> None:
    """Reach a button by Tab and press it."""
    button = page.get_by_role("button", name=name, exact=True)
    helpers.tab_to(page, button)
    page.keyboard.press(key)


def pick(page, label: str, downs: int) -> None:
    """Reach a select box by Tab and choose its option that many presses below the first."""
    helpers.tab_to(page, page.get_by_role("combobox", name=label))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    for _ in range(downs):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    helpers.settled(page)


def choose(page, name: re.Pattern) -> None:
    """Reach a group of radio buttons by Tab and choose the one of this name with the arrows."""
    wanted = page.get_by_role("radio", name=name)
    first = page.get_by_role("radiogroup").filter(has=wanted).get_by_role("radio").first
    helpers.tab_to(page, first)
    page.keyboard.press("Space")
    for _ in range(6):
        if wanted.is_checked():
            break
        page.keyboard.press("ArrowDown")
    expect(wanted).to_be_checked()


def into(page, group, name: str) -> None:
    """Reach a group by Tab, go to its member of this name with the arrows, and press Enter."""
    for key, there, most in (
        ("Tab", lambda: group.evaluate("e => e.contains(document.activeElement)"), 80),
        ("ArrowRight", lambda: page.evaluate("document.activeElement.textContent").strip() == name, 6),
    ):
        for _ in range(most):
            if there():
                break
            page.keyboard.press(key)
        assert there(), (key, page.evaluate("document.activeElement.outerHTML")[:300])
    page.keyboard.press("Enter")


def looks(page) -> list:
    """Faults of the page as it stands: axe, chart text, sideways scrolling."""
    helpers.settled(page)
    page.wait_for_timeout(400)  # transitions of colours
    assert helpers.fits(page)
    return helpers.serious(page) + contrast.hard_to_read(page)


@BOTH_SCHEMES
def test_the_whole_page_by_keyboard(shared, server, page):
    page.goto(server.url("wrong", teacher=shared[1], task=shared[2], view="researcher"))
    expect(page.get_by_role("heading", name="What went wrong?")).to_be_visible(timeout=60_000)
    page.set_viewport_size({"width": 1280, "height": 4000})
    helpers.settled(page)
    problems = {"table, open": looks(page)}

    choose(page, re.compile("^Nothing about layers yet"))
    press(page, "Commit my answer")
    expect(page.get_by_text("That holds.")).to_be_visible()
    pick(page, "Layer 1 is", 0)
    pick(page, "Layer 12 is", 1)
    choose(page, re.compile("^the table does not say"))
    press(page, "Check the names")
    expect(page.get_by_text("Most papers call the other end the top")).to_be_visible()
    problems["table, answered"] = looks(page)

    press(page, "On to the log")
    expect(page).to_have_url(re.compile("step=log"))
    choose(page, re.compile("^Top alone"))
    press(page, "Commit my answer")
    expect(page.get_by_text("Dropout alone moves it that far")).to_be_visible()
    problems["log"] = looks(page)
    page.reload()
    expect(page.get_by_text("Dropout alone moves it that far")).to_be_visible()
    helpers.settled(page)

    press(page, "On to the hunt")
    press(page, "Run both")
    expect(page.get_by_role("heading", name="Do the figures alone give the mistake away?")).to_be_visible(timeout=RUN_MS)
    choose(page, re.compile("^Yes, they look like this"))
    press(page, "Commit my guess")
    expect(page.get_by_text("The figures alone give it away: the student never changes.")).to_be_visible(timeout=RUN_MS)
    problems["hunt"] = looks(page)
    page.reload()
    expect(page.get_by_text("The figures alone give it away: the student never changes.")).to_be_visible()

    steps = page.get_by_role("radiogroup").filter(has=page.get_by_role("radio", name="4 Done right"))
    into(page, steps, "4 Done right")
    expect(page.get_by_text(re.compile("each with a student of its own that was trained"))).to_be_visible()
    problems["right"] = looks(page)

    press(page, "Now your own table")
    helpers.tab_to(page, page.get_by_role("textbox", name="Your table"))
    page.keyboard.type("strategy,epoch,val_loss,val_accuracy\nA,1,1.1000,0.333\nA,2,1.1000,0.333\nA,3,1.1000,0.333")
    press(page, "Diagnose")
    expect(page.get_by_text("the same to the last digit in all 3 evaluations")).to_be_visible()
    pick(page, "Notebook", 1)
    problems["own"] = looks(page)
    assert {name: found for name, found in problems.items() if found} == {}


def test_another_learner_sees_no_answer(shared, server, browser):
    with new_page(browser) as page:
        page.goto(server.url("wrong", teacher=shared[1], task=shared[2], step="hunt"))
        expect(page.get_by_text("This step comes after an answer of yours.")).to_be_visible(timeout=60_000)
