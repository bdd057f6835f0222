"""Chromium from CHROMIUM (default /usr/bin/chromium) and a server, one of each a process of pytest."""

import contextlib
import os

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import helpers
from tests.browser.server import Server
from tests.tiny import save_tiny_teacher
from tests.tiny_task import write_task

expect.set_options(timeout=30_000)  # a busy machine takes its time for a first page


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def scheme():
    """The colour scheme; a test of looks asks for both (BOTH_SCHEMES)."""
    return "light"


BOTH_SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture
def page(browser, scheme):
    with new_page(browser, color_scheme=scheme) as opened:
        yield opened


@contextlib.contextmanager
def new_page(browser, timeout: int = 60_000, **options):
    """A page of 1280x720 in a context of its own; errors in the browser's scripts fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, **options)
    context.set_default_timeout(timeout)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """One server for the tests that leave it running, with a tiny teacher of 4 layers and a tiny task: (server, teacher, task)."""
    folder = tmp_path_factory.mktemp("shared")
    teacher, task = str(save_tiny_teacher(folder / "teacher")), write_task(folder / "data", train=600)
    running = Server(folder / "home", STREAMLIT_SERVER_ENABLE_AGENT_API="true")  # for sessions without a browser
    try:
        yield running.start(), teacher, task
    finally:
        running.close()


@pytest.fixture
def server(shared, monkeypatch):
    """The shared server; the test reads the same store."""
    monkeypatch.setenv("LAYER_LAB_HOME", str(shared[0].home))
    return shared[0]


@pytest.fixture
def lab(shared, server, page):
    """A function that opens the Lab on the tiny teacher and its task."""

    def open_lab(**query):
        page.goto(server.url(**({"teacher": shared[1], "task": shared[2], "layers": "1,3", "budget": "60", "view": "researcher"} | query)))
        helpers.ready(page)
        return page

    return open_lab
