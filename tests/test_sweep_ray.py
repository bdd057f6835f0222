"""A sweep on a local Ray cluster of two workers, one of them killed. Run: python -m pytest tests/test_sweep_ray.py"""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from core.__main__ import main
from core.errors import LabError
from core.recipe import Budget, Optimiser, Recipe
from core.store.saved import read
from core.studies import ray_engine
from core.studies.sweep import sweep
from tests.test_sweep import sweep_arguments, without_times


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield ray
    ray.shutdown()


def busy_workers() -> list[int]:
    """Processes below this one that are running a task, by the title that Ray gives them."""
    statuses = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = next(line.split()[1] for line in (folder / "status").read_text().splitlines() if line.startswith("PPid"))
            statuses[int(folder.name)] = int(parent), (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue

    def ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in statuses and ours(statuses[pid][0]))

    return [pid for pid, (_, title) in statuses.items() if title.startswith("ray::_run") and ours(pid)]


def test_a_sweep_on_two_workers_one_of_them_killed_has_the_records_of_a_local_one(cluster, teacher, task, tmp_path):
    local, spread = tmp_path / "local.jsonl", tmp_path / "spread.jsonl"
    assert main(sweep_arguments(teacher, task, local, "--seeds", "0,1")) == 0
    first = read(local)[0]
    recipes = [Recipe.from_dict(record["recipe"]) for record in read(local)]
    assert len(recipes) == 12
    killed = None
    for state in sweep(recipes, spread, first["teacher"]["key"], first["task_hash"], ray_engine.spread):
        end = time.monotonic() + 60
        while state["done"] and killed is None and time.monotonic() < end:
            killed = next(iter(busy_workers()), None)
            if killed:
                os.kill(killed, signal.SIGKILL)
    assert killed
    by_id = lambda path: sorted(without_times(path), key=lambda record: record["id"])
    assert by_id(spread) == by_id(local)


def test_what_is_wrong_with_a_recipe_comes_back_as_its_sentence(cluster, teacher, task):
    wrong = Recipe(teacher, task, (1, 9), budget=Budget(steps=1), optimiser=Optimiser(batch_size=4))
    with pytest.raises(LabError, match="There is no layer 9"):
        list(ray_engine.spread([wrong]))


def test_without_ray_one_sentence_says_what_to_install(monkeypatch, teacher, task, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(sweep_arguments(teacher, task, tmp_path / "runs.jsonl", "--engine", "ray")) == 2
    assert "pip install ray" in capsys.readouterr().err and read(tmp_path / "runs.jsonl") == []
