"""How the tests are run: one command in README.md and in .ci/run, its options in .pytest.ini. Run: python -m pytest tests/test_rules.py"""

import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (
    "python3.11 -m venv .venv && .venv/bin/pip install -q -r requirements.txt -r tests/requirements.txt && .venv/bin/ruff check"
    ' && .venv/bin/python -m pytest -m "not slow"'
)


def test_the_command_of_the_readme_is_what_ci_runs_before_the_slow_tests():
    assert COMMAND in (ROOT / "README.md").read_text().splitlines()
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[-2:] == [COMMAND, ".venv/bin/python -m pytest -m slow"] and "set -euo pipefail" in lines


def test_plain_pytest_runs_two_processes_and_a_file_in_one_of_them():
    given = configparser.ConfigParser()
    given.read(ROOT / ".pytest.ini")
    assert "-n 2 --dist loadfile" in given["pytest"]["addopts"]


@pytest.mark.parametrize("file", ["requirements.txt", "tests/requirements.txt"])
def test_every_requirement_is_pinned(file):
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith(("#", "-"))]
    assert lines and [line for line in lines if not re.fullmatch(r"[\w.\[\]-]+==[\w.+]+( *;.*)?", line)] == []
