"""Distillation in stages: each stage's choice, the weights it carries on, and module replacing at both ends.

Run: python -m pytest tests/test_stages.py
"""

import dataclasses
import itertools
import json

import pytest
import torch

from core.errors import LabError
from core.models.families import layers
from core.models.first_token import cut_last_layer
from core.models.flops import training_flops
from core.models.seeding import seed_student
from core.recipe import Budget, Optimiser, Recipe, bundle
from core.store.database import to_json
from core.studies.stages import run as runner
from core.studies.stages.plans import carried, least_missed, plan, state_of
from core.studies.stages.run import Patience, run
from core.studies.stages.staged import METHODS, Staged
from core.studies.stages.theseus import Replacing, blocks, freeze_all_but_layers
from core.training.audit import snapshot
from core.training.device import pick
from core.training.distill import distill
from core.training.evaluate import predict
from core.training.events import completed
from core.training.loading import load_pair
from core.training.vocabulary import compact
from tests.stopping import stopped_at
from tests.tiny import FAMILIES, tiny_model

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


def recipe(teacher, task, **changes) -> Recipe:
    return Recipe(teacher, task, **{"layers": (1, 3), "budget": Budget(steps=24), "optimiser": FP32} | changes)


def finished(staged, **options) -> dict:
    *_, last = run(staged, **options)
    assert last.kind == "finished"
    return last.data["record"]


def inputs(lengths=(6, 2, 4)) -> dict[str, torch.Tensor]:
    mask = torch.tensor([[int(t < n) for t in range(max(lengths))] for n in lengths])
    return {"input_ids": torch.randint(5, 60, mask.shape, generator=torch.Generator().manual_seed(0)) * mask, "attention_mask": mask}


# --- module replacing ---


@pytest.fixture(params=FAMILIES)
def pair(request):
    """A teacher and a student of two of its layers, both without dropout, so that training mode says what eval mode says."""
    teacher = tiny_model(request.param)
    student = seed_student(teacher, (2, 4))
    for model in (teacher, student):
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
    return teacher.requires_grad_(False), student


def logits(model):
    with torch.no_grad():
        return model(**inputs()).logits


@pytest.mark.parametrize("cut", [False, True])
def test_at_probability_0_it_is_the_teacher_and_at_1_the_student(pair, cut):
    teacher, student = pair
    alone = logits(student)
    if cut:
        cut_last_layer(student)
    never, always = (Replacing(seed_student(teacher, (2, 4)), teacher, 10, first, seed=0) for first in (0.0, 1.0))
    never.student.load_state_dict(student.state_dict())
    for replacing, expected in ((never, logits(teacher)), (always, alone)):
        model = replacing.student
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        if cut:
            cut_last_layer(model)
        model.train()
        assert torch.allclose(logits(model), expected, atol=1e-5)
        model.eval()
        assert torch.allclose(logits(model), alone, atol=1e-5)  # outside training the student is alone
        replacing.remove()
        model.train()
        assert torch.allclose(logits(model), alone, atol=1e-5)


def test_the_probability_rises_linearly_to_one(pair):
    teacher, student = pair
    replacing = Replacing(student, teacher, 5, 0.2, seed=3)
    student.train()
    seen = []
    for _ in range(6):
        logits(student)
        seen.append(replacing.probability)
    assert seen == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0]) and replacing.replaced == [True, True]


def test_every_step_teaches_at_least_one_student_layer(pair):
    teacher, student = pair
    replacing = Replacing(student, teacher, 1000, 0.01, seed=0)
    student.train()
    drawn = []
    for _ in range(30):
        replacing._begin(student, ())
        drawn.append(sum(replacing.replaced))
    assert min(drawn) == 1 and max(drawn) <= 2 and drawn.count(1) > 25


def test_gradients_pass_through_the_teachers_blocks_to_the_student_and_stay_out_of_the_teacher(pair):
    teacher, student = pair
    student.requires_grad_(True)
    freeze_all_but_layers(student)
    replacing = Replacing(student, teacher, 10, 0.0, seed=0)
    student.train()
    replacing._begin(student, ())
    replacing.replaced = [True, False]
    replacing._begin = lambda *_: None
    for handle in replacing.handles[:1]:
        handle.remove()
    student(**inputs()).logits.square().sum().backward()
    assert all(p.grad is None for p in teacher.parameters())
    moved = [j for j, layer in enumerate(layers(student), 1) if any(p.grad is not None and p.grad.abs().sum() > 0 for p in layer.parameters())]
    assert moved == [1]
    assert {p.requires_grad for p in student.parameters() if p.grad is not None} == {True}


def test_blocks_cover_the_teacher_in_order():
    for total, k in itertools.product((4, 6, 12), (1, 2, 3, 4)):
        found = blocks(total, k)
        assert list(itertools.chain(*found)) == list(range(1, total + 1)) and len(found) == k
        assert max(map(len, found)) - min(map(len, found)) <= 1
    assert blocks(6, 3) == [(1, 2), (3, 4), (5, 6)]


# --- weights that go on ---


@pytest.mark.parametrize("family", FAMILIES)
def test_carried_weights_are_the_earlier_students(family):
    teacher = tiny_model(family)
    earlier = seed_student(teacher, (1, 2, 4))
    with torch.no_grad():
        for parameter in earlier.parameters():
            parameter.add_(0.1)
    used = torch.arange(0, 60, 2)
    for model in (earlier, later := seed_student(teacher, (1, 4))):
        compact(model, used)
    carried(later, state_of(earlier), (1, 3))
    for j, place in ((0, 0), (1, 2)):
        ours, theirs = layers(later)[j].state_dict(), layers(earlier)[place].state_dict()
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    rest = {name: tensor for name, tensor in later.state_dict().items() if ".layer." not in name}
    assert rest and all(torch.equal(tensor, earlier.state_dict()[name]) for name, tensor in rest.items())
    earlier.state_dict()["classifier.weight" if "classifier.weight" in rest else "classifier.dense.weight"].zero_()
    assert any(tensor.abs().sum() > 0 for name, tensor in later.state_dict().items() if name.startswith("classifier"))  # a copy


def test_the_layer_missed_least_goes_first(teacher, task):
    loaded, _, encoded = load_pair(teacher, task)
    check = encoded["validation"]

    def loss(places):
        rows = predict(seed_student(loaded.model, places), check, pick("fp32")).double()
        return float(torch.nn.functional.cross_entropy(rows, check.labels))

    kept, removals = completed(least_missed(loaded.model, 4, 2, check, pick("fp32")))
    first = {out: loss(tuple(place for place in range(1, 5) if place != out)) for out in range(1, 5)}
    assert removals[0]["losses"] == pytest.approx({str(out): value for out, value in first.items()}, abs=1e-6)
    assert removals[0]["removed"] == min(first, key=first.get)
    rest = [place for place in range(1, 5) if place != removals[0]["removed"]]
    second = {out: loss(tuple(place for place in rest if place != out)) for out in rest}
    assert removals[1]["removed"] == min(second, key=second.get) and kept == tuple(place for place in rest if place != removals[1]["removed"])
    assert len(layers(loaded.model)) == 4


# --- whole runs ---


def test_patience_ends_when_the_loss_stops_falling():
    patience, never = Patience(2), Patience(None)
    for loss, over in ((1.0, False), (0.8, False), (0.9, False), (0.7, False), (0.7, False), (0.8, True)):
        patience.see(loss)
        never.see(loss)
        assert patience.over == over and not never.over


def test_one_stage_is_the_plain_run(teacher, task):
    plain = list(distill(recipe(teacher, task)))[-1].data["record"]
    record = finished(Staged("one-stage", recipe(teacher, task)))
    assert record["predictions"] == plain["predictions"] and record["final"] == plain["final"] and record["recipe"] == plain["recipe"]
    timeless = lambda curve: [{key: value for key, value in point.items() if key not in ("seconds", "stage")} for point in curve]
    assert timeless(record["curve"]) == timeless(plain["curve"])
    assert record["id"] != plain["id"] and record["stages"][0]["ended"] == "planned" and record["steps"] == 24
    loaded, _, encoded = load_pair(teacher, task)
    student = seed_student(loaded.model, (1, 3))
    cut_last_layer(student)
    lengths = encoded["train"].lengths
    assert record["training_flops"] == pytest.approx(24 * 16 * training_flops(student, lengths) / len(lengths))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_makes_all_its_steps_and_one_record(teacher, task, method):
    staged = Staged(method, recipe(teacher, task))
    events = list(run(staged))
    record = events[-1].data["record"]
    assert record["status"] == "finished" and record["steps"] == sum(part["steps"] for part in record["stages"]) == 24
    assert record["id"] == staged.id and record["staged"] == staged.to_dict()
    steps = [point["step"] for point in record["curve"]]
    assert steps == sorted(set(steps)) and steps[0] == 0 and steps[-1] == 24
    assert {point["stage"] for point in record["curve"]} == set(range(1, len(record["stages"]) + 1))
    assert record["training_flops"] == sum(part["training_flops"] for part in record["stages"]) > 0
    assert record["split"] == "check" and len(record["predictions"]) == 48
    for event in events:
        json.loads(to_json(event.data))
    assert {event.data["stage_number"] for event in events if event.kind == "step"} == set(range(1, len(record["stages"]) + 1))
    assert record["final"]["loss"] == pytest.approx(record["curve"][-1]["val_loss"])
    assert all(norm > 0 for norm in record["update_norms"].values())


def test_a_later_stage_starts_where_the_earlier_ended(teacher, task):
    for method in ("theseus", "two-stage"):
        first, second = finished(Staged(method, recipe(teacher, task)))["stages"]
        assert second["initial"]["loss"] == pytest.approx(first["final"]["loss"], abs=1e-5)
        assert second["initial"]["loss"] != pytest.approx(first["initial"]["loss"], abs=1e-3)


def test_shrinking_removes_a_layer_a_stage_by_the_students_own_loss(teacher, task):
    record = finished(Staged("shrinking", recipe(teacher, task, layers=(1, 2))))
    sizes = [len(part["layers"]) for part in record["stages"]]
    assert sizes == [3, 2] and record["recipe"]["layers"] == record["stages"][-1]["layers"]
    before = [1, 2, 3, 4]
    for part in record["stages"]:
        (removal,) = part["choice"]["removed"]
        assert sorted(map(int, removal["losses"])) == before
        assert removal["layer"] == int(min(removal["losses"], key=removal["losses"].get))
        assert part["initial"]["loss"] == pytest.approx(removal["losses"][str(removal["layer"])], abs=1e-5)  # measured, then made
        before = [layer for layer in before if layer != removal["layer"]]
        assert part["layers"] == before
    assert [len(part["layers"]) for part in finished(Staged("shrinking", recipe(teacher, task, layers=(1, 2)), remove=2))["stages"]] == [2]
    whole = finished(Staged("shrinking", recipe(teacher, task, layers=(1, 2, 3, 4))))
    assert [part["layers"] for part in whole["stages"]] == [[1, 2, 3, 4]]


def test_a_stage_that_improves_no_more_ends_and_leaves_its_steps_to_the_last(teacher, task):
    still = recipe(teacher, task, layers=(2,), optimiser=dataclasses.replace(FP32, learning_rate=0.0), budget=Budget(steps=45))
    record = finished(Staged("shrinking", still))
    assert [part["ended"] for part in record["stages"]] == ["improved no more", "improved no more", "planned"]
    assert record["stages"][0]["steps"] < record["stages"][0]["planned"] and record["steps"] == 45
    assert record["stages"][2]["steps"] == 45 - record["stages"][0]["steps"] - record["stages"][1]["steps"]


def losses_of(record: dict, stage: int) -> list[set]:
    """The different sets of losses that this stage's steps had."""
    found = []
    for point in record["curve"]:
        if point["stage"] == stage and point["losses"] and set(point["losses"]) not in found:
            found.append(set(point["losses"]))
    return found


def test_the_hidden_stage_teaches_hidden_states_alone(teacher, task):
    record = finished(Staged("two-stage", recipe(teacher, task)))
    first, second = record["stages"]
    assert losses_of(record, 1) == [{"hidden_mse"}] and losses_of(record, 2) == [{"cross_entropy", "soft_targets"}]
    assert first["update_norms"]["head"] == 0 and second["update_norms"]["head"] > 0


def test_replacing_moves_the_layers_alone_and_the_teacher_not_at_all(teacher, task):
    loaded = load_pair(teacher, task)[0]
    before = snapshot(loaded.model)
    first, _ = finished(Staged("theseus", recipe(teacher, task)))["stages"]
    assert first["choice"]["blocks"] == [[1, 2], [3, 4]]
    assert {part for part, norm in first["update_norms"].items() if norm > 0} == {"1", "2"}
    assert all(torch.equal(before[name], parameter) for name, parameter in loaded.model.named_parameters())
    assert not any(layer._forward_hooks for layer in layers(loaded.model))


def test_a_full_staged_run_is_reported_on_the_test_split(teacher, task):
    record = finished(Staged("two-stage", recipe(teacher, task, budget=Budget(epochs=2))))
    data = load_pair(teacher, task)[1]
    assert record["split"] == "test" and set(record["check"]) == {"teacher", "initial", "final", "predictions"} and record["steps"] == 12
    right = [int(p) == y for p, y in zip(record["predictions"], data.test.labels)]
    assert record["final"]["accuracy"] == pytest.approx(sum(right) / len(right))
    assert record["check"]["final"]["loss"] == pytest.approx(record["curve"][-1]["val_loss"], abs=1e-6)
    plain = list(distill(recipe(teacher, task, budget=Budget(epochs=2))))[-1].data["record"]
    for key in ("initial", "teacher"):
        assert record[key]["accuracy"] == plain[key]["accuracy"] and record[key]["loss"] == pytest.approx(plain[key]["loss"], abs=1e-6)


def test_a_stopped_run_keeps_what_it_made(teacher, task):
    record = stopped_at(6, lambda stop: run(Staged("two-stage", recipe(teacher, task)), stop))[-1].data["record"]
    assert record["status"] == "stopped" and record["steps"] == 6 and len(record["stages"]) == 1


def test_ids_tell_staged_runs_apart(teacher, task):
    base = recipe(teacher, task)
    found = [Staged(method, base).id for method in METHODS]
    found += [Staged("shrinking", base, 2).id, Staged("theseus", dataclasses.replace(base, seed=1)).id]
    assert len({*found, base.id}) == len(found) + 1
    assert Staged("shrinking", base).id == Staged("shrinking", dataclasses.replace(base, layers=(2, 4))).id  # it chooses its layers itself
    assert Staged("theseus", base).id != Staged("theseus", dataclasses.replace(base, layers=(2, 4))).id


def test_staged_runs_that_cannot_be_are_one_sentence(teacher, task):
    base = recipe(teacher, task)
    for wrong in (
        lambda: Staged("slowly", base), lambda: Staged("shrinking", base, 0),
        lambda: Staged("theseus", dataclasses.replace(base, allow_repeats=True)),
        lambda: finished(Staged("two-stage", dataclasses.replace(base, budget=Budget(steps=1)))),
    ):
        with pytest.raises(LabError, match=r"^[A-Z].*\.$"):
            wrong()
    loaded, _, encoded = load_pair(teacher, task)
    with pytest.raises(LabError, match="up to 3 stages and 2 steps"):
        plan(Staged("shrinking", dataclasses.replace(base, layers=(1,))), loaded, encoded["validation"], torch.tensor([1]), 2, pick())


def test_another_objective_goes_through_all_stages(teacher, task):
    record = finished(Staged("shrinking", recipe(teacher, task, objective=bundle("attention"))))
    assert all("attention_kl" in losses for stage in (1, 2) for losses in losses_of(record, stage))
    assert runner.Patience(1).over is False


def test_the_verb(teacher, task, tmp_path, capsys):
    from core.__main__ import main
    from core.store.saved import read

    where = ["stages", "--teacher", teacher, "--task", task, "--steps", "12", "--precision", "fp32"]
    out = tmp_path / "stages.jsonl"
    assert main([*where, "--method", "shrinking", "--k", "2", "--json", "--out", str(out)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert len(record["stages"]) == 2 and read(out)[0]["id"] == record["id"]
    assert main([*where, "--method", "theseus", "--layers", "1,3"]) == 0
    printed = capsys.readouterr().out
    assert "stage 1, replacing: layers 1,3, 6 of 6 steps (planned)" in printed and "training FLOPs" in printed
    assert main(where) == 2


# --- what studies at equal FLOPs need ---


def test_a_run_of_some_steps_may_be_measured_on_the_test_split(teacher, task):
    short = recipe(teacher, task, budget=Budget(steps=12))
    record = finished(Staged("one-stage", short, test=True))
    data = load_pair(teacher, task)[1]
    right = [int(p) == y for p, y in zip(record["predictions"], data.test.labels)]
    assert record["split"] == "test" and record["final"]["accuracy"] == pytest.approx(sum(right) / len(right))
    assert record["check"]["final"]["loss"] == pytest.approx(record["curve"][-1]["val_loss"], abs=1e-6)
    assert record["id"] != Staged("one-stage", short).id and record["staged"]["test"] is True


def test_an_adaptive_emphasis_counts_what_it_computes_besides(teacher, task):
    """By hand: fixed and learned uncertainty take the steps alone; GradNorm at each tenth step 2 + 3 layers' forward passes of 2."""
    flops = {}
    for emphasis in ("fixed", "uncertainty", "gradient-norm", "relevance"):
        objective = dataclasses.replace(bundle("attention"), emphasis=emphasis)
        flops[emphasis] = finished(Staged("one-stage", recipe(teacher, task, objective=objective)))["training_flops"]
    loaded, _, encoded = load_pair(teacher, task)
    lengths = encoded["train"].lengths
    student = seed_student(loaded.model, (1, 3))
    forward = lambda model: training_flops(model, lengths) / 3 / len(lengths)
    assert flops["fixed"] == flops["uncertainty"] == pytest.approx(24 * 16 * 3 * forward(student))
    assert flops["gradient-norm"] - flops["fixed"] == pytest.approx(3 * 16 * 5 / 2 * forward(student))
    assert flops["relevance"] - flops["fixed"] == pytest.approx(2 * 96 * forward(loaded.model))
