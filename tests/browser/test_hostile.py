"""Scripts in texts, labels, file names and links are shown as text; the server's process never loads torch.

Run: python -m pytest tests/browser/test_hostile.py
"""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.store import records
from core.views.common.choice import Choice
from core.views.common.disagreements import local_task
from tests import fake_worker
from tests.browser import helpers
from tests.tiny import save_tiny_teacher
from tests.tiny_task import task_name

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCRIPT = "<script>window.owned = 1</script>"
IMAGE = "<img src=x onerror='window.owned = 2'>"
LINK = "[here](javascript:window.owned=3) $x$ **bold** :red[red] https://evil.example www.evil.example me@evil.example"
LABELS = ("yes www.evil.example" + IMAGE, "no" + SCRIPT)


@pytest.fixture
def hostile(tmp_path) -> tuple[str, str]:
    """A teacher and a task whose folder, file, labels and texts are hostile."""
    folder = tmp_path / "<b onmouseover=window.owned=4>"
    folder.mkdir()
    path = folder / "<img src=x onerror=window.owned=5>.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label", "split"))
        for split, n in (("train", 24), ("validation", 12), ("test", 12)):
            for i in range(n):
                writer.writerow((f"{i} {(SCRIPT, IMAGE, LINK)[i % 3]} {split}", LABELS[i % 2], split))
    teacher = save_tiny_teacher(folder / "teacher", labels=sorted(LABELS))
    return str(teacher), task_name(str(path), ("text",), "label", "split")


def untouched(page) -> bool:
    """No script ran, and nothing of it became an element or a link."""
    traces = "img[src='x'], [onerror], [onmouseover], a[href^='javascript'], a[href*='evil']"
    return page.evaluate("traces => window.owned === undefined && !document.querySelector(traces)", traces)


def test_everything_a_data_file_brings_is_text(server, page, hostile):
    teacher, task = hostile
    loaded = local_task(task)
    n, answers = len(loaded.split("check")), "".join(str(label) for label in loaded.split("check").labels)
    made = fake_worker.record(
        Choice(teacher, task, (1, 3), budget="60").recipe(), task_hash=loaded.hash, labels=list(loaded.labels), predictions="0" * n,
        teacher=fake_worker.of_teacher(teacher) | {"predictions": answers},
    )
    groups = {f"phenomenon:{IMAGE}": {"accuracy": 0.5, "n": n}}
    made["final"] = made["final"] | {"confusion": [[answers.count("0"), 0], [answers.count("1"), 0]], "groups": groups}
    records.add(made)
    page.goto(server.url(teacher=teacher, task=task, layers="1,3", budget="60", view="researcher"))
    helpers.ready(page)
    page.get_by_role("button", name="Skip", exact=True).click()
    page.get_by_role("button", name="Show the saved run").click()
    expect(page.get_by_text(re.compile("A student from layers 1, 3"))).to_be_visible()
    for title in ("Groups", "Confusion", "Record", "Answers"):
        page.get_by_role("radio", name=title, exact=True).click()
        helpers.settled(page)
        assert untouched(page)
    expect(page.get_by_text(SCRIPT).first).to_be_visible()
    expect(page.get_by_text("[here](javascript:window.owned=3)").first).to_be_visible()
    page.get_by_role("button", name="About this task").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(IMAGE).first).to_be_visible()
    assert untouched(page)
    page.keyboard.press("Escape")
    helpers.to_own_runs(page)
    assert untouched(page)


def test_hostile_links_are_shown_as_text(server, page):
    page.goto(server.url(task=IMAGE, layers=SCRIPT, hide=SCRIPT, lock=LINK, seed=IMAGE, objective=SCRIPT, budget=LINK, **{IMAGE: "1"}))
    expect(page.get_by_text("<img src=x onerror").first).to_be_visible()
    expect(page.get_by_text("<script>window.owned").first).to_be_visible()
    assert untouched(page)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads the process's memory map")
def test_the_server_never_loads_torch(lab, server):
    """After a whole run with its result, the pages' process has not mapped torch's library, and the worker has."""
    page = lab(layers="2,4")
    helpers.free_run(page).click()
    expect(page.get_by_text(re.compile("A student from layers 2, 4"))).to_be_visible(timeout=60_000)
    helpers.to_own_runs(page)
    maps = lambda pid: Path(f"/proc/{pid}/maps").read_text()
    assert "libtorch" not in maps(server.process.pid)
    assert all("libtorch" in maps(pid) for pid in server.worker_pids()) and server.worker_pids()
