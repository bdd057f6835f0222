"""The experiment on seams: what each arm's student is, that a laid bridge does nothing but its map, and that a file of runs goes on.

Run: python -m pytest tests/test_seam_experiment.py
"""

import dataclasses
import functools
import json

import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from core.__main__ import main
from core.models.bridge import lay
from core.models.families import layers
from core.models.first_token import is_cut
from core.models.seeding import seed_student
from core.recipe import Budget, Optimiser, Recipe, Seeding
from core.recipe.seams import Seam
from core.store.ground import ground
from core.store.saved import read, saved_runs
from core.studies import sweep
from core.studies.seams import arms, experiment, experiment_table
from core.studies.seams.arms import ARMS, BRIDGED, COPIES, CUT, FIXED, FRESH, GAPS, SWAPPED, TRAINED, WHOLE, Trial, layers_of, trials
from core.studies.seams.predictions import Prediction
from core.training.distill import distill
from core.training.loading import load_pair
from core.training.overrides import Overrides
from core.training.session import Session
from tests.tiny import save_tiny_teacher

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")
SMALL = {"count": 4, "budget": Budget(steps=4), "optimiser": FP32}
TINY_GAPS = (Seam(1, 3), Seam(0, 2), Seam(2, 5))
ONE_GAP = TINY_GAPS[:1]
TIMES = ("seconds", "train_seconds", "tokens_per_second")


@pytest.fixture(scope="module", params=("bert", "mpnet"))
def any_teacher(request, tmp_path_factory):
    return str(save_tiny_teacher(tmp_path_factory.mktemp("teacher"), request.param))


def record_of(trial: Trial) -> dict:
    *_, last = experiment.run(trial)
    return last.data["record"]


def trial_of(teacher, task, gap, arm, seed=0) -> Trial:
    return next(one for one in trials((task,), (seed,), teacher, gaps=(gap,), **SMALL) if one.arm == arm)


def test_the_layers_of_each_arm():
    found = {(str(gap), arm): layers_of(arm, gap, 6) for gap in GAPS for arm in ARMS}
    for gap, cut, swapped, copies in (
        ("1→4", (1, 4, 5, 6), (1, 3, 2, 4, 5, 6), (1, 1, 1, 4, 5, 6)),
        ("0→3", (3, 4, 5, 6), (2, 1, 3, 4, 5, 6), (3, 3, 3, 4, 5, 6)),
        ("3→7", (1, 2, 3), (1, 2, 3, 6, 5, 4), (1, 2, 3, 3, 3, 3)),
    ):
        assert [found[gap, arm] for arm in (CUT, SWAPPED, COPIES, FIXED, TRAINED)] == [cut, swapped, copies, cut, cut]
        assert found[gap, FRESH] == found[gap, WHOLE] == (1, 2, 3, 4, 5, 6)


def test_the_plan_makes_seed_0_of_the_first_task_first_and_the_whole_once_a_seed():
    planned = list(trials())
    assert len(planned) == len({one.id for one in planned}) == len({one.key for one in planned}) == 2 * 3 * (1 + 3 * 6)
    assert [(one.recipe.task, one.recipe.seed) for one in planned[::19]] == [(task, seed) for task in arms.TASKS for seed in arms.SEEDS]
    assert [one.arm for one in planned[:3]] == [WHOLE, CUT, SWAPPED] and [one.recipe.task for one in planned[57:]] == ["sick"] * 57
    assert not {one.id for one in planned} & {one.recipe.id for one in planned}
    settings = {(one.recipe.budget, one.recipe.objective.name, one.recipe.optimiser) for one in planned}
    assert settings == {(Budget(steps=240), "hinton", Optimiser(learning_rate=2e-4))}


def test_an_arm_is_no_mistake_and_answers_no_recipe(teacher, task, tmp_path):
    one = trial_of(teacher, task, TINY_GAPS[0], CUT)
    record = record_of(one)
    assert record["id"] == one.id != one.recipe.id and record["experiment"] == {"gap": [1, 3], "arm": "cut"} and "mistake" not in record
    assert Recipe.from_dict(record["recipe"]) == one.recipe and arms.key_of(record) == one.key
    sweep.append(tmp_path / "a.jsonl", record)
    assert saved_runs(folder=tmp_path) == [] and len(read(tmp_path / "a.jsonl")) == 1


def test_an_arm_is_measured_on_the_test_split_and_is_else_the_run_of_its_recipe(teacher, task):
    one = trial_of(teacher, task, TINY_GAPS[0], SWAPPED)
    found = record_of(one)
    *_, last = distill(one.recipe)
    plain = last.data["record"]
    assert found["split"] == "test" and plain["split"] == "check"
    assert found["update_norms"] == plain["update_norms"] and found["check"]["final"]["accuracy"] == plain["final"]["accuracy"]
    *_, last = distill(dataclasses.replace(one.recipe, budget=Budget(epochs=1)))
    full = last.data["record"]
    assert found["teacher"]["accuracy"] == full["teacher"]["accuracy"] and found["initial"]["loss"] == full["initial"]["loss"]
    assert len(found["predictions"]) == len(full["predictions"])


@pytest.mark.parametrize("gap", TINY_GAPS, ids=str)
@pytest.mark.parametrize("arm", BRIDGED)
def test_a_fixed_bridge_stays_and_a_trained_one_moves(any_teacher, task, gap, arm):
    one = trial_of(any_teacher, task, gap, arm)
    start = experiment.Start(one)
    session = Session(one.recipe, overrides=Overrides(experiment=one.experiment, test=True, start=start))
    list(session.prepare())
    before = {name: value.clone() for name, value in session.student.named_parameters()}
    list(session.train())
    moved = {name: not torch.equal(value, before[name]) for name, value in session.student.named_parameters()}
    bridge = {name: each for name, each in moved.items() if ".bridge" in name}
    assert len(bridge) == 2 and set(bridge.values()) == {arm == TRAINED}
    assert all(each for name, each in moved.items() if name.endswith("weight") and "layer." in name and name not in bridge)
    *_, last = session.record()
    record = last.data["record"]
    assert record["audit"]["layers"] == list(one.recipe.layers) and record["audit"]["optimizer_holds"] == 1
    assert set(record["update_norms"]) >= {str(j) for j in range(1, one.recipe.k + 1)} and min(record["update_norms"].values()) > 0
    found = start.record()["bridge"]
    assert (found["moved"] > 0) == (arm == TRAINED) and found["texts"] == 96 and found["explained"] <= 1
    assert is_cut(session.student) and (found["tokens"] == 96) == (gap.above == 5)


@pytest.mark.parametrize("gap", TINY_GAPS, ids=str)
@pytest.mark.parametrize("trained", (False, True))
def test_an_identity_bridge_gives_the_run_without_one(any_teacher, task, gap, trained):
    """With a fixed one nothing but rounding differs; one that trains begins so."""

    def with_identity(student):
        same = nn.Linear(16, 16)
        same.weight.data, same.bias.data = torch.eye(16), torch.zeros(16)
        lay(student, arms.position_of(gap), same.requires_grad_(trained))
        return student

    recipe = trial_of(any_teacher, task, gap, CUT).recipe
    *_, last = distill(recipe)
    *_, bridged = distill(recipe, overrides=Overrides(start=with_identity))
    plain, bridged = last.data["record"], bridged.data["record"]
    assert bridged["initial"]["loss"] == pytest.approx(plain["initial"]["loss"], abs=1e-6)
    if not trained:
        assert bridged["update_norms"] == pytest.approx(plain["update_norms"], rel=1e-3) and bridged["predictions"] == plain["predictions"]
        assert bridged["final"]["loss"] == pytest.approx(plain["final"]["loss"], abs=1e-5)


def test_a_run_with_a_bridge_goes_on_from_its_state(teacher, task):
    one = trial_of(teacher, task, TINY_GAPS[2], TRAINED)

    def session():
        made = Session(one.recipe, overrides=Overrides(experiment=one.experiment, test=True, start=experiment.Start(one)))
        list(made.prepare())
        return made

    def ended(made):
        *_, last = made.record()
        return {name: value for name, value in last.data["record"].items() if name not in (*TIMES, "curve", "environment")}

    whole, first = session(), session()
    list(whole.train())
    list(first.advance()), list(first.advance())
    first.random = {"cpu": torch.get_rng_state()}
    tensors, values = first.state()
    kept, second = save({name: tensor.detach().clone() for name, tensor in tensors.items()}), session()
    second.load_state(load(kept), values)
    torch.set_rng_state(second.random["cpu"])
    list(second.train())
    assert ended(second) == ended(whole)


@pytest.mark.parametrize("gap", TINY_GAPS, ids=str)
def test_fresh_layers_are_the_controls_and_all_else_is_copied(any_teacher, task, gap):
    one = trial_of(any_teacher, task, gap, FRESH, seed=3)
    session = Session(one.recipe, overrides=Overrides(experiment=one.experiment, test=True, start=experiment.Start(one)))
    list(session.prepare())
    assert session.audit["layers"] == [None if j in gap.missing else j for j in (1, 2, 3, 4)]
    assert session.audit["head"] and session.audit["embeddings"]
    teacher = load_pair(one.recipe.teacher, task)[0].model
    control = seed_student(teacher, (1, 2, 3, 4), Seeding(untrained_layers=True), 3)
    for j in gap.missing:
        drawn, wanted = layers(session.student)[j - 1].state_dict(), layers(control)[j - 1].state_dict()
        assert all(torch.equal(drawn[name], wanted[name]) for name in wanted)


def test_a_bridge_is_fitted_on_the_states_at_both_ends_of_the_gap(teacher, task):
    loaded, its_task, encoded = load_pair(teacher, task)
    device = experiment.pick("fp32")
    split = encoded["train"]
    below, above = experiment.states(loaded, Seam(1, 3), split, device)
    assert len(below) == len(above) == int(split.lengths.sum())
    first = split.batch(torch.tensor([0]))
    order = torch.cat(experiment.sequential(split.lengths, 64)).tolist().index(0)
    lengths = split.lengths[torch.cat(experiment.sequential(split.lengths, 64))]
    begin = int(lengths[:order].sum())
    with torch.no_grad():
        states = loaded.model(**first.model_inputs(), output_hidden_states=True).hidden_states
    size = int(split.lengths[0])
    torch.testing.assert_close(below[begin:begin + size], states[1][0, :size], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(above[begin:begin + size], states[2][0, :size], atol=1e-5, rtol=1e-4)
    below, above = experiment.states(loaded, Seam(2, 5), split, device)
    assert len(below) == len(split)
    torch.testing.assert_close(above[order], states[4][0, 0], atol=1e-5, rtol=1e-4)
    bridge, figures = experiment.fitted(loaded, Seam(0, 2), split, encoded["validation"], device)
    assert 0 < figures["explained"] < 1 and not bridge.weight.requires_grad


def test_a_file_of_runs_goes_on_where_it_was_left(teacher, task, tmp_path):
    planned = list(trials((task,), (0,), teacher, gaps=TINY_GAPS[2:], **SMALL))
    loaded, its_task, _ = load_pair(teacher, task)
    path, made = tmp_path / "experiment.jsonl", []

    def counted(trial):
        made.append(trial.arm)
        yield from experiment.run(trial)

    def go(some):
        return [state for state in sweep.sweep(some, path, loaded.key, its_task.hash, sweep.in_turn(counted))]

    go(planned[:3])
    assert [one.arm for one in arms.missing(read(path), planned)] == [one.arm for one in planned[3:]]
    last = go(planned)[-1]
    assert made == [one.arm for one in planned] and last["done"] == last["of"] == 7 and arms.missing(read(path), planned) == []
    assert {ground(record) for record in read(path)} == {(loaded.key, its_task.hash)}
    assert all(set(record) <= {*experiment.KEPT, "teacher", "initial", "final", "check"} for record in read(path))
    assert [("bridge" in record) for record in read(path)] == [one.arm in BRIDGED for one in planned]


def test_the_verb_makes_what_is_missing_and_then_shows_shares_and_verdicts(teacher, task, tmp_path, monkeypatch, capsys):
    planned = functools.partial(trials, (task,), teacher=teacher, gaps=ONE_GAP, **SMALL)
    monkeypatch.setattr(arms, "trials", planned)
    expected = (Prediction(task, ONE_GAP[0], WHOLE, CUT, -100, 100, "any"),)
    for name, value in {"GAPS": ONE_GAP, "TASKS": (task,), "PREDICTIONS": expected}.items():
        monkeypatch.setattr(experiment_table, name, value)
    path = tmp_path / "runs" / "experiment.jsonl"
    shown = ["seams", "--experiment", "--out", str(path), "--seeds", "0,1"]
    assert main(shown) == 0
    assert capsys.readouterr().out.startswith("14 of 14 runs are missing")
    assert main([*shown, "--make"]) == 0
    printed = capsys.readouterr()
    assert printed.out.endswith("No run is missing.\n") and "trained-bridge" in printed.out and "left, " in printed.err
    assert "Of 1 ranges 1 held" in printed.out and "the seam costs " in printed.out
    before = path.read_bytes()
    assert main([*shown, "--make", "--json"]) == 0 and path.read_bytes() == before
    document = json.loads(capsys.readouterr().out)
    assert len(document["arms"]) == 7 and document["missing"] == [] and document["predictions"][0]["verdict on the range"] == "held"
    assert main(["seams"]) == 2
