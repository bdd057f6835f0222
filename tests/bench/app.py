"""How fast the app answers in a real browser: a click while a run trains, the first picture, the first loss point.

Everything is timed inside the browser. Streamlit's own hello app and an app of one chart are timed beside it, so that a slow
machine slows both.
"""

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.browser import arrival, browser, opened, pressed, served
from tests.bench.repeats import interleaved, summary

LINK = {"teacher": "minilm-l6", "task": "composed-nli", "layers": "1,3,5"}
ONE_CHART = "tests/bench/one_chart_app.py"  # what a click is compared with
DIAGRAM = "document.querySelector('[aria-label=\"teacher layer 1\"]')"
HELLO = "[...document.querySelectorAll('h1')].some(heading => heading.textContent.includes('Welcome to Streamlit'))"
FIRST_STEP = r"/Training, step \d+/.test(document.body.innerText)"
STUDENT = "document.querySelector('[aria-label$=\"student layer 4, from teacher layer 6\"]')"
TWIN = "[...document.querySelectorAll('[aria-pressed=true]')].some(button => button.innerText.trim() === '6')"
LANDSCAPE = """document.querySelector('[aria-label$="choices of teacher layers, best first."]')
    && [...document.querySelectorAll('button')].some(button => button.innerText.includes('Open in the Lab'))"""
PICKED = "[...document.querySelectorAll('[data-testid=stText]')].some(text => text.textContent.trim() === 'picked 6')"


def measure(repeats: int, progress: Callable[[str], None] = lambda text: None) -> dict[str, dict]:
    """Milliseconds, each as median, min, max and values.

    click: from a click on a layer while a run trains to the redrawn student. settled: to the keyboard twin, which the server
    draws. one_chart: a click in the one-chart app to its text. diagram, hello: from the navigation to the diagram and to the
    hello app's heading. landscape: from a click on its link, in a session that has seen the page, to its chart and its last line.
    cold, warm: from Run to the first loss point, with a worker that has to start, and with one that has the teacher in memory.
    """
    with browser() as chromium, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cold = []
        for n in range(repeats):
            progress(f"a first run, {n + 1} of {repeats}")
            with served(folder / f"first {n}", "run", "app.py") as address:
                cold.append(_first_step(_lab(chromium, address)))
        with contextlib.ExitStack() as stack:
            lab = stack.enter_context(served(folder / "lab", "run", "app.py"))
            one = stack.enter_context(served(folder / "one", "run", ONE_CHART))
            hello = stack.enter_context(served(folder / "hello", "hello"))
            _first_step(_lab(chromium, lab), wait=True)  # what only a first run has to do is done
            warm = []
            for n in range(repeats):
                progress(f"a further run, {n + 1} of {repeats}")
                warm.append(_first_step(_lab(chromium, lab, seed=str(n + 1)), wait=True))
            loads = interleaved({
                "diagram": lambda: arrival(chromium, f"{lab}/?{urlencode(LINK)}", DIAGRAM), "hello": lambda: arrival(chromium, hello, HELLO),
            }, repeats, progress)
            page = _lab(chromium, lab)
            _landscape(page)  # the session's first visit
            landscape = []
            for n in range(repeats):
                progress(f"the landscape, {n + 1} of {repeats}")
                landscape.append(_landscape(page))
            page.context.close()
            page = _lab(chromium, lab, budget="full", seed="99")
            _first_step(page)
            chart = opened(chromium, one, '[aria-label="bar 6"]')
            clicks = interleaved({
                "lab": _Toggle(page, "teacher layer 6", {"click": STUDENT, "settled": TWIN}), "one": _Toggle(chart, "bar 6", {"one_chart": PICKED}),
            }, 4 * repeats, progress)
    both = [ours | theirs for ours, theirs in zip(clicks["lab"], clicks["one"], strict=True)]
    times = {"cold": cold, "warm": warm, "landscape": landscape, **loads} | {name: [took[name] for took in both] for name in both[0]}
    return {name: summary(values) for name, values in times.items()}


def _lab(chromium, address: str, **link: str):
    """The Lab at rest, in a browser of its own."""
    page = opened(chromium, f"{address}/?{urlencode(LINK | {'budget': '60'} | link)}", '[aria-label="teacher layer 1"]')
    page.get_by_role("button", name="Run", exact=True).wait_for()
    return page


def _first_step(page, wait: bool = False) -> float:
    """wait: until the run is over, so that the next one does not queue."""
    button = page.get_by_role("button", name="Run", exact=True)
    _skip(page)
    took = pressed(page, {"step": FIRST_STEP}, button.click)["step"]
    if wait:
        button.wait_for()
    return took


def _skip(page) -> None:
    """Run and the landscape's figures wait for a prediction."""
    skip = page.get_by_role("button", name="Skip", exact=True)
    if skip.count():
        skip.click()
        skip.wait_for(state="detached")


def _landscape(page) -> float:
    """From the Lab to the landscape, and back."""
    _skip(page)
    took = pressed(page, {"stands": LANDSCAPE}, page.get_by_role("link", name="Landscape").click)["stands"]
    page.get_by_role("link", name="Lab", exact=True).click()
    page.wait_for_function(DIAGRAM)
    page.get_by_role("button", name="Run", exact=True).wait_for()
    return took


class _Toggle:
    """Called again and again, it clicks on the sixth block, which is not chosen at first, and times what follows."""

    def __init__(self, page, label: str, conditions: dict[str, str]):
        self.page, self.label, self.conditions, self.chosen = page, label, conditions, False

    def __call__(self) -> dict[str, float]:
        self.chosen = not self.chosen
        conditions = self.conditions if self.chosen else {name: f"!({text})" for name, text in self.conditions.items()}
        return pressed(self.page, conditions, self.page.get_by_label(self.label, exact=True).click)


def report(times: dict[str, dict]) -> str:
    """The medians in a few lines, each beside what it is compared with."""
    median = {name: found["median"] for name, found in times.items()}
    show = lambda name: f"{median[name]:.0f} ms ({times[name]['min']:.0f} to {times[name]['max']:.0f})"
    return "\n".join((
        f"click on a layer to the redrawn student while a run trains: {show('click')}, {median['click'] / median['one_chart']:.2f} times a one-chart "
        f"app's {show('one_chart')}; to what the server draws of it: {show('settled')}",
        f"navigation to the diagram: {show('diagram')}, {median['diagram'] / median['hello']:.2f} times the {show('hello')} to the heading of "
        "Streamlit's hello app",
        f"page switch to the landscape, which this session has seen before: {show('landscape')}",
        f"Run to the first loss point: {show('cold')} with a new worker, {show('warm')} with a warm one",
    ))
