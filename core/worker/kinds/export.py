"""A kept student made ready to be taken away, or to be a teacher, in a process of its own: it writes for seconds, and what trains goes on."""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from core.errors import LabError
from core.home import uploaded
from core.store import jobs, uploads
from core.studies.export.places import OPTIONS
from core.training.events import TURN, Event, stage

ROOT = Path(__file__).resolve().parents[3]
LOOK_SECONDS = 0.1


def events(job, stop):
    """Yield where it lies: made {file}, an archive's name (core/studies/export/places.py), or {teacher}, a teacher's name.

    payload: {student: its key, what: a key of OPTIONS there}.
    """
    yield stage("preparing", "Writing the student")
    command = [sys.executable, "-m", "core", "export", job.payload["student"], *OPTIONS[job.payload["what"]], "--json"]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while child.poll() is None:
            if stop():
                return
            yield TURN
            time.sleep(LOOK_SECONDS)
        out, told = child.communicate()
    finally:
        child.kill()
        child.wait()
    if child.returncode == 2:
        raise LabError(told.strip().splitlines()[-1])
    if child.returncode:
        raise LabError("The student could not be written: the process that wrote it ended too early, perhaps for want of memory; try again.")
    made = {name: value for name, value in json.loads(out).items() if name in ("file", "teacher")}
    if "teacher" in made:
        _list(job.id, made["teacher"])
    yield Event("made", made)
    yield Event("finished")


def _list(job_id: int, name: str) -> None:
    """Put a teacher that was made of a student on the lists of all who asked for it; a full list leaves it to be reached by its name."""
    size = sum(file.stat().st_size for file in uploaded(name).iterdir())
    for learner in jobs.watchers(job_id):
        with suppress(LabError):
            uploads.add(learner, uploads.Upload(uploads.MODEL, (name,), size))
