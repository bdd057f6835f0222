"""What a home keeps: told, pinned, deleted, and moved to another machine in one file. Run: python -m pytest tests/test_home.py"""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import zipfile

import pytest

from core import worker
from core.__main__ import main
from core.data.uploads.keep import keep_table
from core.errors import LabError
from core.home import alive, folder, uploaded
from core.models.archive import keep_model
from core.models.catalogue import find_folder
from core.models.weights import has_weights
from core.recipe import MapPlan
from core.store import archive, maps, records, students, uploads
from core.store.database import to_json
from core.store.uploads import MODEL, TABLE, Upload
from core.store.waiting import BESIDE
from core.studies.export import places
from core.studies.export.packed import as_teacher, pack
from core.training.distill import distill
from core.training.kept import whole
from core.views.common.kept import archive_text, kept_text
from tests import app_harness as harness
from tests.app_harness import button, clean, labels, shown
from tests.test_archive import zipped as model_zip
from tests.test_kept import kill_me, killed, recipe
from tests.test_uploads import FORMS
from tests.tiny import save_tiny_teacher

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


def test_maps_and_uploads_move_and_stay_their_learners(teacher, task, tmp_path, monkeypatch):
    table, found = keep_table("tweets.csv", FORMS["tweets.csv"])
    model = keep_model("mine.zip", model_zip(save_tiny_teacher(tmp_path / "model")), 1000)
    uploads.add("ann", Upload(TABLE, (table,), 10, task=f"file:{table}?text=tweet&label=mood"))
    for name in (model.name, "google-bert/bert-base-uncased"):
        uploads.add("bob", Upload(MODEL, (name,), 20))
    keep_table("left.csv", FORMS["tweets.csv"] + b"9,more,glad\n")  # on nobody's list
    plan = MapPlan(recipe(teacher, task), ((1, 3), (2, 4)), (0, 1))
    running = maps.start(plan, ("a" * 16, "b" * 16), "ann")
    maps.end(running.id, maps.FINISHED)
    going = maps.start(plan, ("a" * 16, "c" * 16), "bob")
    assert (archive.size().teachers, archive.size().tables, archive.size().students) == (1, 1, 0) and "1 teacher and 1 table" in archive_text()
    file, _ = saved(tmp_path / "out" / "home.zip")
    assert abs(file.stat().st_size - archive.size().bytes) < 20_000
    elsewhere(monkeypatch, tmp_path / "other")
    taken = archive.load(file)
    assert (taken.runs, taken.maps, taken.students, taken.teachers, taken.tables, taken.there) == (0, 2, 0, 1, 1, 0)
    (mine,) = uploads.of("ann")
    assert mine.names == (table,) and mine.task.endswith("label=mood") and uploaded(table).read_bytes() == FORMS["tweets.csv"]
    assert {one.key for one in uploads.of("bob")} == {model.name, "google-bert/bert-base-uncased"} and uploads.of("eve") == []
    assert has_weights(uploaded(model.name))
    assert maps.get(running.id).status == maps.FINISHED and maps.get(running.id).plan == plan
    moved = maps.get(going.id)
    assert (moved.status, moved.learner) == (maps.STOPPED, "bob") and "another machine" in moved.reason
    assert moved.created == pytest.approx(going.created)
    assert maps.planned() == {(one.id, "a" * 16, digit * 16) for one in plan.recipes() for digit in "bc"}
    assert archive.load(file).there == 4 and len(maps.all_maps()) == 2


def test_tables_that_changed_and_lines_that_are_no_map_or_upload_are_refused(tmp_path, teacher, task):
    with pytest.raises(LabError, match=r"The table t.csv in .* is damaged"):
        archive.load(zipped(tmp_path, {archive.RUNS: "", f"uploads/{'0' * 16}/t.csv": "a,b"}))
    with pytest.raises(LabError, match="no part of a home"):
        archive.load(zipped(tmp_path, {archive.RUNS: "", f"uploads/{'0' * 16}/t.exe": "a,b"}))
    row = json.loads(to_json(vars(maps.start(MapPlan(recipe(teacher, task), ((1, 3),), (0,)), ("a" * 16, "b" * 16), "ann"))
                             | {"plan": MapPlan(recipe(teacher, task), ((1, 3),), (0,)).to_dict()}))
    for more in ({"id": "x"}, {"ground": ["c" * 16, "b" * 16]}, {"status": "odd"}, {"learner": "a/b"}, {"plan": {}}, {"created": "x"}):
        with pytest.raises(LabError, match=r"Line 1 of maps.jsonl is no map"):
            archive.load(zipped(tmp_path, {archive.RUNS: "", archive.MAPS: json.dumps(row | more)}))
    mine = {"kind": TABLE, "names": [f"upload/{'0' * 16}/t.csv"], "size": 1, "at": 1.0, "task": "", "learner": "ann"}
    for more in ({"kind": "odd"}, {"names": ["/etc/passwd"]}, {"names": []}, {"learner": "a/../b"}, {"task": None}, {"size": "x"}):
        with pytest.raises(LabError, match=r"Line 1 of uploads.jsonl is no upload"):
            archive.load(zipped(tmp_path, {archive.RUNS: "", "uploads.jsonl": json.dumps(mine | more)}))
    archive.load(zipped(tmp_path, {archive.RUNS: "", archive.MAPS: json.dumps(row), "uploads.jsonl": json.dumps(mine)}))
    assert uploads.of("ann") == []  # its file did not come


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
    assert "Taken over: 0 runs, 0 maps, 1 students, 0 teachers, 0 tables; 1 were there already." in capsys.readouterr().out
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


def test_a_process_that_is_over_but_was_not_waited_for_does_not_run():
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    child.stdout.read()  # till it is over
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    os.kill(child.pid, 0)  # it is still listed
    assert not alive(child.pid) and alive(os.getpid())
    child.communicate()
    assert not alive(child.pid)
