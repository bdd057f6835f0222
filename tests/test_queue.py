"""The fair order, merged jobs, limits and forecasts. Run: python -m pytest tests/test_queue.py"""

import threading
import types
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LabError
from core.recipe import Budget, Optimiser, Recipe, rung
from core.store import database, facts, jobs, workers
from core.store import waiting as line
from core.store.forecast import Forecast, all_done, forecast, schedule
from core.store.waiting import FORWARD, MOST_WAITING, TRAINING, fair_order
from pages.parts.common import machine, watch
from tests.stopping import cancel

LEARNERS = "abcde"


def recipe(seed=0, **changes) -> Recipe:
    return Recipe("t", "task", **{"layers": (1, 3), "budget": Budget(steps=60), "seed": seed} | changes)


def submit(learner: str | None, seed=0, **changes) -> jobs.Job:
    one = recipe(seed, **changes)
    return jobs.submit("distill", one.to_dict(), run_id=one.id, learner=learner)


def had_a_turn(learner: str, seed: int) -> None:
    submit(learner, seed)
    jobs.finish(jobs.claim("w").id, "finished")


# --- the order ---


# Each entry is an arrival, by who asks (several ask for the same job together), or None: the worker takes the next job.
scripts = st.lists(st.one_of(st.none(), st.sets(st.sampled_from(LEARNERS), min_size=1, max_size=1)), max_size=24)
shared_scripts = st.lists(st.one_of(st.none(), st.sets(st.sampled_from(LEARNERS), min_size=1, max_size=3)), max_size=40)


def play(script) -> list[tuple[str, int, set]]:
    """What happened, in order: ("asks" or "served", job, learners). Whatever waits at the end is served too."""
    happened, waiting, served = [], {}, {}
    for at, who in enumerate([*script, *[None] * len(script)]):
        if who is not None:
            waiting[at] = dict.fromkeys(who, float(at))
            happened.append(("asks", at, who))
        elif waiting:
            job = fair_order(waiting, served)[0]
            learners = set(waiting.pop(job))
            served |= dict.fromkeys(learners, float(at))
            happened.append(("served", job, learners))
    return happened


@given(scripts)
def test_between_two_turns_of_a_learner_everybody_who_waits_has_one(script):
    happened = play(script)
    for first in range(len(happened)):
        for second in range(first + 1, len(happened)):
            turns = [happened[n] for n in range(first + 1, second)]
            if happened[first][0] == happened[second][0] == "served" and (again := happened[first][2] & happened[second][2]):
                asked = {}
                for what, job, who in happened[:first]:
                    asked |= {job: who} if what == "asks" else {}
                gone = {job for what, job, _ in happened[: second] if what == "served"}
                waited = {learner for job, who in asked.items() if job not in gone for learner in who} - again
                assert waited <= {learner for what, _, who in turns if what == "served" for learner in who}


@given(shared_scripts)
def test_while_a_learner_waits_nobody_else_is_the_reason_for_two_turns_before_theirs(script):
    """So a learner's next job starts after at most as many others as there are other learners, also where jobs are shared."""
    happened = play(script)
    open_jobs: dict[int, tuple[set, int]] = {}
    ahead: dict[str, int] = {}  # jobs served without the learner, since they asked or had their last turn
    for what, job, who in happened:
        if what == "asks":
            open_jobs[job] = (who, 0)
            for learner in who:
                ahead.setdefault(learner, 0)
            continue
        del open_jobs[job]
        waiting = {learner for others, _ in open_jobs.values() for learner in others}
        ahead = {learner: 0 if learner in who else count + 1 for learner, count in ahead.items() if learner in waiting}
        assert all(count < len(LEARNERS) for count in ahead.values())
    assert open_jobs == {}


@given(shared_scripts)
def test_a_learners_own_jobs_keep_their_order_and_every_job_is_served_once(script):
    happened = play(script)
    asked = [(job, who) for what, job, who in happened if what == "asks"]
    served = [(job, who) for what, job, who in happened if what == "served"]
    assert sorted(job for job, _ in served) == sorted(job for job, _ in asked)
    for learner in LEARNERS:
        alone = [job for job, who in served if who == {learner}]
        assert alone == sorted(alone)


@given(shared_scripts, st.dictionaries(st.sampled_from(LEARNERS), st.floats(-50, 0)))
def test_the_order_that_is_foretold_is_the_one_that_happens(script, before):
    waiting = {at: dict.fromkeys(sorted(who), float(at)) for at, who in enumerate(script) if who}
    foretold = fair_order(waiting, before)
    happens, served, left = [], dict(before), dict(reversed(waiting.items()))  # the order of the rows does not matter
    while left:
        job = fair_order(left, served)[0]
        served |= dict.fromkeys(left.pop(job), 1000.0 + len(happens))
        happens.append(job)
    assert happens == foretold


def test_round_robin_by_hand():
    """a asks for three, then b for two, then c for one; a was served before."""
    waiting = {n: {who: float(n)} for n, who in enumerate("aaabbc", 1)}
    assert fair_order(waiting, {}) == [1, 4, 6, 2, 5, 3]
    assert fair_order(waiting, {"a": 4.5}) == [4, 1, 6, 5, 2, 3]
    assert fair_order({}, {}) == []


# --- the queue in the store ---


def test_learners_take_turns():
    first = [submit("ann", seed) for seed in range(3)]
    other = [submit("bob", seed) for seed in range(10, 12)]
    last = submit("cas", 20)
    expected = [first[0], other[0], last, first[1], other[1], first[2]]
    assert [job.id for job in jobs.queue()] == [job.id for job in expected]
    assert [jobs.position(job.id) for job in expected] == list(range(6))
    got = []
    while (job := jobs.claim("w")) is not None:
        got.append(job.id)
        jobs.finish(job.id, "finished")
    assert got == [job.id for job in expected]


def test_turns_are_remembered_over_the_end_of_a_job():
    had_a_turn("ann", 0)
    mine, theirs = submit("ann", 1), submit("bob", 2)
    assert [job.id for job in jobs.queue()] == [mine.id, theirs.id]  # both came after ann's turn
    again = submit("ann", 3)
    jobs.finish(jobs.claim("w").id, "finished")
    assert [job.id for job in jobs.queue()] == [theirs.id, again.id]


def test_a_clock_that_was_set_back_makes_nobody_wait(monkeypatch):
    real = database.now
    with monkeypatch.context() as patch:
        for module in (jobs, line):
            patch.setattr(module, "now", lambda: real() + 3600)
        had_a_turn("ann", 0)
    mine, theirs = submit("ann", 1), submit("bob", 2)
    assert [job.id for job in jobs.queue()] == [theirs.id, mine.id]  # as if ann had been served just now
    jobs.claim("w")
    assert jobs.claim("w").id == mine.id


def test_the_same_recipe_is_one_job_with_two_watchers():
    mine = submit("ann")
    assert submit("bob").id == mine.id and submit("ann").id == mine.id
    assert jobs.watchers(mine.id) == ["ann", "bob"] and len(jobs.queue()) == 1
    assert jobs.latest("bob").id == jobs.latest("ann").id == mine.id
    assert submit("bob", 1).id != mine.id
    assert jobs.claim("w").id == mine.id
    assert submit("cas").id == mine.id and jobs.watchers(mine.id) == ["ann", "bob", "cas"]
    jobs.finish(mine.id, "finished")
    assert submit("ann").id != mine.id  # a run that is over is trained anew
    assert submit(None).id != submit(None).id


def test_other_jobs_are_merged_by_what_they_do():
    tune = {"teacher": "t", "task": "task", "seed": 0}
    one = jobs.submit("tune", tune, learner="ann")
    assert jobs.submit("tune", dict(tune), learner="bob").id == one.id
    assert jobs.submit("tune", tune | {"task": "other"}, learner="bob").id != one.id
    assert jobs.submit("fetch", {"teacher": "t"}, learner="bob").id != one.id


def test_a_job_ends_when_its_last_watcher_leaves():
    job = submit("ann")
    submit("bob")
    jobs.claim("w")
    assert jobs.detach(job.id, "ann") is False
    assert not jobs.cancelled(job.id) and jobs.watchers(job.id) == ["bob"] and jobs.latest("ann") is None
    assert jobs.detach(job.id, "ann") is False and not jobs.cancelled(job.id)  # who has left has no say
    assert submit("ann").id == job.id and jobs.latest("ann").id == job.id  # and may come back
    jobs.detach(job.id, "ann")
    assert jobs.detach(job.id, "bob") is True and jobs.cancelled(job.id)
    assert jobs.latest("bob").id == job.id  # the one whose leaving ended it sees how it ended
    fresh = submit("cas")
    assert fresh.id != job.id  # nobody joins what is being stopped
    assert jobs.detach(fresh.id, "cas") and jobs.get(fresh.id).status == "stopped"


def test_leaving_a_job_that_is_over_or_gone_changes_nothing():
    job = submit("ann")
    jobs.finish(jobs.claim("w").id, "finished")
    assert jobs.detach(job.id, "ann") and jobs.get(job.id).status == "finished" and jobs.latest("ann").id == job.id
    assert jobs.detach(12345, "ann")


def test_a_shared_job_is_served_at_the_first_turn_of_any_and_counts_for_all():
    had_a_turn("ann", 9)
    shared, alone, more = submit("ann", 0), submit("cas", 1), submit("bob", 2)
    late = submit("ann", 3)
    submit("bob", 0)
    assert [job.id for job in jobs.queue()] == [shared.id, alone.id, more.id, late.id]


def test_so_many_may_wait_for_one_learner():
    running = submit("ann", 0)
    jobs.claim("w")
    waiting = [submit("ann", seed) for seed in range(1, MOST_WAITING + 1)]
    with pytest.raises(LabError, match=r"^You already have 3 jobs waiting, the most there can be; stop one .*, or wait until one has started\.$"):
        submit("ann", 7)
    theirs = submit("bob", 7)
    with pytest.raises(LabError, match="You already have 3"):
        submit("ann", 7)  # joining a job that waits is waiting too
    assert submit("ann", 0).id == running.id and submit("ann", 1).id == waiting[0].id
    assert jobs.watchers(theirs.id) == ["bob"]
    jobs.submit("ask", {"first": "x"}, learner="ann")  # another line
    jobs.detach(waiting[1].id, "ann")
    assert submit("ann", 7).id == theirs.id


def test_two_lanes():
    """Forward-only requests are taken first, or alone; learners take turns there too."""
    run = submit("ann", 0)
    asks = [jobs.submit("ask", {"n": n}, learner=who) for n, who in enumerate(["ann", "ann", "bob"])]
    assert [job.id for job in jobs.queue()] == [run.id] and jobs.position(asks[1].id) == 2
    assert jobs.claim("w").id == asks[0].id
    assert jobs.claim("w", TRAINING).id == run.id and jobs.claim("w", TRAINING) is None
    assert [jobs.claim("w", FORWARD).id for _ in range(2)] == [asks[2].id, asks[1].id]
    assert jobs.claim("w", FORWARD) is None


def test_twenty_clients_at_once():
    """Each asks for one run of its own, one for two more; three workers take them: none is lost or doubled, the order is fair."""
    together = threading.Barrier(20)

    def client(n: int) -> None:
        together.wait()
        for seed in (n, 100, 200)[: 3 if n == 7 else 1]:
            submit(f"learner {n}", seed)

    def take(name: str) -> list[int]:
        got = []
        while (job := jobs.claim(name)) is not None:
            got.append(job.id)
            jobs.finish(job.id, "finished")
        return got

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(client, range(20)))
    assert len(jobs.queue()) == 22
    with ThreadPoolExecutor(3) as pool:
        took = [job for several in pool.map(take, ("u", "v", "w")) for job in several]
    assert len(took) == len(set(took)) == 22 and jobs.queue() == []
    with database.connect() as db:
        order = [row["learner"] for row in db.execute("SELECT learner FROM jobs ORDER BY started, id")]
    assert sorted(order[:20]) == sorted({f"learner {n}" for n in range(20)}) and order[20:] == ["learner 7", "learner 7"]


# --- forecasts ---


def test_a_schedule_by_hand():
    """Two workers, one of them busy for 5 s more; jobs of 3, 4, 1 and 2 s in this order."""
    times = schedule([(1, 5.0)], [(2, 3.0), (3, 4.0), (4, 1.0), (5, 2.0)], 2)
    assert times == {1: (0.0, 5.0), 2: (0.0, 3.0), 3: (3.0, 7.0), 4: (5.0, 6.0), 5: (6.0, 8.0)}


@given(st.lists(st.integers(1, 50), max_size=12), st.lists(st.integers(1, 50), max_size=3), st.integers(1, 3))
@settings(max_examples=60)
def test_a_schedule_against_a_clock_that_ticks(waiting, running, spare):
    number = max(spare, len(running))
    left = dict(enumerate(running))
    queue = {100 + n: takes for n, takes in enumerate(waiting)}
    expected, tick, free = {}, 0, number - len(left)
    busy = dict(left)
    expected |= {job: (0, takes) for job, takes in left.items()}
    pending = list(queue)
    while busy or pending:
        for job in [job for job, end in busy.items() if end == tick]:
            del busy[job]
            free += 1
        while pending and free:
            job = pending.pop(0)
            busy[job], free = tick + queue[job], free - 1
            expected[job] = (tick, busy[job])
        tick += 1
    assert schedule(list(left.items()), list(queue.items()), number) == expected


def measured(**more) -> None:
    for name, value in ({"rate": {"t/task/2": 0.5}, "around": {"t/task": 4.0}, "train_examples": {"task": 100}} | more).items():
        facts.put(name, value)


def still(monkeypatch) -> float:
    """The clock stands, so that nothing passes between an event and a look."""
    at = database.now()
    for module in (database, jobs, line, workers):
        monkeypatch.setattr(module, "now", lambda: at)
    return at


def test_places_and_times_of_a_queue(monkeypatch):
    """0.5 s a step and 4 s around: 34 s for 60 steps; 3 epochs of 100 examples in batches of 32 are 12 steps, 10 s."""
    still(monkeypatch)
    measured()
    runs, waits, full = submit("ann", 0), submit("bob", 1), submit("cas", 2, budget=rung("full"))
    jobs.claim("w")
    assert forecast(runs.id).ends == 34.0
    jobs.emit(runs.id, "step", {"step": 10, "eta": 20.0})
    first, second = forecast(waits.id), forecast(full.id)
    assert (forecast(runs.id).position, forecast(runs.id).ahead, forecast(runs.id).ends) == (0, 0, 20.0)
    assert (first.position, first.ahead, first.length, first.starts, first.ends) == (1, 1, 3, 20.0, 54.0)
    assert (second.position, second.ahead, second.starts, second.ends) == (2, 2, 54.0, 64.0)
    assert first.all_done == second.all_done == all_done() == 64.0
    for name in ("w", "v"):  # with a second worker the next starts at once
        workers.beat(name, 1, "host", "cpu")
    assert (forecast(waits.id).starts, forecast(full.id).starts) == (0.0, 20.0)
    assert machine.queue_text() == "1 running, 2 waiting, about 34 s in all."
    jobs.finish(runs.id, "finished")
    assert forecast(runs.id) is None


def test_what_was_never_measured_is_not_foretold(monkeypatch):
    still(monkeypatch)
    known, unknown, behind = submit("ann", 0), submit("bob", 1, layers=(1, 2, 3)), submit("cas", 2)
    assert forecast(known.id).ends is None and forecast(known.id).starts == 0.0
    measured()
    assert forecast(known.id).ends == 34.0
    assert (forecast(unknown.id).starts, forecast(unknown.id).ends) == (34.0, None)
    assert (forecast(behind.id).starts, forecast(behind.id).ahead, all_done()) == (None, 2, None)
    assert machine.queue_text() == "0 running, 3 waiting."
    facts.put("rate", {"t/task/2": 0.5, "t/task/3": 1.0})
    assert forecast(behind.id).starts == 34.0 + 64.0


def test_other_jobs_take_what_they_took_before(monkeypatch):
    still(monkeypatch)
    tune = jobs.submit("tune", {"teacher": "t", "task": "task", "seed": 0}, learner="ann")
    assert forecast(tune.id).ends is None
    measured(tune_seconds={"t/task": 90.0}, prepare_seconds={"t/task": 3.0})
    assert forecast(tune.id).ends == 90.0
    prepare = jobs.submit("prepare", {"teacher": "t", "task": "task"})
    assert forecast(prepare.id).ends == 93.0
    broken = jobs.submit("distill", {"nonsense": 1}, learner="bob")
    assert forecast(broken.id).ends == 93.0  # it fails at once


def test_a_full_run_needs_the_size_of_its_task():
    facts.put("rate", {"t/task/2": 0.5})
    full = submit("ann", budget=rung("full"))
    assert forecast(full.id).ends is None
    part = submit("bob", budget=Budget(epochs=1, examples=50), optimiser=Optimiser(batch_size=10))
    assert forecast(part.id).ends is None


# --- what a page shows of it ---


@pytest.fixture
def ann(monkeypatch):
    """The page's learner is ann."""
    monkeypatch.setattr(watch, "learner", lambda: "ann")
    monkeypatch.setattr(watch.st, "session_state", types.SimpleNamespace())


def test_the_state_of_a_waiting_run(ann, monkeypatch):
    still(monkeypatch)
    measured()
    submit("bob", 0)
    jobs.claim("w")
    job = watch.submit(recipe(1))
    submit("cas", 1)
    state = watch.queue_state(job)
    assert state.at == Forecast(position=1, ahead=1, length=2, starts=34.0, ends=68.0, all_done=68.0) and state.watchers == 2
    assert state.text() == "1 job before yours; it starts in about 34 s. The whole queue takes about 68 s."
    cancel(job.id)
    assert watch.queue_state(jobs.get(job.id)) is None


def test_who_gives_a_run_up_is_told_who_it_goes_on_for(ann):
    job = watch.submit(recipe())
    assert watch.is_watching(job.id) and watch.stop(job.id) == "" and jobs.get(job.id).status == "stopped"
    job = watch.submit(recipe())
    submit("bob")
    assert watch.stop(job.id) == "You left it; it goes on for another learner." and not watch.is_watching(job.id)
    submit("cas")
    assert watch.stop(job.id) == "You left it; it goes on for 2 other learners."


def test_a_question_and_its_answer(ann):
    number = watch.ask("t", "task", "the dog", "a dog")
    assert watch.ask("t", "task", "the dog", "a dog") == number and watch.answer(number) is None
    jobs.claim("w")
    jobs.emit(number, "answer", {"labels": ["a", "b"], "probabilities": [0.25, 0.75]})
    jobs.finish(number, "finished")
    assert watch.answer(number)["probabilities"] == [0.25, 0.75]
    failed = watch.ask("t", "task", " ")
    jobs.claim("w")
    jobs.finish(failed, "failed", "There is no text; write one.")
    with pytest.raises(LabError, match="There is no text"):
        watch.answer(failed)
