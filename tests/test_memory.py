"""Batches computed in parts, and runs that run out of memory. Run: python -m pytest tests/test_memory.py"""

import dataclasses
import json

import pytest
import torch

from core import worker
from core.recipe import BUNDLES, Budget, Optimiser, Recipe, bundle, evaluation_steps, matched_layers
from core.store import jobs, races, records
from core.training import loop
from core.training.device import pick
from core.training.distill import distill
from core.training.loading import load_pair
from core.training.loop import Training
from core.training.signals import LiveSignals, request_for
from core.training.student import student_loss
from core.worker.memory import out_of_memory
from pages.parts.common.watch import since_last_start
from tests.tiny import tiny_model

FP32 = Optimiser(learning_rate=5e-3, batch_size=8, precision="fp32")


def recipe(teacher, task, **changes) -> Recipe:
    return Recipe(teacher, task, (1, 3), **{"budget": Budget(steps=12), "optimiser": FP32} | changes)


@pytest.fixture
def calm(own_teacher):
    """The tiny teacher's name, once it has no dropout: masks are drawn for each part anew, so only without them runs can be equal."""
    with open(f"{own_teacher}/config.json") as file:
        config = json.load(file)
    with open(f"{own_teacher}/config.json", "w") as file:
        json.dump(config | {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}, file)
    return own_teacher


@pytest.mark.parametrize("name", list(BUNDLES))
@pytest.mark.parametrize("size", [1, 3, 4])
def test_parts_add_up_to_the_gradients_and_losses_of_the_whole_batch(teacher, task, name, size):
    """Against one loss over the batch of 7 of unequal lengths, for every objective, also with parts of unequal size."""
    loaded, _, encoded = load_pair(teacher, task)
    split, device, objective = encoded["train"], pick("fp32"), bundle(name)
    examples = torch.arange(7)
    assert len(set(split.lengths[examples].tolist())) > 1
    matched = matched_layers(objective, (1, 3), loaded.layers)
    one = recipe(teacher, task, objective=objective)
    loss = student_loss(one, LiveSignals(loaded, request_for(objective, matched), device), matched, device)
    gradients, losses = {}, {}
    for micro_batch in (None, size):
        model = tiny_model("bert", layers=2, vocab=len(loaded.tokenizer), seed=5)
        training = Training(model, split, examples, 1, (1,), FP32, 0, device, loss, None, dict, micro_batch=micro_batch)
        losses[micro_batch], tokens = loop.backward(training, examples)
        gradients[micro_batch] = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        assert tokens == int(split.lengths[:7].sum())
    assert gradients[None].keys() == gradients[size].keys() and len(gradients[None]) > 20
    largest = max(float(gradient.abs().max()) for gradient in gradients[None].values())
    for part, gradient in gradients[None].items():
        assert torch.allclose(gradients[size][part], gradient, rtol=1e-3, atol=1e-5 * largest), part
    assert losses[None].keys() == losses[size].keys()
    for part, value in losses[None].items():
        assert float(losses[size][part]) == pytest.approx(float(value), rel=1e-4)


def test_a_run_in_parts_is_the_same_run_and_says_so(calm, task):
    one = recipe(calm, task, objective=bundle("patient"))
    whole, parts = (list(distill(one, micro_batch=size))[-1].data["record"] for size in (None, 3))
    assert whole["id"] == parts["id"] == one.id and whole["recipe"] == parts["recipe"]
    for ours, theirs in zip(parts["curve"], whole["curve"], strict=True):
        assert ours["step"] == theirs["step"] and ours["loss"] == pytest.approx(theirs["loss"], rel=1e-3) if theirs["loss"] else True
    assert parts["final"]["loss"] == pytest.approx(whole["final"]["loss"], rel=1e-3)
    assert whole["notes"] == [] and parts["notes"] == ["Short of memory: batches of 8 were computed 3 examples at a time, gradients added."]


def run(one: Recipe) -> jobs.Job:
    job = jobs.submit("distill", one.to_dict(), run_id=one.id, learner="ann")
    jobs.claim("w")
    worker.Runner("w").run(job)
    return jobs.get(job.id)


def short_of_memory(monkeypatch, error, enough: int, steps: int = 4):
    """Batches of more than `enough` examples raise the error after some steps."""
    real, made = loop.backward, []

    def backward(training, examples):
        made.append(len(examples))
        if len(made) > steps and min(len(examples), training.micro_batch or len(examples)) > enough:
            raise error
        return real(training, examples)

    monkeypatch.setattr(loop, "backward", backward)


CPU = RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory."), MemoryError(), CPU], ids=["cuda", "python", "cpu"])
def test_out_of_memory_starts_again_once_at_half_the_batch(calm, task, monkeypatch, error):
    one = recipe(calm, task)
    undisturbed = list(distill(one))[-1].data["record"]
    short_of_memory(monkeypatch, error, enough=4)
    job = run(one)
    record = records.by_row(job.run_row)
    assert (job.status, record["status"], record["id"], record["recipe"]) == ("finished", "finished", one.id, one.to_dict())
    assert record["notes"] == ["Short of memory: batches of 8 were computed 4 examples at a time, gradients added."]
    assert record["final"]["loss"] == pytest.approx(undisturbed["final"]["loss"], rel=1e-3)
    found = jobs.events(job.id)
    assert [event["kind"] for event in found].count("again") == 1
    assert [event["step"] for event in found if event["kind"] == "step"][:5] == [1, 2, 3, 4, 1]
    shown = since_last_start(found)
    assert [event["step"] for event in shown if event["kind"] == "step"] == list(range(1, 13))
    assert shown[0]["kind"] == "stage" and "starts again" in shown[0]["text"]


def test_a_race_that_runs_out_of_memory_starts_again_once_at_half_the_batch(calm, task, monkeypatch):
    both = [recipe(calm, task), dataclasses.replace(recipe(calm, task), layers=(2, 4))]
    short_of_memory(monkeypatch, MemoryError(), enough=4)
    job = races.submit(both, "ann")
    jobs.claim("w")
    worker.Runner("w").run(job)
    found = jobs.events(job.id)
    assert jobs.get(job.id).status == "finished" and [event["kind"] for event in found].count("again") == 1
    shown = since_last_start(found)
    assert [(event["step"], event["runner"]) for event in shown if event["kind"] == "step"] == [(n, r) for n in range(1, 13) for r in (0, 1)]
    notes = {run["id"]: run["notes"] for run in records.runs()}
    assert notes.keys() == {one.id for one in both}
    assert all("computed 4 examples at a time" in told for (told,) in notes.values())


def test_out_of_memory_twice_fails_with_a_sentence(teacher, task, monkeypatch):
    short_of_memory(monkeypatch, MemoryError(), enough=2)
    job = run(recipe(teacher, task))
    assert (job.status, job.reason.split(";")[0]) == ("failed", "The device ran out of memory")
    assert records.runs() == []


def test_a_batch_of_one_cannot_be_halved(teacher, task, monkeypatch):
    short_of_memory(monkeypatch, MemoryError(), enough=0)
    job = run(recipe(teacher, task, optimiser=Optimiser(batch_size=1, precision="fp32")))
    assert job.status == "failed" and "ran out of memory" in job.reason
    assert "again" not in [event["kind"] for event in jobs.events(job.id)]


def test_what_counts_as_out_of_memory():
    with pytest.raises(RuntimeError) as real:
        torch.empty(10**15)
    assert out_of_memory(real.value)
    assert out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"))
    assert not out_of_memory(RuntimeError("shapes do not match")) and not out_of_memory(ValueError("out of memory"))


def test_the_evaluation_schedule_is_that_of_the_whole_run(teacher, task):
    events = list(distill(recipe(teacher, task), micro_batch=2))
    assert tuple(event.data["step"] for event in events if event.kind == "evaluated") == evaluation_steps(12)
