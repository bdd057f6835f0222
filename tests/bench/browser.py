"""Stopwatches inside a browser's page, and Streamlit servers to open in it."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import LabError

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, WAIT_SECONDS = 120.0, 600.0
SIZE = {"width": 1280, "height": 720}

# From the next press of the pointer: the milliseconds to the first frame in which each named condition holds.
PRESSED = """conditions => {
  const open = new Map(Object.entries(conditions).map(([name, text]) => [name, new Function('return ' + text)]));
  let pressed = null;
  window.took = {};
  document.addEventListener('pointerdown', () => { pressed = performance.now(); }, {capture: true, once: true});
  const observer = new MutationObserver(() => {
    if (pressed === null) return;
    for (const [name, holds] of open) {
      if (!holds()) continue;
      open.delete(name);
      requestAnimationFrame(() => { window.took[name] = performance.now() - pressed; });
    }
    if (!open.size) observer.disconnect();
  });
  observer.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
# From the navigation's start, in every document that is opened next: the milliseconds to the first frame in which the condition holds.
ARRIVED = """(() => {
  const observer = new MutationObserver(() => {
    if (!(%s)) return;
    observer.disconnect();
    requestAnimationFrame(() => { window.arrived = performance.now(); });
  });
  observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})()"""


@contextlib.contextmanager
def browser() -> Iterator:
    """Playwright's Chromium; CHROMIUM names the executable. LabError where Playwright is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise LabError("This part of the benchmark drives a browser; install tests/requirements.txt and a Chromium first.") from None
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(chromium, address: str, selector: str):
    """A page in a context of its own, once the selector is there."""
    page = chromium.new_context(viewport=SIZE).new_page()
    page.set_default_timeout(1000 * WAIT_SECONDS)
    page.goto(address)
    page.locator(selector).first.wait_for()
    return page


def arrival(chromium, address: str, condition: str) -> float:
    """Milliseconds from the navigation to a JavaScript condition, in a new context: nothing is cached."""
    page = chromium.new_context(viewport=SIZE).new_page()
    page.set_default_timeout(1000 * WAIT_SECONDS)
    page.add_init_script(ARRIVED % condition)
    page.goto(address)
    took = page.wait_for_function("window.arrived").json_value()
    page.context.close()
    return took


def pressed(page, conditions: dict[str, str], press: Callable[[], None]) -> dict[str, float]:
    """Milliseconds from the press to each JavaScript condition, by name."""
    page.evaluate(PRESSED, conditions)
    press()
    return page.wait_for_function(f"Object.keys(window.took).length === {len(conditions)} && window.took").json_value()


@contextlib.contextmanager
def served(home: Path, *run: str) -> Iterator[str]:
    """The address of a server of its own, `streamlit RUN`; it and its workers are ended afterwards. home: its LAYER_LAB_HOME."""
    home.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
    with (home / "server.log").open("ab") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", *run, *options], cwd=ROOT, env=os.environ | {"LAYER_LAB_HOME": str(home)}, stdout=out, stderr=out
        )
    try:
        _wait_until_healthy(server, f"http://127.0.0.1:{port}/_stcore/health", home / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()
        _end_workers(home)


def _wait_until_healthy(server: subprocess.Popen, address: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise LabError(f"The server did not start: {' '.join(log.read_text()[-500:].split())}")


def _end_workers(home: Path) -> None:
    if not (home / "store.sqlite").is_file():
        return
    with contextlib.closing(sqlite3.connect(home / "store.sqlite", timeout=5)) as store:
        for (pid,) in store.execute("SELECT pid FROM workers"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
