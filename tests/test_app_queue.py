"""The Lab while a class shares the queue, and while its store is full or gone, in Streamlit's harness.

Run: python -m pytest tests/test_app_queue.py
"""

import pytest

from core.errors import LabError
from core.store import database, facts, jobs, records
from core.views.common.choice import Choice
from pages.parts.common import follow
from pages.parts.lab import outcome as lab_outcome
from tests import app_harness as harness
from tests import fake_worker
from tests.app_harness import button, clean, group, labels, run_button, shown, shown_progress


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    harness.without_worker(monkeypatch)


@pytest.fixture
def app(teacher, task):
    """A function that opens the app on a ready teacher of 4 layers and its task."""
    return harness.opener(teacher, task)


def until_claimed(job: jobs.Job) -> jobs.Job:
    """The job, running; what comes before it is over at once."""
    while (claimed := fake_worker.claim()).id != job.id:
        jobs.finish(claimed.id, "finished")
    return claimed


def run_of(test) -> jobs.Job:
    return jobs.latest(test.session_state["learner"])


def submit(learner: str, teacher: str, task: str, **changes) -> jobs.Job:
    recipe = Choice(teacher, task, **{"layers": (1, 3), "budget": "60"} | changes).recipe()
    return jobs.submit("distill", recipe.to_dict(), run_id=recipe.id, learner=learner)


# --- waiting ---


def test_a_waiting_learner_sees_the_whole_queues_time_and_may_look_at_the_saved_run(app, teacher, task):
    """1 s a step and 3 s around, 63 s a run: one is ahead, so it starts in 63 s; one comes after, so all take 189 s."""
    pair = f"{teacher}/{task}"
    facts.put("rate", {f"{pair}/2": 1.0})
    facts.put("around", {pair: 3.0})
    facts.put("prepare_seconds", {pair: 0.0})
    records.add(fake_worker.record(Choice(teacher, task, (1, 3), budget="60").recipe(), teacher=fake_worker.of_teacher(teacher)))
    submit("bob", teacher, task, seed=1)
    test = app(budget="60")
    clean(run_button(test).click().run())
    submit("cas", teacher, task, seed=2)
    clean(test.run())
    assert "before yours; it starts in about 63 s. The whole queue takes about 3 min." in shown_progress(test)
    assert not test.metric and button(test, "Stop")
    clean(button(test, "Show the saved run of this recipe").click().run())
    assert "A saved run, made here earlier" in shown(test) and "gets 80.0 % of 150" in shown(test)
    assert "The whole queue takes about 3 min." in shown_progress(test) and button(test, "Stop")


def test_the_next_run_is_looked_at_as_often_as_one_that_trains(home, teacher, task):
    first, second = (submit(name, teacher, task, seed=seed) for seed, name in enumerate(("ann", "bob")))
    assert [follow.poll_seconds(job) for job in (first, second, None)] == [follow.SOON, follow.LATER, None]
    first = until_claimed(first)
    assert [follow.poll_seconds(job) for job in (first, second)] == [follow.SOON, follow.LATER]
    jobs.finish(first.id, "finished")
    assert [follow.poll_seconds(jobs.get(job.id)) for job in (first, second)] == [None, follow.SOON]


def test_a_store_that_cannot_be_read_is_looked_at_again_soon(home, teacher, task, monkeypatch):
    job = submit("ann", teacher, task)

    def broken(job_id):
        raise LabError("The store cannot be read.")

    monkeypatch.setattr(jobs, "position", broken)
    assert follow.poll_seconds(job) == follow.SOON


def test_who_opens_the_link_of_a_run_that_goes_on_is_told_and_joins_it_by_run(app, teacher, task):
    going = submit("bob", teacher, task)
    until_claimed(going)
    fake_worker.play(going, 20)
    test = app(budget="60")
    assert "This very run is going on for another learner; Run joins it." in shown(test)
    assert "This very run" not in shown(app(budget="60", seed="1"))
    clean(run_button(test).click().run())
    assert run_of(test).id == going.id and "Training, step 20 of 60" in shown_progress(test)
    assert "1 other learner watches this run too." in shown(test)


def test_the_curves_of_a_run_that_trains_are_behind_the_gate_too(app, monkeypatch):
    """A run that a lesson without predicting started, seen without that lesson."""
    drawn = []
    monkeypatch.setattr(lab_outcome.live, "draw_curves", lambda found: drawn.append(found))
    test = app(budget="60", hide="predict")
    clean(run_button(test).click().run())
    fake_worker.play(until_claimed(run_of(test)), 12)
    clean(test.run())
    assert drawn.pop().accuracies
    drawn.clear()
    link = {key: test.query_params[key] for key in ("teacher", "task", "layers", "budget")}
    test.query_params.clear()
    for key, value in link.items():
        test.query_params[key] = value
    clean(test.run())
    assert drawn == [] and lab_outcome.HIDDEN in shown(test) and "Training, step 12 of 60" in shown_progress(test)


# --- a full disk, a store that is gone ---


def test_a_full_disk_is_one_sentence_and_a_finished_run_stays_on_the_page(app, monkeypatch):
    test = app(budget="60")
    clean(run_button(test).click().run())
    fake_worker.finish(until_claimed(run_of(test)))
    clean(test.run())
    real = database._open

    def full(path):
        connection = real(path)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite raises it to the present size
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(database, "_open", full)
        while _takes():  # the room that is left inside the file
            pass
        clean(test.number_input(key="w_seed").set_value(5).run())
        clean(run_button(test).click().run())
        assert "is full; free some space and try again. Finished runs are safe." in shown(test)
        assert "gets 80.0 % of 150" in shown(test) and button(test, "Run")
    clean(run_button(test).click().run())
    assert button(test, "Stop") and "is full" not in shown(test)


def _takes() -> bool:
    try:
        jobs.submit("prepare", {"rubbish": "x" * 100})
    except LabError:
        return False
    return True


def test_a_store_deleted_during_a_run_leaves_a_page_that_runs_again(app, home):
    test = app(budget="60")
    clean(run_button(test).click().run())
    fake_worker.play(until_claimed(run_of(test)), 12)
    clean(test.run())
    assert button(test, "Stop")
    for file in home.glob("store.sqlite*"):
        file.unlink()
    clean(test.run())
    assert "Stop" not in labels(test) and button(test, "Run")
    clean(run_button(test).click().run())
    fake_worker.finish(until_claimed(run_of(test)))
    clean(test.run())
    assert "gets 80.0 % of 150" in shown(test)


def test_a_worker_that_died_is_told_and_the_next_run_goes_on(app):
    test = app(budget="60")
    clean(run_button(test).click().run())
    until_claimed(run_of(test))
    fake_worker.workers.leave(fake_worker.WORKER)
    clean(test.run())
    assert "The worker process died" in shown(test) and "press Run again" in shown(test)
    clean(group(test, "Budget").set_value("240").run())
    clean(run_button(test).click().run())
    assert button(test, "Stop")
