"""The Lab page in a real browser, with the real worker on a tiny local teacher. Run: python -m pytest tests/browser/test_lab.py

CHROMIUM names the browser's executable (default /usr/bin/chromium).
"""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from core.store import jobs, predictions, records
from core.views.common import choice
from tests.browser import helpers
from tests.browser.server import Server
from tests.tiny import save_tiny_teacher

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def run(page) -> None:
    helpers.free_run(page).click()


STEPS = """() => {
    window.shownSteps = [];
    new MutationObserver(() => {
        const step = /Training, step (\\d+)/.exec(document.body.innerText);
        if (step && Number(step[1]) !== window.shownSteps.at(-1)) window.shownSteps.push(Number(step[1]));
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""  # keeps every step that the page shows


def test_clicks_run_progress_and_result(lab, tmp_path):
    wide = str(save_tiny_teacher(tmp_path / "wide", hidden=256))  # a run of some seconds everywhere: what it shows meanwhile can be seen
    page = lab(teacher=wide, budget="480")
    helpers.block(page, 2).click()
    helpers.block(page, 1).click()
    expect(page).to_have_url(re.compile("layers=2%2C3"))
    helpers.expect_picked(page, [2, 3])
    expect(page.get_by_label("student layer 2, from teacher layer 3")).to_be_attached()
    page.evaluate(STEPS)
    run(page)
    expect(page.get_by_text(re.compile(r"Training, step \d+ of 480")).first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("A student from layers 2, 3 .* gets"))).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    shown = page.evaluate("window.shownSteps")
    assert len(shown) > 1 and shown == sorted(set(shown)) and 0 < shown[-1] <= 480
    made = records.runs()[0]
    assert (made["status"], made["recipe"]["layers"], made["steps"]) == ("finished", [2, 3], 480)
    accuracy = f"{100 * made['final']['accuracy']:.1f} %"
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(accuracy)
    with page.expect_download() as download:
        page.get_by_role("radio", name="Record").click()
        page.get_by_role("button", name="Download the run as JSON").click()
    assert download.value.suggested_filename == f"layer-lab-{made['id']}.json"
    assert json.loads(Path(download.value.path()).read_text())["final"] == made["final"]


def test_an_order_is_kept_as_written_until_a_click(lab):
    page = lab(layers="4,2,2")
    expect(page.get_by_label("student layer 1, from teacher layer 4")).to_be_attached()
    twin = page.get_by_role("toolbar", name="A click here leaves the written order")
    twin.get_by_role("button", name="1", exact=True).click()
    expect(page).to_have_url(re.compile("layers=1%2C2%2C4&"))
    expect(page.get_by_label("student layer 3, from teacher layer 4")).to_be_attached()


def test_one_choice_by_clicks_double_click_pills_keyboard_and_link(lab):
    """Layers 1, 2, 4 chosen in five ways give one address, and so one recipe."""
    links = []

    def chosen():
        expect(page).to_have_url(re.compile("layers=1%2C2%2C4&"))
        links.append(page.url)

    page = lab(layers="1")
    helpers.block(page, 4).click()
    helpers.block(page, 2).click()
    chosen()
    helpers.block(page, 3).dblclick()
    page.wait_for_timeout(1000)
    chosen()
    page = lab(layers="3")
    pills = page.get_by_role("toolbar", name="The same by keyboard")
    for layer in (3, 4, 2, 1):
        pressed = pills.get_by_role("button", name=str(layer), exact=True)
        was = pressed.get_attribute("aria-pressed")
        pressed.click()
        expect(pressed).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    chosen()
    page = lab(layers="2,3")
    pills = page.get_by_role("toolbar", name="The same by keyboard")
    pills.get_by_role("button", name="1", exact=True).focus()
    page.keyboard.press("Space")
    expect(pills.get_by_role("button", name="1", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(pills.get_by_role("button", name="3", exact=True)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    chosen()
    assert len(set(links)) == 1
    page.goto(links[0])
    helpers.ready(page)
    helpers.expect_picked(page, [1, 2, 4])


def test_the_same_recipe_by_chart_double_click_pills_backwards_and_link(lab, tmp_path):
    """Layers 1, 3, 5 of six: clicked on the chart, left alone by a double-click, and as pills in the order 5, 3, 1."""
    teacher, found = str(save_tiny_teacher(tmp_path / "six", layers=6)), []

    def chosen():
        expect(page).to_have_url(re.compile("layers=1%2C3%2C5&"))
        found.append(recipe_of(page.url))

    page = lab(teacher=teacher, layers="1")
    helpers.block(page, 3).click()
    helpers.block(page, 5).click()
    chosen()
    helpers.block(page, 4).dblclick()
    expect(page.get_by_label("student layer 3, from teacher layer 5")).to_be_attached()
    helpers.expect_picked(page, [1, 3, 5])
    chosen()
    run(page)
    expect(page.get_by_role("button", name="Stop", exact=True).or_(page.get_by_text(re.compile("A student from layers 1, 3, 5")))).to_be_visible()
    job = next(job for job in [*jobs.queue(), *map(of_record, records.runs())] if job.payload["teacher"] == teacher and job.kind == "distill")
    page = lab(teacher=teacher, layers="6")
    pills = page.get_by_role("toolbar", name="The same by keyboard")
    for layer in (5, 3, 1, 6):
        pills.get_by_role("button", name=str(layer), exact=True).click()
        pressed = "false" if layer == 6 else "true"
        expect(pills.get_by_role("button", name=str(layer), exact=True)).to_have_attribute("aria-pressed", pressed)
    chosen()
    page.goto(page.url)
    helpers.ready(page)
    chosen()
    assert set(found) == {job.run_id}


LATE = """() => {
    const listen = WebSocket.prototype.addEventListener;
    WebSocket.prototype.addEventListener = function (kind, heard, ...rest) {
        const late = event => setTimeout(() => heard.call(this, event), window.lateMs ?? 0);
        listen.call(this, kind, kind === 'message' ? late : heard, ...rest);
    };
}"""  # what the server says arrives after window.lateMs


def test_clicks_before_the_answer_to_the_last_one_change_nothing_else(lab, page, tmp_path):
    """The browser sends each click with what its other controls still show: the choice before."""
    page.add_init_script(f"({LATE})()")
    lab(teacher=str(save_tiny_teacher(tmp_path / "six", layers=6)), layers="1")
    helpers.settled(page)
    page.evaluate("window.lateMs = 1500")
    for layer in (3, 5):
        helpers.block(page, layer).click()
        page.wait_for_timeout(400)  # the chart tells its clicks one by one
    helpers.block(page, 4).dblclick()
    page.get_by_role("radio", name="480 steps").click()
    expect(page).to_have_url(re.compile("layers=1%2C3%2C5&.*budget=480"))
    helpers.settled(page)
    helpers.expect_picked(page, [1, 3, 5])
    expect(page).to_have_url(re.compile("layers=1%2C3%2C5&.*budget=480"))
    expect(page.get_by_label("student layer 3, from teacher layer 5")).to_be_attached()


def recipe_of(url: str) -> str:
    return choice.read_choice(parse_qs(urlsplit(url).query))[0].recipe().id


def of_record(record: dict) -> jobs.Job:
    """A finished run as its job would be, to find its recipe either way."""
    return jobs.Job(0, "distill", record["id"], record["recipe"], None, "finished", None, 0.0, None, None, None, False, None)


def test_predict_and_run_by_keyboard_alone(lab):
    """Tab, arrows, Space and Enter from the top of the page: a layer, a reason, Commit, Run, the result with its verdict."""
    page = lab()
    page.keyboard.press("Tab")
    helpers.tab_to(page, helpers.twin(page).get_by_role("button", name="1", exact=True))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    helpers.expect_picked(page, [1, 2, 3])
    helpers.tab_to(page, page.get_by_role("slider"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider")).to_have_value("51")
    helpers.tab_to(page, page.get_by_role("combobox", name="Because"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    helpers.tab_to(page, page.get_by_role("button", name="Commit"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("You predicted 51 %")).to_be_visible()
    helpers.tab_to(page, page.get_by_role("radio", name="60 steps"))
    helpers.tab_to(page, page.get_by_role("button", name="Run", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"your prediction of 51\.0\s% is"))).to_be_visible(timeout=60_000)
    made = records.runs()[0]
    [kept] = predictions.committed(made["id"])
    assert (made["recipe"]["layers"], kept.value, kept.kind) == ([1, 2, 3], 0.51, "accuracy")


def test_a_click_on_a_layer_leaves_the_right_side_in_the_page(lab):
    """A button that is taken out of the page while it is drawn again loses the click that is on its way, and the keyboard's focus."""
    page = lab()
    page.evaluate("""() => {
        const run = [...document.querySelectorAll('button')].find(button => button.innerText.trim().endsWith('Run'));
        window.lost = 0;
        new MutationObserver(() => { if (!run.isConnected) window.lost += 1; }).observe(document.body, {subtree: true, childList: true});
    }""")
    for layers in ([1, 2, 3], [1, 3]) * 4:
        helpers.block(page, 2).click()
        helpers.expect_picked(page, layers)
        helpers.settled(page)
    assert page.evaluate("window.lost") == 0


def test_a_preset_redraws_the_diagram_and_clicks_go_on_from_it(lab):
    page = lab()
    page.get_by_role("radio", name="last 2, nearest the output").click()
    expect(page.get_by_label("student layer 2, from teacher layer 4")).to_be_attached()
    helpers.block(page, 1).click()
    expect(page).to_have_url(re.compile("layers=1%2C3%2C4"))
    expect(page.get_by_label("student layer 3, from teacher layer 4")).to_be_attached()


def test_the_tasks_card_shows_the_examples_of_a_phenomenon(server, page):
    page.goto(server.url())
    helpers.ready(page)
    page.get_by_role("button", name="About this task").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".ll-example")).to_have_count(6)
    before = dialog.locator(".ll-example").all_inner_texts()
    first = before[0].split("\n")[0]
    dialog.get_by_role("combobox", name="Examples by phenomenon").click()
    page.get_by_role("option", name="passive").click()
    expect(dialog.get_by_text(first, exact=True)).to_have_count(0)
    expect(dialog.locator(".ll-example")).to_have_count(6)
    assert not set(before) & set(dialog.locator(".ll-example").all_inner_texts())


def test_reload_and_back_button(lab):
    page = lab(budget="full")
    run(page)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Stop", exact=True).or_(page.get_by_text(re.compile("A student from layers 1, 3")))).to_be_visible()
    expect(page.get_by_text(re.compile("A student from layers 1, 3"))).to_be_visible(timeout=60_000)
    assert "learner" not in page.url
    helpers.to_own_runs(page)
    page.get_by_role("link", name="Lab", exact=True).click()
    expect(page.get_by_text(re.compile("A student from layers 1, 3"))).to_be_visible()
    helpers.ready(page)
    helpers.expect_picked(page, [1, 3])


def test_a_foreign_browser_sees_nothing_of_it_but_the_saved_run(lab, browser):
    page = lab()
    run(page)
    expect(page.get_by_text(re.compile("A student from layers 1, 3"))).to_be_visible(timeout=60_000)
    other = browser.new_context().new_page()
    other.goto(page.url)
    helpers.ready(other)
    expect(other.get_by_text(re.compile("A student from layers 1, 3"))).to_have_count(0)
    expect(other.get_by_role("button", name="Show the saved run")).to_have_count(0)
    other.get_by_role("button", name="Skip", exact=True).click()
    other.get_by_role("button", name="Show the saved run").click()
    expect(other.get_by_text(re.compile("A student from layers 1, 3"))).to_be_visible()
    other.context.close()


def test_stop_keeps_the_curve(lab):
    page = lab(budget="480", layers="1,2,3,4")
    run(page)
    expect(page.get_by_text(re.compile(r"Training, step \d+"))).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile(r"This run was stopped after \d+ of"))).to_be_visible()


def test_hostile_names_are_shown_as_text(server, page):
    page.goto(server.url(task="<img src=x onerror=document.title='owned'>", layers="<script>document.title='owned'</script>"))
    expect(page.get_by_text("<img src=x onerror").first).to_be_visible()
    expect(page.get_by_text("<script>document").first).to_be_visible()
    assert page.title() != "owned"


@pytest.mark.parametrize("path", ["about", "", "lab"])
def test_a_deep_link_is_the_first_request_to_a_fresh_server_and_after_kill_9(home, page, teacher, task, path):
    server = Server(home)
    try:
        for _ in range(2):
            server.start()
            page.goto(server.url(path, teacher=teacher, task=task, layers="4", budget="60", view="researcher"))
            expect(page.get_by_role("link", name="About the runs")).to_be_visible()
            expect(page.get_by_role("link", name="Lab", exact=True)).to_be_visible()
            expect(page.get_by_role("combobox", name=re.compile("Teacher"))).to_be_visible()
            if path == "about":
                expect(page.get_by_role("heading", name="About the runs")).to_be_visible()
            else:
                helpers.ready(page)
                helpers.expect_picked(page, [4])
            server.kill()
    finally:
        server.close()


def test_a_killed_worker_fails_its_run_with_a_reason_and_the_next_run_works(home, page, teacher, task):
    server = Server(home).start()
    try:
        page.goto(server.url(teacher=teacher, task=task, layers="1,2,3,4", budget="480"))
        helpers.ready(page)
        run(page)
        expect(page.get_by_text(re.compile(r"Training, step \d+"))).to_be_visible(timeout=60_000)
        server.kill_workers()
        expect(page.get_by_text("The worker process died")).to_be_visible(timeout=60_000)
        page.get_by_role("radio", name=re.compile("^60 steps")).click()
        run(page)
        expect(page.get_by_text(re.compile("A student from layers 1, 2, 3, 4"))).to_be_visible(timeout=60_000)
    finally:
        server.close()


def test_a_session_survives_the_server(home, page, teacher, task):
    """kill -9 of the server while a run goes on: the worker goes on, and the browser finds the run again."""
    server = Server(home).start()
    try:
        page.goto(server.url(teacher=teacher, task=task, layers="1,4", budget="480"))
        helpers.ready(page)
        run(page)
        expect(page.get_by_text(re.compile(r"Training, step \d+"))).to_be_visible(timeout=60_000)
        server.kill()
        server.start()
        expect(page.get_by_text(re.compile("A student from layers 1, 4"))).to_be_visible(timeout=60_000)
        assert [(run["status"], run["recipe"]["layers"]) for run in records.runs()] == [("finished", [1, 4])]
    finally:
        server.close()
