"""A class on one server: many sessions at once, who a learner is, a shared run. Run: python -m pytest tests/browser/test_class.py"""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from core.recipe import Budget, Optimiser, Recipe, bundle, rung
from core.store import jobs, records
from pages.shared.learner import COOKIE
from tests.browser import helpers

pytestmark = pytest.mark.browser


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
    page.get_by_role("link", name="About the runs").click()
    expect(page.get_by_role("heading", name="Runs on this machine")).to_be_visible()
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
            press(one, "Run")
            expect(one.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        (job,) = [job for job in jobs.queue() if job.payload.get("seed") == 77]
        assert jobs.watchers(job.id) == [cookie(page), cookie(other)]
        press(page, "Stop")
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
        expect(page.get_by_text("You left it; it goes on for another learner.")).to_be_visible()
        assert jobs.get(job.id).status == "queued"
    finally:
        jobs.cancel(first.id)
    ended = until(other, lambda: over(job))
    assert ended.status == "finished" and jobs.watchers(job.id) == [cookie(other)]
    shows(other, ended)


def test_twenty_learners_at_once(lab, another, shared):
    """Two in Chromium and 18 clients of the same store ask for runs of their own: all finish, once, in a fair order, without a fault in the log."""
    pages = [lab(seed="500"), another(shared[0].url(teacher=shared[1], task=shared[2], layers="1,3", budget="60", seed="501"))]
    before = {run["row"] for run in records.runs()}

    def client(n: int) -> jobs.Job:
        one = Recipe(shared[1], shared[2], (1, 3), bundle("hinton"), rung("60"), Optimiser(), seed=600 + n)
        return jobs.submit("distill", one.to_dict(), run_id=one.id, learner=f"learner {n}")

    with ThreadPoolExecutor(18) as pool:
        waiting = [pool.submit(client, n) for n in range(18)]
        for page in pages:
            press(page, "Run")
        asked = [one.result() for one in waiting]
    for page in pages:
        asked.append(until(page, lambda page=page: jobs.latest(cookie(page))))
    ended = [until(pages[0], lambda job=job: over(job)) for job in asked]
    assert {job.status for job in ended} == {"finished"} and sorted(job.payload["seed"] for job in ended) == [500, 501, *range(600, 618)]
    made = [run["id"] for run in records.runs() if run["row"] not in before]
    assert sorted(made) == sorted({job.run_id for job in ended})
    assert [job.id for job in sorted(ended, key=lambda job: job.started)] == sorted(job.id for job in ended)  # one each: a turn each, as they came
    for page, job in zip(pages, ended[18:], strict=True):
        shows(page, job)
    assert "Traceback" not in shared[0].log.read_text()
