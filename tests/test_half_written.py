"""A process that writes is killed, or its disk is full: nothing half-written is found. Run: python -m pytest tests/test_half_written.py"""

import itertools
import os
import re
import resource
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from core.data.uploads.keep import keep_table
from core.errors import LabError
from core.models.archive import keep_model
from core.recipe import MapPlan
from core.store import archive, jobs, maps, records, students, uploads
from core.store.uploads import TABLE, Upload
from core.store.workers import BESIDE_DIED
from core.studies.export import places
from core.studies.export.folder import export
from core.studies.export.packed import as_teacher, pack
from tests.test_archive import zipped
from tests.test_kept import kept, recipe
from tests.test_robust import fill
from tests.test_uploads import as_csv, rows
from tests.tiny import save_tiny_teacher

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 300.0


def until(there, what: str):
    end = time.monotonic() + SECONDS
    while not (found := there()):
        assert time.monotonic() < end, what
        time.sleep(0.002)
    return found


# Holds a process that packs a file up in the middle of it, for as long as a file `hold` stands beside this one.
IN_THE_MIDDLE = """import time, zipfile
from pathlib import Path
real = zipfile.ZipFile.write
def write(self, *args, **named):
    real(self, *args, **named)
    while Path(__file__).with_name("hold").exists():
        time.sleep(0.05)
zipfile.ZipFile.write = write
"""


@pytest.fixture
def hold(tmp_path):
    """The file that holds whatever packs; `working` starts processes that look at it."""
    folder = tmp_path / "start"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(IN_THE_MIDDLE)
    (folder / "hold").touch()
    return folder / "hold"


def working(hold: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "core", "work"], cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(hold.parent)})


@pytest.mark.slow
@pytest.mark.parametrize("whom", ("worker and writer", "writer"))
def test_an_export_that_is_killed_leaves_nothing_half_written(teacher, task, home, hold, whom):
    student = kept(recipe(teacher, task))
    ask = lambda: jobs.submit("export", {"student": student.key, "what": places.ZIP}, learner="ann")
    halves = lambda: list((home / "exports").glob(".part-*"))
    first, again = working(hold), None
    try:
        job = ask()
        part = until(lambda: [half for half in halves() if (half / "made.zip").exists()], "the export does not begin")[0]
        writer = int(part.name.removeprefix(".part-").partition("@")[0])
        assert writer != first.pid and places.archives() == []
        if whom == "writer":
            os.kill(writer, signal.SIGKILL)
            until(lambda: jobs.get(job.id).over, "the job does not end")
            assert "ended too early" in jobs.get(job.id).reason and places.archives() == []
            hold.unlink()
            job = ask()  # the worker lives and takes it
        else:
            os.killpg(first.pid, signal.SIGKILL)  # the worker and the process that writes for it
            first.wait()
            assert halves() == [part] and places.archives() == [] and jobs.get(job.id).status == "running"
            hold.unlink()
            again = working(hold)
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


# --- a full disk: no file may grow over a limit, which the system itself enforces ---


def on_a_small_disk(act, most: int) -> str:
    """Do it in a copy of this process whose files may have so many bytes; return the LabError's sentence, or what else came of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing went wrong"
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            act()
        except LabError as error:
            said = f"LabError: {error}"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    os.waitpid(child, 0)
    return said


def files(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))}


def test_where_nothing_more_can_be_written_each_says_so_in_one_sentence_and_leaves_nothing(teacher, task, home, tmp_path):
    student = kept(recipe(teacher, task))
    tensors = load_file(student.path)
    table, model = as_csv(rows(4000)), zipped(save_tiny_teacher(tmp_path / "model"))
    acts = {
        "The student is not kept: it cannot be written to ": lambda: students.write(
            student.record | {"id": "other"}, student.about, student.size, lambda path, header: save_file(tensors, path, header)),
        "The student cannot be written to ": lambda: export(student, tmp_path / "out"),
        f"The student cannot be written to {home}": lambda: pack(student),
        f"The student cannot be written to {home} ": lambda: as_teacher(student),
        "The archive cannot be written to ": lambda: list(archive.save(tmp_path / "home.zip")),
        "The upload cannot be kept (": lambda: keep_table("tweets.csv", table + b"9,more,sad\n"),
        "The upload cannot be kept (File": lambda: keep_model("mine.zip", model, len(model.getvalue())),
    }
    uploads.add("ann", Upload(TABLE, (keep_table("listed.csv", table)[0],), len(table)))
    before = files(tmp_path)
    for sentence, act in acts.items():
        said = on_a_small_disk(act, 80_000 if "archive" in sentence else 4000)  # SQLite maps 32 kB of its own to be read
        assert said.startswith(f"LabError: {sentence.strip()}") and said.endswith((".", "again")) and "\n" not in said, said
        assert re.search(r"\((the disk is full|File too large|.*os error 27.*)\)|File too large", said), said
        assert files(tmp_path) == before, sentence
    list(archive.save(tmp_path / "home.zip"))
    before = files(tmp_path)
    elsewhere = {"LAYER_LAB_HOME": str(tmp_path / "other")}

    def take_over():
        os.environ.update(elsewhere)
        archive.load(tmp_path / "home.zip")

    said = on_a_small_disk(take_over, 80_000)
    assert "cannot be taken over (File too large); nothing half-written is left." in said and files(tmp_path) == before, said


def test_a_map_that_the_store_has_no_room_for_is_one_sentence_and_no_map(teacher, task, monkeypatch):
    plan = MapPlan(recipe(teacher, task), tuple(itertools.combinations(range(1, 13), 4)), (0,))
    records.runs()  # the store is there
    free = fill(monkeypatch)
    with pytest.raises(LabError, match=r"^The disk that holds the run store .* is full; free some space and try again\. Finished runs are safe\.$"):
        maps.start(plan, ("a" * 16, "b" * 16), "ann")
    free()
    assert maps.all_maps() == []
    assert maps.start(plan, ("a" * 16, "b" * 16), "ann").going
