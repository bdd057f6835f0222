"""A class on one server: many sessions at once, who a learner is, a shared run. Run: python -m pytest tests/browser/test_class.py"""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from core.recipe import Budget, Recipe
from core.store import database, jobs, records
from core.studies.light_clients import Client
from pages.parts.common.learner import COOKIE
from tests.browser import helpers
from tests.stopping import cancel

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def cookie(page: Page) -> str:
    page.wait_for_function(f"document.cookie.includes('{COOKIE}=')")
    return next(one["value"] for one in page.context.cookies() if one["name"] == COOKIE)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def until(page: Page, condition):
    """What the condition returns once that is something; the page goes on meanwhile."""
    for _ in range(1200):
        if found := condition():
            return found
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen in time")


def shows(page: Page, job: jobs.Job) -> None:
    """The page shows the accuracy that the job's record has."""
    accuracy = records.by_row(job.run_row)["final"]["accuracy"]
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{100 * accuracy:.1f} %")


def over(job: jobs.Job) -> jobs.Job | None:
    found = jobs.get(job.id)
    return found if found.over else None


def asked_for(seeds: list[int]) -> list[jobs.Job]:
    """All runs of these seeds that were ever asked for."""
    with database.connect() as db:
        every = [row["id"] for row in db.execute("SELECT id FROM jobs WHERE kind = 'distill'")]
    return [job for job in map(jobs.get, every) if job.payload["seed"] in seeds]


@pytest.fixture
def another(browser, server):
    """A function that opens an address in a browser of its own."""
    contexts = []

    def open_address(address: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 720}))
        contexts[-1].set_default_timeout(30_000)
        page = contexts[-1].new_page()
        page.goto(address)
        helpers.ready(page)
        return page

    yield open_address
    for context in contexts:
        context.close()


def test_a_learner_is_the_browsers_and_not_the_links(lab, another):
    page = lab()
    mine = cookie(page)
    assert re.fullmatch("[0-9a-f]{32}", mine)
    page.reload()
    helpers.ready(page)
    assert cookie(page) == mine
    helpers.to_own_runs(page)
    assert mine not in page.url
    page.go_back()
    helpers.ready(page)
    assert mine not in page.url and mine not in page.content()
    other = another(page.url)
    assert cookie(other) != mine
    tab = page.context.new_page()
    tab.goto(page.url)
    helpers.ready(tab)
    assert cookie(tab) == mine


def test_two_who_ask_for_the_same_run_share_it_and_one_may_leave(lab, another, shared):
    """They wait behind a long run, so that there is time to leave."""
    long = Recipe(shared[1], shared[2], (1, 2, 3, 4), budget=Budget(steps=100_000))
    first = jobs.submit("distill", long.to_dict(), run_id=long.id, learner="somebody")
    try:
        page = lab(budget="60", seed="77")
        other = another(page.url)
        for one in (page, other):
            helpers.free_run(one).click()
            expect(one.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        (job,) = [job for job in jobs.queue() if job.payload.get("seed") == 77]
        assert jobs.watchers(job.id) == [cookie(page), cookie(other)]
        press(page, "Stop")
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
        expect(page.get_by_text("You left it; it goes on for another learner.")).to_be_visible()
        assert jobs.get(job.id).status == "queued"
    finally:
        cancel(first.id)
    ended = until(other, lambda: over(job))
    assert ended.status == "finished" and jobs.watchers(job.id) == [cookie(other)]
    shows(other, ended)


def test_twenty_learners_at_once(lab, another, shared):
    """Two in Chromium and 18 sessions without a browser ask one server for runs of their own: all finish, once, in turn; no fault in the log."""
    pages = [lab(seed="500"), another(shared[0].url(teacher=shared[1], task=shared[2], layers="1,3", budget="60", seed="501"))]
    before = {run["row"] for run in records.runs()}
    link = {"teacher": shared[1], "task": shared[2], "layers": "1,3", "budget": "60"}
    seeds = [500, 501, *range(600, 618)]
    with ThreadPoolExecutor(18) as pool:
        clients = list(pool.map(lambda seed: Client(shared[0].url().rstrip("/"), **link, seed=str(seed)), seeds[2:]))
        for page in pages:
            helpers.free_run(page)
        list(pool.map(lambda client: client.press("Skip"), clients))
        pressed = [pool.submit(client.press, "Run") for client in clients]
        for page in pages:
            press(page, "Run")
        for one in pressed:
            one.result()
    ended = until(pages[0], lambda: len(found := asked_for(seeds)) >= 20 and all(job.over for job in found) and found)
    assert {job.status for job in ended} == {"finished"} and sorted(job.payload["seed"] for job in ended) == seeds
    assert len({job.learner for job in ended}) == 20 and {job.learner for job in ended} >= {cookie(page) for page in pages}
    made = [run["id"] for run in records.runs() if run["row"] not in before]
    assert sorted(made) == sorted({job.run_id for job in ended})
    assert [job.id for job in sorted(ended, key=lambda job: job.started)] == sorted(job.id for job in ended)  # one each: a turn each, as they came
    by_seed = {job.payload["seed"]: job for job in ended}
    for page, seed in zip(pages, seeds, strict=False):
        shows(page, by_seed[seed])
    for client, seed in zip(clients, seeds[2:], strict=True):
        client.look()
        assert client.shows(f"gets {100 * records.by_row(by_seed[seed].run_row)['final']['accuracy']:.1f} % of")
    assert "Traceback" not in shared[0].log.read_text()
