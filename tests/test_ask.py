"""Forward-only requests: a teacher's answer about a text, and being served while something trains. Run: python -m pytest tests/test_ask.py"""

import math

import pytest
import torch

from core import worker
from core.errors import LabError
from core.recipe import Budget, Optimiser, Recipe
from core.store import jobs, records
from core.studies.ask import LONGEST, ask
from core.training import loop
from core.training.device import pick
from core.training.distill import distill
from core.training.evaluate import predict
from core.training.loading import load_pair
from core.worker import process, runner
from tests.stopping import cancel, stopped_at
from tests.tiny import save_tiny_teacher


def test_the_answer_is_the_teachers_prediction_of_that_example(teacher, task):
    loaded, data, encoded = load_pair(teacher, task)
    expected = torch.softmax(predict(loaded.model, encoded["test"], pick("fp32")).double(), 1)
    for i in (0, 1, 2):
        answer = ask(teacher, task, data.test.first[i], data.test.second[i])
        assert answer["labels"] == list(data.labels) and sum(answer["probabilities"]) == pytest.approx(1)
        assert answer["probabilities"] == pytest.approx(expected[i].tolist(), abs=1e-5)
        assert answer["tokens"] == int(encoded["test"].lengths[i]) and not answer["cut"]


def test_a_long_text_is_cut_as_in_training(teacher, task):
    answer = ask(teacher, task, "the dog runs " * 100, "a dog")
    assert answer["cut"] and answer["tokens"] == load_pair(teacher, task)[1].max_length


def test_a_question_leaves_the_random_state_as_it_was(teacher, task, tmp_path):
    """Also when it loads another teacher, which draws random numbers."""
    other = str(save_tiny_teacher(tmp_path / "other", seed=3))
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    ask(teacher, task, "the dog runs", "a dog runs")
    ask(other, task, "the dog runs", "a dog runs")
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("first, second, words", [
    ("the dog", None, "This task reads two texts; give both."), ("the dog", " ", "There is no text; write one."),
    ("x" * (LONGEST + 1), "a", f"it may have {LONGEST}"),
])
def test_what_cannot_be_asked_is_a_sentence(teacher, task, first, second, words):
    with pytest.raises(LabError, match=words.replace(".", r"\.")):
        ask(teacher, task, first, second)


# --- the second lane ---


def recipe(teacher, task, seed=0) -> Recipe:
    return Recipe(teacher, task, (1, 3), budget=Budget(steps=20), seed=seed, optimiser=Optimiser(batch_size=8))


def start(teacher, task) -> jobs.Job:
    one = recipe(teacher, task)
    jobs.submit("distill", one.to_dict(), run_id=one.id, learner="ann")
    return jobs.claim("w")


def question(teacher, task, learner="bob", first="the dog runs") -> jobs.Job:
    return jobs.submit("ask", {"teacher": teacher, "task": task, "first": first, "second": "a dog runs"}, learner=learner)


def test_requests_are_served_between_two_steps_and_change_nothing_in_the_run(teacher, task, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(runner, "FORWARD_SECONDS", 600.0)
    other = str(save_tiny_teacher(tmp_path / "other", seed=3))
    undisturbed = list(distill(recipe(teacher, task)))[-1].data["record"]
    real, asked = loop.backward, []

    def backward(training, examples):
        if training.made == 9:
            asked.extend([question(teacher, task), question(other, task), question(teacher, task, first=" ")])
        return real(training, examples)

    monkeypatch.setattr(loop, "backward", backward)
    run = start(teacher, task)
    worker.Runner("w").run(run)
    answered = [jobs.get(job.id) for job in asked]
    assert [job.status for job in answered] == ["finished", "finished", "failed"]
    assert answered[2].reason == "There is no text; write one."
    ended = {event["step"]: event["at"] for event in jobs.events(run.id) if event["kind"] == "step"}
    assert all(ended[10] <= job.started <= job.ended <= ended[11] for job in answered)  # after the step they came in, before the next one's end
    answers = [jobs.last_event(job.id, "answer") for job in answered]
    assert answers[0]["probabilities"] != answers[1]["probabilities"] and answers[2] is None
    record = records.by_row(jobs.get(run.id).run_row)
    assert record["status"] == "finished"
    assert record["final"] == undisturbed["final"] and record["predictions"] == undisturbed["predictions"]


def test_an_idle_worker_serves_both_lanes_in_turn(teacher, task, monkeypatch):
    """However many requests wait, the other lane gets its turn."""
    monkeypatch.setattr(runner, "FORWARD_SECONDS", 0.0)  # one request at a time
    monkeypatch.setattr(runner, "LOOK_SECONDS", math.inf)  # none while it trains
    asks = [question(teacher, task, first=text) for text in ("the dog", "the cat", "a house")]
    one = recipe(teacher, task)
    run = jobs.submit("distill", one.to_dict(), run_id=one.id, learner="ann")
    worker_of_both = worker.Runner("w")
    status = lambda: [jobs.get(job.id).status for job in (*asks, run)]
    assert process._turn(worker_of_both) and status() == ["finished", "queued", "queued", "finished"]
    assert process._turn(worker_of_both) and process._turn(worker_of_both) and status() == ["finished"] * 4
    assert not process._turn(worker_of_both)


# --- what else a worker looks at between steps ---


class Clock:
    """Stands in for the module `time`: it moves only when told to."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_a_job_ends_at_its_time_limit_and_keeps_its_curve(teacher, task, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_JOB_MINUTES", "30")
    clock, real = Clock(), loop.backward
    monkeypatch.setattr(runner, "time", clock)

    def backward(training, examples):
        clock.now += 301  # of the 1800 seconds
        return real(training, examples)

    monkeypatch.setattr(loop, "backward", backward)
    run = start(teacher, task)
    worker.Runner("w").run(run)
    job = jobs.get(run.id)
    assert (job.status, job.reason) == ("stopped", "Stopped at the time limit of 30 minutes; LAYER_LAB_JOB_MINUTES sets another.")
    record = records.by_row(job.run_row)
    assert (record["status"], record["steps"], record["curve"][-1]["step"]) == ("stopped", 6, 6)


@pytest.mark.parametrize("step", [0.05, 0.3, 2.0], ids=["fast", "usual", "slow"])
def test_a_stop_and_a_request_are_heard_within_a_second_of_a_step(teacher, task, monkeypatch, step):
    """By a clock that moves with the steps alone: the request comes during step 5, the stop during step 10."""
    clock, real, came, heard = Clock(), loop.backward, [], {}
    monkeypatch.setattr(runner, "time", clock)
    monkeypatch.setattr(runner.Runner, "serve_forward", lambda self: came and heard.setdefault("request", clock.now) is None)

    def backward(training, examples):
        clock.now += step
        if training.made == 4:
            came.append(clock.now)
        if training.made == 9:
            cancel(run.id)
        return real(training, examples)

    monkeypatch.setattr(loop, "backward", backward)
    run = start(teacher, task)
    worker.Runner("w").run(run)
    record = records.by_row(jobs.get(run.id).run_row)
    assert record["status"] == "stopped" and record["curve"][-1]["step"] == record["steps"] >= 10
    assert heard["request"] - came[0] <= max(1.0, step) and (record["steps"] - 10) * step <= max(1.0, step)


@pytest.mark.parametrize("text", ["soon", "0", "-5", "nan"])
def test_a_time_limit_that_is_none_is_a_sentence(monkeypatch, text):
    monkeypatch.setenv("LAYER_LAB_JOB_MINUTES", text)
    with pytest.raises(LabError, match=r"^LAYER_LAB_JOB_MINUTES is .*; it must be a number of minutes above 0\.$"):
        worker.limit_minutes()


def test_the_time_limit_by_default(monkeypatch):
    monkeypatch.delenv("LAYER_LAB_JOB_MINUTES", raising=False)
    assert worker.limit_minutes() == 120.0


def test_stop_is_heard_before_the_next_step_and_while_getting_ready(teacher, task, monkeypatch):
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.0)
    real = loop.backward

    def backward(training, examples):
        if training.made == 4:
            jobs.detach(run.id, "ann")
        return real(training, examples)

    monkeypatch.setattr(loop, "backward", backward)
    run = start(teacher, task)
    worker.Runner("w").run(run)
    job = jobs.get(run.id)
    assert (job.status, job.reason, records.by_row(job.run_row)["steps"]) == ("stopped", "Stopped by the learner.", 5)
    early = start(teacher, task)
    jobs.detach(early.id, "ann")
    worker.Runner("w").run(early)
    job = jobs.get(early.id)
    assert (job.status, job.reason, job.run_row) == ("stopped", "Stopped by the learner.", None)


def test_a_stopped_full_run_is_measured_on_the_check_part_alone(teacher, task):
    """So that it ends soon, and without a look at the test split."""
    one = Recipe(teacher, task, (1, 3), budget=Budget(epochs=50), optimiser=Optimiser(batch_size=8))
    record = stopped_at(10, lambda stop: distill(one, stop))[-1].data["record"]
    data = load_pair(teacher, task)[1]
    assert (record["status"], record["steps"], record["split"]) == ("stopped", 10, "check")
    right = sum(int(said) == label for said, label in zip(record["predictions"], data.split("check").labels, strict=True))
    assert record["final"]["accuracy"] == pytest.approx(right / len(data.check_indices)) and record["final"]["agreement"] is not None
