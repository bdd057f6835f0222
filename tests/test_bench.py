"""The benchmark on a tiny teacher: every loop trains the same thing; no time is asserted. Run: python -m pytest tests/test_bench.py

The peers that are installed are compared (accelerate for the Trainer, textbrewer and tensorboard: tests/requirements.txt).
"""

import dataclasses
import json

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import AutoModelForSequenceClassification, TrainingArguments
from transformers.trainer_pt_utils import LengthGroupedSampler

from core.errors import LabError
from core.models.families import FAMILIES
from core.models.first_token import cut_last_layer
from core.models.flops import forward_flops, linear_shapes, training_flops
from core.models.seeding import seed_student
from core.recipe import Optimiser, bundle
from core.training.device import pick
from tests.bench import ablation, bound, limit, ours, peers, scaling, suite
from tests.bench.__main__ import main
from tests.bench.memory import Peak, peak_bytes
from tests.bench.ours import Parts
from tests.bench.protocol import ORDERS, disagreement, draw, features, make_setting, named_gradients, one_batch, order, widened
from tests.bench.repeats import interleaved, summary
from tests.bench.suite import WORKLOADS
from tests.tiny import save_tiny_teacher, tiny_model

SETTINGS = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")

ALL_ON = Parts()


def setting(teacher, task, workload="logits", steps=4, **changes):
    settings = dataclasses.replace(SETTINGS, **changes)
    return make_setting(teacher, task, None, bundle(WORKLOADS[workload]), pick("fp32"), steps, optimiser=settings)


@pytest.fixture
def steady(tmp_path):
    """A tiny teacher without dropout, so that loops which draw masks in another way can be compared step by step."""
    folder = save_tiny_teacher(tmp_path / "steady")
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "classifier_dropout": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return str(folder)


def losses_of(here, batches, parts=ALL_ON) -> list[float]:
    """The loss of every step of our loop."""
    run = ours.run(here, batches, 0, parts)
    assert len(run.curve) == len(batches)
    return run.curve


@pytest.mark.parametrize("workload", tuple(WORKLOADS))
def test_every_loop_has_our_gradient(teacher, task, workload):
    here = setting(teacher, task, workload)
    competitors, _ = peers.loops(here)
    assert {loop.name for loop in competitors} >= {"Layer Lab", "notebook loop"}
    found = peers.gradients_agree(here, competitors)
    assert set(found) == {f"{loop.name}, {loop.settings}" for loop in competitors}
    assert max(found.values()) < 1e-4


@pytest.mark.parametrize("family", tuple(FAMILIES))
def test_gradients_agree_in_every_family(tmp_path, task, family):
    here = setting(str(save_tiny_teacher(tmp_path / family, family)), task, "hidden")
    assert max(peers.gradients_agree(here, peers.loops(here)[0]).values()) < 1e-4


def test_a_loop_that_trains_something_else_is_not_timed(teacher, task):
    here = setting(teacher, task)
    loop = peers.loops(here)[0][1]
    wrong = dataclasses.replace(loop, gradients=lambda s, b: {name: 1.01 * value for name, value in loop.gradients(s, b).items()})
    with pytest.raises(LabError, match="differ from ours"):
        peers.gradients_agree(here, [wrong])


def test_a_gradient_that_lacks_a_parameter_disagrees():
    one, two = {"a": torch.ones(2)}, {"a": torch.ones(2), "b": torch.ones(1)}
    assert disagreement(one, one) == 0 and disagreement(one, two) == float("inf")
    assert disagreement(two, {"a": torch.ones(2), "b": torch.zeros(1)}) == pytest.approx((1 / 3) ** 0.5)


@pytest.mark.parametrize("workload", ("logits", "hidden", "patient"))
def test_exact_optimisations_leave_the_loss_curve(teacher, task, workload):
    here = setting(teacher, task, workload, steps=None, learning_rate=1e-4)
    batches = order(here, "bucketed", epochs=9)[:50]
    with_all = losses_of(here, batches)
    assert len(with_all) == 50 and with_all[0] != with_all[-1]
    off = [Parts(cache=False), Parts(used_rows=False), Parts(fused=False), Parts(cache=False, used_rows=False, fused=False)]
    for parts in off:
        assert max(abs(a - b) for a, b in zip(with_all, losses_of(here, batches, parts))) < 1e-4


@pytest.mark.parametrize("workload", ("logits", "patient"))
def test_the_first_token_alone_leaves_the_loss_curve(steady, task, workload):
    """Without dropout, since it draws fewer numbers."""
    here = setting(steady, task, workload, steps=None, learning_rate=1e-4)
    batches = order(here, "bucketed", epochs=9)[:50]
    alone, whole = losses_of(here, batches), losses_of(here, batches, Parts(first_token=False))
    assert len(alone) == 50 and max(abs(a - b) for a, b in zip(alone, whole)) < 1e-4


def test_padding_leaves_the_loss_curve(steady, task):
    here = setting(steady, task, "hidden", steps=None, learning_rate=1e-4)
    batches = order(here, "random", epochs=9)[:50]
    narrow, wide = losses_of(here, batches), losses_of(here, batches, Parts(width=here.width + 5))
    assert max(abs(a - b) for a, b in zip(narrow, wide)) < 1e-4


def test_all_loops_train_alike(steady, task):
    """Same batches, no dropout, no weight decay: the mean loss and the trained weights of every loop are ours."""
    here = setting(steady, task, weight_decay=0.0, learning_rate=1e-3)
    batches = order(here, "random")
    reference = ours.run(here, batches, 0, Parts(used_rows=False))
    trained = dict(reference.student.named_parameters())
    for loop in peers.loops(here)[0]:
        if loop.settings == "kept logits":  # it shuffles the batches itself
            continue
        run = loop.run(here, batches, 0)
        assert run.loss == pytest.approx(reference.loss, abs=1e-4), loop.what
        assert run.seconds > 0
        for name, parameter in run.student.named_parameters():
            if parameter.shape == trained[name].shape:
                assert torch.allclose(parameter, trained[name], atol=1e-4), f"{loop.what}: {name}"


def test_frozen_embeddings_stay_and_the_rest_moves(teacher, task):
    here = setting(teacher, task)
    run = ours.run(here, order(here, "bucketed"), 0, Parts(freeze=True, used_rows=False))
    before = dict(here.student.named_parameters())
    moved = {name for name, parameter in run.student.named_parameters() if not torch.equal(parameter, before[name])}
    assert moved and not any(".embeddings." in name for name in moved)


def test_drawn_batches_are_like_an_epoch(teacher, task):
    here = setting(teacher, task, steps=3)
    train = here.encoded["train"]
    assert (here.train_examples, here.train_tokens) == (96, int(train.lengths.sum())) and here.steps_per_epoch == 3
    assert draw(train, 16, None) == (train, None) and draw(train, 16, 6)[1] is None and draw(train, 16, 5)[1] is not None
    for kind in ORDERS:
        batches = order(here, kind)
        assert len(batches) == 3 and all(len(batch) == 16 for batch in batches)
        assert [b.tolist() for b in order(here, kind, seed=1)] == [b.tolist() for b in order(here, kind, seed=1)]
        mean = here.tokens(batches) / 48
        assert mean == pytest.approx(here.train_tokens / 96, rel=0.1)
        everything = order(setting(teacher, task, steps=None), kind, epochs=2)
        assert len(everything) == 12 and sorted(torch.cat(everything[:6]).tolist()) == list(range(96))
    padded = {kind: sum(len(b) * int(here.split.lengths[b].max()) for b in order(here, kind)) for kind in ORDERS}
    assert padded["bucketed"] < padded["random"]


def test_drawn_examples_are_the_splits_own(teacher, task):
    here = setting(teacher, task, steps=2)
    train = {tuple(row["input_ids"]) + (row["labels"],) for row in features(here.encoded["train"])}
    assert {tuple(row["input_ids"]) + (row["labels"],) for row in features(here.split)} <= train


def test_grouped_order_is_the_trainers_own(teacher, task):
    here = setting(teacher, task, steps=None)
    assert TrainingArguments(output_dir="unused", train_sampling_strategy="group_by_length").train_sampling_strategy == "group_by_length"
    sampler = LengthGroupedSampler(16, lengths=here.split.lengths.tolist(), generator=torch.Generator().manual_seed(0))
    assert torch.cat(order(here, "grouped")).tolist() == list(sampler)


def test_features_and_width_keep_the_tokens(teacher, task):
    here = setting(teacher, task)
    rows, batch = features(here.split), here.split.batch([0, 1])
    wide = widened(batch, 20, here.split.pad_id)
    assert wide.input_ids.shape == (2, 20) and widened(batch, 2, 0) is batch
    for i in (0, 1):
        real = wide.attention_mask[i].bool()
        assert wide.input_ids[i][real].tolist() == rows[i]["input_ids"] and int(wide.attention_mask.sum()) == batch.tokens
        assert wide.token_type_ids[i][real].tolist() == rows[i]["token_type_ids"]


def test_flops_are_those_of_the_matrix_products():
    """Against torch's own count of a forward pass, which leaves out what the formula leaves out."""
    from torch.utils.flop_counter import FlopCounterMode

    for family in FAMILIES:
        model = tiny_model(family)
        model.set_attn_implementation("eager")
        ids = torch.randint(5, 50, (3, 11))
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(input_ids=ids, attention_mask=torch.ones_like(ids))
        assert forward_flops(model, torch.full((3,), 11)) == counter.get_total_flops(), family
        assert training_flops(model, torch.tensor([4, 7])) == 3 * forward_flops(model, torch.tensor([4, 7]))
    whole = tiny_model("bert", layers=4)
    assert len(linear_shapes(whole)[0]) == 4 * 6
    cut_last_layer(whole)
    assert len(linear_shapes(whole)[0]) == 3 * 6 + 2


@pytest.mark.parametrize("family", FAMILIES)
def test_flops_of_a_cut_last_layer_are_those_of_its_products(family):
    from torch.utils.flop_counter import FlopCounterMode

    model = tiny_model(family)
    model.set_attn_implementation("eager")
    cut_last_layer(model)
    ids = torch.randint(5, 50, (3, 11))
    with FlopCounterMode(display=False) as counter, torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        model(input_ids=ids, attention_mask=torch.ones_like(ids))
    assert forward_flops(model, torch.full((3,), 11)) == counter.get_total_flops()


def test_the_limit_counts_every_product_of_a_step(teacher, task):
    here = setting(teacher, task)
    found = limit.limit(here, 1, lambda text: None, seconds_each=0.0)
    middle = found["batch"], found["tokens"]
    student = ours.prepared_student(here, Parts())
    once = sum(a * b for a, b in linear_shapes(student)[1])
    per_token = training_flops(student, torch.full((middle[0],), middle[1])) - 6 * middle[0] * once
    assert sum(p["count"] * p["flops"] for p in found["products"]) == per_token
    assert min(p["rate"] for p in found["products"]) <= found["matmul_rate"] <= max(p["rate"] for p in found["products"])
    assert 0 < found["forward_backward"]["utilisation"] <= found["forward_backward"]["padded_utilisation"]


def test_the_bound_is_student_and_optimizer_alone(teacher, task):
    here = setting(teacher, task)
    assert set(bound.jobs(here)) == set(bound.COMPONENTS) and 0 < bound.real_share(here) <= 1
    assert bound.perfect({"student": 2.0, "optimizer_used": 0.5, "teacher": 9.0}, 0.75) == 2.0
    before = {name: value.clone() for name, value in here.student.state_dict().items()}
    assert all(job() > 0 for job in bound.jobs(here).values())
    assert all(torch.equal(before[name], value) for name, value in here.student.state_dict().items())


def test_repeats_are_interleaved_and_begin_in_turn():
    calls = []
    job = lambda name: lambda: calls.append(name) or len(calls)
    found = interleaved({"a": job("a"), "b": job("b")}, 2)
    assert calls == ["a", "b", "b", "a"] and found == {"a": [1, 4], "b": [2, 3]}
    assert summary([3.0, 1.0, 2.0]) == {"median": 2.0, "min": 1.0, "max": 3.0, "values": [3.0, 1.0, 2.0]}


def test_accuracy_is_measured_by_loop_and_seed(teacher, task):
    here = setting(teacher, task, steps=None)
    rows = peers.accuracies(here, 1, 2, lambda text: None)
    assert [row["loop"] for row in rows][0] == "Layer Lab" and all(row["settings"] != "as documented" for row in rows)
    assert all(len(row["accuracy"]["values"]) == 2 and 0 <= row["accuracy"]["min"] <= row["accuracy"]["max"] <= 1 for row in rows)
    assert peers.accuracies(dataclasses.replace(here, ready=False), 1, 2, lambda text: None) == []
    cost = ablation.frozen_cost(here, 1, 1, lambda text: None)
    assert cost["cost"] == pytest.approx(cost["trained"]["median"] - cost["frozen"]["median"])


def test_one_part_is_off_at_a_time(teacher, task):
    here = setting(teacher, task)
    found = ablation.variants(here)
    assert found["all on"][0] == Parts() and found["all off"][0] == Parts(False, False, False, False, False, here.width)
    for name, (parts, kind, _, _) in found.items():
        changed = sum(a != b for a, b in zip(dataclasses.astuple(parts), dataclasses.astuple(Parts())))
        assert name in ("all on", "all off", "in fp32") or changed + (kind == "random") in (1, 2)
    assert "bf16" in ablation.precision_note(here)


@pytest.mark.slow
def test_a_point_of_the_scaling_in_a_process_of_its_own(teacher):
    point = scaling.Point(teacher, k=1, hidden=32, batch=2, length=8, steps=1)
    row, again = scaling.scale([("k", point), ("batch", point)], lambda text: None)
    assert (row["axis"], row["value"], again["axis"], again["value"]) == ("k", 1, "batch", 2)
    assert row["peak_bytes"] >= row["before_bytes"] > 0 and row["seconds_per_step"]["median"] > 0
    with pytest.raises(LabError, match="ended with an error"):
        scaling.scale([("k", dataclasses.replace(point, folder="nowhere"))], lambda text: None)
    axes = [axis for axis, _ in scaling.points(teacher, 2, 16, 4, quick=False)]
    assert set(axes) == {"k", "hidden", "batch", "length"}


def test_a_checkpoint_that_is_kept_in_fp16_is_scaled_in_fp32(teacher, tmp_path):
    folder = tmp_path / "half"
    AutoModelForSequenceClassification.from_pretrained(teacher, local_files_only=True, dtype=torch.float16).save_pretrained(folder)
    assert scaling.measure(scaling.Point(str(folder), k=1, hidden=32, batch=2, length=8, steps=1, precision="bf16"))["seconds_per_step"]["median"] > 0


def test_a_scaling_that_fails_leaves_what_was_measured_before_it(teacher, task, monkeypatch):
    def fail(chosen, progress):
        raise LabError("A point of the scaling ended with an error.")

    monkeypatch.setattr(scaling, "scale", fail)
    options = suite.Options(((teacher, 2),), (task,), ("logits",), ("limit", "scaling"), repeats=1, steps=1, quick=True)
    found = suite.bench(options)
    assert "limit" in found["cells"][0] and found["scaling"] == [] and "ended with an error" in found["notes"][0]


def test_peak_memory_sees_what_a_part_took(teacher):
    """On systems that can tell; elsewhere there is no figure."""
    with Peak(pick("fp32")) as small:
        torch.ones(10)
    with Peak(pick("fp32")) as large:
        torch.ones(50_000_000)
    assert (small.bytes is None and large.bytes is None) or large.bytes - small.bytes > 150_000_000
    assert peak_bytes() > 0


def test_the_command_prints_tables_and_json(teacher, task, capsys, tmp_path):
    out = tmp_path / "bench.json"
    command = ["--quick", "--teacher", teacher, "--task", task, "--repeats", "2", "--steps", "2", "--parts", "peers,ablation,limit,profile"]
    assert main([*command, "--out", str(out)]) == 0
    printed, written = capsys.readouterr().out, json.loads(out.read_text())
    for words in ("notebook loop", "times ours", "A perfect loop", "Ablation", "Distance to the limit", "Profile of our loop", "hidden"):
        assert words in printed
    assert [cell["workload"] for cell in written["cells"]] == ["logits", "hidden"]
    first, second = written["cells"]
    assert set(first) >= {"peers", "ablation", "limit", "profile"} and "ablation" not in second
    own = first["peers"]["rows"][0]
    assert own["times_ours"]["values"] == [1.0, 1.0] and own["break_even_epochs"] is None
    assert first["peers"]["repeats"] == 2 and first["peers"]["cache_seconds"] > 0
    assert main([*command[:-1], "peers", "--workload", "assignment", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cells"][0]["objective"] == "assignment"


WRONG = (["--workload", "none"], ["--parts", "all"], ["--parts", ","], ["--repeats", "0"], ["--teacher", "nowhere"], ["--out", "/no/x"])


@pytest.mark.parametrize("wrong", WRONG)
def test_bad_options_are_one_sentence(task, capsys, wrong):
    assert main(["--quick", "--task", task, *wrong]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.endswith((".", task + "'")) and "Traceback" not in error


def test_the_gradient_check_sees_padding_and_every_parameter(teacher, task):
    here = setting(teacher, task)
    batch = here.split.batch(one_batch(here))
    assert batch.tokens < batch.input_ids.numel()
    model = seed_student(here.teacher.model, here.layers).requires_grad_(True)
    model(**batch.model_inputs()).logits.sum().backward()
    assert set(named_gradients(model)) == set(ours.gradients(here, one_batch(here)))
