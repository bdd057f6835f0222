"""The command line: JSON alone on stdout, exit 2 and one sentence on bad input. Run: python -m pytest tests/test_cli.py"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.__main__ import main
from core.store import records

ROOT = Path(__file__).resolve().parent.parent


def call(capsys, *argv):
    code = main(list(argv))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def distilled(teacher, task, capsys):
    code, out, _ = call(capsys, "distill", "--teacher", teacher, "--task", task, "--layers", "1,3", "--steps", "6", "--json")
    assert code == 0
    return json.loads(out)


def test_json_is_one_document_with_the_agreed_keys(distilled):
    assert distilled["status"] == "finished" and distilled["recipe"]["layers"] == [1, 3]
    for key in ("id", "teacher", "initial", "final", "curve", "update_norms", "tokens_per_second", "seconds", "environment", "notes"):
        assert key in distilled
    assert {"accuracy", "loss", "agreement", "confusion", "groups"} <= set(distilled["final"])
    assert {"device", "dtype", "threads", "versions"} <= set(distilled["environment"])


def test_runs_and_show_give_back_the_record(distilled, capsys):
    code, out, _ = call(capsys, "runs", "--json")
    assert code == 0 and [r["id"] for r in json.loads(out)] == [distilled["id"]]
    code, out, _ = call(capsys, "show", distilled["id"][:5], "--json")
    assert code == 0 and json.loads(out)["final"] == distilled["final"]
    code, out, _ = call(capsys, "show", distilled["id"])
    assert code == 0 and "update norms" in out and distilled["id"] in out
    code, out, _ = call(capsys, "runs")
    assert code == 0 and distilled["id"] in out


def test_presets_rungs_and_options_reach_the_recipe(teacher, task, capsys):
    argv = ["--teacher", teacher, "--task", task, "--preset", "last-k", "--k", "2", "--steps", "2", "--seed", "5", "--objective", "patient",
            "--match", "uniform", "--learning-rate", "0.001", "--batch-size", "8", "--fresh-head", "--examples", "40", "--json"]
    code, out, err = call(capsys, "distill", *argv)
    assert code == 0, err
    recipe = json.loads(out)["recipe"]
    assert recipe["layers"] == [3, 4] and recipe["seed"] == 5 and recipe["objective"]["match"] == "uniform"
    assert recipe["optimiser"]["learning_rate"] == 0.001 and recipe["optimiser"]["batch_size"] == 8
    assert recipe["seeding"]["fresh_head"] is True and recipe["budget"] == {"steps": 2, "epochs": None, "examples": 40}


def test_a_runs_json_is_a_recipe_too(distilled, tmp_path, capsys):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(distilled))
    code, out, _ = call(capsys, "distill", "--recipe", str(path), "--json")
    again = json.loads(out)
    assert code == 0 and again["id"] == distilled["id"]
    assert abs(again["final"]["loss"] - distilled["final"]["loss"]) < 1e-6


def test_an_epoch_is_a_full_run(teacher, task, capsys):
    code, out, _ = call(capsys, "distill", "--teacher", teacher, "--task", task, "--preset", "odd", "--k", "2", "--epochs", "1", "--json")
    assert code == 0 and json.loads(out)["split"] == "test"


BAD = {
    "layer 0": ("--layers", "0,1"),
    "5 of 4": ("--layers", "1,5"),
    "an empty list": ("--layers", ""),
    "text": ("--layers", "one,two"),
    "a repeat": ("--layers", "1,1"),
    "no k": ("--preset", "odd"),
    "k too large": ("--preset", "odd", "--k", "3"),
    "an unknown objective": ("--layers", "1", "--objective", "magic"),
    "no steps": ("--layers", "1", "--steps", "0"),
    "a negative rate": ("--layers", "1", "--learning-rate", "-1"),
    "a word for a number": ("--layers", "1", "--steps", "many"),
    "an unknown option": ("--layers", "1", "--nonsense"),
    "a missing recipe": ("--recipe", "nowhere.json"),
}


@pytest.mark.parametrize("argv", BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_sentence_and_keeps_nothing(argv, teacher, task, capsys):
    code, out, err = call(capsys, "distill", "--teacher", teacher, "--task", task, *argv)
    lines = [line for line in err.splitlines() if not line.endswith("...")]
    assert code == 2 and out == "" and len(lines) == 1 and "Traceback" not in err
    assert lines[0][0].isupper() and lines[0].rstrip("`").endswith((".", "--help"))
    assert records.runs() == []


@pytest.mark.parametrize("argv", (
    ("distill", "--layers", "1", "--task", "file:nowhere.csv?text=a&label=b"),
    ("distill", "--layers", "1", "--task", "no-such-task"),
    ("distill", "--layers", "1", "--task", "sick"),
    ("distill", "--layers", "1", "--teacher", "mpnet-base"),
    ("tune", "no-such-teacher", "--task", "composed-nli"),
    ("show", "ffff"),
    ("fetch", "nonsense"),
    ("examples", "--phenomenon", "levitation"),
))
def test_what_is_not_there_is_one_sentence(argv, capsys):
    code, out, err = call(capsys, *argv)
    lines = [line for line in err.splitlines() if not line.endswith("...")]
    assert code == 2 and out == "" and len(lines) == 1, err


def _cut(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


def _swap(folder):
    """Other bytes than the card's sha256 says."""
    (folder / "teacher.json").write_text(json.dumps({"sha256": "0" * 64}))


def _relabel(folder):
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "negative", "1": "neutral", "2": "positive"}
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(("harm", "words"), ((_cut, "cannot be read"), (_swap, "sha256"), (_relabel, "which is which")))
def test_a_harmed_teacher_is_one_sentence(harm, words, own_teacher, task, capsys):
    harm(Path(own_teacher))
    code, out, err = call(capsys, "distill", "--teacher", own_teacher, "--task", task, "--layers", "1", "--steps", "2")
    lines = [line for line in err.splitlines() if not line.endswith("...")]
    assert code == 2 and out == "" and len(lines) == 1 and words in lines[0] and records.runs() == []


def test_a_column_that_is_not_there_and_a_hub_without_a_hub(teacher, task, capsys, monkeypatch):
    monkeypatch.setattr("core.models.fetch.hub_reachable", lambda: False)
    for argv, words in (
        (("distill", "--teacher", teacher, "--task", task.replace("premise", "premises"), "--layers", "1"), "premises"),
        (("tune", "owner/name", "--task", task), "hub cannot be reached"),
        (("distill", "--teacher", "owner/name", "--task", task, "--layers", "1"), "has to be downloaded"),
    ):
        code, out, err = call(capsys, *argv)
        lines = [line for line in err.splitlines() if not line.endswith("...")]
        assert code == 2 and out == "" and len(lines) == 1 and words in lines[0], err


def test_examples_of_a_phenomenon(capsys):
    code, out, _ = call(capsys, "examples", "--task", "composed-nli", "--phenomenon", "negation", "--n", "4", "--json")
    found = json.loads(out)
    assert code == 0 and len(found) == 4
    assert all("phenomenon:negation" in example["tags"] and example["second"] for example in found)


def test_lists_say_what_there_is(capsys):
    for verb, names in (("teachers", ("minilm-l6", "mpnet-base")), ("tasks", ("composed-nli", "sick", "reviews"))):
        code, out, _ = call(capsys, verb, "--json")
        assert code == 0 and set(names) <= {row["name"] for row in json.loads(out)}
        assert call(capsys, verb)[0] == 0


def test_as_a_process_stdout_holds_nothing_but_json(teacher, task, home):
    command = [sys.executable, "-m", "core", "distill", "--teacher", teacher, "--task", task, "--layers", "2,4", "--steps", "3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "LAYER_LAB_HOME": str(home)})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "finished"
    assert "step" in done.stderr
