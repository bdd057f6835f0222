"""The explanation on the Lab in a real browser: cards by mouse and keyboard, formulas, links, axe and contrast, light and dark.

Run: python -m pytest tests/browser/test_explanation.py
"""

import pytest
from playwright.sync_api import expect

from core.store import records
from tests import explanation_runs
from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES
from tests.browser.server import ROOT, Server
from tests.tiny import save_tiny_teacher
from tests.tiny_task import write_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# A server reads its saved runs from the program's own folder; this one is started with another.
OTHER_RUNS = """import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from core.store import saved
saved.FOLDER = Path({folder!r})
"""


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    """A server with saved runs of a tiny teacher, and its learner's run of layers 1 and 3: (server, teacher, task, run)."""
    folder = tmp_path_factory.mktemp("explained")
    teacher, task = str(save_tiny_teacher(folder / "teacher")), write_task(folder / "data", train=600)
    run = explanation_runs.write(folder / "saved", teacher, task)
    (folder / "start").mkdir()
    (folder / "start" / "sitecustomize.py").write_text(OTHER_RUNS.format(root=str(ROOT), folder=str(folder / "saved")))
    server = Server(folder / "home", PYTHONPATH=str(folder / "start"))
    try:
        yield server.start(), teacher, task, run
    finally:
        server.close()


@pytest.fixture
def lab(explained, page, monkeypatch):
    server, teacher, task, run = explained
    monkeypatch.setenv("LAYER_LAB_HOME", str(server.home))
    if records.find(run["id"]) is None:
        records.add(run)
    page.goto(server.url(teacher=teacher, task=task, layers="1,3", budget="60", view="researcher"))
    helpers.ready(page)
    page.get_by_role("button", name="Skip", exact=True).click()
    page.get_by_role("button", name="Show the saved run").click()
    expect(page.get_by_text("What this run shows")).to_be_visible()
    helpers.settled(page)
    return page


def opened(page, title: str):
    """Open a card by a click on its head; its figures are there."""
    tables = page.locator("details").get_by_test_id("stDataFrame")
    before = tables.count()
    page.get_by_text(title, exact=True).click()
    expect(tables).to_have_count(before + 2)
    helpers.settled(page)


@BOTH_SCHEMES
def test_cards_open_with_figures_charts_and_methods_and_have_no_serious_fault(lab):
    page = lab
    page.set_viewport_size({"width": 1280, "height": 7000})  # with three cards open, nothing is scrolled out of sight
    assert page.get_by_test_id("stDataFrame").count() == 0  # a closed card is not built
    problems = {"closed": helpers.serious(page)}
    for title in ("Against the presets", "Beside the teacher", "Seeding or training?"):
        opened(page, title)
        problems[title] = helpers.serious(page)
    expect(page.locator("[aria-label^='Against the presets: accuracies']")).to_have_count(1)
    page.get_by_test_id("stMain").evaluate("element => element.scrollTo(0, 0)")
    helpers.settled(page)
    problems["texts"] = contrast.hard_to_read(page)
    page.get_by_text("How do we know?").first.click()
    expect(page.get_by_text("once every comparison of this explanation is counted")).to_have_count(0)  # the presets list theirs among the figures
    expect(page.get_by_text("Each preset that is saved is compared with this choice")).to_be_visible()
    expect(page.locator(".katex").filter(has_text="t").first).to_be_visible()
    problems["how"] = helpers.serious(page)
    page.get_by_text("Formulas of the objective").click()
    expect(page.get_by_text("The objective: hinton")).to_be_visible()
    problems["formulas"] = helpers.serious(page)
    wrong = {name: found for name, found in problems.items() if found}
    assert wrong == {}, wrong
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_by_keyboard_a_card_opens_and_leads_to_the_landscape_of_its_runs(lab):
    page = lab
    head = page.locator("summary").filter(has_text="One layer swapped")
    head.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(2)
    link = page.get_by_role("button", name="What each layer does, over all choices")
    helpers.tab_to(page, link)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The landscape of every saved choice")).to_be_visible()
    expect(page.get_by_role("radio", name="Layer effects", exact=True)).to_be_checked()


@BOTH_SCHEMES
def test_the_reasons_stand_open_and_a_seam_is_chosen_by_mouse_and_by_keyboard(lab):
    page = lab
    page.set_viewport_size({"width": 1280, "height": 4000})
    panel = page.locator(".st-key-why")
    expect(panel.get_by_text("Why?", exact=True)).to_be_visible()
    expect(panel.locator("[aria-label^='A teacher of 4 layers']")).to_be_visible()
    problems = {"closed": helpers.serious(page), "texts": contrast.hard_to_read(page)}
    seam = panel.get_by_label("from layer 1 to layer 3: 1 layer missing, cost unknown", exact=True)
    seam.click()
    expect(panel.get_by_text("Layer 1 to layer 3: layer 2 missing")).to_be_visible()
    expect(panel.get_by_role("radio", name="1→3", exact=True)).to_be_checked()
    helpers.settled(page)
    problems |= {"a seam": helpers.serious(page), "its texts": contrast.hard_to_read(page)}
    panel.get_by_role("radio", name="1→3", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(panel.get_by_text("Layer 3 to the head: layer 4 missing")).to_be_visible()
    helpers.settled(page)
    assert {name: found for name, found in problems.items() if found} == {}
    button = panel.get_by_role("button", name="Load these layers")
    helpers.tab_to(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_text("the settings above are others")).to_be_visible()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 2600})
        helpers.settled(page)
        assert helpers.fits(page)
        box, mark = panel.bounding_box(), panel.locator("svg.marks").bounding_box()
        assert box["x"] <= mark["x"] and mark["x"] + mark["width"] <= box["x"] + box["width"]
