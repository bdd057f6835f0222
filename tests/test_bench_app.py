"""Sessions without a browser, and the class that the benchmark makes of them. Run: python -m pytest tests/test_bench_app.py"""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import LabError
from core.studies.light_clients import OPTIONS, Client
from tests.bench import app
from tests.bench.__main__ import main
from tests.bench.app_class import measure, report
from tests.bench.browser import served
from tests.bench.repeats import summary


def test_a_session_needs_only_the_standard_library():
    root = Path(__file__).resolve().parent.parent
    assert subprocess.run([sys.executable, "-S", "-c", "import core.studies.light_clients"], cwd=root).returncode == 0


def test_two_learners_wait_for_two_runs(teacher, task):
    """Of 4 layers, so the choices are 1, 2, 3 and 1, 2, 4; the second runs after the first."""
    told = []
    found = measure(2, told.append, {"teacher": teacher, "task": task, "budget": "60"}, layers=4, look=0.1, drawn=False)
    assert (found["learners"], found["choices"], len(found["seconds"]["values"])) == (2, 2, 2)
    assert 0 < found["seconds"]["min"] < found["seconds"]["max"]
    assert sorted(line.split("layers ")[1] for line in told) == ["1, 2, 3", "1, 2, 4"]


def test_a_session_is_told_what_it_cannot_do(teacher, task, tmp_path):
    with served(tmp_path / "home", "run", "app.py", *OPTIONS) as address:
        client = Client(address, teacher=teacher, task=task, layers="1,3")
        assert client.has("Skip") and not client.has("Run") and client.shows("of 4 layers")  # which waits for a prediction
        client.press("Skip")
        assert client.has("Run") and not client.has("Stop")
        with pytest.raises(LabError, match="The page has no button 'Walk'"):
            client.press("Walk")
    with pytest.raises(LabError, match="did not answer"):
        client.look()


def test_the_report_names_median_and_longest():
    text = report({"learners": 3, "choices": 2, "seconds": summary([59.6, 300.0, 61.0])})
    assert text.startswith("3 learners press Run at once, 2 different choices")
    assert "1 min 1 s (median), 5 min 0 s (longest), 1 min 0 s (shortest)" in text


@pytest.mark.parametrize("wrong", [["--learners", "2"], ["--app", "--learners", "0"]])
def test_learners_belong_to_the_app(capsys, wrong):
    assert main([*wrong]) == 2
    assert "--learners" in capsys.readouterr().err.strip().splitlines()[-1]


def test_the_report_compares_medians():
    times = {name: summary([value]) for name, value in
             {"click": 100, "settled": 300, "one_chart": 80, "diagram": 900, "hello": 600, "landscape": 700, "cold": 9000, "warm": 500}.items()}
    text = app.report(times)
    assert "before: 700 ms" in text
    assert "100 ms (100 to 100), 1.25 times a one-chart app's 80 ms" in text and "900 ms (900 to 900), 1.50 times the 600 ms" in text
