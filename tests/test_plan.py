"""The plan of the saved runs: its files and its cost. Run: python -m pytest tests/test_plan.py"""

import json
from pathlib import Path

import pytest

from core.commands.plan import lines, recipe_ids, runs_planned
from core.store import saved
from core.store.saved import blocks
from core.studies.contrasts import FILE as CONTRASTS
from core.studies.contrasts import missing


def test_every_command_of_the_plan_names_runs_and_its_own_file():
    for block in blocks().values():
        assert block.minutes > 0 and (recipe_ids(block) or block.file == Path(CONTRASTS).name)
        assert all(f" core/saved_runs/{block.file}" in command for command in block.commands)


def test_the_study_of_stages_is_planned_as_its_runs_and_what_they_lack():
    block = blocks()[Path(CONTRASTS).name]
    assert runs_planned(block, []) == len(missing([])) == 30 and recipe_ids(block) == set()


def test_what_is_made_and_what_it_took_is_counted_from_the_files(tmp_path, monkeypatch):
    run = {"id": "a", "status": "finished", "seconds": 1800.0, "environment": {"threads": 2}}
    command = "python -m core sweep --layers all:2 --seeds 0,1 --epochs 1 --out core/saved_runs/one.jsonl"
    (tmp_path / "one.jsonl").write_text(json.dumps(run) + "\n" + json.dumps(run | {"environment": {"threads": None}}) + "\n")
    index = {"one.jsonl": {"block": "First", "purpose": "It is a test.", "minutes": 2, "commands": [command]}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    assert lines() == [{"name": "First", "planned": 30, "hours_planned": pytest.approx(1.0), "made": 2, "hours": pytest.approx(1.5)}]
