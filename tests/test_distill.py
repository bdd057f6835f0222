"""Distillation end to end on a tiny teacher and task. Run: python -m pytest tests/test_distill.py"""

import dataclasses
import json
import math

import pytest
import torch

from core.errors import LabError
from core.models.families import word_embeddings
from core.models.seeding import seed_student
from core.models.teachers import load_teacher
from core.recipe import Budget, Optimiser, Recipe, Seeding, bundle
from core.store.database import to_json
from core.training.device import ROOMS, code_version
from core.training.distill import distill
from core.training.evaluate import by_group
from core.training.loading import load_pair
from core.training.student import Exact, freeze_embeddings
from tests.stopping import stopped_at
from tests.tiny import NLI_LABELS, save_tiny_teacher, task_of_labels

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


def recipe(teacher, task, **changes) -> Recipe:
    values = {"layers": (1, 3), "budget": Budget(steps=12), "optimiser": FP32} | changes
    return Recipe(teacher, task, **values)


def run(the_recipe, **options) -> dict:
    *_, last = distill(the_recipe, **options)
    assert last.kind == "finished"
    return last.data["record"]


def test_events_come_in_order_and_cover_every_step(teacher, task):
    events = list(distill(recipe(teacher, task)))
    kinds = [event.kind for event in events if event.kind not in ("stage", "turn")]
    assert kinds[0] == "prepared" and kinds[-1] == "finished"
    assert kinds.count("evaluated") == 3
    assert [e.data["step"] for e in events if e.kind == "step"] == list(range(1, 13))
    prepared = next(e.data for e in events if e.kind == "prepared")
    assert (prepared["steps"], prepared["k"], prepared["teacher_layers"], prepared["train_examples"]) == (12, 2, 4, 96)
    for event in events:
        json.loads(to_json(event.data))


def test_a_short_run_reads_the_check_part_and_a_full_run_the_test_split(teacher, task):
    short = run(recipe(teacher, task))
    assert short["split"] == "check" and "check" not in short
    full = run(recipe(teacher, task, budget=Budget(epochs=2)))
    assert full["split"] == "test" and full["steps"] == 12
    assert set(full["check"]) == {"teacher", "initial", "final", "predictions"}
    assert len(full["predictions"]) == 48 and sum(map(sum, full["final"]["confusion"])) == 48
    for key in ("id", "recipe", "teacher", "initial", "final", "curve", "update_norms", "tokens_per_second", "seconds", "environment", "notes"):
        assert key in full


def test_figures_of_a_record_agree_with_each_other(teacher, task):
    record = run(recipe(teacher, task, budget=Budget(epochs=2)))
    data = load_pair(teacher, task)[1].test
    right = [int(p) == y for p, y in zip(record["predictions"], data.labels)]
    assert record["final"]["accuracy"] == pytest.approx(sum(right) / len(right))
    assert sum(record["final"]["confusion"][i][i] for i in range(3)) == sum(right)
    assert record["curve"][0]["step"] == 0 and record["curve"][-1]["val_accuracy"] is not None
    assert record["majority"] == pytest.approx(1 / 3)


def test_every_evaluation_of_the_curve_holds_the_accuracy_by_group_or_by_class(teacher, task):
    record = run(recipe(teacher, task, budget=Budget(epochs=2)))
    evaluated = [point for point in record["curve"] if point["val_accuracy"] is not None]
    split = load_pair(teacher, task)[1].validation
    names = {tag for tags in split.tags for tag in tags} or {f"class:{label}" for label in record["labels"]}
    assert len(evaluated) == 4 and all(set(point["val_groups"]) == names for point in evaluated)
    by_class = by_group({"groups": {}, "confusion": [[3, 1], [0, 0]]}, ("yes", "no"))
    assert by_class == {"class:yes": 0.75}


def test_a_record_names_the_code_that_made_it(teacher, task, tmp_path, monkeypatch):
    code = run(recipe(teacher, task))["environment"]["code"]
    assert len(code) == 12 and code == code_version()
    core = tmp_path / "core"
    for room in ROOMS:
        (core / room).mkdir(parents=True)
    monkeypatch.setattr("core.training.device.CORE", core)
    empty = code_version.__wrapped__()
    (core / "training" / "loop.py").write_text("x = 1")
    assert len({code, empty, code_version.__wrapped__()}) == 3


def test_the_same_recipe_gives_the_same_run(teacher, task):
    first, second = run(recipe(teacher, task)), run(recipe(teacher, task))
    assert first["id"] == second["id"]
    assert abs(first["final"]["loss"] - second["final"]["loss"]) < 1e-6
    assert first["predictions"] == second["predictions"]
    assert run(recipe(teacher, task, seed=1))["final"]["loss"] != first["final"]["loss"]


def test_training_moves_every_layer_and_lowers_the_loss(teacher, task):
    record = run(recipe(teacher, task, budget=Budget(steps=120)))
    assert list(record["update_norms"]) == ["embeddings", "1", "2", "pooler", "head"]
    assert all(norm > 0 for norm in record["update_norms"].values()) and record["notes"] == []
    points = [p for p in record["curve"] if p["loss"] is not None]
    assert points[-1]["loss"] < 0.7 * points[0]["loss"]


def test_a_student_that_does_not_move_is_reported(teacher, task):
    record = run(recipe(teacher, task, optimiser=dataclasses.replace(FP32, learning_rate=0.0)))
    assert set(record["update_norms"].values()) == {0.0}
    assert len(record["notes"]) == 5
    assert record["final"]["accuracy"] == record["initial"]["accuracy"]


def test_frozen_embeddings_do_not_move(teacher, task):
    record = run(recipe(teacher, task, optimiser=dataclasses.replace(FP32, freeze_embeddings=True)))
    assert record["update_norms"]["embeddings"] == 0.0 and record["update_norms"]["1"] > 0


def test_freezing_leaves_position_tables_that_belong_to_attention(tmp_path):
    teacher = load_teacher(str(save_tiny_teacher(tmp_path / "m", "mpnet")), task_of_labels(*NLI_LABELS))
    model = seed_student(teacher.model, (1, 2))
    model.requires_grad_(True)
    freeze_embeddings(model)
    frozen = {name for name, p in model.named_parameters() if not p.requires_grad}
    assert frozen and all(".embeddings." in name for name in frozen)
    assert model.mpnet.encoder.relative_attention_bias.weight.requires_grad


@pytest.mark.parametrize("name", ("hinton", "distilbert", "patient", "assignment"))
def test_cached_and_live_signals_give_the_same_loss(teacher, task, name):
    # a small rate: Adam turns rounding noise in gradients that are zero by symmetry (key biases) into full steps
    one = recipe(teacher, task, objective=bundle(name), optimiser=dataclasses.replace(FP32, learning_rate=1e-4))
    cached, live = run(one), run(one, exact=Exact(cache_signals=False))
    for a, b in zip(cached["curve"], live["curve"]):
        assert a["loss"] == b["loss"] or abs(a["loss"] - b["loss"]) < 1e-5
    assert abs(cached["final"]["loss"] - live["final"]["loss"]) < 1e-5


@pytest.mark.parametrize("family", ("bert", "roberta", "mpnet", "distilbert", "electra"))
def test_carrying_only_the_used_embedding_rows_changes_nothing(tmp_path, task, family):
    small_rate = dataclasses.replace(FP32, learning_rate=1e-4)
    one = recipe(str(save_tiny_teacher(tmp_path / family, family)), task, budget=Budget(steps=50), optimiser=small_rate)
    with_all, with_used = run(one, exact=Exact(compact_vocabulary=False)), run(one)
    for a, b in zip(with_all["curve"], with_used["curve"]):
        assert a["loss"] == b["loss"] or abs(a["loss"] - b["loss"]) < 1e-4
    assert with_all["predictions"] == with_used["predictions"]


def test_stopping_keeps_the_curve_so_far(teacher, task):
    record = stopped_at(24, lambda stop: distill(recipe(teacher, task, budget=Budget(steps=400)), stop))[-1].data["record"]
    assert record["status"] == "stopped"
    assert record["steps"] == 24 and record["steps_planned"] == 400
    assert len(record["curve"]) > 1 and record["final"]["accuracy"] is not None


def test_seeding_options_reach_the_student(teacher, task):
    plain = run(recipe(teacher, task))
    for seeding in (Seeding(copy_embeddings=False), Seeding(fresh_head=True), Seeding(untrained_layers=True)):
        assert run(recipe(teacher, task, seeding=seeding))["initial"]["loss"] != plain["initial"]["loss"]


def test_all_layers_of_the_teacher_start_as_the_teacher(teacher, task):
    record = run(recipe(teacher, task, layers=(1, 2, 3, 4), budget=Budget(steps=1)))
    assert record["initial"]["accuracy"] == record["teacher"]["accuracy"]
    assert record["initial"]["loss"] == pytest.approx(record["teacher"]["loss"], abs=1e-6)


def test_distilling_changes_neither_the_teacher_nor_its_mode(teacher, task):
    loaded = load_pair(teacher, task)[0]
    before = {name: tensor.clone() for name, tensor in loaded.model.state_dict().items()}
    rows = word_embeddings(loaded.model).num_embeddings
    run(recipe(teacher, task, objective=bundle("patient")), exact=Exact(cache_signals=False))
    assert not loaded.model.training and word_embeddings(loaded.model).num_embeddings == rows
    assert all(torch.equal(before[name], tensor) for name, tensor in loaded.model.state_dict().items())


def test_an_examples_limit_is_kept_by_label(teacher, task):
    events = list(distill(recipe(teacher, task, budget=Budget(epochs=1, examples=32))))
    assert next(e.data for e in events if e.kind == "prepared")["train_examples"] == 32
    assert events[-1].data["record"]["steps"] == 2


def test_a_diverging_run_still_ends_with_a_record(teacher, task):
    record = run(recipe(teacher, task, optimiser=dataclasses.replace(FP32, learning_rate=1.0, clip=0.0), budget=Budget(steps=40)))
    assert record["status"] == "finished"
    assert not math.isfinite(record["final"]["loss"]) or record["final"]["loss"] > 1


def test_a_layer_the_teacher_does_not_have_is_one_sentence(teacher, task):
    with pytest.raises(LabError, match="There is no layer 7"):
        run(recipe(teacher, task, layers=(7,)))
