"""The benchmark's stopwatches on a page that changes when it says. Run: python -m pytest tests/browser/test_stopwatch.py

Only what holds on a machine of any speed is asserted: nothing is seen before it happened, and what comes later takes longer.
"""

import pytest

from tests.bench import app
from tests.bench.browser import arrival, opened, pressed, served
from tests.tiny import save_tiny_teacher

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """<button onclick="setTimeout(() => { a.textContent = 'there' }, 100); setTimeout(() => { a.title = 'late' }, 300)">Go</button>
<p id="a">not yet</p>"""


def test_a_press_is_timed_to_each_change(page):
    page.set_content(PAGE)
    conditions = {"text": "a.textContent === 'there'", "title": "a.title === 'late'"}
    took = pressed(page, conditions, page.get_by_role("button").click)
    assert 100 <= took["text"] < took["title"] and took["title"] >= 300
    page.evaluate("a.textContent = ''; a.title = ''")
    assert pressed(page, {"text": conditions["text"]}, page.get_by_role("button").click).keys() == {"text"}


def test_an_arrival_is_timed_from_the_navigation(browser, tmp_path):
    (tmp_path / "page.html").write_text("<script>setTimeout(() => { document.body.append('Here') }, 200)</script><p>empty</p>")
    assert arrival(browser, (tmp_path / "page.html").as_uri(), "document.body?.textContent.endsWith('Here')") >= 200


def test_the_stopwatches_see_the_lab(lab, tmp_path):
    """What the benchmark waits for stands on the page: the diagram, the student and the twin after a click and after the next, a run's first step."""
    wide = str(save_tiny_teacher(tmp_path / "six", layers=6, hidden=256))  # its run takes some seconds everywhere: a step of it is seen
    page = lab(teacher=wide, layers="1,3,5", budget="480")
    page.set_default_timeout(120_000)
    assert page.evaluate(app.DIAGRAM) is not None
    toggle = app._Toggle(page, "teacher layer 6", {"click": app.STUDENT, "settled": app.TWIN})
    for _ in range(2):
        took = toggle()
        assert set(took) == {"click", "settled"} and min(took.values()) > 0
    assert app._first_step(page) > 0


def test_a_click_in_the_one_chart_app_is_seen(browser, tmp_path):
    with served(tmp_path / "one", "run", app.ONE_CHART) as address:
        chart = opened(browser, address, '[aria-label="bar 6"]')
        toggle = app._Toggle(chart, "bar 6", {"one_chart": app.PICKED})
        assert toggle()["one_chart"] > 0 and toggle()["one_chart"] > 0
        chart.context.close()


def test_the_stopwatch_sees_the_landscape(lab):
    """Its chart and its last line, and the way back to the Lab."""
    page = lab(teacher="minilm-l6", task="composed-nli", layers="1,3,5")
    assert app._landscape(page) > 0 and page.evaluate(app.DIAGRAM) is not None
