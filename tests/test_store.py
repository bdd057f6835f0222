"""The run store: records, the queue, events, and what happens when workers or disks fail.

Run: python -m pytest tests/test_store.py
"""

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import LabError
from core.store import database, facts, jobs, records, workers
from tests.stopping import cancel

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def python(program: str) -> subprocess.Popen:
    """A process of its own on the same store; it prints 'ready', then waits for a line before it goes on."""
    head = "import sys, json, os\nfrom core.store import jobs, records, workers\nprint('ready', flush=True)\nsys.stdin.readline()\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def go(*processes: subprocess.Popen) -> list[str]:
    """Start all at once and return what each printed."""
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=120) for process in processes]
    for process, (_, errors) in zip(processes, outputs):
        assert process.returncode == 0, errors
    return [out for out, _ in outputs]


def record(run_id="abc123", status="finished", **more):
    return {"id": run_id, "status": status, "recipe": {"teacher": "minilm-l6", "task": "sick", "seed": 0}, "teacher": {"hash": "t1"}} | more


# --- records ---


def test_records_come_back_as_they_were():
    row = records.add(record(final={"accuracy": 0.5}, notes=["é", None]))
    got = records.find("abc123")
    assert got["row"] == row and got["at"] > 0
    assert {k: v for k, v in got.items() if k not in ("row", "at")} == record(final={"accuracy": 0.5}, notes=["é", None])
    assert records.by_row(row) == got == records.get("abc123")
    assert records.find("nothing") is None and records.by_row(99) is None


def test_find_prefers_a_finished_run_then_the_latest():
    records.add(record(status="stopped", n=1))
    assert records.find("abc123")["n"] == 1
    records.add(record(n=2))
    records.add(record(n=3))
    records.add(record(status="failed", n=4))
    assert records.find("abc123")["n"] == 3
    assert [run["n"] for run in records.runs()] == [4, 3, 2, 1]


def test_only_a_finished_run_with_the_same_weights_and_data_answers():
    records.add(record(status="stopped", task_hash="d1"))
    assert records.finished("abc123") is None
    records.add(record(task_hash="d1", n=1))
    records.add(record(task_hash="d2", teacher={"hash": "t2"}, n=2))
    assert records.finished("abc123")["n"] == 2
    assert records.finished("abc123", teacher="t1")["n"] == 1
    assert records.finished("abc123", teacher="t1", task_hash="d1")["n"] == 1
    assert records.finished("abc123", teacher="t1", task_hash="d2") is None
    assert records.finished("other") is None


def test_get_takes_an_unambiguous_beginning():
    for run_id in ("abc123", "abd456", "xyz789"):
        records.add(record(run_id))
    records.add(record("xyz789", n=2))
    assert records.get("x")["n"] == 2
    with pytest.raises(LabError, match=r"^2 runs begin with 'ab'; give more of the id\.$"):
        records.get("ab")
    for missing in ("zzz", "", "%", "_"):
        with pytest.raises(LabError, match="There is no run"):
            records.get(missing)


def test_runs_are_filtered_by_the_recipe():
    records.add(record("a"))
    records.add(record("b", recipe={"teacher": "mpnet-base", "task": "sick", "seed": 1}))
    assert [run["id"] for run in records.runs()] == ["b", "a"]
    assert [run["id"] for run in records.runs(teacher="minilm-l6")] == ["a"]
    assert [run["id"] for run in records.runs(teacher="mpnet-base", task="sick")] == ["b"]
    assert records.runs(task="' OR 1 --") == []
    assert [run["id"] for run in records.runs(limit=1)] == ["b"]


def test_a_diverged_run_is_kept_as_valid_json():
    """SQLite and strict readers refuse NaN; one such record must not break every filtered list."""
    records.add(record("bad", curve=[{"step": 1, "loss": float("nan")}, {"step": 2, "loss": float("inf")}]))
    assert [run["id"] for run in records.runs(task="sick")] == ["bad"]
    assert [point["loss"] for point in records.get("bad")["curve"]] == [None, None]
    job = jobs.submit("distill", {})
    jobs.emit(job.id, "step", {"loss": float("-inf"), "losses": {"cross_entropy": float("nan"), "soft_targets": 1.5}})
    (event,) = jobs.events(job.id)
    assert event["loss"] is None and event["losses"] == {"cross_entropy": None, "soft_targets": 1.5}
    json.dumps(event, allow_nan=False)


def test_only_known_statuses_are_kept():
    with pytest.raises(ValueError, match="running"):
        records.add(record(status="running"))
    assert records.runs() == []


# --- jobs ---


def test_a_job_from_submit_to_finish():
    job = jobs.submit("distill", {"layers": [1, 3]}, run_id="abc", learner="ann")
    assert (job.status, job.payload, job.run_id, job.learner, job.over) == ("queued", {"layers": [1, 3]}, "abc", "ann", False)
    workers.beat("w", 1, "host", "cpu")
    claimed = jobs.claim("w")
    assert (claimed.id, claimed.status, claimed.worker) == (job.id, "running", "w") and claimed.started >= job.created
    assert jobs.claim("w") is None
    row = jobs.finish(job.id, "finished", record=record())
    done = jobs.get(job.id)
    assert (done.status, done.run_row, done.reason, done.over) == ("finished", row, None, True) and done.ended >= done.started
    jobs.finish(job.id, "failed", "too late")  # a job ends once
    assert jobs.get(job.id) == done


def test_a_run_and_the_end_of_its_job_are_stored_together(monkeypatch):
    job = jobs.submit("distill", {}, learner="ann")
    jobs.claim("w")
    with pytest.raises(ValueError, match="running"):
        jobs.finish(job.id, "finished", record=record(status="running"))
    assert jobs.get(job.id).status == "running" and records.runs() == [] and jobs.events(job.id) == []
    row = jobs.finish(job.id, "finished", record=record())
    assert jobs.get(job.id).run_row == row == records.find("abc123")["row"]
    assert [(event["kind"], event["id"], event["row"]) for event in jobs.events(job.id)] == [("finished", "abc123", row)]
    assert jobs.latest("ann").id == job.id and jobs.latest("bob") is None


def test_jobs_are_served_in_order_and_know_their_place():
    first, second, third = (jobs.submit("distill", {"n": n}) for n in range(3))
    assert [jobs.position(j.id) for j in (first, second, third)] == [0, 1, 2]
    assert jobs.claim("a").id == first.id
    assert [jobs.position(j.id) for j in (first, second, third)] == [0, 1, 2]
    assert jobs.claim("b").id == second.id
    assert [jobs.position(j.id) for j in (first, second, third)] == [0, 0, 2]  # two workers: nobody is ahead of a running job
    jobs.finish(first.id, "finished")
    assert [jobs.position(j.id) for j in (first, second, third)] == [None, 0, 1]
    assert [j.id for j in jobs.queue()] == [second.id, third.id]


def test_cancel_ends_a_waiting_job_and_tells_a_running_one():
    running, waiting = jobs.submit("distill", {}), jobs.submit("distill", {})
    jobs.claim("w")
    assert not jobs.cancelled(running.id)
    cancel(waiting.id)
    cancel(running.id)
    stopped = jobs.get(waiting.id)
    assert (stopped.status, stopped.over) == ("stopped", True) and stopped.reason.endswith(".") and stopped.ended
    assert jobs.get(running.id).status == "running" and jobs.cancelled(running.id)
    assert jobs.claim("w") is None
    jobs.finish(running.id, "stopped")
    cancel(running.id)
    assert jobs.get(running.id).status == "stopped"
    assert jobs.cancelled(12345)  # a job whose store was deleted stops too


def test_events_are_numbered_per_job():
    one, two = jobs.submit("distill", {}), jobs.submit("distill", {})
    for step in range(3):
        jobs.emit(one.id, "step", {"step": step})
        jobs.emit(two.id, "evaluated", {"accuracy": step / 2})
    got = jobs.events(one.id)
    assert [(e["n"], e["kind"], e["step"]) for e in got] == [(1, "step", 0), (2, "step", 1), (3, "step", 2)]
    assert [e["at"] for e in got] == sorted(e["at"] for e in got)
    assert [e["n"] for e in jobs.events(one.id, after=2)] == [3] and jobs.events(one.id, after=3) == []
    assert [e["accuracy"] for e in jobs.events(two.id)] == [0.0, 0.5, 1.0]


def test_wrong_calls_are_refused():
    with pytest.raises(ValueError, match="juggle"):
        jobs.submit("juggle", {})
    job = jobs.submit("distill", {})
    with pytest.raises(ValueError, match="queued"):
        jobs.finish(job.id, "queued")
    with pytest.raises(LabError, match=r"^There is no job 99 in the store; .*\.$"):
        jobs.get(99)


def test_processes_never_get_the_same_job():
    """Four processes meet a store that does not exist yet, submit and claim at once; each job is run once."""
    program = """
name = sys.argv[0] + str(os.getpid())
workers.beat(name, os.getpid(), "host", "cpu")
for n in range(15):
    jobs.submit("distill", {"n": n})
got = []
while (job := jobs.claim(name)) is not None:
    jobs.emit(job.id, "step", {"worker": name})
    got.append(job.id)
print(json.dumps({"worker": name, "got": got}))
"""
    answers = [json.loads(out) for out in go(*(python(program) for _ in range(4)))]
    claimed = [job for answer in answers for job in answer["got"]]
    assert len(set(claimed)) == len(claimed) == 60
    for answer in answers:
        for job in answer["got"]:
            assert jobs.get(job).worker == answer["worker"]
            assert [event["worker"] for event in jobs.events(job)] == [answer["worker"]]
    assert len(workers.workers()) == 4


def test_events_of_one_job_from_two_processes_keep_their_numbers():
    job = jobs.submit("distill", {})
    go(*(python(f"for i in range(40): jobs.emit({job.id}, 'step', {{'who': {who}, 'i': i}})") for who in (0, 1)))
    got = jobs.events(job.id)
    assert [event["n"] for event in got] == list(range(1, 81))
    for who in (0, 1):
        assert [event["i"] for event in got if event["who"] == who] == list(range(40))


def test_a_killed_worker_fails_its_job_with_a_reason_and_the_next_runs(monkeypatch):
    first, second = jobs.submit("distill", {}), jobs.submit("distill", {})
    process = python(
        "workers.beat('w1', os.getpid(), 'host', 'cpu')\nprint(jobs.claim('w1').id, flush=True)\nimport time\ntime.sleep(600)"
    )
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == f"{first.id}\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    close_dead()  # its heartbeat is fresh: it may be busy
    assert jobs.get(first.id).status == "running" and [w["id"] for w in workers.workers()] == ["w1"]

    real = database.now
    monkeypatch.setattr(workers, "now", lambda: real() + workers.STALE_AFTER + 1)
    workers.beat("w2", 2, "host", "cpu")
    assert [w["id"] for w in workers.workers()] == ["w2"]
    close_dead()
    dead = jobs.get(first.id)
    assert (dead.status, dead.reason) == ("failed", workers.DEAD_WORKER) and dead.ended
    assert jobs.get(second.id).status == "queued"
    assert jobs.claim("w2").id == second.id
    close_dead()
    assert jobs.get(second.id).status == "running"


def close_dead():
    workers.close_dead("another host", alive=lambda pid: False)


def test_a_worker_without_a_process_is_dead_at_once_and_one_with_a_process_is_not():
    """A full disk keeps a living worker's heartbeat from being written; its process tells that it lives."""
    first, second = jobs.submit("distill", {}), jobs.submit("distill", {})
    for name, pid in (("w", 1), ("v", 2)):
        workers.beat(name, pid, "host", "cpu")
        jobs.claim(name)
    with database.transaction() as db:
        db.execute("UPDATE workers SET heartbeat = heartbeat - 1000 WHERE id = 'v'")
    workers.close_dead("host", alive=lambda pid: pid == 2)
    assert [jobs.get(job.id).status for job in (first, second)] == ["failed", "running"]
    assert [one["id"] for one in workers.known()] == ["v"]


def test_a_worker_that_leaves_fails_what_it_still_had():
    done, left, other = (jobs.submit("distill", {}) for _ in range(3))
    for worker in ("w", "w", "v"):
        workers.beat(worker, 1, "host", "cpu")
        jobs.claim(worker)
    jobs.finish(done.id, "finished")
    workers.leave("w")
    assert [jobs.get(j.id).status for j in (done, left, other)] == ["finished", "failed", "running"]
    assert [w["id"] for w in workers.workers()] == ["v"]


# --- facts ---


def test_facts_are_kept_and_replaced():
    assert facts.get("rate", 5) == 5
    facts.put("rate", {"cpu": 1.5})
    facts.put("rate", {"cpu": 2})
    assert facts.get("rate") == {"cpu": 2}


# --- the database ---


def test_a_failed_transaction_leaves_nothing():
    with pytest.raises(RuntimeError), database.transaction() as db:
        db.execute("INSERT INTO facts (key, at, value) VALUES ('a', 0, '1')")
        raise RuntimeError
    assert facts.get("a") is None
    facts.put("a", 2)  # and no lock is left behind
    assert facts.get("a") == 2


def test_a_store_deleted_while_the_program_runs_is_made_anew(home):
    facts.put("a", 1)
    lost = jobs.submit("distill", {})
    for file in home.iterdir():
        file.unlink()
    assert facts.get("a") is None
    facts.put("a", 2)
    assert facts.get("a") == 2
    other = jobs.submit("distill", {})  # another number: what the lost job's worker still reports is not taken for the new one's
    assert other.id != lost.id and jobs.cancelled(lost.id)
    jobs.emit(lost.id, "step", {})
    jobs.finish(lost.id, "stopped", record=record(status="stopped"))
    assert jobs.get(other.id) == other and jobs.events(lost.id) == jobs.events(other.id) == []
    assert [run["status"] for run in records.runs()] == ["stopped"]  # but a run that has ended is kept


def test_a_store_of_the_first_version_is_brought_up_to_date(home):
    """Its jobs are kept, and who asked for them finds them again."""
    home.mkdir()
    with sqlite3.connect(home / "store.sqlite") as db:
        for statement in database.MIGRATIONS[0]:
            db.execute(statement)
        db.execute("INSERT INTO jobs (kind, payload, learner, created) VALUES ('distill', '{}', 'ann', 5.0)")
        db.execute("INSERT INTO jobs (kind, payload, created) VALUES ('prepare', '{}', 6.0)")
    db.close()
    assert (jobs.latest("ann").id, jobs.watchers(1), jobs.watchers(2)) == (1, ["ann"], [])
    assert jobs.submit("distill", {}).id == 3
    with sqlite3.connect(home / "store.sqlite") as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == len(database.MIGRATIONS)
    db.close()


def test_a_store_of_a_later_version_is_one_sentence(home):
    facts.put("a", 1)
    with sqlite3.connect(home / "store.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LabError, match=r"^The run store .* was made by a newer version of this program; update it, or set LAYER_LAB_HOME .*\.$"):
        facts.get("a")


def test_a_migration_that_fails_leaves_the_store_as_it_was(home, monkeypatch):
    facts.put("a", 1)
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, ("CREATE TABLE half (x)", "CREATE TABLE facts (x)")))
        with pytest.raises(LabError, match="already exists"):
            facts.get("a")
    assert facts.get("a") == 1
    with database.connect() as db:
        assert db.execute("SELECT * FROM sqlite_master WHERE name = 'half'").fetchone() is None


def test_a_full_disk_is_one_sentence_and_loses_nothing(monkeypatch):
    records.add(record())
    opened = database._open

    def small(path):
        connection = opened(path)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite raises it to the present size, then answers as for a full disk
        return connection

    full = r"^The disk that holds the run store .* is full; free some space and try again\. Finished runs are safe\.$"
    with pytest.raises(LabError, match=full), monkeypatch.context() as patch:
        patch.setattr(database, "_open", small)
        records.add(record("big", notes=["x" * 1_000_000]))
    assert [run["id"] for run in records.runs()] == ["abc123"]
    records.add(record("next"))
    assert [run["id"] for run in records.runs()] == ["next", "abc123"]


def test_a_file_that_is_no_store_is_one_sentence(home):
    home.mkdir()
    (home / "store.sqlite").write_bytes(b"this is a text, long enough to be read as a header " * 40)
    for call in (records.runs, lambda: records.add(record()), jobs.queue, lambda: jobs.claim("w"), lambda: facts.get("a")):
        with pytest.raises(LabError, match=r"^The run store .*store\.sqlite is damaged; move it away to start a new one\.$"):
            call()


def test_a_damaged_store_is_one_sentence(home):
    for n in range(40):
        records.add(record(f"run{n}", notes=["x" * 5000]))
    path = home / "store.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = [row[0] for row in db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'runs'")]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    data = bytearray(path.read_bytes())
    for page in pages:
        data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)
    with pytest.raises(LabError, match="is damaged; move it away"):
        records.runs()


def test_a_store_that_cannot_be_opened_is_one_sentence(home):
    (home / "store.sqlite").mkdir(parents=True)
    with pytest.raises(LabError, match=r"^The run store .* cannot be written; set LAYER_LAB_HOME to a folder you can write\.$"):
        records.runs()


def test_a_home_that_is_a_file_is_one_sentence(home):
    home.write_text("not a folder")
    with pytest.raises(LabError, match=r"^The folder .* cannot be made .*; set LAYER_LAB_HOME to one you can write\.$"):
        records.runs()


def test_a_readonly_store_is_one_sentence(home, monkeypatch):
    """Opened read-only, as a file without the write permission is for anyone but root."""
    facts.put("a", 1)

    def readonly(path):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    monkeypatch.setattr(database, "_open", readonly)
    assert facts.get("a") == 1
    with pytest.raises(LabError, match="cannot be written; set LAYER_LAB_HOME to a folder you can write"):
        facts.put("a", 2)
    assert facts.get("a") == 1


def test_a_locked_store_is_one_sentence(home, monkeypatch):
    facts.put("a", 1)
    opened = database._open

    def impatient(path):
        connection = opened(path)
        connection.execute("PRAGMA busy_timeout = 50")
        return connection

    with database.transaction():
        monkeypatch.setattr(database, "_open", impatient)
        with pytest.raises(LabError, match="has been busy for too long; close other programs"):
            facts.put("a", 2)
        assert facts.get("a") == 1  # readers do not wait for a writer
    facts.put("a", 3)
    assert facts.get("a") == 3


def test_the_store_loads_no_torch():
    program = (
        "import sys, core.store.jobs, core.store.records, core.store.facts;"
        "print(sorted({'torch', 'transformers', 'numpy', 'streamlit'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
