"""Jobs of kind choose and stages, run by the worker's own runner on a tiny teacher. Run: python -m pytest tests/test_choosers_worker.py"""

import itertools

import pytest

from core.recipe import Budget, Optimiser, Recipe
from core.store import facts, jobs, layer_scores, records
from core.store.waiting import TRAINING, lane_of
from core.studies.stages.staged import Staged
from core.views.common.recipe_runs import teacher_hash
from core.worker.runner import Runner
from tests.stopping import cancel


def submitted(kind: str, payload: dict, run_id: str | None = None) -> jobs.Job:
    job = jobs.submit(kind, payload, run_id=run_id, learner="ada")
    runner = Runner("w")
    runner.run(runner.claim(TRAINING))
    return jobs.get(job.id)




def chooser(teacher, task, method="block-influence", k=2) -> dict:
    return {"teacher": teacher, "task": task, "method": method, "k": k}


def staged(teacher, task, method="two-stage", steps=12) -> dict:
    recipe = Recipe(teacher, task, (1, 3), budget=Budget(steps=steps), optimiser=Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32"))
    return {"method": method, "recipe": recipe.to_dict(), "remove": 1}


def test_both_wait_in_the_lane_of_what_trains():
    assert lane_of("choose") == lane_of("stages") == TRAINING


def test_a_chooser_ends_with_a_ranking_that_the_page_finds(teacher, task):
    job = submitted("choose", chooser(teacher, task))
    assert job.status == "finished" and job.run_row is None
    kept = layer_scores.find(teacher_hash(teacher, task), task, "choices--block-influence--k2")
    assert {tuple(one["layers"]) for one in kept["choices"]} == set(itertools.combinations(range(1, 5), 2)) and kept["settings_hash"]
    assert jobs.last_event(job.id, "chosen")["layers"] == kept["choices"][0]["layers"]


def test_a_chooser_reports_how_far_it_is(teacher, task):
    job = submitted("choose", chooser(teacher, task, "before-training"))
    stages = [event for event in jobs.events(job.id) if event["kind"] == "stage"]
    assert stages[0]["stage"] == "preparing" and any(event["text"] == "Evaluating untrained students" for event in stages)
    shares = [event["done"] for event in stages if event["done"] is not None]
    assert shares == sorted(shares) and all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("kind", ["choose", "stages"])
def test_a_job_that_is_told_to_stop_ends_stopped_and_leaves_nothing_behind(teacher, task, kind, monkeypatch):
    """The learner stops it after it was taken; the runner looks at every step."""
    monkeypatch.setattr("core.worker.runner.LOOK_SECONDS", -1.0)
    payload = chooser(teacher, task, "successive-halving") if kind == "choose" else staged(teacher, task, steps=5000)
    real = jobs.emit
    steps = []

    def emit(job_id, event, data):
        real(job_id, event, data)
        if event == "step" or "Short run" in data.get("text", ""):
            steps.append(1)
            if len(steps) == 1:
                cancel(job_id)

    monkeypatch.setattr(jobs, "emit", emit)
    job = submitted(kind, payload)
    assert (job.status, job.reason) == ("stopped", "Stopped by the learner.") and len(steps) == 1
    if kind == "choose":
        assert layer_scores.find(teacher_hash(teacher, task), task, "choices--successive-halving--k2") is None
    else:
        assert records.by_row(job.run_row)["status"] == "stopped" and records.by_row(job.run_row)["steps"] == 1


def test_what_cannot_be_is_one_sentence(teacher, task):
    job = submitted("choose", chooser(teacher, task, k=9))
    assert job.status == "failed" and "from 1 to 4" in job.reason
    job = submitted("choose", chooser(teacher, task, "luck"))
    assert job.status == "failed" and "no chooser 'luck'" in job.reason
    job = submitted("stages", staged(teacher, task, "two-stage", steps=1))
    assert job.status == "failed" and "give it a longer budget" in job.reason


@pytest.mark.parametrize("method", ["shrinking", "theseus"])
def test_a_staged_run_is_kept_and_marked_and_answers_no_recipe(teacher, task, method):
    payload = staged(teacher, task, method)
    recipe = Recipe.from_dict(payload["recipe"])
    job = submitted("stages", payload, run_id=Staged(method, recipe).id)
    record = records.by_row(job.run_row)
    assert job.status == record["status"] == "finished" and record["staged"]["method"] == method and record["id"] == job.run_id
    assert records.finished(recipe.id) is None and [run["id"] for run in records.of_learner("ada")] == [record["id"]]
    events = jobs.events(job.id)
    assert {event["stage_number"] for event in events if event["kind"] == "step"} == {1, 2}
    assert facts.get("rate") is None  # its pace is that of students of several sizes
