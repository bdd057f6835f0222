"""`python -m core landscape` says what the files say. Run: python -m pytest tests/test_landscape_command.py"""

import json

import pytest

from core.__main__ import main
from core.findings.landscape import landscapes
from core.store import saved
from tests import landscape_runs as made


@pytest.fixture
def files(tmp_path, monkeypatch):
    folder = made.folder(tmp_path / "runs")
    monkeypatch.setattr(saved, "FOLDER", folder)
    return folder


def test_every_choice_with_its_mean_over_seeds_best_first_and_the_rungs_beside(files, capsys):
    assert main(["landscape", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    runs = [run for run in saved.read(files / "nli.jsonl") if not run["recipe"]["seeding"]["untrained_layers"]]
    for row in told["choices"]:
        if not row["control"]:
            scores = [run["final"]["accuracy"] for run in runs if run["recipe"]["layers"] == row["layers"]]
            assert row["accuracy"] == pytest.approx(sum(scores) / len(scores)) and row["seeds"] == len(scores)
    means = [row["accuracy"] for row in told["choices"]]
    assert len(means) == 22 and means == sorted(means, reverse=True) and told["budget"] == "3 epochs"
    assert [short["budget"] for short in told["short_runs"]] == ["60 steps", "240 steps", "9 epochs"]
    assert {row["against_best"] for row in told["choices"]} <= {None, "within", "worse", "better", "unknown"}


def test_the_text_names_the_best_the_noise_and_each_rung(files, capsys):
    assert main(["landscape"]) == 0
    out = capsys.readouterr().out
    best = max(landscapes(saved.saved_runs("minilm-l6", "composed-nli")), key=lambda one: sum(map(len, one.runs.values())))
    first = next(line for line in out.splitlines()[2:] if line.rstrip().endswith("highest mean"))
    assert first.startswith(",".join(map(str, best.best))) and f"seed SD {100 * best.noise.sd:.2f} points" in out
    assert "240 steps, 2 seeds, 20 choices: tau with the full runs" in out


def test_one_seed_a_choice_says_that_the_noise_is_unknown(files, capsys):
    assert main(["landscape", "--k", "2"]) == 0
    out = capsys.readouterr().out
    assert "the noise is unknown" in out and "too few runs to tell" in out.splitlines()[3]


def test_nothing_saved_is_one_sentence(files, capsys):
    assert main(["landscape", "--k", "5"]) == 2
    assert "No runs of 5 layers of minilm-l6 on composed-nli are saved" in capsys.readouterr().err
