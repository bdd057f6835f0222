"""An exported student is the trained one, wherever it is read; its card says what the record says. Run: python -m pytest tests/test_export.py"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.__main__ import main
from core.errors import LabError
from core.models.seeding import seed_student
from core.models.teachers import load_model
from core.recipe import Budget, Optimiser, Recipe, Seeding
from core.store import records, students
from core.studies.export import as_onnx, folder
from core.studies.export.as_onnx import write_onnx
from core.studies.export.card import card
from core.studies.export.folder import export
from core.studies.export.script import plain_transformers
from core.training.distill import distill
from core.training.evaluate import predict
from core.training.events import completed
from core.training.session import Session
from tests.stopping import stopped_at
from tests.test_kept import kept, kill_me, killed
from tests.tiny import FAMILIES, save_tiny_teacher, tiny_model, tiny_tokenizer
from tests.tiny_task import write_task

READER = Path(__file__).parent / "plain_reader.py"
FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")
CHOICES = {  # layers, and what besides them is not copied
    "sorted": ((1, 3), Seeding()),
    "repeats in another order, fresh head": ((4, 1, 4), Seeding(fresh_head=True)),
    "untrained layers, fresh embeddings": ((2, 3), Seeding(copy_embeddings=False, untrained_layers=True)),
}


def recipe(teacher, task, **changes) -> Recipe:
    return Recipe(teacher, task, **{"layers": (1, 3), "budget": Budget(steps=4), "optimiser": FP32, "allow_repeats": True} | changes)


def trained(one: Recipe) -> tuple[Session, students.Student]:
    """A run whose student is kept, and still there as it was trained."""
    session = Session(one, keeps=True)
    completed(session.prepare())
    completed(session.train())
    *_, last = session.record()
    return session, students.of(last.data["record"])


def read_plainly(place: Path, folders: list[Path], split) -> dict:
    """What plain transformers reads of the folders, in a process that cannot import this program."""
    job, out = place / "job.json", place / "out.json"
    job.write_text(json.dumps({"folders": list(map(str, folders)), "first": split.first, "second": split.second}))
    done = subprocess.run([sys.executable, "-I", str(READER), str(job), str(out)], cwd=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(out.read_text())


@pytest.mark.parametrize("every", (False, pytest.param(True, marks=pytest.mark.slow)), ids=("one choice each", "every choice"))
def test_every_family_comes_back_as_it_was_trained(tmp_path, every):
    task, expected = write_task(tmp_path / "data", train=200), {}
    for place, family in enumerate(FAMILIES):
        teacher = str(save_tiny_teacher(tmp_path / family, family))
        for n, (layers, seeding) in enumerate(CHOICES.values()):
            if not every and n != place % len(CHOICES):
                continue
            session, student = trained(recipe(teacher, task, layers=layers, seeding=seeding))
            written = export(student, tmp_path / "out" / f"{family}-{n}")
            expected[written] = predict(session.student, session.train_split, session.device), layers
    found = read_plainly(tmp_path, list(expected), session.task.train)
    assert len(expected) == len(FAMILIES) * (len(CHOICES) if every else 1)
    for written, (logits, layers) in expected.items():
        there = found[str(written)]
        assert len(logits) == 200 and (torch.tensor(there["logits"]) - logits).abs().max() < 1e-5, written
        assert there["layers"] == len(layers) and list(there["labels"].values()) == list(session.task.labels)
        named = session.task.labels[int(logits[0].argmax())]
        assert there["said"]["label"] == named and there["said"]["score"] == pytest.approx(float(torch.softmax(logits[0], 0).max()), abs=1e-5)


@pytest.mark.slow
def test_a_student_of_the_bundled_teacher_comes_back_as_it_was_trained(tmp_path):
    session, student = trained(Recipe("minilm-l6", "composed-nli", (1, 3, 5), budget=Budget(steps=12), optimiser=Optimiser(precision="fp32")))
    logits = predict(session.student, session.held_out.check_split.take(torch.arange(200)), session.device)
    written = export(student, tmp_path / "out")
    found = read_plainly(tmp_path, [written], session.task.split("check").take(range(200)))[str(written)]
    assert (torch.tensor(found["logits"]) - logits).abs().max() < 1e-5 and len(logits) == 200
    assert student.size < 0.5 * (written / "model.safetensors").stat().st_size
    assert "base_model: sentence-transformers/all-MiniLM-L6-v2" in (written / "README.md").read_text()


def test_the_command_keeps_and_exports_and_says_what_stands_in_the_way(teacher, task, tmp_path, capsys, monkeypatch):
    options = ["--teacher", teacher, "--task", task, "--layers", "3,1", "--steps", "2", "--json"]
    with monkeypatch.context() as patch:
        patch.setenv("LAYER_LAB_STUDENTS_GB", "0")
        assert main(["distill", *options, "--keep"]) == 0 and "The student is not kept: it takes" in capsys.readouterr().err
    assert main(["distill", *options, "--keep"]) == 0
    run_id, out = json.loads(capsys.readouterr().out)["id"], tmp_path / "new" / "out"
    assert main(["export", run_id[:6], str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["id"] == run_id and document["folder"] == str(out)
    assert document["files"] == ["README.md", "config.json", "model.safetensors", "recipe.json", "tokenizer.json", "tokenizer_config.json"]
    assert Recipe.from_json((out / "recipe.json").read_text()).id == run_id
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert str(tmp_path) not in (out / "config.json").read_text() + (out / "tokenizer_config.json").read_text()
    assert main(["export", run_id, str(out)]) == 2
    assert capsys.readouterr().err == f"{out} is there already and not an empty folder; name another folder.\n"
    assert main(["export", "f" * 12, str(tmp_path / "other")]) == 2
    assert "No student of a run" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["export", run_id, str(tmp_path / "empty")]) == 0 and (tmp_path / "empty" / "config.json").is_file()


@pytest.mark.parametrize("place", ("file", "link", "below a file"))
def test_a_place_that_is_taken_is_said(teacher, task, tmp_path, place):
    student, out = kept(recipe(teacher, task)), tmp_path / "out"
    if place == "link":
        out.symlink_to(tmp_path / "nowhere")
    else:
        out.write_text("mine")
    with pytest.raises(LabError, match="is there already" if place != "below a file" else r"cannot be written to .* \(Not a directory\)|File exists"):
        export(student, out if place != "below a file" else out / "student")
    assert out.is_symlink() or out.read_text() == "mine"


def test_a_kill_while_it_is_written_leaves_nothing_half_written(teacher, task, tmp_path, monkeypatch):
    student, out = kept(recipe(teacher, task)), tmp_path / "places" / "out"
    with monkeypatch.context() as patch:
        patch.setattr(folder, "card", kill_me)
        assert killed(lambda: export(student, out)) == signal.SIGKILL
    assert not out.exists() and [path.name for path in out.parent.iterdir()] == [".part-out"]
    assert export(student, out) == out and [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(teacher, task, tmp_path, monkeypatch):
    def full(path):
        raise OSError(28, os.strerror(28))

    student, out = kept(recipe(teacher, task)), tmp_path / "places" / "out"
    monkeypatch.setattr(folder, "settle", full)
    with pytest.raises(LabError, match=r"^The student cannot be written to .*/places/out \(No space left on device\); free some disk space"):
        export(student, out)
    assert list(out.parent.iterdir()) == []


def test_the_card_s_figures_are_the_record_s(teacher, task):
    one = recipe(teacher, task, layers=(3, 1, 3), budget=Budget(epochs=1), seeding=Seeding(fresh_head=True))
    student = kept(one)
    record, text = student.record, card(student.record, student.about)
    rows = dict(re.findall(r"^\| ([a-z' ]+) \| ([\d.]+ % \|[^\n]*) \|$", text, re.M))
    for title, part in (("this student", "final"), ("the student before its first step", "initial"), ("its teacher", "teacher")):
        accuracy, interval, loss = rows[title].split(" | ")
        assert accuracy == f"{100 * record[part]['accuracy']:.1f} %" and loss == f"{record[part]['loss']:.4f}"
        low, high = (float(end.strip(" %")) for end in interval.split("to"))
        assert low <= 100 * record[part]["accuracy"] <= high and 5 < high - low < 40  # of 48 examples
    assert rows["always the most frequent class"].startswith(f"{100 * record['majority']:.1f} %")
    assert f"Macro-F1 {100 * record['final']['macro_f1']:.1f} %, agreement with the teacher {100 * record['final']['agreement']:.1f} %." in text
    assert re.findall(r"^\| (\d) \| (\d) \|$", text, re.M) == [("1", "3"), ("2", "1"), ("3", "3")] and "Drawn fresh: pooler, head." in text
    assert "measured on 48 examples of the test split" in text and f"python -m core export {one.id} FOLDER" in text and "stopped" not in text
    assert record["task_hash"] in text and record["teacher"]["identity"] in text and "this recipe has one run" in text


def test_the_card_tells_the_spread_of_seeds_where_it_was_measured_and_a_run_that_was_stopped(teacher, task):
    runs = [list(distill(recipe(teacher, task, seed=seed)))[-1].data["record"] for seed in (0, 1)]
    for run in (*runs, runs[0] | {"status": "stopped", "recipe": runs[0]["recipe"] | {"seed": 2}}):
        records.add(run)
    student = kept(recipe(teacher, task))
    spread = 100 * abs(runs[0]["final"]["accuracy"] - runs[1]["final"]["accuracy"]) / 2**0.5
    assert f"SD {spread:.2f} points over 2 runs of this recipe" in card(student.record, student.about)
    one = recipe(teacher, task, budget=Budget(steps=12))
    stopped = stopped_at(4, lambda stop: distill(one, stop, keep=True))[-1].data["record"]
    text = card(stopped, students.of(stopped).about)
    assert f"**The run was stopped after {stopped['steps']} of 12 steps.**" in text and "this recipe has one run" in text


def test_names_from_data_are_text_in_the_card(teacher, task):
    student = kept(recipe(teacher, task))
    text = card(student.record | {"labels": ["<script>x</script>", "a`b|c", "n"]}, student.about)
    assert not re.search(r"(?<!\\)<script", text) and r"a\`b\|c" in text


@pytest.mark.parametrize("family", FAMILIES)
def test_onnx_answers_as_pytorch_does(tmp_path, family):
    evaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator
    model, tokenizer, path = tiny_model(family), tiny_tokenizer(token_types=family in ("bert", "electra")), tmp_path / "model.onnx"
    write_onnx(model, tokenizer, path)
    inputs = tokenizer(["the dog runs", "a cat", "every house is red"], padding=True, return_tensors="np")
    (logits,) = evaluator(str(path)).run(None, {name: inputs[name] for name in tokenizer.model_input_names})
    with torch.no_grad():
        wanted = model(**{name: torch.from_numpy(inputs[name]) for name in tokenizer.model_input_names}).logits
    assert (torch.from_numpy(logits) - wanted).abs().max() < 1e-3


def test_onnx_that_differs_or_is_not_there_is_said_and_nothing_is_left(teacher, task, tmp_path, monkeypatch):
    student, out = kept(recipe(teacher, task)), tmp_path / "places" / "out"
    with monkeypatch.context() as patch:
        for name in ("onnx", "onnx.reference"):
            patch.setitem(sys.modules, name, None)
        with pytest.raises(LabError, match=r"`pip install onnx==[\d.]+` \(9 MB\); without --onnx"):
            export(student, out, onnx=True)
    assert list(out.parent.iterdir()) == []
    pytest.importorskip("onnx")
    assert {"model.onnx", "model.safetensors"} < {path.name for path in export(student, out, onnx=True).iterdir()}
    monkeypatch.setattr(as_onnx, "CLOSE", 0.0)
    with pytest.raises(LabError, match=r"does not answer as PyTorch does"):
        export(student, tmp_path / "places" / "other", onnx=True)
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_student_can_be_a_teacher(teacher, task, tmp_path):
    student = kept(recipe(teacher, task, layers=(1, 2, 4)))
    written = export(student, tmp_path / "student")
    *_, last = distill(recipe(str(written), task, layers=(1, 3)))
    assert last.data["record"]["teacher"]["layers"] == 3
    assert last.data["record"]["teacher"]["accuracy"] == pytest.approx(student.record["final"]["accuracy"])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("choice", CHOICES)
def test_the_same_choice_in_plain_transformers_is_the_student_before_its_first_step(tmp_path, monkeypatch, family, choice):
    layers, seeding = CHOICES[choice]
    teacher = save_tiny_teacher(tmp_path / "teacher", family)
    script = plain_transformers(recipe(str(teacher), "any", layers=layers, seeding=seeding).to_dict(), family, str(teacher))
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "script", "exec"), {})
    ours = seed_student(load_model(teacher), layers, seeding, allow_repeats=True).state_dict()
    theirs = load_model(tmp_path / "student").state_dict()
    assert ours.keys() == theirs.keys()
    equal = {name for name in ours if torch.equal(ours[name], theirs[name])}
    start = load_model(teacher).state_dict()
    fresh = {name for name in ours if name not in equal and (name not in start or not torch.equal(ours[name], start[name]))}
    assert fresh == set(ours) - equal and bool(fresh) == (seeding != Seeding())
