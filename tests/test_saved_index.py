"""The index of saved runs: every file stands in it, and its commands make exactly the runs of the file.

Run: python -m pytest tests/test_saved_index.py
"""

import shlex
from pathlib import Path

import pytest

from core.__main__ import parser
from core.commands.sweep import recipes_of
from core.errors import LabError
from core.store.saved import FOLDER, blocks, read
from core.studies import contrasts as study
from core.studies.stages.staged import Staged
from tests.test_contrasts import options_of

FILES = sorted(path.name for path in FOLDER.glob("*.jsonl") if path.name != Path(study.FILE).name)


def recipes(command: str, teacher_layers: int) -> set[str]:
    """Ids of the recipes that a sweep's command line names."""
    python, m, core, *arguments = shlex.split(command)
    assert (python, m, core, arguments[0]) == ("python", "-m", "core", "sweep")
    return {recipe.id for recipe in recipes_of(parser().parse_args(arguments), teacher_layers)}


@pytest.mark.parametrize("file", FILES)
def test_the_commands_of_a_file_make_its_runs(file):
    block = blocks()[file]
    runs = read(FOLDER / file)
    named = set().union(*(recipes(command, runs[0]["teacher"]["layers"]) for command in block.commands))
    assert block.block and block.purpose.endswith(".") and all(command.endswith(f"--out core/saved_runs/{file}") for command in block.commands)
    assert {run["id"] for run in runs} <= named


def test_the_study_of_stages_is_made_by_its_one_command():
    """Every run of its file is one that the study asks for, or asks for once the arms are there."""
    name = Path(study.FILE).name
    assert blocks()[name].commands == (f"python -m core stages --contrasts {study.FILE} --make",)
    runs = read(FOLDER / name)
    arms = [run for run in runs if study.arm_of(run) in study.ARMS]
    asked = {Staged(args.method, recipe, test=args.test).id for args, recipe in map(options_of, study.missing([]) + study.missing(arms))}
    assert {run["id"] for run in runs} <= asked


def test_a_damaged_index_is_one_sentence_and_a_missing_one_empty(tmp_path):
    assert blocks(tmp_path) == {}
    for text in ("{", '{"a.jsonl": {"block": "x"}}', "[1]"):
        (tmp_path / "index.json").write_text(text)
        with pytest.raises(LabError, match="damaged"):
            blocks(tmp_path)
