"""README and core/README.md: size, what stands first, and that what they name is there. Run: python -m pytest tests/test_readme.py"""

import re
import shlex

import pytest

from core.__main__ import VERBS, parser
from tests.results import RESULTS, ROOT, headline

README = (ROOT / "README.md").read_text()
HOUSE = (ROOT / "core" / "README.md").read_text()
DEPLOYING = ROOT / "core" / "classroom" / "DEPLOYING.md"
TEXTS = {"README": README, "core/README": HOUSE, "RESULTS": RESULTS.read_text(), "DEPLOYING": DEPLOYING.read_text()}
FOLDERS = {"core/README": ROOT / "core", "RESULTS": RESULTS.parent, "DEPLOYING": DEPLOYING.parent}
VALUES = {"$rate": "1e-4", "$m": "fisher"}


def fenced(text: str) -> str:
    """Return the lines of all code blocks for the shell, continued lines joined."""
    return "\n".join(re.findall(r"```bash\n(.*?)```", text, re.S)).replace("\\\n", " ")


def test_readme_is_short_and_says_first_what_a_newcomer_needs():
    lines = README.splitlines()
    assert len(lines) <= 200 and len(README.encode()) <= 12_000
    first = "\n".join(lines[:60])
    for needed in (
        "Which teacher layers should a student start from, and how sure are we?", "(core/assets/lab.png)", "streamlit run app.py", "-m pytest",
        "https://download.pytorch.org/whl/cpu", "## Five minutes", "## For a class", "## Your own data", "## The main result",
    ):
        assert needed in first, needed
    assert len(re.findall(r"^python -m core ", first, re.M)) == 5 and first.count("```") % 2 == 0


def test_the_main_result_is_what_the_saved_runs_say():
    for sentence in headline():
        assert sentence in " ".join(README.split()), sentence


def test_the_readme_s_test_command_is_the_one_that_is_run_on_a_fresh_machine():
    (command,) = [line for line in fenced(README).splitlines() if "pytest" in line]
    assert command in (ROOT / ".ci" / "run").read_text()


def test_the_readme_names_every_verb_and_every_environment_variable():
    table = README.split("## All verbs", 1)[1].split("\n## ", 1)[0]
    assert [verb for verb in VERBS if not re.search(rf"`{verb}\b", table)] == []
    code = "".join(path.read_text() for folder in ("core", "pages") for path in (ROOT / folder).rglob("*.py"))
    assert set(re.findall(r"^\| `(LAYER_LAB_\w+)`", README, re.M)) == set(re.findall(r'"(LAYER_LAB_\w+)"', code))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_command_that_is_named_is_one_that_the_program_reads(text):
    rows = re.findall(r"^\| (`.+`) \|", text.split("## All verbs")[1], re.M) if "## All verbs" in text else []
    parts = [part for line in fenced(text).splitlines() for part in re.split(r" && |; ", re.sub(r"\s#.*", "", line))]
    commands = [part.split("python -m core ")[1] for part in parts if "python -m core " in part]
    commands += [name for row in rows for name in re.findall(r"`(\w[^`]*)`", row) if name.split()[0] in VERBS and " " in name]
    for command in commands:
        command = re.sub(r"[\[\]]", "", command)
        for name, value in VALUES.items():
            command = command.replace(name, value)
        parser().parse_args(shlex.split(command))


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_and_link_that_is_named_is_there(name):
    text, here = TEXTS[name], FOLDERS.get(name, ROOT)
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (here / link).exists(), link
    for path in re.findall(r"`((?:core|pages|tests)/[\w/.-]+?)`", text):
        assert (ROOT / path).exists(), path
