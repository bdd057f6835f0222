"""The first finding, on real short runs of a tiny tuned teacher: what each mistake is called.

Run: python -m pytest tests/test_findings_learning.py
"""

import csv
import json
import random
from pathlib import Path

import pytest

from core.__main__ import main
from core.findings.explanation.explain import explain
from core.recipe import Budget, Optimiser, Recipe, Seeding
from core.recipe.tuning import Tuning
from core.store import records
from core.studies.mistakes.hooks import overrides_for
from core.training.distill import distill
from core.training.tune import tune
from tests.test_findings_explain import check
from tests.tiny import save_tiny_teacher
from tests.tiny_task import task_name, write_task

FAST, PLAIN = Optimiser(learning_rate=1e-3, batch_size=16, precision="fp32"), Seeding()


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """(tuned teacher, its task, the same task with the training labels shuffled)."""
    folder = tmp_path_factory.mktemp("learning")
    task = write_task(folder / "data", train=300, held_out=240)
    base = save_tiny_teacher(folder / "base", hidden=32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYER_LAB_HOME", str(folder / "home"))
        *_, last = tune(Tuning(str(base), task, epochs=12, optimiser=Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")))
    return last.data["folder"], task, shuffled(folder / "data" / "tiny.csv")


def shuffled(path: Path) -> str:
    """The same file with the labels of its training examples in another order."""
    rows = list(csv.DictReader(path.open()))
    labels = [row["label"] for row in rows if row["split"] == "train"]
    random.Random(0).shuffle(labels)
    other = path.with_name("shuffled.csv")
    with other.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | {"label": labels.pop()} if row["split"] == "train" else row for row in rows)
    return task_name(str(other), ("premise", "hypothesis"), "label", "split")


def run(teacher, task, steps=60, optimiser=FAST, seeding=PLAIN, mistake=None) -> dict:
    recipe = Recipe(teacher, task, (1, 3), budget=Budget(steps=steps), optimiser=optimiser, seeding=seeding)
    options = {"overrides": overrides_for(mistake)} if mistake else {}
    *_, last = distill(recipe, **options)
    return last.data["record"]


def rate(value) -> Optimiser:
    return Optimiser(learning_rate=value, batch_size=16, precision="fp32")


CASES = {
    "embeddings not copied": ({"seeding": Seeding(copy_embeddings=False)}, "embeddings-not-copied", "embeddings were drawn anew"),
    "a rate of zero": ({"optimiser": rate(0.0)}, "rate-zero", "learning rate is 0"),
    "a rate far too high": ({"optimiser": rate(0.8)}, "rate-too-high", "far too high"),
    "frozen by the optimizer": ({"mistake": "stale-optimizer"}, "stale-optimizer", "no weight moved"),
    "frozen by the schedule": ({"mistake": "stale-schedule"}, "stale-schedule", "no weight moved"),
    "embeddings forgotten": ({"mistake": "embeddings-not-copied"}, "embeddings-not-copied", "embeddings were drawn anew"),
}


@pytest.mark.parametrize(("options", "mistake", "words"), CASES.values(), ids=CASES.keys())
def test_a_mistake_is_named_by_the_first_finding_and_nothing_is_compared(ground, options, mistake, words):
    teacher, task, _ = ground
    findings = explain(run(teacher, task, **options), [])
    check(findings)
    assert findings[0].figures["mistake"] == mistake and words in findings[0].sentence
    assert len(findings) == 2 and "nothing about its layers" in findings[1].sentence


def test_shuffled_labels_are_named(ground):
    teacher, _, wrong = ground
    first = explain(run(teacher, wrong), [])[0]
    assert first.figures["mistake"] == "shuffled-labels" and "shuffled" in first.sentence and first.strength == "likely"


def test_a_teacher_that_was_not_tuned_is_named(teacher, task):
    first = explain(run(teacher, task), [])[0]
    assert first.figures["mistake"] == "teacher-not-tuned" and "nothing to teach" in first.sentence


def test_a_mistake_that_leaves_no_trace_is_named_by_the_record(ground):
    teacher, task, _ = ground
    first = explain(run(teacher, task, steps=12, mistake="no-t-squared"), [])[0]
    assert first.figures["mistake"] == "no-t-squared" and "no-t-squared" in first.sentence


def test_other_layers_than_asked_for_are_named(ground):
    teacher, task, _ = ground
    first = explain(run(teacher, task, mistake="odd-wraps"), [])[0]
    assert first.figures["mistake"] == "other-layers" and first.figures["copied"] == [4, 2] and first.figures["wanted"] == [1, 3]


def test_without_an_audit_a_student_that_did_not_move_is_still_named(ground):
    teacher, task, _ = ground
    record = run(teacher, task, mistake="stale-optimizer")
    bare = {key: value for key, value in record.items() if key not in ("audit", "mistake")}
    assert explain(bare, [])[0].figures["mistake"] == "frozen"
    still = record["update_norms"] | {"2": 0.0, "1": 1.0, "embeddings": 1.0, "head": 1.0, "pooler": 1.0}
    told = explain(bare | {"update_norms": still}, [])[0]
    assert told.figures["mistake"] == "frozen-parts" and "layer 2" in told.sentence


def test_frozen_embeddings_are_no_mistake_where_they_were_asked_for(ground):
    teacher, task, _ = ground
    optimiser = Optimiser(learning_rate=1e-3, batch_size=16, precision="fp32", freeze_embeddings=True)
    assert explain(run(teacher, task, optimiser=optimiser), [])[0].figures["mistake"] is None


def test_a_correct_run_is_said_to_learn(ground):
    teacher, task, _ = ground
    record = run(teacher, task, steps=240)
    findings = explain(record, [])
    check(findings)
    assert findings[0].figures["mistake"] is None and findings[0].strength == "clear" and "learns" in findings[0].sentence
    assert {"seeding", "fitting", "calibration"} <= {one.kind for one in findings}


def test_a_loss_that_is_no_number_is_named(ground):
    teacher, task, _ = ground
    record = run(teacher, task, steps=6)
    broken = record | {"final": record["final"] | {"loss": None}, "update_norms": dict.fromkeys(record["update_norms"])}
    (only,) = explain(broken, [])
    assert only.figures == {"mistake": "not-finite"} and "not finite numbers" in only.sentence and "learning rate" not in only.sentence
    of_teacher = explain(broken | {"teacher": record["teacher"] | {"loss": None}}, [])
    assert "the teacher's own answers" in of_teacher[0].sentence and len(of_teacher) == 1
    assert broken["id"] not in {one for finding in explain(record | {"id": "another"}, [broken]) for one in finding.runs}


def test_the_command_line_explains_a_run_of_the_store_and_of_a_file(ground, capsys, tmp_path):
    teacher, task, _ = ground
    record = run(teacher, task, steps=12)
    records.add(record)
    assert main(["explain", record["id"][:6]]) == 0
    out = capsys.readouterr().out
    assert out.startswith("learning (") and "More:" in out
    assert main(["explain", record["id"], "--predicted", "50", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["id"] == record["id"] and [one["kind"] for one in told["findings"]][:3] == ["learning", "standing", "prediction"]
    assert all(set(one) == {"kind", "sentence", "figures", "runs", "strength", "more"} for one in told["findings"])
    file = tmp_path / "runs.jsonl"
    file.write_text(json.dumps(record | {"id": "feed00000000"}) + "\n")
    assert main(["explain", "feed", "--file", str(file)]) == 0 and "learning (" in capsys.readouterr().out
    for arguments in (["ffff"], ["feed", "--file", "nowhere.jsonl"], [record["id"], "--predicted", "120"], [record["id"], "--file", str(file)]):
        assert main(["explain", *arguments]) == 2
        out, err = capsys.readouterr()
        assert out == "" and len(err.splitlines()) == 1
