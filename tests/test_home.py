"""What a home keeps: told, pinned, deleted, and moved to another machine in one file. Run: python -m pytest tests/test_home.py"""

import json
import os
import shutil
import signal
import stat
import zipfile

import pytest

from core import worker
from core.__main__ import main
from core.errors import LabError
from core.home import folder
from core.models.catalogue import find_folder
from core.store import archive, records, students
from core.store.waiting import BESIDE
from core.studies.export import places
from core.studies.export.packed import as_teacher, pack
from core.training.distill import distill
from core.training.kept import whole
from core.views.common.kept import kept_text
from tests import app_harness as harness
from tests.app_harness import button, clean, labels, shown
from tests.test_kept import kill_me, killed, recipe

PAGE = "pages/about.py"


def run_of(teacher: str, task: str, **changes) -> dict:
    *_, last = distill(recipe(teacher, task, **changes), keep=True)
    records.add(last.data["record"])
    return last.data["record"]


def saved(target):
    *_, done = archive.save(target)
    return target, done


def elsewhere(monkeypatch, place):
    monkeypatch.setenv("LAYER_LAB_HOME", str(place))


# --- one file for another machine ---


def test_runs_students_and_their_teachers_move_to_another_home(teacher, task, tmp_path, monkeypatch):
    first = run_of(teacher, task)
    name = as_teacher(students.of(first))
    second = run_of(name, task, layers=(2,))
    students.pin(students.of(first))
    logits = whole(students.of(second))[0].classifier.weight.tolist()
    file, done = saved(tmp_path / "out" / "home.zip")
    assert done == pytest.approx(1.0) and [path.name for path in file.parent.iterdir()] == ["home.zip"]
    elsewhere(monkeypatch, tmp_path / "other")
    found = archive.load(file)
    assert (found.runs, found.students, found.teachers, found.there) == (2, 2, 1, 0)
    assert {run["id"] for run in records.runs()} == {first["id"], second["id"]} and students.of(first).pinned
    assert find_folder(name, task).is_relative_to(tmp_path / "other")
    shutil.rmtree(tmp_path / "home")  # the old machine is gone
    assert whole(students.of(second))[0].classifier.weight.tolist() == logits
    again = archive.load(file)
    assert (again.runs, again.students, again.teachers, again.there) == (0, 0, 0, 5) and len(records.runs()) == 2


def zipped(place, files: dict, mode: int = 0):
    target = place / "foreign.zip"
    with zipfile.ZipFile(target, "w") as packed:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            packed.writestr(entry, text)
    return target


@pytest.mark.parametrize("name", ("../x.json", "/etc/x.json", "students/../../x", "students/a.pkl", "teachers/a/model.bin", "teachers/a/b/c.json",
                                  "uploads/" + "0" * 16 + "/../x.json", "store.sqlite", "students/run-000000000000.safetensors.exe"))
def test_what_is_no_part_of_a_home_is_refused_and_nothing_taken_over(tmp_path, name):
    file = zipped(tmp_path, {archive.RUNS: "", name: "x"})
    with pytest.raises(LabError, match="no part of a home"):
        archive.load(file)
    assert not list(folder("students").iterdir()) and [path.name for path in tmp_path.iterdir()] == ["foreign.zip", "home"]


def test_links_damaged_students_and_lines_that_are_no_run_are_refused(tmp_path, teacher, task):
    with pytest.raises(LabError, match="no part of a home"):
        archive.load(zipped(tmp_path, {archive.RUNS: "", "students/a-000000000000.pin": "/etc/passwd"}, stat.S_IFLNK | 0o777))
    with pytest.raises(LabError, match="lacks runs.jsonl"):
        archive.load(zipped(tmp_path, {"students/a-000000000000.pin": ""}))
    with pytest.raises(LabError, match="is damaged, so nothing is taken over"):
        archive.load(zipped(tmp_path, {archive.RUNS: "", "students/a-000000000000.safetensors": "x" * 50}))
    record = run_of(teacher, task)
    for line in ("{", "[]", '{"at": 1, "record": {}}', json.dumps({"at": 1, "record": record | {"id": "f" * 12}}),
                 json.dumps({"at": "x", "record": record})):
        with pytest.raises(LabError, match="Line 1 of runs.jsonl is no run"):
            archive.load(zipped(tmp_path, {archive.RUNS: line}))
    (tmp_path / "no.zip").write_bytes(b"PK no zip")
    with pytest.raises(LabError, match="no archive that can be read"):
        archive.load(tmp_path / "no.zip")
    assert len(records.runs()) == 1 and list(folder("exports").iterdir()) == []


def test_a_kill_or_a_full_disk_leaves_no_half_of_an_archive(teacher, task, tmp_path, monkeypatch):
    run_of(teacher, task)
    target = tmp_path / "out" / "home.zip"
    with monkeypatch.context() as patch:
        patch.setattr(students, "settle", kill_me)
        assert killed(lambda: saved(target)) == signal.SIGKILL and not target.exists()
    with monkeypatch.context() as patch:
        patch.setattr(archive.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 0))
        with pytest.raises(LabError, match="the disk has less room"):
            saved(target)
        patch.setattr(archive.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 1 << 60))
        patch.setattr(students, "settle", lambda path: (_ for _ in ()).throw(OSError(28, os.strerror(28))))
        with pytest.raises(LabError, match=r"cannot be written to .* \(No space left on device\)"):
            saved(target)
    assert not target.exists()
    saved(target)
    with pytest.raises(LabError, match="is there already"):
        saved(target)


def test_the_command_lists_pins_deletes_saves_and_loads(teacher, task, tmp_path, capsys, monkeypatch):
    run_id = run_of(teacher, task)["id"]
    assert main(["home", "--pin", run_id]) == 0 and "pinned" in capsys.readouterr().out
    assert main(["home", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["students"] == [{"id": run_id, "key": students.find(run_id).key, "bytes": students.find(run_id).size, "pinned": True}]
    assert main(["home", "--save", str(tmp_path / "a.zip")]) == 0 and main(["home", "--delete", run_id]) == 0
    assert students.students() == []
    assert main(["home", "--load", str(tmp_path / "a.zip")]) == 0
    assert "Taken over: 0 runs, 1 students, 0 teachers; 1 were there already." in capsys.readouterr().out
    assert main(["home", "--load", str(tmp_path / "none.zip")]) == 2 and "There is no file" in capsys.readouterr().err


# --- the page and the sidebar ---


def test_the_sidebar_says_the_size_and_the_limit(teacher, task, monkeypatch):
    assert kept_text() == ""
    run_of(teacher, task)
    monkeypatch.setenv("LAYER_LAB_STUDENTS_GB", "1.5")
    harness.without_worker(monkeypatch)
    assert "0.0 MB of 1.5 GB. The oldest that are not pinned go first." in shown(harness.opener(teacher, task)())
    monkeypatch.setenv("LAYER_LAB_STUDENTS_GB", "much")
    assert "must be a number of gigabytes" in shown(harness.opener(teacher, task)())


def visitor_at(monkeypatch, address: str | None) -> None:
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.ip_address", property(lambda _: address))


def test_the_page_pins_deletes_and_writes_the_file(teacher, task, monkeypatch):
    visitor_at(monkeypatch, None)  # as at this machine
    record = run_of(teacher, task)
    pack(students.of(record))
    as_teacher(students.of(record))
    harness.without_worker(monkeypatch)
    test = harness.opener(teacher, task)(PAGE, view="researcher")
    test.session_state["about"] = {"view": "What is kept"}
    clean(test.run())
    assert "Downloads that were made: 1" in shown(test).replace("**", "") and "became teachers: 1" in shown(test).replace("**", "")
    button(test, "Pin").click()
    assert "Unpin" in labels(clean(test.run())) and students.of(record).pinned
    for label in ("Delete the downloads", "Delete these teachers"):
        button(test, label).click()
        clean(test.run())
    assert places.archives() == [] and places.teachers() == []
    button(test, "Write the file").click()
    clean(test.run())
    runner = worker.Runner("w")
    runner.run(runner.claim(BESIDE))
    clean(test.run())
    assert any("Download it (" in element.proto.label for element in test.get("download_button"))
    button(test, "Delete").click()
    assert "No student is kept yet" in shown(clean(test.run())) and students.of(record) is None


def test_a_visitor_from_another_machine_changes_only_their_own(teacher, task, monkeypatch):
    run_of(teacher, task)
    harness.without_worker(monkeypatch)
    visitor_at(monkeypatch, "10.0.0.7")
    test = harness.opener(teacher, task)(PAGE, view="researcher")
    test.session_state["about"] = {"view": "What is kept"}
    clean(test.run())
    assert "1 student kept" in shown(test) and not {"Pin", "Delete", "Write the file"} & set(labels(test))
