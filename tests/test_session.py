"""A run as others see it: turns, in which the consumer may do what it likes, and where it may stop. Run: python -m pytest tests/test_session.py"""

import dataclasses
import time

import pytest
import torch

from core.models.families import layers
from core.models.first_token import is_cut
from core.recipe import Budget, Optimiser, Recipe, bundle
from core.recipe.tuning import Tuning
from core.studies.inside.measure import measure
from core.studies.mistakes.hooks import overrides_for
from core.studies.stages.run import run as stages
from core.studies.stages.staged import METHODS, Staged
from core.training.device import pick
from core.training.distill import distill
from core.training.evaluate import predict
from core.training.events import completed, without_turns
from core.training.loading import load_pair, warm
from core.training.race import Race
from core.training.session import Session
from core.training.tune import tune
from tests.stopping import stopped_at
from tests.tiny import save_tiny_teacher

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")
TIMES = ("seconds", "train_seconds", "tokens_per_second", "eta")


def recipe(teacher, task, **changes) -> Recipe:
    return Recipe(teacher, task, **{"layers": (1, 3), "budget": Budget(steps=12), "optimiser": FP32} | changes)


def timeless(value):
    if isinstance(value, dict):
        return {name: timeless(each) for name, each in value.items() if name not in TIMES}
    return [timeless(each) for each in value] if isinstance(value, list | tuple) else value


def plain(events) -> list:
    """What the events say, whatever a clock says."""
    return [(event.kind, timeless(event.data)) for event in without_turns(events)]


def disturbed(events, teacher: str, task: str):
    """The events; at every turn the teacher, which the run reads too, answers about a split, after nothing was found left open."""
    model, split = load_pair(teacher, task)[0].model, load_pair(teacher, task)[2]["test"]
    turns = 0
    for event in events:
        if event.kind == "turn":
            turns += 1
            assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled() and not torch.is_autocast_enabled("cpu")
            assert not model.training and not is_cut(model)
            hooks = [hook for module in model.modules() for hook in module._forward_hooks.values()]
            assert not any(hook.__module__.startswith("core.") for hook in hooks)  # transformers leaves some of its own
            predict(model, split, pick("bf16"))
        yield event
    assert turns


WORK = {
    "cross-entropy": lambda one: distill(one),
    "attention": lambda one: distill(dataclasses.replace(one, objective=bundle("attention"))),
    "patient": lambda one: distill(dataclasses.replace(one, objective=dataclasses.replace(bundle("patient"), emphasis="gradient-norm"))),
    "full": lambda one: distill(dataclasses.replace(one, budget=Budget(epochs=2))),
    "in parts": lambda one: distill(one, micro_batch=7),
    "a mistake": lambda one: distill(one, overrides=overrides_for("teacher-dropout")),
    "a race": lambda one: Race([one, dataclasses.replace(one, layers=(2, 4))]).events(),
    **{method: (lambda one, method=method: stages(Staged(method, dataclasses.replace(one, layers=(1, 2))))) for method in METHODS},
}


@pytest.mark.parametrize("name", WORK)
def test_what_is_done_in_turns_changes_nothing(teacher, task, name, tmp_path, monkeypatch):
    one = recipe(teacher, task)
    found = plain(disturbed(WORK[name](one), teacher, task))
    monkeypatch.setenv("LAYER_LAB_HOME", str(tmp_path / "another"))  # signals are computed again, so that their stages come again
    assert found == plain(WORK[name](one))


def test_a_bf16_run_leaves_no_autocast_open(teacher, task):
    assert list(disturbed(distill(recipe(teacher, task, optimiser=dataclasses.replace(FP32, precision="bf16"))), teacher, task))


def test_a_turn_comes_before_every_step_and_after_every_batch_of_an_evaluation_and_of_the_teachers_answers(teacher, task):
    events = list(distill(recipe(teacher, task)))
    kinds = [event.kind for event in events]
    assert all(before == "turn" for before, kind in zip(kinds, kinds[1:]) if kind == "step")
    assert all(before == "turn" for before, kind in zip(kinds, kinds[1:]) if kind == "evaluated")
    # after loading; the teacher is asked about 96 examples and 48, in batches of 64; evaluations of 48 at the start and 3 times; 12 steps
    assert kinds.count("turn") == 1 + (1 + 2) + (1 + 1) + 4 + 12
    assert not any(event.data for event in events if event.kind == "turn")


@pytest.mark.parametrize("work", (lambda t, d: warm(t, d), lambda t, d: measure(t, d)), ids=("warm", "inside"))
def test_other_long_work_yields_turns_too(teacher, task, work):
    assert list(disturbed(work(teacher, task), teacher, task))


@pytest.mark.parametrize("turns", (1, 2, 3, 5))
def test_a_run_that_is_stopped_before_it_is_prepared_ends_at_once_without_a_record(teacher, task, turns):
    asked, seen = recipe(teacher, task, budget=Budget(epochs=2)), []
    for event in distill(asked, lambda: seen.count("turn") >= turns):
        seen.append(event.kind)
    assert seen.count("turn") == turns and set(seen) == {"stage", "turn"}
    assert [event.kind for event in Race([asked, dataclasses.replace(asked, layers=(2, 4))], lambda: True).events()] == ["stage"]


def test_a_stop_in_the_middle_of_an_evaluation_leaves_it_and_measures_the_check_part(teacher, task):
    seen = []
    for event in distill(recipe(teacher, task, budget=Budget(epochs=4)), lambda: [e.kind for e in seen[-2:]] == ["step", "turn"] and len(seen) > 30):
        seen.append(event)
    record = event.data["record"]
    assert record["status"] == "stopped" and record["split"] == "check" and 0 < record["steps"] < record["steps_planned"]
    assert record["curve"][-1]["val_accuracy"] is None and record["curve"][-1]["step"] == record["steps"]


def test_a_run_stopped_after_it_is_prepared_has_a_record_without_steps(teacher, task):
    seen = []
    for event in distill(recipe(teacher, task), lambda: "prepared" in seen):
        seen.append(event.kind)
    record = event.data["record"]
    assert (record["status"], record["steps"], len(record["curve"])) == ("stopped", 0, 1)


def test_a_staged_run_stopped_between_two_stages_is_the_first_one(teacher, task):
    staged = Staged("two-stage", recipe(teacher, task))
    seen = []
    for event in stages(staged, lambda: any(e.data.get("stage_number") == 2 for e in seen)):
        seen.append(event)
    record = event.data["record"]
    assert record["status"] == "stopped" and len(record["stages"]) == 1 and record["steps"] == 6


def test_seconds_of_turns_are_not_the_runs(teacher, task):
    slept, began = 0.0, time.perf_counter()
    for event in distill(recipe(teacher, task)):
        if event.kind == "turn":
            time.sleep(0.05)
            slept += 0.05
    record, wall = event.data["record"], time.perf_counter() - began
    assert slept > 0.5 and record["seconds"] < wall - slept + 0.01 and record["train_seconds"] < record["seconds"]


def test_a_stopped_fine_tuning_says_where(tmp_path, task):
    base = str(save_tiny_teacher(tmp_path / "base", labels=("LABEL_0", "LABEL_1", "LABEL_2")))
    last = stopped_at(4, lambda stop: tune(Tuning(base, task, optimiser=FP32), stop=stop))[-1]
    assert (last.kind, last.data) == ("stopped", {"step": 4})


def test_a_session_goes_on_from_its_state(teacher, task):
    one = recipe(teacher, task)
    first, second = Session(one), Session(one)
    completed(first.prepare())
    for _ in range(5):
        completed(first.advance())
    first.random = {"cpu": torch.get_rng_state()}
    tensors, values = first.state()
    tensors = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    completed(second.prepare())
    second.load_state(tensors, values)
    torch.set_rng_state(second.random["cpu"])
    completed(second.train())
    *_, last = second.record()
    *_, alone = distill(one)
    assert timeless(last.data["record"]) == timeless(alone.data["record"])
    assert len(layers(second.student)) == 2
