"""The protocol between a job and the runner that follows it. Run: python -m pytest tests/test_runner.py"""

import pytest

from core import worker
from core.recipe import Budget, Recipe
from core.store import facts, jobs, records
from core.training.events import Event, reported, stage
from core.worker import runner
from tests import fake_worker
from tests.stopping import cancel


@pytest.fixture
def followed(monkeypatch):
    """A function that runs a job whose kind yields what it is given: (job as it ended, its events)."""

    def follow(make, kind: str = "inside"):
        monkeypatch.setitem(worker.KINDS, kind, make)
        jobs.submit(kind, {"teacher": "t", "task": "u"}, learner="ann")
        job = jobs.claim("w")
        worker.Runner("w").run(job)
        return jobs.get(job.id), jobs.events(job.id)

    return follow


def recipe(seed: int = 0) -> Recipe:
    return Recipe("minilm-l6", "composed-nli", (1, 3, 5), budget=Budget(steps=60), seed=seed)


def test_turns_are_not_stored_and_other_events_are(followed):
    job, events = followed(lambda job, stop: iter([stage("preparing", "Reading"), Event("turn"), Event("answer", {"a": 1}), Event("finished")]))
    assert job.status == "finished" and [event["kind"] for event in events] == ["stage", "answer"]
    assert facts.get("inside_seconds")["t/u"] >= 0  # what later estimates need


def test_a_record_made_on_the_way_is_stored_and_its_row_told(followed):
    made = fake_worker.record(recipe())
    job, events = followed(lambda job, stop: iter([Event("made", {"side": "correct", "record": made}), Event("finished")]))
    assert job.status == "finished" and job.run_row is None
    assert [(event["side"], event["id"]) for event in events] == [("correct", made["id"])] and records.by_row(events[0]["row"])["id"] == made["id"]


@pytest.mark.parametrize("status", ["finished", "stopped"])
def test_a_record_of_its_own_closes_the_job(followed, status):
    made = fake_worker.record(recipe(), status, train_examples=600)
    job, events = followed(lambda job, stop: iter([Event("finished", {"record": made})]), kind="distill")
    assert job.status == status and records.by_row(job.run_row)["id"] == made["id"] and events[-1]["row"] == job.run_row


def test_a_job_that_ends_without_a_word_has_failed_unless_it_was_told_to_stop(followed, monkeypatch):
    job, _ = followed(lambda job, stop: iter([Event("turn")]))
    assert job.status == "failed" and "unexpected RuntimeError" in job.reason
    monkeypatch.setattr(runner, "LOOK_SECONDS", -1.0)

    def stops(job, stop):
        yield Event("turn")
        assert not stop()
        cancel(job.id)
        yield Event("turn")
        assert stop()

    job, _ = followed(stops)
    assert (job.status, job.reason) == ("stopped", "Stopped by the learner.")


def test_waiting_requests_are_served_at_a_turn(followed, monkeypatch):
    monkeypatch.setattr(runner, "LOOK_SECONDS", -1.0)
    monkeypatch.setattr(runner, "FORWARD_SECONDS", 600.0)
    monkeypatch.setitem(worker.KINDS, "ask", lambda job, stop: iter([Event("answer", {"text": job.payload["first"]}), Event("finished")]))
    seen = []

    def trains(job, stop):
        asked = [jobs.submit("ask", {"teacher": "t", "task": "u", "first": text}, learner="bob") for text in ("a", "b")]
        seen.append([jobs.get(one.id).status for one in asked])
        yield Event("turn")
        seen.append([jobs.get(one.id).status for one in asked])
        yield Event("finished")

    job, _ = followed(trains)
    assert job.status == "finished" and seen == [["queued", "queued"], ["finished", "finished"]]


def test_reporting_work_stands_still_until_the_next_report_is_asked_for():
    order = []

    def work(progress):
        for n in range(3):
            order.append(f"work {n}")
            progress(n / 3, f"part {n}")
        return "done"

    reports = reported("choosing", work)
    for _ in range(3):
        event = next(reports)
        assert event.kind == "stage" and order[-1] == f"work {len(order) - 1}"
        order[-1] += " seen"
    with pytest.raises(StopIteration) as ended:
        next(reports)
    assert ended.value.value == "done" and order == [f"work {n} seen" for n in range(3)]


def test_closing_ends_reporting_work_at_its_report_and_an_error_comes_through():
    made = []

    def work(progress):
        for n in range(1000):
            made.append(n)
            progress(None, "part")

    reports = reported("choosing", work)
    next(reports)
    reports.close()
    assert made == [0]
    with pytest.raises(ValueError, match="broken"):
        list(reported("choosing", lambda progress: int("broken")))
