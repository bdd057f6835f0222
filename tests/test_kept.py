"""The student of a run: kept whole or not at all, the oldest go first, and made whole again. Run: python -m pytest tests/test_kept.py"""

import dataclasses
import errno
import json
import os
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import load_file

from core import worker
from core.errors import LabError
from core.home import PART, STALE, part
from core.models.families import word_embeddings
from core.models.first_token import is_cut
from core.models.seeding import seed_student
from core.recipe import Budget, Optimiser, Recipe, Seeding
from core.store import jobs, records, students, workers
from core.store.waiting import TRAINING
from core.studies.mistakes.hooks import overrides_for
from core.training.distill import distill
from core.training.kept import UNUSED, WORDS, unused, whole
from core.training.loading import load_pair
from core.training.student import Exact
from tests.stopping import stopped_at
from tests.test_session import timeless
from tests.tiny import tiny_tokenizer

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


def recipe(teacher, task, **changes) -> Recipe:
    return Recipe(teacher, task, **{"layers": (1, 3), "budget": Budget(steps=4), "optimiser": FP32} | changes)


def kept(one: Recipe, **options) -> students.Student:
    *_, last = distill(one, keep=True, **options)
    return students.of(last.data["record"])


def made(run_id: str, seed: int = 0, status: str = "finished") -> dict:
    """What of a record names its student."""
    return {"id": run_id, "status": status, "steps": 4, "predictions": str(seed), "final": {"loss": 1.0}, "task_hash": "d", "teacher": {"key": "t"}}


def write(record: dict, size: int = 1000, at: float | None = None) -> str:
    key = students.write(record, {}, size, lambda path, header: save_file({"x": np.zeros(size, np.uint8)}, path, header))
    if at is not None:
        os.utime(students.of(record).path, (at, at))
    return key


def killed(act) -> int:
    """Do it in a copy of this process; return the signal that ended it, 0 where none did."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def kill_me(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


# --- kept ---


def test_a_call_keeps_nothing_unless_asked(teacher, task, home):
    events = list(distill(recipe(teacher, task)))
    assert students.students() == [] and not (home / "students").exists() and not {"kept", "not_kept"} & {event.kind for event in events}


def test_keeping_changes_nothing_of_a_run(teacher, task):
    ends = [list(distill(recipe(teacher, task), keep=keep)) for keep in (False, True)]
    plain, keeping = (timeless(events[-1].data["record"]) for events in ends)
    assert plain == keeping and ends[1][-2].kind == "kept"


@pytest.mark.parametrize("seeding", (Seeding(), Seeding(copy_embeddings=False)), ids=("copied", "fresh"))
def test_words_that_the_task_lacks_have_the_rows_from_before_the_first_step(teacher, task, seeding):
    student = kept(recipe(teacher, task, seeding=seeding))
    model, tokenizer = whole(student)
    held, table = load_file(student.path), word_embeddings(model).weight
    start = word_embeddings(seed_student(load_pair(teacher, task)[0].model, (1, 3), seeding, seed=0)).weight
    rest = unused(table, held[WORDS])
    assert 0 < rest.sum() < len(table) and (UNUSED in held) == (not seeding.copy_embeddings)
    assert torch.equal(table[rest], start[rest]) and not torch.equal(table[~rest], start[~rest])
    house = tiny_tokenizer().convert_tokens_to_ids("house")
    assert rest[house] and not torch.equal(table[house], table[0])
    assert not is_cut(model) and model.config.id2label == dict(enumerate(student.record["labels"])) and tokenizer.model_max_length == 128


def test_a_student_that_trained_with_the_whole_vocabulary_is_kept_with_it(teacher, task):
    student = kept(recipe(teacher, task), exact=Exact(compact_vocabulary=False))
    assert WORDS not in load_file(student.path) and len(word_embeddings(whole(student)[0]).weight) == len(tiny_tokenizer())


def test_making_it_whole_leaves_the_random_state(teacher, task):
    student, before = kept(recipe(teacher, task)), torch.get_rng_state()
    whole(student)
    assert torch.equal(before, torch.get_rng_state())


def test_a_stopped_run_has_a_student_and_a_finished_one_of_the_same_recipe_comes_first(teacher, task):
    one = recipe(teacher, task, budget=Budget(steps=12))
    stopped = stopped_at(4, lambda stop: distill(one, stop, keep=True))[-1].data["record"]
    assert stopped["status"] == "stopped" and students.find(one.id).record["steps"] == stopped["steps"] < 12
    finished = kept(one)
    assert students.find(one.id[:6]) == finished and len(students.students()) == 2 and students.of(stopped).record["status"] == "stopped"


def test_the_same_run_again_is_the_same_student(teacher, task):
    assert kept(recipe(teacher, task)).key == kept(recipe(teacher, task)).key != kept(recipe(teacher, task, seed=1)).key
    assert len(students.students()) == 2


def test_a_mistake_made_on_purpose_is_not_kept(teacher, task):
    assert not any(event.kind == "kept" for event in distill(recipe(teacher, task), overrides=overrides_for("odd-wraps"), keep=True))


def test_the_worker_keeps_the_students_of_runs_and_races(teacher, task):
    one, other = recipe(teacher, task), recipe(teacher, task, layers=(2, 4))
    jobs.submit("distill", one.to_dict(), run_id=one.id, learner="ann")
    jobs.submit("race", {"teacher": teacher, "task": task, "recipes": [one.to_dict(), other.to_dict()]}, learner="ann")
    runner = worker.Runner("w")
    for _ in range(2):
        runner.run(runner.claim(TRAINING))
    runs = records.runs()
    assert len(runs) == 3 and all(students.of(run).record["id"] == run["id"] for run in runs)
    assert len(students.students()) == 2  # the race made the run again that was there


def test_a_student_needs_its_teacher(own_teacher, task):
    student = kept(recipe(own_teacher, task))
    config = Path(own_teacher) / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"layer_norm_eps": 1e-3}))
    with pytest.raises(LabError, match=r"no longer what it was when run \w+ was made, .*; restore the teacher, or run again\.$"):
        whole(student)
    shutil.rmtree(own_teacher)
    with pytest.raises(LabError, match="is gone or no longer"):
        whole(student)


def test_a_student_whose_file_was_changed_is_refused_with_a_sentence(teacher, task):
    student = kept(recipe(teacher, task))
    student.path.write_bytes(student.path.read_bytes()[:-100])
    assert students.students() == [] and students.of(student.record) is None
    with pytest.raises(LabError, match=r"cannot be read \(SafetensorError\); delete the file and run again\.$"):
        whole(student)


# --- room ---


def test_the_oldest_unpinned_go_first_and_the_newest_never(monkeypatch):
    for n in range(4):
        write(made(f"run{n}", n), at=1000.0 + n)
    students.pin(students.of(made("run0", 0)))
    monkeypatch.setenv("LAYER_LAB_STUDENTS_GB", str(3.5 * students.of(made("run0", 0)).size / 1e9))
    write(made("run4", 4), at=1004.0)
    assert [one.record["id"] for one in students.students()] == ["run4", "run3", "run0"] and students.taken() <= students.limit()
    students.pin(students.of(made("run0", 0)), wanted=False)
    write(made("run5", 5))
    assert [one.record["id"] for one in students.students()] == ["run5", "run4", "run3"]
    students.remove(students.of(made("run4", 4)))
    assert students.of(made("run4", 4)) is None


def test_a_student_that_has_no_room_beside_the_pinned_ones_is_not_kept(monkeypatch):
    monkeypatch.setenv("LAYER_LAB_STUDENTS_GB", "0.000004")
    write(made("run0"), size=2000)
    students.pin(students.of(made("run0")))
    with pytest.raises(LabError, match=r"^The student is not kept: it takes 0\.00 MB beside 0\.00 MB of pinned ones, and all may take 0\.00 MB; "):
        write(made("run1"), size=3000)
    assert [one.record["id"] for one in students.students()] == ["run0"]


@pytest.mark.parametrize("text", ("much", "-1", "nan"))
def test_a_limit_that_is_none_is_said_and_the_run_goes_on(teacher, task, monkeypatch, text):
    monkeypatch.setenv("LAYER_LAB_STUDENTS_GB", text)
    *_, told, last = distill(recipe(teacher, task), keep=True)
    assert (told.kind, last.kind) == ("not_kept", "finished") and "it must be a number of gigabytes" in told.data["reason"]


def test_a_full_disk_gives_one_sentence_and_the_run_is_not_lost(teacher, task, home, monkeypatch):
    full = shutil.disk_usage(home.parent)._replace(free=students.LEFT_FREE)
    with monkeypatch.context() as patch:
        patch.setattr("core.store.students.shutil.disk_usage", lambda path: full)
        *_, told, last = distill(recipe(teacher, task), keep=True)
    assert told.kind == "not_kept" and last.data["record"]["status"] == "finished" and students.students() == []
    assert told.data["reason"].endswith("(the disk is full); free some disk space and run again. The run itself is not lost.")

    def half(path, header):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(LabError, match=r"\(No space left on device\); free some disk space"):
        students.write(made("run0"), {}, 10, half)
    assert list((home / "students").iterdir()) == []


@pytest.mark.parametrize("place", ("save", "settle"))
def test_a_kill_while_it_is_written_leaves_nothing_half_written(home, monkeypatch, place):
    def half(path, header):
        path.write_bytes(b"half of a file")
        kill_me()

    if place == "settle":
        monkeypatch.setattr(students, "settle", kill_me)
    act = (lambda: students.write(made("run0"), {}, 10, half)) if place == "save" else (lambda: write(made("run0")))
    assert killed(act) == signal.SIGKILL
    monkeypatch.undo()
    monkeypatch.setenv("LAYER_LAB_HOME", str(home))
    (left,) = (home / "students").iterdir()
    assert left.name.startswith(PART) and students.students() == [] and students.taken() == 0
    others = part(home / "students", "other")  # of this process, which lives and may be writing it
    others.write_bytes(b"half of a file")
    write(made("run1"))
    assert not left.exists() and others.exists()
    os.utime(others, (time.time() - 2 * STALE,) * 2)
    write(made("run2"))
    assert not others.exists() and len(students.students()) == 2


def test_runs_without_a_student_and_beginnings_of_several_are_said():
    with pytest.raises(LabError, match=r"^No student of a run 'abc' is kept; "):
        students.find("abc")
    write(made("abc1"))
    write(made("abc2"))
    with pytest.raises(LabError, match="2 runs begin with 'abc'; give more of the id"):
        students.find("abc")
    assert students.find("abc1").record["id"] == "abc1"
    assert dataclasses.replace(students.find("abc1"), record={}).key.startswith("abc1-")


# --- a kill while it is kept ---


@pytest.mark.parametrize("kind", ("distill", "race"))
def test_a_worker_that_is_killed_while_it_keeps_the_student_loses_no_run(teacher, task, home, monkeypatch, kind):
    one, other = recipe(teacher, task), recipe(teacher, task, layers=(2, 4))
    payload = one.to_dict() if kind == "distill" else {"teacher": teacher, "task": task, "recipes": [one.to_dict(), other.to_dict()]}
    job = jobs.submit(kind, payload, run_id=one.id if kind == "distill" else None, learner="ann")
    workers.beat("w", 1, "here", "auto")

    def work():
        monkeypatch.setattr(students, "settle", kill_me)
        runner = worker.Runner("w")
        runner.run(runner.claim(TRAINING))

    assert killed(work) == signal.SIGKILL and jobs.get(job.id).status == "running"
    workers.close_dead("here", alive=lambda pid: False)
    found, (record,) = jobs.get(job.id), records.runs()
    assert record["status"] == "finished" and record["id"] == one.id
    assert (found.status, found.reason, found.run_row) == (
        ("finished", None, record["row"]) if kind == "distill" else ("failed", workers.DEAD_WORKER, None))
    assert students.students() == [] and [file.name[:6] for file in (home / "students").iterdir()] == [".part-"]


def test_a_store_that_is_full_when_the_run_is_measured_gets_it_at_its_end(teacher, task, monkeypatch):
    one = recipe(teacher, task)
    job = jobs.submit("distill", one.to_dict(), run_id=one.id, learner="ann")

    def full(*_):
        raise LabError("The disk is full.")

    monkeypatch.setattr(jobs, "keep", full)
    runner = worker.Runner("w")
    runner.run(runner.claim(TRAINING))
    (record,) = records.runs()
    assert jobs.get(job.id).run_row == record["row"] and students.of(record) is not None
