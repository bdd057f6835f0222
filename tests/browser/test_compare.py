"""The Compare page in a real browser: every view, axe and contrast in light and dark, the link, and the handout on paper without a network.

Run: python -m pytest tests/browser/test_compare.py
"""

import csv
import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from core.findings.versus import pairs
from core.recipe import Optimiser, Recipe, Seeding, bundle, rung
from core.store.saved import saved_runs
from core.views.compare import results as compare_views
from core.views.compare.handout import handout
from tests import synthetic_runs as synthetic
from tests.browser import contrast, helpers
from tests.browser.conftest import BOTH_SCHEMES, new_page
from tests.landscape_runs import ENVIRONMENT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAIR = ("minilm-l6", "sick")  # full runs of its presets are saved with the program
VIEWS = ("Curves", "Table", "Examples that flip", "Groups of examples")
HOSTILE = "<script>document.title='bad'</script><img src=x onerror=alert(1)>"
FOUR = ["1,2,3~hinton~full~0", "4,5,6~hinton~full~0", "1,3,5~hinton~full~0", "2,4,6~hinton~full~0"]


@pytest.fixture
def compare(server, page):
    page.goto(server.url("compare", teacher=PAIR[0], task=PAIR[1], view="researcher") + "".join(f"&entry={entry}" for entry in FOUR))
    expect(page.get_by_role("heading", name="Compare up to four students")).to_be_visible(timeout=60_000)
    expect(page.locator("svg.marks").first).to_be_visible(timeout=60_000)
    helpers.settled(page)
    return page


@BOTH_SCHEMES
def test_every_view_can_be_read_and_nothing_scrolls_sideways(compare):
    page, problems = compare, {}
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    helpers.whole(page)
    for name in VIEWS:
        page.get_by_role("radio", name=name, exact=True).click()
        expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()
        helpers.settled(page)
        problems[name] = helpers.serious(page)
        problems[f"{name}, text"] = contrast.hard_to_read(page)
    assert {name: found for name, found in problems.items() if found} == {}


def test_the_files_and_the_handout_on_paper(compare, browser, scheme, tmp_path):
    page = compare
    page.get_by_label("Title of the handout").fill(HOSTILE)
    page.get_by_label("Title of the handout").press("Enter")
    page.get_by_label("Name on it").fill("Ada & <b>Bob</b>")
    page.get_by_label("Name on it").press("Enter")
    expect(page.get_by_text(f"The handout is made for: {HOSTILE}, Ada & <b>Bob</b>.")).to_be_visible()
    helpers.settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    with open(download.value.path(), newline="") as file:
        rows = list(csv.DictReader(file))
    saved = {run["id"]: run["final"]["accuracy"] for run in saved_runs(*PAIR)}
    assert len({row["entry"] for row in rows}) == 4 and all(float(row["accuracy"]) == saved[row["id"]] for row in rows)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the handout").click()
    file = Path(tmp_path / "handout.html")
    download.value.save_as(file)
    with new_page(browser, offline=True, color_scheme=scheme) as paper:
        asked = []
        paper.on("request", lambda request: asked.append(request.url))
        paper.goto(file.as_uri())
        expect(paper.get_by_role("heading", level=1)).to_have_text(HOSTILE)
        expect(paper.get_by_text("by Ada & <b>Bob</b>")).to_be_visible()
        assert asked == [file.as_uri()] and paper.title() == HOSTILE and paper.locator("script, img, link, iframe").count() == 0
        assert paper.locator("svg[role=img]").count() == 2 and serious_without_script(paper) == []
        assert 1 <= printed(paper) <= 2


def printed(paper) -> int:
    """Pages of A4."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", paper.pdf(format="A4", prefer_css_page_size=True)))


def test_the_longest_handout_prints_to_two_pages(browser, tmp_path):
    """Four entries of six layers with other settings each, twelve seeds, more groups than fit, and names as long as they may be."""
    rng = np.random.default_rng(0)
    world = dataclasses.replace(synthetic.world(rng), groups=np.arange(600) % 25)
    told = lambda groups: {f"{name}_{'a rather long name ' * 3}": value for name, value in groups.items()}
    runs = []
    for layers, objective in zip((range(1, 13, 2), range(2, 13, 2), range(1, 7), range(7, 13)), ("distilbert", "patient", "minilm", "hinton")):
        for seed in range(12):
            recipe = Recipe(f"/a long folder/{'x' * 60}", f"file:/data/{'y' * 60}.csv", tuple(layers), bundle(objective), rung("240"),
                            Optimiser(learning_rate=5e-5, batch_size=16), Seeding(copy_embeddings=False, fresh_head=True), seed)
            made = synthetic.record(world, world.rights(np.zeros(1), 1, rng)[0, 0], (1, 2, 3), seed, synthetic.teacher_of(world, rng))
            made |= {"recipe": recipe.to_dict(), "id": recipe.id, "teacher": made["teacher"] | {"layers": 12, "groups": {}}}
            made["final"]["groups"] = told(made["final"]["groups"])
            made["environment"] = {"device_name": f"A processor with a long name {objective}", "code": "c" * 12, "versions": ENVIRONMENT["versions"]}
            runs.append(made)
    firsts = [run for run in runs if run["recipe"]["seed"] == 0]
    shown = compare_views.place_entries([Recipe.from_dict(run["recipe"]) for run in firsts], firsts, set())
    found = compare_views.finished_sides(shown, runs)
    file = tmp_path / "long.html"
    file.write_text(handout(found, pairs(found, lambda task, split: world.truth), "T " * 60, "N " * 60))
    with new_page(browser, offline=True) as paper:
        paper.goto(file.as_uri())
        assert len(found[0].own) == 12 and printed(paper) == 2


def serious_without_script(paper) -> list[str]:
    """The handout lets no script in, so what axe would look for is asked directly: a language, a main part, names of the figures."""
    wanted = {"html[lang]": 1, "main": 1, "svg:not([aria-label])": 0, "th:not([scope])": 0}
    return [selector for selector, count in wanted.items() if paper.locator(selector).count() != count]


def test_by_keyboard_an_entry_goes_and_the_link_follows(compare):
    page = compare
    helpers.tab_to(page, page.get_by_role("button", name="close").nth(1))
    page.keyboard.press("Enter")
    expect(page.get_by_text("B: layers 1, 3, 5")).to_be_visible()
    expect(page).to_have_url(re.compile(r"entry=1%2C2%2C3.*entry=1%2C3%2C5"))
    assert "4%2C5%2C6" not in page.url
    page.reload()
    expect(page.get_by_text("B: layers 1, 3, 5")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Of 3 pairs")).to_be_visible()
