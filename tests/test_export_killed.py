"""A process that writes is killed, or its disk is full: nothing half-written is found. Run: python -m pytest tests/test_export_killed.py -m slow"""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from core.store import jobs, students
from core.store.workers import BESIDE_DIED
from core.studies.export import places
from tests.test_kept import kept, recipe

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 300.0


def until(there, what: str):
    end = time.monotonic() + SECONDS
    while not (found := there()):
        assert time.monotonic() < end, what
        time.sleep(0.002)
    return found


def working() -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "core", "work"], cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


@pytest.mark.slow
@pytest.mark.parametrize("whom", ("worker and writer", "writer"))
def test_an_export_that_is_killed_leaves_nothing_half_written(teacher, task, home, whom):
    student = kept(recipe(teacher, task))
    ask = lambda: jobs.submit("export", {"student": student.key, "what": places.ZIP}, learner="ann")
    halves = lambda: list((home / "exports").glob(".part-*"))
    first, again = working(), None
    try:
        job = ask()
        part = until(halves, "the export does not begin")[0]
        writer = int(part.name.removeprefix(".part-").partition("@")[0])
        assert writer != first.pid and places.archives() == []
        if whom == "writer":
            os.kill(writer, signal.SIGKILL)
            until(lambda: jobs.get(job.id).over, "the job does not end")
            assert "ended too early" in jobs.get(job.id).reason and places.archives() == []
            job = ask()  # the worker lives and takes it
        else:
            os.killpg(first.pid, signal.SIGKILL)  # the worker and the process that writes for it
            first.wait()
            assert halves() == [part] and places.archives() == [] and jobs.get(job.id).status == "running"
            again = working()
            until(lambda: jobs.get(job.id).over, "the job is not closed")
            until(lambda: not halves(), "what was half-written is still there")
            assert (jobs.get(job.id).status, jobs.get(job.id).reason) == ("failed", BESIDE_DIED)
            job = ask()
        until(lambda: jobs.get(job.id).over, "the second export does not end")
        assert jobs.get(job.id).status == "finished" and halves() == []
        assert zipfile.ZipFile(places.archive(student.key)).testzip() is None and students.of(student.record) is not None
    finally:
        for process in filter(None, (first, again)):
            process.kill()
            process.wait()
