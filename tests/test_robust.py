"""Full disks, deleted stores, killed servers, several workers and servers on one store: what happens, and that no finished run is lost.

Run: python -m pytest tests/test_robust.py
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import worker
from core.errors import LabError
from core.recipe import Budget, Optimiser, Recipe
from core.store import database, jobs, records, workers
from core.store.waiting import TRAINING
from core.studies.light_clients import OPTIONS, Client
from core.training import loop
from core.worker import process
from tests.bench.browser import served
from tests.stopping import cancel

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0  # seconds until a test gives up


def recipe(teacher, task, seed=0, steps=12) -> Recipe:
    return Recipe(teacher, task, (1, 3), budget=Budget(steps=steps), seed=seed, optimiser=Optimiser(batch_size=8))


def submit(one: Recipe, learner="ann") -> jobs.Job:
    return jobs.submit("distill", one.to_dict(), run_id=one.id, learner=learner)


def at_step(monkeypatch, step: int, act) -> None:
    """Call `act` in the middle of a run."""
    real = loop.backward

    def backward(training, examples):
        if training.made == step:
            act()
        return real(training, examples)

    monkeypatch.setattr(loop, "backward", backward)


def until(condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def training(job: jobs.Job) -> bool:
    return jobs.last_event(job.id, "step") is not None


def python(program: str, home, *args: str, **environment: str) -> subprocess.Popen:
    env = os.environ | {"LAYER_LAB_HOME": str(home)} | environment
    return subprocess.Popen([sys.executable, "-c", program, *args], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def a_worker(home, idle: float = 1, **environment: str) -> subprocess.Popen:
    env = os.environ | {"LAYER_LAB_HOME": str(home)} | environment
    return subprocess.Popen([sys.executable, "-m", "core", "work", "--idle", str(idle)], cwd=ROOT, env=env)


@pytest.fixture(autouse=True)
def no_worker_is_left(home):
    yield
    if (home / "store.sqlite").is_file():
        for one in workers.known():
            if one["pid"] != os.getpid():
                try:
                    os.kill(one["pid"], signal.SIGKILL)
                except ProcessLookupError:
                    pass


# --- a full disk ---


def fill(monkeypatch):
    """Every write is answered as on a full disk from now on; returns a function that frees it."""
    real = database._open

    def full(path):
        connection = real(path)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite raises it to the present size
        return connection

    monkeypatch.setattr(database, "_open", full)
    return lambda: monkeypatch.setattr(database, "_open", real)


def test_a_run_that_ends_on_a_full_disk_is_kept_as_soon_as_there_is_room(teacher, task, monkeypatch):
    one = recipe(teacher, task)
    job, after = submit(one), submit(recipe(teacher, task, seed=1))
    runner, free = worker.Runner("w"), []
    at_step(monkeypatch, 5, lambda: free or free.append(fill(monkeypatch)))
    runner.run(runner.claim(TRAINING))
    assert jobs.get(job.id).status == "running" and records.runs() == []  # it is over, which the store does not know yet
    with pytest.raises(LabError, match=r"is full; free some space and try again\. Finished runs are safe\.$"):
        runner.close_ended()
    free[0]()
    runner.close_ended()
    done = jobs.get(job.id)
    record = records.by_row(done.run_row)
    assert (done.status, record["status"], record["id"], record["steps"]) == ("finished", "finished", one.id, 12)
    assert [point["step"] for point in record["curve"]] == list(range(13))  # whole, though its later events were not kept
    assert runner.unstored == []
    runner.run(runner.claim(TRAINING))
    assert jobs.get(after.id).status == "finished"


SMALL_DISK = """
import json, os, sys
from pathlib import Path
from core import worker
from core.errors import LabError
from core.recipe import Recipe
from core.store import jobs, records
from core.store.waiting import TRAINING
from core.training import loop
from core.worker import process

home, rubbish = Path(os.environ["LAYER_LAB_HOME"]), Path(os.environ["LAYER_LAB_HOME"]) / "rubbish"
one = Recipe.from_json(sys.argv[1])
earlier = records.add({"id": "earlier", "status": "finished", "recipe": one.to_dict()})
job = jobs.submit("distill", one.to_dict(), run_id=one.id, learner="ann")
real = loop.backward

def fill():
    with rubbish.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass

def backward(training, examples):
    if training.made == 5 and not rubbish.exists():
        fill()
    return real(training, examples)

loop.backward = backward
runner = worker.Runner("w")
runner.run(runner.claim(TRAINING))
answers = {"while full": [record["id"] for record in records.runs()], "status": jobs.get(job.id).status}
try:
    jobs.submit("distill", {"text": "x" * 100_000})
except LabError as error:
    answers["sentence"] = str(error)
rubbish.unlink()
runner.close_ended()
answers |= {"after": [record["id"] for record in records.runs()], "ended": jobs.get(job.id).status, "curve": len(records.runs()[0]["curve"])}
print(json.dumps(answers))
"""


def test_a_disk_that_is_really_full(tmp_path, teacher, task):
    """On a file system of 2 MB of its own; skipped where the system lets nobody mount one."""
    mount = f"mount -t tmpfs -o size=2m tmpfs {tmp_path / 'small'}"
    (tmp_path / "small").mkdir()
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    one = recipe(teacher, task)
    env = os.environ | {"LAYER_LAB_HOME": str(tmp_path / "small")}
    script = f'{mount} && exec "$0" "$@"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, sys.executable, "-c", SMALL_DISK, one.canonical()], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = json.loads(done.stdout.splitlines()[-1])
    assert answers["while full"] == ["earlier"] and answers["status"] == "running"
    assert answers["sentence"].endswith("is full; free some space and try again. Finished runs are safe.")
    assert (answers["after"], answers["ended"], answers["curve"]) == ([one.id, "earlier"], "finished", 13)


# --- a store that is deleted ---


def test_a_store_deleted_during_a_run_stops_it_and_keeps_what_it_was(home, teacher, task, monkeypatch):
    monkeypatch.setattr("core.worker.runner.LOOK_SECONDS", 0.0)
    one, fresh = recipe(teacher, task), []

    def delete():
        for file in home.glob("store.sqlite*"):
            file.unlink()
        fresh.append(submit(recipe(teacher, task, seed=1), "bob"))

    lost = submit(one)
    runner = worker.Runner("w")
    with monkeypatch.context() as patch:
        at_step(patch, 5, delete)
        runner.run(runner.claim(TRAINING))
    (record,) = records.runs()
    assert (record["id"], record["status"], record["steps"]) == (one.id, "stopped", 6)
    assert jobs.get(fresh[0].id).status == "queued" and jobs.events(lost.id) == []
    runner.run(runner.claim(TRAINING))
    assert jobs.get(fresh[0].id).status == "finished" and jobs.watchers(fresh[0].id) == ["bob"]


def test_a_worker_whose_folder_is_deleted_makes_way(home, teacher, task):
    first = a_worker(home, idle=10_000)
    until(lambda: (home / "store.sqlite").is_file() and workers.workers())
    for file in home.iterdir():
        file.unlink(missing_ok=True)
    assert first.wait(timeout=PATIENCE) == 0
    job = submit(recipe(teacher, task))
    a_worker(home)
    assert until(lambda: (found := jobs.get(job.id)).over and found).status == "finished"


# --- several workers, several servers ---


def test_two_workers_share_a_store_and_no_job_runs_twice(home, teacher, task):
    """Each has a lock of its own. Of two that want the same lock one ends at once."""
    asked = [submit(recipe(teacher, task, seed=seed, steps=6), f"learner {seed}") for seed in range(6)]
    long = [submit(recipe(teacher, task, seed=seed, steps=100_000), f"learner {seed}") for seed in (7, 8)]
    started = [a_worker(home, LAYER_LAB_DEVICE="cpu", CUDA_VISIBLE_DEVICES=name) for name in ("0", "1")]
    until(lambda: all(training(job) for job in long))  # both train at the same time
    assert len({jobs.get(job.id).worker for job in long}) == 2
    assert a_worker(home, LAYER_LAB_DEVICE="cpu", CUDA_VISIBLE_DEVICES="1").wait(timeout=PATIENCE) == 0
    for job in long:
        cancel(job.id)
    assert [one.wait(timeout=PATIENCE) for one in started] == [0, 0]
    ended = [jobs.get(job.id) for job in asked]
    assert [job.status for job in ended] == ["finished"] * 6
    assert sorted(run["id"] for run in records.runs() if run["status"] == "finished") == sorted(job.run_id for job in asked)
    for job in ended:
        kinds = [event["kind"] for event in jobs.events(job.id)]
        assert kinds.count("prepared") == kinds.count("finished") == 1


def test_a_dead_worker_is_noticed_by_another_one(home, teacher, task):
    """Its job fails with the reason, though nobody starts a worker for its device again."""
    job = submit(recipe(teacher, task, steps=100_000))
    doomed = a_worker(home, LAYER_LAB_DEVICE="cpu", CUDA_VISIBLE_DEVICES="0")
    until(lambda: training(job))
    a_worker(home, idle=10_000, LAYER_LAB_DEVICE="cpu", CUDA_VISIBLE_DEVICES="1")
    until(lambda: len(workers.workers()) == 2)
    doomed.kill()
    doomed.wait()
    failed = until(lambda: (found := jobs.get(job.id)).over and found)
    assert (failed.status, failed.reason) == ("failed", workers.DEAD_WORKER)


SERVER = """
import sys, time
from core import worker
from core.recipe import Recipe
from core.store import jobs
one = Recipe.from_json(sys.argv[1])
worker.ensure_running()
print(jobs.submit("distill", one.to_dict(), run_id=one.id, learner=sys.argv[2]).id, flush=True)
time.sleep(1000)
"""


def test_two_servers_share_a_store_and_its_worker(home, teacher, task):
    """Both want a worker at the same moment; one is started, which runs the jobs of both."""
    recipes = [recipe(teacher, task, seed=seed, steps=6) for seed in (0, 1)]
    servers = [python(SERVER, home, one.canonical(), f"learner {n}") for n, one in enumerate(recipes)]
    try:
        asked = [int(server.stdout.readline()) for server in servers]
        ended = [until(lambda number=number: (found := jobs.get(number)).over and found) for number in asked]
        assert [job.status for job in ended] == ["finished"] * 2 and ended[0].worker == ended[1].worker
        assert len(workers.workers()) == 1
    finally:
        for server in servers:
            server.kill()
            server.communicate()


def test_thirty_sessions_that_open_at_once_start_one_worker_and_another_only_when_it_is_over(monkeypatch):
    """A worker that is coming up holds no lock yet: whether one runs is not enough to ask."""
    started, over = [], threading.Event()

    class Coming:
        def __init__(self, *_, **__):
            started.append(self)

        def poll(self):
            return 0 if over.is_set() else None

    monkeypatch.setattr(process.subprocess, "Popen", Coming)
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda _: worker.ensure_running(), range(30)))
    assert len(started) == 1
    over.set()
    worker.ensure_running()
    assert len(started) == 2


def test_two_servers_of_the_app_show_each_their_learners_run(home, teacher, task):
    """The app twice on one store: one worker trains for both, every run is kept once, each page shows its own."""
    run = ("run", "app.py", *OPTIONS)
    with served(home, *run) as one, served(home, *run) as two:
        link = {"teacher": teacher, "task": task, "layers": "1,3", "budget": "60"}
        clients = {seed: Client(address, **link, seed=seed) for seed, address in (("1", one), ("2", two))}
        for client in clients.values():
            client.press("Skip")
            client.press("Run")

        def both() -> bool:
            for client in clients.values():
                client.look()
            return all(client.shows("A student from layers 1, 3 ") for client in clients.values())

        until(both)
        made = {str(record["recipe"]["seed"]): record for record in records.runs()}
        assert len(records.runs()) == 2 and set(made) == {"1", "2"} and len(workers.workers()) == 1
        for seed, client in clients.items():
            assert client.shows(f"gets {100 * made[seed]['final']['accuracy']:.1f} % of")


def test_a_killed_servers_run_goes_on_and_the_next_server_finds_it(home, teacher, task):
    one = recipe(teacher, task, steps=400)
    server = python(SERVER, home, one.canonical(), "ann")
    job = jobs.get(int(server.stdout.readline()))
    until(lambda: training(job))
    server.send_signal(signal.SIGKILL)
    server.communicate()
    again = python(SERVER, home, one.canonical(), "ann")
    try:
        found = int(again.stdout.readline())
        assert found == job.id or jobs.get(job.id).over  # the same run, unless it was faster
        ended = until(lambda: (found := jobs.get(job.id)).over and found)
        assert ended.status == "finished" and jobs.latest("ann").id == found
        assert records.finished(one.id)["steps"] == 400
    finally:
        again.kill()
        again.communicate()


# --- a class ---


def test_twenty_clients_and_one_worker(home, teacher, task):
    """20 clients ask at once for runs of their own, one of them for three: all finish, once, and nobody has two before all had one."""
    def client(n: int) -> list[jobs.Job]:
        return [submit(recipe(teacher, task, seed=1000 * n + more, steps=2), f"learner {n}") for more in range(3 if n == 4 else 1)]

    with ThreadPoolExecutor(20) as pool:
        asked = [job for several in pool.map(client, range(20)) for job in several]
    one = a_worker(home)
    until(lambda: not jobs.queue())
    assert one.wait(timeout=PATIENCE) == 0
    ended = sorted((jobs.get(job.id) for job in asked), key=lambda job: job.started)
    assert [job.status for job in ended] == ["finished"] * 22
    assert sorted(run["id"] for run in records.runs()) == sorted({job.run_id for job in asked}) and len({job.run_row for job in ended}) == 22
    assert len({job.learner for job in ended[:20]}) == 20 and [job.learner for job in ended[20:]] == ["learner 4"] * 2
