"""The mistakes: each does what it says, and no run made with one passes for a correct run. Run: python -m pytest tests/test_mistakes.py"""

import dataclasses
import json
from collections import Counter

import pytest
import torch
import torch.nn.functional as F

from core.__main__ import main
from core.data.batches import Batch
from core.errors import LabError
from core.findings.diagnose import SYMPTOMS, alarms, diagnose
from core.recipe import Budget, Optimiser, Recipe, bundle
from core.store.saved import read, saved_runs
from core.studies.mistakes.cases import cases
from core.studies.mistakes.catalogue import MISTAKES, NO_SIGNATURE
from core.studies.mistakes.hooks import (
    HOOKS,
    TrainingModeTeacher,
    check,
    even_wrapping,
    odd_wrapping,
    over_all_positions,
    overrides_for,
    without_t_squared,
)
from core.studies.mistakes.runs import Case, plan, recipes_of, run, shortened
from core.training import losses
from core.training.device import pick
from core.training.distill import distill
from core.training.loading import load_pair
from core.training.losses import Signal, StudentOutput
from core.training.overrides import Overrides, mistaken_id
from core.training.signals import SignalRequest

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


def recipe(teacher, task, **changes) -> Recipe:
    values = {"layers": (1, 3), "budget": Budget(steps=12), "optimiser": FP32} | changes
    return Recipe(teacher, task, **values)


def record_of(the_recipe, made=None) -> dict:
    *_, last = distill(the_recipe, **({"overrides": made} if made else {}))
    return last.data["record"]


def watched(names: str) -> tuple[Overrides, list]:
    """The overrides, and a list that gets (the student, a copy of its weights) when training is about to begin."""
    made, seen = overrides_for(names), []

    def start(student, inner=made.start):
        student = inner(student)
        seen.append((student, {name: tensor.clone() for name, tensor in student.state_dict().items()}))
        return student

    return dataclasses.replace(made, start=start), seen


def equal(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def evaluations(record: dict) -> list[dict]:
    return [point for point in record["curve"] if point["val_accuracy"] is not None]


def test_every_mistake_is_documented_and_can_be_made():
    assert set(HOOKS) == set(MISTAKES) and len(MISTAKES) == 13
    for name, each in MISTAKES.items():
        assert each.name == name and each.written and each.wrong and each.proof
        assert (each.look is None) == (each.signature == NO_SIGNATURE)
        assert each.look is None or name in SYMPTOMS[each.look].members
        assert overrides_for(name).name == name
    for look in SYMPTOMS.values():
        assert set(look.members) <= set(MISTAKES)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_record_made_with_a_mistake_is_marked_and_answers_no_recipe(teacher, task, name, tmp_path):
    if name in ("no-t-squared", "padding-in-loss"):
        one = recipe(teacher, task, objective=bundle("distilbert"))
    else:
        one = recipe(teacher, task)
    record = record_of(one, overrides_for(name))
    assert record["mistake"] == name and record["recipe"] == one.to_dict() and record["id"] == mistaken_id(one, name) != one.id
    (tmp_path / "runs.jsonl").write_text(json.dumps(record) + "\n")
    assert saved_runs(folder=tmp_path) == []
    assert "mistake" not in record_of(one)


@pytest.mark.parametrize("name", ("stale-optimizer", "stale-schedule"))
def test_a_stale_optimizer_or_schedule_changes_no_weight(teacher, task, name):
    made, seen = watched(name)
    record = record_of(recipe(teacher, task), dataclasses.replace(made, fixed_pairs=64))
    (student, before), = seen
    assert equal(before, student.state_dict())
    assert set(record["update_norms"].values()) == {0.0}
    points = evaluations(record)
    assert len({f"{point['val_accuracy']:.4f}" for point in points}) == 1 and len({point["val_loss"] for point in points}) == 1
    assert len({point["loss"] for point in record["curve"][1:]}) > 1  # other batches, other dropout masks
    assert len({point["fixed_loss"] for point in points[1:]}) == len(points) - 1  # the same pairs under other masks


def test_what_the_record_measured_tells_the_two_apart(teacher, task):
    stale, ended, zero, correct = (
        record_of(one, made)["audit"] for one, made in (
            (recipe(teacher, task), overrides_for("stale-optimizer")), (recipe(teacher, task), overrides_for("stale-schedule")),
            (recipe(teacher, task, optimiser=dataclasses.replace(FP32, learning_rate=0.0)), None), (recipe(teacher, task), None),
        )
    )
    assert (stale["optimizer_holds"], ended["optimizer_holds"], zero["optimizer_holds"], correct["optimizer_holds"]) == (0, 1, 1, 1)
    assert stale["peak_rate"] == correct["peak_rate"] and 0.9 * FP32.learning_rate < correct["peak_rate"] <= FP32.learning_rate
    assert ended["peak_rate"] == zero["peak_rate"] == 0.0
    assert correct["layers"] == [1, 3] and correct["embeddings"] and correct["pooler"] and correct["head"]


def test_a_correct_run_is_the_same_with_and_without_watching_fixed_pairs(teacher, task):
    one = recipe(teacher, task, budget=Budget(steps=120))
    plain, watching = record_of(one), record_of(one, Overrides(fixed_pairs=48))
    assert plain["id"] == watching["id"] and plain["predictions"] == watching["predictions"]
    assert [point["loss"] for point in plain["curve"]] == [point["loss"] for point in watching["curve"]]
    first, *_, last = [point["fixed_loss"] for point in evaluations(watching)[1:]]
    assert last < first


def test_embeddings_are_not_copied(teacher, task):
    made, seen = watched("embeddings-not-copied")
    record = record_of(recipe(teacher, task), made)
    theirs = load_pair(teacher, task)[0].model.state_dict()
    table = seen[0][1]["bert.embeddings.position_embeddings.weight"]
    assert not torch.equal(table, theirs["bert.embeddings.position_embeddings.weight"])
    audit = record["audit"]
    assert audit["layers"] == [1, 3] and audit["embeddings"] is False and audit["pooler"] and audit["head"] and audit["optimizer_holds"] == 1


def test_a_teacher_that_is_not_tuned_has_a_fresh_head_and_leaves_the_real_one_alone(teacher, task):
    loaded = load_pair(teacher, task)[0]
    plain = record_of(recipe(teacher, task))
    made, seen = watched("teacher-not-tuned")
    record = record_of(recipe(teacher, task), made)
    assert not torch.equal(seen[0][1]["classifier.weight"], loaded.model.state_dict()["classifier.weight"])
    assert torch.equal(seen[0][1]["bert.encoder.layer.1.output.dense.weight"], loaded.model.state_dict()["bert.encoder.layer.2.output.dense.weight"])
    assert record["teacher"]["hash"] != plain["teacher"]["hash"] and record["teacher"]["loss"] != plain["teacher"]["loss"]
    assert record["audit"]["head"]  # the student's head is this teacher's
    assert record_of(recipe(teacher, task))["final"] == plain["final"]


def test_wrapping_layers_are_those_that_the_code_in_the_cohort_copied():
    copied = {case.name: case.layers for case in cases()}
    assert odd_wrapping((0,) * 6, 12) == copied["A"]["odd"] == (12, 2, 4, 6, 8, 10)
    assert even_wrapping((0,) * 6, 12) == copied["J"]["even"] == (3, 5, 7, 9, 11, 1)
    assert odd_wrapping((1, 3, 5), 6) == (6, 2, 4) and even_wrapping((2, 4, 6), 6) == (3, 5, 1)


@pytest.mark.parametrize(("name", "layers"), (("odd-wraps", (4, 2)), ("even-wraps", (3, 1)), ("one-choice", (1, 2))))
def test_wrong_layers_are_in_the_student_and_in_its_record(teacher, task, name, layers):
    made, seen = watched(name)
    record = record_of(recipe(teacher, task, layers=(2, 4)), made)
    theirs = load_pair(teacher, task)[0].model.state_dict()
    for j, layer in enumerate(layers):
        weight = "attention.self.query.weight"
        assert torch.equal(seen[0][1][f"bert.encoder.layer.{j}.{weight}"], theirs[f"bert.encoder.layer.{layer - 1}.{weight}"])
    assert record["audit"]["layers"] == list(layers) and record["recipe"]["layers"] == [2, 4]


def test_a_shared_student_goes_on_where_the_run_before_ended(teacher, task):
    made, seen = watched("shared-student")
    first, second = (record_of(recipe(teacher, task, layers=layers), made) for layers in ((1, 2), (3, 4)))
    assert seen[0][0] is seen[1][0] and not equal(seen[0][1], seen[1][1])
    assert second["initial"]["accuracy"] == first["final"]["accuracy"] and second["initial"]["loss"] == first["final"]["loss"]
    assert first["audit"]["layers"] == [1, 2] and second["audit"]["layers"] == [None, None]
    assert all(norm > 0 for norm in second["update_norms"].values())


def test_a_teacher_in_training_mode_answers_twice_differently_and_is_put_back(teacher, task):
    loaded, _, encoded = load_pair(teacher, task)
    batch = encoded["train"].batch(range(8))
    ask = TrainingModeTeacher(loaded, SignalRequest(), pick("fp32"))
    assert not torch.equal(ask(batch).logits, ask(batch).logits)
    assert not loaded.model.training
    record_of(recipe(teacher, task), overrides_for("teacher-dropout"))
    assert not loaded.model.training


def outputs(width: int, seed: int = 0) -> tuple[StudentOutput, Signal, Batch]:
    """Two examples of 3 and 2 tokens, padded to `width`; what stands at the padding differs between student and teacher."""
    draw = torch.Generator().manual_seed(seed)
    random = lambda *size: torch.randn(*size, generator=draw)
    logits, theirs, real, pad = (random(2, 3), random(2, 3)), (random(2, 3, 4), random(2, 3, 4)), 3, torch.ones(2, width, 4)
    states = lambda x, value: torch.cat([x, value * pad[:, : width - real]], dim=1)
    mask = torch.tensor([[1, 1, 1], [1, 1, 0]])
    mask = torch.cat([mask, torch.zeros(2, width - 3, dtype=torch.int64)], dim=1)
    batch = Batch(torch.ones(2, width, dtype=torch.int64), mask, None, torch.tensor([0, 2]), torch.tensor([0, 1]))
    return StudentOutput(logits[0], {1: states(theirs[0], 1.0)}), Signal(logits[1], {1: states(theirs[1], -2.0)}), batch


def test_without_t_squared_the_soft_targets_are_the_bare_divergence():
    student, signal, batch = outputs(3)
    objective = bundle("hinton")
    loss, parts = without_t_squared(objective, student, signal, batch, (1,))
    p, q = (torch.softmax(x / objective.temperature, dim=1) for x in (signal.logits, student.logits))
    bare = (p * (p / q).log()).sum(1).mean()
    assert torch.allclose(parts["soft_targets"], bare)
    assert torch.allclose(loss, 0.5 * F.cross_entropy(student.logits, batch.labels) + 0.5 * bare)


def test_padding_in_the_loss_makes_it_depend_on_the_width():
    objective = dataclasses.replace(bundle("distilbert"), weights=(("hidden_mse", 1.0),))
    narrow, wide = outputs(3), outputs(9)
    correct = [float(losses.total(objective, *each, (1,))[0]) for each in (narrow, wide)]
    wrong = [float(over_all_positions(objective, *each, (1,))[0]) for each in (narrow, wide)]
    assert correct[0] == pytest.approx(correct[1])
    assert wrong[1] == pytest.approx((wrong[0] * 3 + 9.0 * 6) / 9)  # (1 - -2)² at six more positions


def test_the_reported_accuracy_is_the_mean_or_the_highest(teacher, task):
    averaged, best = (record_of(recipe(teacher, task, budget=Budget(steps=120)), overrides_for(name)) for name in ("epochs-averaged", "best-epoch"))
    accuracies = [point["val_accuracy"] for point in evaluations(averaged)[1:]]
    assert averaged["reported"] == pytest.approx(sum(accuracies) / len(accuracies)) and best["reported"] == max(accuracies)
    assert averaged["final"]["accuracy"] == accuracies[-1]  # what the run itself measured stays


def test_mistakes_combine_unless_they_change_the_same_thing(teacher, task):
    both = record_of(recipe(teacher, task), overrides_for("stale-optimizer+embeddings-not-copied"))
    assert both["audit"]["optimizer_holds"] == 0 and both["audit"]["embeddings"] is False
    with pytest.raises(LabError, match="change the same thing"):
        overrides_for("odd-wraps+even-wraps")
    with pytest.raises(LabError, match="no mistake 'nonsense'"):
        overrides_for("nonsense")


def test_a_mistake_that_cannot_be_made_is_refused(teacher, task):
    for name, changes in (
        ("no-t-squared", {"objective": bundle("cross-entropy")}), ("padding-in-loss", {}), ("odd-wraps", {"layers": (1, 2, 3)}),
    ):
        with pytest.raises(LabError):
            check(name, recipe(teacher, task, **changes), 4)


def test_a_case_holds_all_its_runs_and_its_short_form_is_diagnosed_alike(teacher, task):
    case = Case("shared-student", recipes_of("shared-student", teacher, task, 4, budget=Budget(steps=6)))
    *_, last = run(case, 4)
    record = last.data["record"]
    assert [each["recipe"]["layers"] for each in record["runs"]] == [[1, 2], [3, 4], [1, 3], [2, 4]]
    short = shortened(record)
    kinds = lambda value: [(finding.kind, finding.figures["mistakes"]) for finding in diagnose(value) if finding.kind != "noise"]
    assert kinds([record]) == kinds([short]) and len(json.dumps(short)) < 0.75 * len(json.dumps(record))
    assert "one-student" in {kind for kind, _ in kinds([short])}


def test_the_plan_has_every_mistake_with_a_signature_and_the_correct_presets():
    cases_of = plan("minilm-l6", "composed-nli", 6, seeds=2, correct_seeds=3)
    assert Counter(case.mistake for case in cases_of) == {"": 3, **{name: 2 for name, each in MISTAKES.items() if each.look}}
    assert len(cases_of[0].recipes) == 6 and len({case.id for case in cases_of}) == len(cases_of)
    assert {recipe.budget.rung for case in cases_of for recipe in case.recipes} == {"60"}


def call(capsys, *argv):
    code = main(list(argv))
    out, err = capsys.readouterr()
    return code, out, err


def test_the_study_resumes_and_reports(teacher, task, tmp_path, capsys, monkeypatch):
    out = tmp_path / "study.jsonl"
    argv = ["mistakes", "--seeds", "1", "--correct-seeds", "1", "--teacher", teacher, "--task", task, "--k", "2", "--out", str(out)]
    made = ["stale-schedule"]
    monkeypatch.setattr("core.studies.mistakes.runs.plan", lambda *args: [case for case in plan(*args) if case.mistake in made])
    assert call(capsys, *argv)[0] == 0
    assert [case["mistake"] for case in read(out)] == ["stale-schedule"]
    before = out.read_text()
    made.append("stale-optimizer")
    assert call(capsys, *argv)[0] == 0
    assert out.read_text().startswith(before) and [case["mistake"] for case in read(out)] == ["stale-schedule", "stale-optimizer"]
    code, text, _ = call(capsys, "mistakes", "--report", str(out), "--json")
    counted = json.loads(text)
    assert code == 0 and counted["stale-optimizer"] == {"look": "not-updated", "named": 1, "of": 1} and counted["correct"]["of"] == 0
    assert "1 of 1" in call(capsys, "mistakes", "--report", str(out))[1]


def test_mistakes_on_the_command_line(teacher, task, capsys):
    code, text, _ = call(capsys, "mistakes")
    assert code == 0 and all(each.title in text for each in MISTAKES.values())
    argv = ("mistakes", "--run", "stale-optimizer", "--teacher", teacher, "--task", task)
    code, text, _ = call(capsys, *argv, "--json")
    assert code == 0 and json.loads(text)["runs"][0]["mistake"] == "stale-optimizer"
    for bad in (("--run", "nonsense"), ("--seeds", "0", "--correct-seeds", "0"), ("--report", "none.jsonl")):
        code, _, err = call(capsys, "mistakes", *bad)
        assert code == 2 and err.count("\n") == 1


@pytest.mark.slow
def test_two_mistakes_and_a_correct_run_of_the_bundled_teacher():
    """Live, on the shortest rung: the figures alone name the class, the record the mistake, and a correct run raises no alarm. What the loss
    of fixed pairs does is measured by the study (tests/test_diagnose.py), since it takes a minute.
    """
    def live(name):
        case = Case(name, recipes_of(name or "epochs-averaged", "minilm-l6", "composed-nli", 6))
        *_, last = run(case, 6)
        return last.data["record"]["runs"][0]

    stale, averaged, correct = live("stale-optimizer"), live("epochs-averaged"), live("")
    points = evaluations(stale)
    assert len({f"{point['val_accuracy']:.4f}" for point in points}) == 1
    assert len({point["val_loss"] for point in points}) == 1
    assert [finding.kind for finding in alarms(diagnose(stale))] == ["not-updated", "recorded"]
    assert [finding.kind for finding in alarms(diagnose(averaged))] == ["averaged"]
    assert alarms(diagnose(correct)) == [] and min(correct["update_norms"].values()) > 0
