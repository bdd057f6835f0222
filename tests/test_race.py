"""A race gives the records that its recipes give alone, paused and gone on with or not. Run: python -m pytest tests/test_race.py"""

import dataclasses
import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import LabError
from core.recipe import Budget, Optimiser, Recipe, bundle
from core.store import facts, jobs, races, records
from core.store.forecast import MEASURED, seconds
from core.training.distill import distill
from core.training.race import Race
from core.worker.kinds import race as race_job
from core.worker.runner import Runner
from tests.stopping import cancel

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")
LEARNER, WORKER = "ada", "test/1/0"
TIMES = ("seconds", "train_seconds", "tokens_per_second")


def recipes(teacher, task, steps=10) -> list[Recipe]:
    """Layers and objectives differ; one weighs its layers by gradient norms, which has a state of its own."""
    patient = dataclasses.replace(bundle("patient"), emphasis="gradient-norm")
    both = [Recipe(teacher, task, layers, budget=Budget(steps=steps), optimiser=FP32) for layers in ((1, 3), (2, 4))]
    return [*both, dataclasses.replace(both[0], layers=(1, 2, 4), objective=patient)]


def alone(recipe: Recipe) -> dict:
    *_, last = distill(recipe)
    return last.data["record"]


def finals(events) -> dict[int, dict]:
    return {event.data["runner"]: event.data["record"] for event in events if event.kind == "finished"}


def timeless(record: dict) -> dict:
    """A record without what a clock decides."""
    kept = {name: value for name, value in record.items() if name not in (*TIMES, "at", "row")}
    return kept | {"curve": [{name: value for name, value in point.items() if name != "seconds"} for point in record["curve"]]}


def alike(record: dict, expected: dict) -> None:
    assert (record["id"], record["status"], record["predictions"]) == (expected["id"], "finished", expected["predictions"])
    assert record["final"]["loss"] == pytest.approx(expected["final"]["loss"], abs=1e-6)
    losses = lambda run: [point["loss"] for point in run["curve"][1:]]
    assert losses(record) == pytest.approx(losses(expected), abs=1e-6)
    assert record["update_norms"] == pytest.approx(expected["update_norms"], abs=1e-6)
    assert timeless(record).keys() == timeless(expected).keys()
    assert [point["step"] for point in record["curve"]] == [point["step"] for point in expected["curve"]]


def test_every_runner_ends_with_the_record_that_it_has_alone(teacher, task):
    wanted = recipes(teacher, task)
    events = list(Race(wanted).events())
    made = finals(events)
    for n, recipe in enumerate(wanted):
        alike(made[n], alone(recipe))
    assert len({record["final"]["loss"] for record in made.values()}) == 3  # they are not all the same run
    assert all("runner" in event.data for event in events if event.kind not in ("round", "turn"))


def test_runners_take_turns_on_the_same_batches(teacher, task, monkeypatch):
    from core.training import loop

    seen = []
    step = loop.backward

    def watched(training, examples):
        seen.append((id(training), examples.tolist()))
        return step(training, examples)

    monkeypatch.setattr(loop, "backward", watched)
    list(Race(recipes(teacher, task)).events())
    assert len(seen) == 3 * 10
    for turn in range(0, len(seen), 3):
        assert len({runner for runner, _ in seen[turn : turn + 3]}) == 3
        assert seen[turn][1] == seen[turn + 1][1] == seen[turn + 2][1]
    assert len({tuple(batch) for _, batch in seen}) > 1


@pytest.mark.parametrize("rounds", [0, 4])
def test_a_race_that_is_saved_and_gone_on_with_ends_in_the_same_records(teacher, task, tmp_path, rounds):
    wanted = recipes(teacher, task)
    kept = tmp_path / "races" / "1"
    first = Race(wanted)
    for event in first.events():
        if event.kind == "round" and event.data["step"] == rounds:
            first.save(kept)
            break
    assert {path.suffix for path in kept.iterdir()} == {".json", ".safetensors"}
    torch.manual_seed(99)  # another process would start from another state
    events = list(Race(wanted, folder=kept).events())
    assert min(event.data["step"] for event in events if event.kind == "round") == rounds
    made = finals(events)
    for n, recipe in enumerate(wanted):
        alike(made[n], alone(recipe))


def test_the_generator_of_dropout_is_part_of_a_checkpoint(teacher, task, tmp_path):
    """Without its state the run goes on with other masks: the test above would see it."""
    wanted = recipes(teacher, task)[:2]
    first = Race(wanted)
    for event in first.events():
        if event.kind == "round" and event.data["step"] == 4:
            first.save(tmp_path / "kept")
            break
    path = tmp_path / "kept" / "runner-1.safetensors"
    save_file(load_file(path) | {"random/cpu": torch.Generator().manual_seed(99).get_state()}, path)
    made = finals(Race(wanted, folder=tmp_path / "kept").events())
    assert made[0]["final"]["loss"] != pytest.approx(alone(wanted[0])["final"]["loss"], abs=1e-6)


def test_a_checkpoint_keeps_how_many_examples_are_computed_at_once(teacher, task, tmp_path):
    wanted = recipes(teacher, task)
    for event in (race := Race(wanted, micro_batch=5)).events():
        if event.kind == "round" and event.data["step"] == 3:
            race.save(tmp_path / "kept")
            break
    restored = finals(Race(wanted, folder=tmp_path / "kept").events())
    assert len(restored) == 3 and all("5 examples at a time" in record["notes"][0] for record in restored.values())


def test_a_checkpoint_of_other_code_or_a_damaged_one_is_refused(teacher, task, tmp_path):
    wanted = recipes(teacher, task)[:2]
    first = Race(wanted)
    next(event for event in first.events() if event.kind == "round")
    first.save(tmp_path / "kept")
    with pytest.raises(LabError, match="program has changed"):
        Race(wanted[::-1], folder=tmp_path / "kept")
    (tmp_path / "kept" / "runner-1.safetensors").write_bytes(b"not tensors")
    with pytest.raises(LabError, match="cannot be read"):
        list(Race(wanted, folder=tmp_path / "kept").events())
    about = tmp_path / "kept" / "race.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"code": "0" * 12}))
    with pytest.raises(LabError, match="program has changed"):
        Race(wanted, folder=tmp_path / "kept")


def test_a_stopped_race_ends_with_stopped_records(teacher, task):
    events = []
    for event in Race(recipes(teacher, task), lambda: any(seen.kind == "round" and seen.data["step"] == 3 for seen in events)).events():
        events.append(event)
    made = finals(events)
    assert [record["status"] for record in made.values()] == ["stopped"] * 3
    assert [record["steps"] for record in made.values()] == [3, 3, 3]


def test_only_recipes_that_share_their_batches_race(teacher, task):
    one, two, three = recipes(teacher, task)
    races.check([one, two, three])
    for other, word in ((dataclasses.replace(two, seed=1), "seed"), (dataclasses.replace(two, budget=Budget(steps=9)), "budget"),
                        (dataclasses.replace(two, optimiser=Optimiser(batch_size=8)), "training settings"), (one, "the same")):
        with pytest.raises(LabError, match=word):
            races.check([one, other])
    with pytest.raises(LabError, match="between 2 and 4"):
        races.check([one])


def claim() -> jobs.Job:
    return jobs.claim(WORKER)


def test_the_worker_stores_every_run_as_an_ordinary_one(teacher, task):
    wanted = recipes(teacher, task, steps=4)
    job = races.submit(wanted, LEARNER)
    Runner(WORKER).run(claim())
    assert jobs.get(job.id).status == "finished"
    made = [event for event in jobs.events(job.id) if event["kind"] == "made"]
    assert [event["runner"] for event in made] == [0, 1, 2]
    for event, recipe in zip(made, wanted, strict=True):
        assert records.by_row(event["row"])["id"] == recipe.id == event["id"]
        alike(records.by_row(event["row"]), alone(recipe))
    assert [run["id"] for run in records.of_learner(LEARNER)] == [recipe.id for recipe in wanted] and records.of_learner("bob") == []


def test_a_paused_race_gives_the_device_up_and_goes_on_to_the_same_records(teacher, task, home, monkeypatch):
    """Paused before its first step it is set aside; another job runs; two single steps and the rest follow from its checkpoint."""
    monkeypatch.setattr(race_job, "PATIENCE", 0.0)
    wanted = recipes(teacher, task, steps=5)
    job = races.submit(wanted, LEARNER)
    races.pause(job.id)
    runner = Runner(WORKER)
    runner.run(claim())
    assert jobs.get(job.id).status == "paused" and (home / "races" / str(job.id) / "race.json").is_file()
    other = jobs.submit("distill", wanted[0].to_dict(), run_id=wanted[0].id, learner="bob")
    runner.run(claim())
    assert jobs.get(other.id).status == "finished" and claim() is None
    for steps in (1, 2):
        races.step_once(job.id)
        runner.run(claim())
        assert jobs.get(job.id).status == "paused"
        assert [e["step"] for e in jobs.events(job.id) if e["kind"] == "step" and e["runner"] == 2] == list(range(1, steps + 1))
    races.go_on(job.id)
    assert jobs.get(job.id).status == "queued"
    runner.run(claim())
    assert jobs.get(job.id).status == "finished" and not (home / "races" / str(job.id)).exists()
    events = jobs.events(job.id)
    assert sum(event["kind"] == "prepared" for event in events) == 3
    for event in (event for event in events if event["kind"] == "made"):
        alike(records.by_row(event["row"]), alone(wanted[event["runner"]]))


def test_going_on_while_the_race_is_set_aside_is_not_lost(teacher, task):
    job = races.submit(recipes(teacher, task)[:2], LEARNER)
    races.pause(job.id)
    claim()
    races.go_on(job.id)
    races.set_aside(job.id)
    assert jobs.get(job.id).status == "queued"


def test_stopping_ends_a_paused_race_and_its_checkpoint_goes(teacher, task, home, monkeypatch):
    monkeypatch.setattr(race_job, "PATIENCE", 0.0)
    job = races.submit(recipes(teacher, task)[:2], LEARNER)
    races.pause(job.id)
    Runner(WORKER).run(claim())
    assert jobs.detach(job.id, LEARNER) and jobs.get(job.id).status == "stopped"
    assert (home / "races" / str(job.id)).exists()
    race_job._remove_old_checkpoints()
    assert not (home / "races" / str(job.id)).exists()


def test_a_stop_reaches_a_race_that_waits_on_the_device(teacher, task):
    job = races.submit(recipes(teacher, task)[:2], LEARNER)
    races.pause(job.id)
    claimed = claim()
    cancel(job.id)
    Runner(WORKER).run(claimed)
    assert jobs.get(job.id).status == "stopped"


def test_single_steps_are_used_up_one_by_one():
    races.pause(7)
    assert not races.take_step(7)
    races.step_once(7)
    races.step_once(7)
    assert [races.take_step(7) for _ in range(3)] == [True, True, False]
    races.go_on(7)
    assert races.take_step(7) and races.take_step(7)


def test_the_estimate_of_a_race_is_the_sum_of_its_runs(teacher, task):
    wanted = recipes(teacher, task)[:2]
    facts.put("rate", {f"{teacher}/{task}/2": 0.5})
    job = races.submit(wanted, LEARNER)
    assert seconds(job, {name: facts.get(name) or {} for name in MEASURED}) == pytest.approx(2 * 10 * 0.5)
