"""A kept student made ready to be taken away, or to be a teacher, in a process of its own: it writes for seconds, and what trains goes on."""

import json
import subprocess
import sys
import time
from pathlib import Path

from core.errors import LabError
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
    yield Event("made", {name: value for name, value in json.loads(out).items() if name in ("file", "teacher")})
    yield Event("finished")
