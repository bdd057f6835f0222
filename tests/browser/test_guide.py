"""The guided start in a real browser: walked by keyboard alone, the slider's numbers, less motion, and that everybody can read it.

Run: python -m pytest tests/browser/test_guide.py
"""

import re

import pytest
from playwright.sync_api import expect

from core.figures.soft_targets import STEP
from core.views.guide import steps, told
from core.views.guide.misconceptions import MISCONCEPTIONS
from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES, new_page
from tests.browser.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def fresh(tmp_path):
    """A server without a run, on which everybody is new."""
    server = Server(tmp_path / "home")
    try:
        yield server.start()
    finally:
        server.close()


def title(page, number: int):
    return page.get_by_text(f"Guided start {number} of 5: {steps.STEPS[number - 1].title}")


def press(page, wanted, key: str = "Enter", backwards: bool = False) -> None:
    helpers.tab_to(page, wanted, backwards)
    page.keyboard.press(key)


def push(place: int, stage: str, temperature: float) -> list[str]:
    """What the chart says of the push on each logit, computed by torch from the saved pair."""
    import torch

    from core.objectives import LOSSES

    found = told.document()
    pair = found["pairs"][place]
    ours = torch.tensor([pair["student"][stage]], dtype=torch.float64, requires_grad=True)
    LOSSES["soft_targets"].function(ours, torch.tensor([pair["teacher"]], dtype=torch.float64), temperature).backward()
    pairs = zip(found["labels"], ours.grad[0].tolist(), strict=True)
    return [f"{label}, push: {-value:+.3f}".replace("-", "\N{MINUS SIGN}") for label, value in pairs]


def test_the_guide_is_walked_by_keyboard_alone(fresh, page):
    page.goto(fresh.url())
    press(page, page.get_by_role("button", name="Show me"))
    expect(title(page, 1)).to_be_visible()
    expect(page.get_by_label(re.compile("^layer 4, A probe reads: contradiction"))).to_be_attached()
    following = page.get_by_role("button", name="Next", exact=True)
    press(page, following)
    expect(title(page, 2)).to_be_visible()
    helpers.expect_picked(page, list(steps.LEADS))
    page.keyboard.press("Enter")  # the focus stays on the button
    expect(title(page, 3)).to_be_visible()

    place, temperature = told.hardest(told.document()["pairs"]), told.temperature(told.document())
    slider = page.get_by_role("slider", name="Temperature T")
    for said in push(place, "0", temperature):
        expect(page.get_by_label(said, exact=True)).to_be_attached()
    helpers.tab_to(page, slider)
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    for said in push(place, "0", temperature + 10 * STEP):
        expect(page.get_by_label(said, exact=True)).to_be_attached()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    for said in push(place, "60", temperature + 10 * STEP):
        expect(page.get_by_label(said, exact=True)).to_be_attached()

    press(page, following, backwards=True)
    expect(title(page, 4)).to_be_visible()
    press(page, page.get_by_role("button", name="Skip", exact=True))
    expect(page.get_by_text("You have predicted or skipped.")).to_be_visible()
    press(page, following, backwards=True)
    expect(title(page, 5)).to_be_visible()
    press(page, page.get_by_role("checkbox", name="Show the ending now").or_(page.get_by_role("switch", name="Show the ending now")), "Space")
    expect(page.get_by_text("The early leader loses.")).to_be_visible(timeout=60_000)
    expect(page.locator("[aria-label*='a rule marks 240 steps']")).to_be_visible()
    press(page, page.get_by_role("button", name="Finish"), backwards=True)
    expect(title(page, 5)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"layers=1%2C3%2C6(?!.*guide=)"))


@BOTH_SCHEMES
@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_every_step_fits_a_phone_and_a_desk_and_everybody_can_read_it(server, page, number):
    page.goto(server.url(guide=number))
    expect(title(page, number)).to_be_visible()
    helpers.ready(page)
    if number == 5:
        page.get_by_role("button", name="Skip", exact=True).click()
        page.get_by_text("Show the ending now").click()
        page.get_by_text("What people often believe").click()
        expect(page.get_by_role("link", name=re.compile("^See it"))).to_have_count(len(MISCONCEPTIONS), timeout=60_000)
    if number != 2:
        expect(page.locator(".st-key-guide svg.marks").first).to_be_visible()
    helpers.settled(page)
    assert helpers.fits(page)
    helpers.whole(page)
    assert helpers.serious(page) == [] and contrast.hard_to_read(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    helpers.settled(page)
    assert helpers.fits(page)


@pytest.mark.parametrize(("motion", "running"), [("no-preference", 3), ("reduce", 0)])
def test_the_copies_move_unless_less_motion_is_asked_for(browser, server, motion, running):
    with new_page(browser, reduced_motion=motion) as page:
        page.goto(server.url(guide=2))
        expect(page.locator(".ll-copying")).to_be_visible()
        page.get_by_role("button", name="Copy once more").click()
        expect(page.locator(".ll-play-1")).to_have_count(3)
        named = "boxes => boxes.filter(box => getComputedStyle(box).animationName !== 'none').length"
        assert page.locator(".ll-play-1").evaluate_all(named) == running
