"""The worker as a real process: jobs, stop, death. Run: python -m pytest tests/test_worker.py"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import worker
from core.recipe import Budget, Optimiser, Recipe
from core.store import facts, jobs, records, workers
from tests.stopping import cancel

ROOT = Path(__file__).resolve().parent.parent
SLOW = Budget(steps=100_000)


SHORT = Budget(steps=12)


def recipe(teacher, task, budget=SHORT, seed=0) -> Recipe:
    return Recipe(teacher, task, (1, 3), budget=budget, seed=seed, optimiser=Optimiser(batch_size=16))


def submit(one: Recipe) -> jobs.Job:
    return jobs.submit("distill", one.to_dict(), run_id=one.id, learner="ada")


def until(condition, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def process(home):
    """Starts workers; those that still live at the end are killed."""
    started = []

    def start() -> subprocess.Popen:
        env = {**os.environ, "LAYER_LAB_HOME": str(home)}
        started.append(subprocess.Popen([sys.executable, "-m", "core", "work", "--idle", "2"], cwd=ROOT, env=env))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


def test_a_job_runs_and_leaves_events_and_a_record(teacher, task, process):
    job = submit(recipe(teacher, task))
    one = process()
    done = until(lambda: (j := jobs.get(job.id)).over and j)
    assert done.status == "finished" and done.reason is None
    kinds = [event["kind"] for event in jobs.events(job.id)]
    assert kinds[0] == "stage" and "prepared" in kinds and "step" in kinds and "evaluated" in kinds and kinds[-1] == "finished"
    record = records.by_row(done.run_row)
    assert record["id"] == job.run_id == records.finished(job.run_id)["id"]
    assert facts.get("device")["device"] in ("cpu", "cuda", "mps")
    assert until(lambda: facts.get("rate"))[f"{teacher}/{task}/2"] > 0  # noted once the job is over
    assert one.wait(timeout=60) == 0  # idle and no server: it ends by itself
    assert workers.workers() == []


def test_stop_ends_a_running_job_and_keeps_its_curve(teacher, task, process):
    job, waiting = submit(recipe(teacher, task, SLOW)), submit(recipe(teacher, task, SLOW, seed=1))
    process()
    until(lambda: any(e["kind"] == "step" for e in jobs.events(job.id)))
    cancel(waiting.id)
    assert jobs.get(waiting.id).status == "stopped"
    cancel(job.id)
    done = until(lambda: (j := jobs.get(job.id)).over and j)
    assert done.status == "stopped"
    record = records.by_row(done.run_row)
    assert record["status"] == "stopped" and 0 < record["steps"] < record["steps_planned"] and len(record["curve"]) > 1
    assert records.finished(job.run_id) is None


def test_a_killed_workers_job_fails_with_its_reason_and_the_next_job_runs(teacher, task, process):
    job = submit(recipe(teacher, task, SLOW))
    after = submit(recipe(teacher, task))
    one = process()
    until(lambda: any(e["kind"] == "step" for e in jobs.events(job.id)))
    os.kill(one.pid, signal.SIGKILL)
    one.wait()
    assert not worker.running()
    process()
    assert until(lambda: (j := jobs.get(after.id)).over and j).status == "finished"
    failed = jobs.get(job.id)
    assert failed.status == "failed" and failed.reason == workers.DEAD_WORKER


def test_one_worker_a_device(teacher, task, process):
    first = process()
    until(worker.running)
    until(lambda: workers.workers())
    assert process().wait(timeout=60) == 0
    assert first.poll() is None and len(workers.workers()) == 1


def test_bad_jobs_fail_with_a_sentence_and_the_worker_lives(tmp_path, teacher, task):
    missing = recipe(str(tmp_path / "no-teacher"), task)
    broken = jobs.submit("distill", {"nonsense": 1}, run_id="x", learner="ada")
    for job in (submit(missing), broken):
        worker.Runner("w").run(jobs.get(job.id))
        done = jobs.get(job.id)
        assert done.status == "failed" and done.reason.endswith(".")
        assert "Traceback" not in done.reason


def test_memory_and_surprises_are_sentences(monkeypatch, teacher, task):
    for error, words in ((MemoryError(), "ran out of memory"), (RuntimeError("boo"), "unexpected RuntimeError")):
        def fail(job, stop, error=error):
            raise error

        monkeypatch.setitem(worker.KINDS, "distill", fail)
        job = submit(recipe(teacher, task))
        worker.Runner("w").run(job)
        assert words in jobs.get(job.id).reason


def test_ensure_running_starts_one_that_outlives_the_call(teacher, task):
    worker.ensure_running()
    try:
        job = submit(recipe(teacher, task))
        assert until(lambda: (j := jobs.get(job.id)).over and j).status == "finished"
    finally:
        for one in workers.workers():
            os.kill(one["pid"], signal.SIGTERM)
