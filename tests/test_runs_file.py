"""Runs as one file: exported, imported on another machine, refused where they were changed. Run: python -m pytest tests/test_runs_file.py"""

import json
import shutil

import pytest

from core.__main__ import main
from core.errors import LabError
from core.findings.known_runs import known_runs
from core.recipe import Recipe
from core.store import exchange, maps, records
from core.store.saved import read
from core.studies.sweep import key
from core.training.distill import distill
from core.training.events import without_turns
from core.views.common.recipe_runs import answer, ground_now
from core.views.landscape import runs_file
from tests.test_maps import begun, plan, recipe


@pytest.fixture(scope="module")
def made(teacher, task, tmp_path_factory):
    """Two runs as a worker keeps them, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYER_LAB_HOME", str(tmp_path_factory.mktemp("made")))
        runs = [recipe(teacher, task, layers) for layers in ((1, 3), (2, 4))]
        return [list(without_turns(distill(one)))[-1].data["record"] for one in runs]


@pytest.fixture
def file(made, home) -> bytes:
    """The file of another machine."""
    return exchange.as_file(made).encode()


def lines(file: bytes) -> list[dict]:
    return [json.loads(line) for line in file.decode().splitlines()]


def unsealed(file: bytes, change) -> bytes:
    """The first run changed, without a checksum, as somebody would who knows of it."""
    first, *rest = lines(file)
    del first[exchange.SEAL]
    change(first)
    return "\n".join(map(json.dumps, [first, *rest])).encode()


def test_a_round_trip_gives_the_same_runs_which_answer_and_are_marked(teacher, task, made, file):
    assert runs_file.take_in(file, teacher, task) == "2 runs imported."
    found = answer(recipe(teacher, task, (2, 4)))
    assert found["imported"]["id"] == found["id"] == made[1]["id"]
    rounded = json.loads(exchange.line({name: made[1][name] for name in ("final", "curve", "recipe", "predictions", "teacher")}))
    assert {name: found[name] for name in rounded} == rounded
    assert {run["id"] for run in known_runs(teacher, task)} == {run["id"] for run in made}
    assert runs_file.take_in(file, teacher, task) == "0 runs imported; 2 were here already." and len(records.runs()) == 2
    assert runs_file.text(runs_file.own(teacher, task)).encode() == file  # and on to the next machine, unchanged


def test_a_map_is_answered_at_once_by_imported_runs(teacher, task, file):
    runs_file.take_in(file, teacher, task)
    found = begun(plan(teacher, task))
    assert maps.state(found).done == 2 and maps.next_job("w").run_id not in {run["id"] for run in records.runs()}


def test_the_same_content_under_other_names_gets_the_names_of_here(teacher, task, file, tmp_path):
    elsewhere = str(shutil.copytree(teacher, tmp_path / "elsewhere"))
    assert runs_file.take_in(file, elsewhere, task) == "2 runs imported."
    mine = recipe(elsewhere, task, (1, 3))
    found = answer(mine)
    assert found["id"] == mine.id != found["imported"]["id"] == recipe(teacher, task, (1, 3)).id
    assert Recipe.from_dict(found["recipe"]) == mine


def accuracy(run):
    run["final"]["accuracy"] += 0.05


def predictions(run):
    swapped = str.maketrans("01", "10")
    run["predictions"] = run["predictions"].translate(swapped)


def whole_cell(run):
    """Accuracy and confusion agree, but not with the truth of the examples."""
    confusion = run["final"]["confusion"]
    row, column = next((i, j) for i, cells in enumerate(confusion) for j, n in enumerate(cells) if i != j and n)
    confusion[row][column] -= 1
    confusion[column][column] += 1
    run["final"]["accuracy"] = sum(confusion[i][i] for i in range(3)) / len(run["predictions"])


def layers(run):
    run["recipe"]["layers"] = [1, 2]


def content(run):
    run["task_hash"] = "0" * 16


def weights(run):
    run["teacher"]["key"] = run["teacher"]["hash"] = "0" * 16


def mistake(run):
    run["mistake"] = "one_optimizer"


def steps(run):
    run["steps"] = run["steps_planned"] = 3


def shapeless(run):
    run["final"]["confusion"] = "many"


def point(run):
    run["curve"][0]["losses"] = [1]


def key_error(run):
    del run["teacher"]["layers"]


@pytest.mark.parametrize(("change", "words"), [
    (accuracy, "its accuracy is not that of its predictions"), (predictions, "its accuracy is not that of its predictions"),
    (whole_cell, "its accuracy is not that of its predictions"), (layers, "its id is not that of its recipe"),
    (content, "was made with data of other content"), (weights, "was made with teacher of other content"), (mistake, "no finished run of a recipe"),
    (steps, "did not make the steps of its recipe"), (shapeless, "is not a run as this program writes it"), (point, "is not a run"),
    (key_error, "is not a run"), (lambda run: run.update(status="stopped"), "no finished run"), (lambda run: run.update(id="abc"), "its id is not"),
])
def test_a_changed_run_is_refused_with_its_whole_file(teacher, task, file, change, words):
    from core.training.loading import load_pair

    load_pair(teacher, task)  # once the worker has met the data, their truth is known
    with pytest.raises(LabError, match=rf"^Line 1 of the file .*{words}.* Nothing was imported\.$"):
        runs_file.take_in(unsealed(file, change), teacher, task)
    assert records.runs() == []


def test_any_changed_figure_breaks_the_checksum(teacher, task, file):
    first, second = lines(file)
    second["final"]["loss"] = 0.001
    with pytest.raises(LabError, match="Line 2 of the file was changed after it was exported"):
        runs_file.take_in(b"\n".join(json.dumps(line).encode() for line in (first, second)), teacher, task)
    assert records.runs() == []


@pytest.mark.parametrize(("data", "words"), [
    (b"", "is empty"), (b"\n\n", "is empty"), (b"{}\n", "is not a run"), (b"nonsense", "is not JSON"), (b"[" * 200_000, "is not JSON"),
    (b"\xff\xfe\x00", "is not JSON"), (b"[1]", "is not a run"), (b"{}\n" * 5001, "at most 5000 runs"),
])
def test_what_is_no_file_of_runs_is_one_sentence(teacher, task, data, words):
    with pytest.raises(LabError, match=words):
        runs_file.take_in(data, teacher, task)


def test_a_pair_that_is_not_ready_is_said(teacher, file):
    with pytest.raises(LabError, match="cannot be checked before"):
        runs_file.take_in(file, "mpnet-base", "sick")


def test_the_command_line_moves_runs_and_a_sweep_takes_them_for_done(teacher, task, file, tmp_path, capsys):
    pair, there = ["--teacher", teacher, "--task", task], tmp_path / "runs.jsonl"
    there.write_bytes(file)
    assert main(["runs", "--import", str(there), *pair]) == 0 and "2 runs imported." in capsys.readouterr().out
    out = tmp_path / "again.jsonl"
    assert main(["runs", "--export", str(out), *pair]) == 0 and "2 runs written to" in capsys.readouterr().out
    assert out.read_bytes() == file
    swept = {key(record) for record in read(out)}
    assert (recipe(teacher, task, (1, 3)).id, *ground_now(teacher, task)) in swept  # what `sweep --out` looks for
    assert main(["runs", "--import", str(tmp_path / "none"), *pair]) == 2 and "cannot be read" in capsys.readouterr().err
    assert main(["runs", "--export", str(out)]) == 2 and "with the --teacher and the --task" in capsys.readouterr().err
