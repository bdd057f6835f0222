"""Maps of choices: planned, run while no learner waits, stopped, killed and gone on with; what counts as saved then.

Run: python -m pytest tests/test_maps.py
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import worker
from core.errors import LabError
from core.findings.known_runs import known_runs, with_own
from core.findings.landscape import landscapes
from core.recipe import Budget, MapPlan, Optimiser, Recipe, map_plan
from core.store import database, jobs, maps, records, saved, workers
from core.store.waiting import TRAINING
from core.views.common.recipe_runs import ground_now, ground_text
from core.worker.process import _turn

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0  # seconds until a test gives up
PAIRS = {(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)}


def recipe(teacher, task, layers=(1, 3), seed=0, steps=4) -> Recipe:
    return Recipe(teacher, task, layers, budget=Budget(steps=steps), seed=seed, optimiser=Optimiser(batch_size=8))


def plan(teacher, task, seeds=1, steps=4, **more) -> MapPlan:
    return map_plan(recipe(teacher, task, steps=steps), 4, 2, seeds, **more)


def begun(one: MapPlan, learner="ann") -> maps.Map:
    return maps.start(one, ground_now(one.settings.teacher, one.settings.task), learner)


def work_off(runner: worker.Runner) -> list[str]:
    """Turn after turn, as the worker does, until there is nothing to do; returns the runs made, in their order."""
    while _turn(runner):
        pass
    return [record["id"] for record in records.runs()][::-1]


def until(condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


# --- the plan ---


def test_a_plan_names_every_choice_with_every_seed_and_a_cut_one_is_a_balanced_sample():
    one = map_plan(Recipe("t", "x", (1, 3)), 4, 2, 2, control=True)
    recipes = one.recipes()
    assert len(recipes) == 14 and len({each.id for each in recipes}) == 14
    assert {each.layers for each in recipes[:6]} == PAIRS and {each.seed for each in recipes[:7]} == {0}
    assert [each.seeding.untrained_layers for each in recipes].count(True) == 2 and recipes[6].layers == (1, 3)  # as the saved controls
    assert Recipe("t", "x", (2, 4), seed=1).id in {each.id for each in recipes}  # ordinary recipes
    assert MapPlan.from_dict(one.to_dict()) == one and MapPlan.from_dict(one.to_dict()).id == one.id


def test_a_sample_is_drawn_by_its_seed_and_a_larger_one_holds_the_smaller():
    draw = lambda n, seed: map_plan(Recipe("t", "x", (1,)), 12, 3, 1, sample=n, draw=seed).choices
    assert draw(5, 0) == draw(9, 0)[:5] and set(draw(5, 0)) != set(draw(5, 1)) and all(list(c) == sorted(set(c)) for c in draw(9, 0))


@pytest.mark.parametrize(("k", "seeds", "sample", "words"), [
    (5, 1, None, "no choices of 5 layers"), (2, 0, None, "1 to 10 seeds"), (2, 1, 7, "There are 6 choices of 2 layers"), (2, 1, 0, "0 of them"),
])
def test_a_plan_that_cannot_be_is_one_sentence(k, seeds, sample, words):
    with pytest.raises(LabError, match=words):
        map_plan(Recipe("t", "x", (1, 3)), 4, k, seeds, sample)


def test_a_plan_of_too_many_runs_is_refused():
    with pytest.raises(LabError, match=r"1848 runs, and a map has at most 1000"):
        map_plan(Recipe("t", "x", (1, 3)), 12, 6, 2)


# --- in the worker ---


def test_a_map_is_run_whole_and_what_is_there_is_not_run_again(teacher, task):
    one = plan(teacher, task)
    ids = [each.id for each in one.recipes()]
    earlier = recipe(teacher, task, (2, 3))
    jobs.submit("distill", earlier.to_dict(), run_id=earlier.id, learner="bob")
    runner = worker.Runner("w")
    assert work_off(runner) == [earlier.id]
    found = begun(one)
    assert maps.state(found).done == 1
    made = work_off(runner)
    assert made[1:] == [each for each in ids if each != earlier.id] and len(made) == 6  # equal recipes once, in the plan's order
    at, ended = maps.state(found), maps.get(found.id)
    assert (ended.status, at.done, at.left, at.broken) == (maps.FINISHED, 6, 0, {}) and at.seconds > 0
    assert {record["status"] for record in records.runs()} == {"finished"}
    assert begun(one).id == found.id and work_off(runner) == made  # the same plan again runs nothing


def test_a_learners_run_goes_before_the_maps_next(teacher, task, monkeypatch):
    one = plan(teacher, task)
    begun(one)
    runner = worker.Runner("w")
    assert _turn(runner)
    mine = recipe(teacher, task, (1, 2), seed=7)
    jobs.submit("distill", mine.to_dict(), run_id=mine.id, learner="bob")
    assert maps.next_job("another") is None  # while a learner waits, no worker takes one
    assert _turn(runner) and records.runs()[0]["id"] == mine.id
    assert _turn(runner) and records.runs()[0]["id"] == one.recipes()[1].id


def test_maps_take_turns(teacher, task):
    mine, theirs = plan(teacher, task), plan(teacher, task, steps=5)
    begun(mine), begun(theirs, "bob")
    runner = worker.Runner("w")
    for _ in range(4):
        assert _turn(runner)
    made = [record["recipe"]["budget"]["steps"] for record in records.runs()]
    assert sorted(made) == [4, 4, 5, 5] and made[0] != made[1]


def test_one_learner_has_one_map_at_a_time(teacher, task):
    begun(plan(teacher, task))
    with pytest.raises(LabError, match="Another map of yours is being measured"):
        begun(plan(teacher, task, steps=5))
    assert len(maps.all_maps()) == 1


def test_stop_ends_the_run_that_trains_and_resume_goes_on(teacher, task):
    found = begun(plan(teacher, task, steps=400))
    runner = worker.Runner("w")
    job = maps.next_job("w")
    maps.stop(found.id)
    runner.run(job)
    assert jobs.get(job.id).status == "stopped" and maps.next_job("w") is None
    assert maps.get(found.id).status == maps.STOPPED and maps.state(found).done == 0
    again = begun(found.plan, "bob")  # anybody may let it go on
    assert again.going and maps.next_job("w").run_id == job.run_id


def test_a_learner_joins_a_maps_run_and_stopping_the_map_leaves_it_to_them(teacher, task):
    found = begun(plan(teacher, task))
    job = maps.next_job("w")
    wanted = Recipe.from_dict(job.payload)
    joined = jobs.submit("distill", job.payload, wanted.id, "bob", ground_text(job.payload))
    assert joined.id == job.id
    maps.stop(found.id)
    assert not jobs.cancelled(job.id)
    jobs.detach(job.id, "bob")
    assert jobs.cancelled(job.id)


def test_a_learner_who_leaves_does_not_stop_the_maps_run(teacher, task):
    begun(plan(teacher, task))
    job = maps.next_job("w")
    jobs.submit("distill", job.payload, job.run_id, "bob", ground_text(job.payload))
    assert jobs.detach(job.id, "bob") is False and not jobs.cancelled(job.id)


def test_two_workers_take_different_runs(teacher, task):
    begun(plan(teacher, task))
    assert maps.next_job("a").run_id != maps.next_job("b").run_id


def test_a_run_that_breaks_off_is_left_out_and_the_others_go_on(teacher, task):
    found = begun(plan(teacher, task))
    first = maps.next_job("w")
    jobs.finish(first.id, "failed", "The losses are no longer finite.")
    made = work_off(worker.Runner("w"))
    assert len(made) == 5 and first.run_id not in made
    assert maps.get(found.id).status == maps.FINISHED and maps.state(found).broken == {first.run_id: "The losses are no longer finite."}


def test_a_map_whose_first_runs_all_break_off_fails_with_the_reason(teacher, task):
    found = begun(plan(teacher, task))
    for _ in range(maps.MOST_BROKEN):
        jobs.finish(maps.next_job("w").id, "failed", "The teacher is gone.")
    assert maps.next_job("w") is None
    failed = maps.get(found.id)
    assert failed.status == maps.FAILED and failed.reason == "The first 3 runs broke off. The teacher is gone."
    assert begun(found.plan).going and maps.next_job("w") is not None  # going on tries them again


def test_a_worker_that_dies_over_one_run_again_and_again_leaves_it_out(teacher, task):
    found = begun(plan(teacher, task))
    ids = []
    for n in range(maps.MOST_DEATHS + 1):
        ids.append(maps.next_job(f"w{n}").run_id)
        workers.leave(f"w{n}")
    assert len(set(ids[:-1])) == 1 and ids[-1] != ids[0] and list(maps.state(found).broken) == ids[:1]


def test_a_map_of_other_content_ends_with_a_sentence(teacher, task):
    one = plan(teacher, task)
    found = maps.start(one, ("another teacher", ground_now(teacher, task)[1]), "ann")
    assert len(work_off(worker.Runner("w"))) == 1  # not for ever
    assert maps.get(found.id).reason == maps.CHANGED


def test_an_old_store_opens_and_takes_maps(teacher, task, home):
    home.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", database.MIGRATIONS[:3])
        records.add({"id": "old", "status": "finished", "recipe": {"teacher": teacher, "task": task}})
    assert maps.all_maps() == [] and records.find("old")
    assert begun(plan(teacher, task)).going


# A process that has imported everything and forks a worker for each line it reads, so that several kills cost one import.
NURSERY = """
import os, sys
import core.training.distill, core.training.loading
from core.worker import work
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os._exit(work(float(line)) or 0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("over", flush=True)
"""


@pytest.mark.slow
def test_kill_9_of_the_worker_at_several_moments_loses_nothing_and_makes_nothing_twice(teacher, task, home):
    one = plan(teacher, task, seeds=2, steps=20)
    found = begun(one)
    there = lambda: maps.state(found)
    env = os.environ | {"LAYER_LAB_HOME": str(home)}
    nursery = subprocess.Popen([sys.executable, "-c", NURSERY], cwd=ROOT, env=env, text=True, bufsize=1,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with nursery:
        answer = lambda: next(line.strip() for line in nursery.stdout if line.strip() in ("ready", "over") or line.strip().isdigit())
        assert answer() == "ready"
        for kills, moment in enumerate((0.0, 0.1, 0.3), start=1):
            nursery.stdin.write("2\n")
            child, done = int(answer()), there().done
            until(lambda done=done: there().done > done and there().job is not None)
            time.sleep(moment)
            os.kill(child, signal.SIGKILL)
            assert answer() == "over"
            assert kills <= there().done < 12 and all(record["status"] == "finished" for record in records.runs())
        nursery.stdin.write("2\n")
        assert answer().isdigit() and answer() == "over"
        nursery.stdin.close()
    made = [record["id"] for record in records.runs()]
    assert sorted(made) == sorted(each.id for each in one.recipes()) and there().broken == {}  # each once
    assert maps.get(found.id).status == maps.FINISHED and not list(home.rglob("*.part"))


# --- what counts as saved ---


def test_the_runs_of_a_map_are_a_landscape_and_others_runs_of_the_pair_count_too(teacher, task):
    begun(plan(teacher, task))
    runner = worker.Runner("w")
    work_off(runner)
    single = recipe(teacher, task, (1, 2), seed=5)
    jobs.submit("distill", single.to_dict(), run_id=single.id, learner="bob")
    work_off(runner)
    one, = with_own([], [])
    assert set(one.runs) == PAIRS and len(one.runs[1, 2]) == 2 and one.known  # the truth of the examples is kept here
    assert saved.truth(one.one["task_hash"], "check") is not None
    assert {run["id"] for run in known_runs(teacher, task)} == {run["id"] for run in records.runs()}


def test_beside_shipped_runs_only_planned_ones_count(teacher, task, tmp_path, monkeypatch):
    work_on = worker.Runner("w")
    for layers in ((1, 2), (1, 3)):
        each = recipe(teacher, task, layers)
        jobs.submit("distill", each.to_dict(), run_id=each.id, learner="bob")
    work_off(work_on)
    shipped = [dict(run) for run in records.runs()]
    (tmp_path / "shipped.jsonl").write_text("".join(database.to_json(run) + "\n" for run in shipped))
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    unplanned = recipe(teacher, task, (1, 2), seed=9)
    jobs.submit("distill", unplanned.to_dict(), run_id=unplanned.id, learner="bob")
    work_off(work_on)
    ids = lambda: [run["id"] for run in known_runs(teacher, task)]
    assert unplanned.id not in ids() and len(ids()) == 2
    begun(plan(teacher, task, seeds=10, sample=1))  # plans seed 9 of some choice
    planned = next(each for each in plan(teacher, task, seeds=10, sample=1).recipes() if each.seed == 9)
    jobs.submit("distill", planned.to_dict(), run_id=planned.id, learner="bob")
    while not records.finished(planned.id):
        work_on.run(work_on.claim(TRAINING))
    assert planned.id in ids() and unplanned.id not in ids() or planned.id == unplanned.id
    merged, = with_own(landscapes(saved.saved_runs()), saved.saved_runs())
    assert sum(map(len, merged.runs.values())) == len(ids()) and sum("file" in run for runs in merged.runs.values() for run in runs) == 2
