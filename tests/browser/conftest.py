"""Chromium from CHROMIUM (default /usr/bin/chromium), and a server for each test."""

import os

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.server import Server


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page of 1280x720 in a context of its own; errors in the browser's scripts fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(30_000)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def server(home):
    """A running server with an empty store."""
    running = Server(home)
    try:
        yield running.start()
    finally:
        running.close()
