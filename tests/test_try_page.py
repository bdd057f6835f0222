"""Under a finished run: its student is asked and taken away. Run: python -m pytest tests/test_try_page.py"""

import io
import json
import signal
import subprocess
import sys
import zipfile

import pytest

from core import worker
from core.errors import LabError
from core.store import jobs, records, students, uploads
from core.store.waiting import BESIDE, TRAINING
from core.studies.export import folder, places
from core.studies.export.packed import as_teacher, pack
from core.training.distill import distill
from core.views.lab import taking, trying
from core.worker.kinds import export as export_kind
from pages.parts.lab import try_it
from tests import app_harness as harness
from tests.app_harness import button, clean, labels, shown
from tests.test_kept import kept, kill_me, killed, recipe


@pytest.fixture
def lab(teacher, task, monkeypatch):
    """A function that opens the Lab on a finished run of this learner, whose student is kept: (page, record)."""
    harness.without_worker(monkeypatch)
    monkeypatch.setattr(try_it, "PATIENCE", 0.0)

    def open_lab(keep: bool = True, **query):
        test = harness.opener(teacher, task)(hide="predict", **query)
        one = recipe(teacher, task)
        *_, last = distill(one, keep=keep)
        row = records.add(last.data["record"])
        test.session_state["shown_run"] = {"row": row, "id": one.id, "file": None, "pair": (teacher, task)}
        return clean(test.run()), last.data["record"]

    return open_lab


def serve(kind: str) -> None:
    runner = worker.Runner("w")
    if kind == "try_it":
        assert runner.serve_forward()
    else:
        runner.run(runner.claim(BESIDE))


# --- the view ---


def answer(**more) -> dict:
    said = lambda who, layers, *last: {"who": who, "student": "k", "layers": layers, "stages": [[0.4, 0.6]] * len(layers) + [list(last)]}
    return {"labels": ["yes", "no"], "tokens": 9, "cut": False, "unseen": [],
            "answers": [said("teacher", [1, 2, 3], 0.9, 0.1), said("student", [1, 3], 0.8, 0.2), said("start", [1, 3], 0.3, 0.7)]} | more


def test_sentences_say_where_they_differ():
    text = " ".join(trying.sentences(answer()))
    assert "both say yes (90.0 % and 80.0 %)" in text and "The widest gap is on yes: -10.0 points in the student." in text
    assert "Before its first step the student said no (70.0 %); training changed its answer." in text and "cut" not in text
    other = answer()
    other["answers"][1]["stages"][-1] = [0.2, 0.8]
    text = " ".join(trying.sentences(other | {"cut": True, "unseen": ["zyzzyva"]}))
    assert "the teacher says yes (90.0 %), the student no (80.0 %)" in text and "cut to 9 tokens" in text and "“zyzzyva”" in text and "too." in text


def test_a_layer_stands_beside_the_one_that_seeded_it_unless_the_order_is_another():
    rows, names, cells = trying.stages_map(answer(), "yes")
    assert rows == ["layer 3", "layer 2", "layer 1", "embeddings"] and names == ["Teacher", "Student", "Start"]
    assert [cell["row"] for cell in cells if cell["column"] == "Student"] == ["embeddings", "layer 1", "layer 3"]
    turned = answer()
    turned["answers"][1]["layers"] = [3, 1]
    assert not trying.aligned(turned)
    assert [cell["row"] for cell in trying.stages_map(turned, "yes")[2] if cell["column"] == "Student"] == ["embeddings", "layer 1", "layer 2"]


# --- the page ---


def test_a_text_is_asked_and_answered(lab):
    test, record = lab()
    assert test.text_area(key="w_try_first").value  # an example of the task
    test.text_area(key="w_try_first").set_value("the <script>dog</script> *runs*")
    test.text_area(key="w_try_second").set_value("a zyzzyva sleeps")
    button(test, "Ask them all").click()
    clean(test.run())
    assert "Asking; the first question" in shown(test)
    serve("try_it")
    clean(test.run())
    text = shown(test)
    assert "Before its first step the student said" in text and "zyzzyva" not in text.replace("a zyzzyva sleeps", "") or "[UNK]" in text
    assert "<script>" not in "".join(element.value for element in test.markdown)
    assert test.selectbox(key=f"w_try_label_{test.session_state['try_asked'][0]}").options == record["labels"]
    test.text_area(key="w_try_first").set_value(" ")
    button(test, "Ask them all").click()
    clean(test.run())
    serve("try_it")
    assert "There is no text; write one." in shown(clean(test.run()))


def test_other_kept_students_can_be_asked_by_researchers(lab, teacher, task):
    kept(recipe(teacher, task, layers=(2, 4)))
    test, _ = lab(view="researcher")
    assert [one.label for one in test.multiselect] == ["Ask other kept students too"] and "layers 2, 4" in test.multiselect[0].options[0]


def test_where_no_student_is_kept_the_page_says_how_to_get_one(lab):
    test, record = lab(keep=False)
    assert "Press Run to have it again" in shown(test) and "Ask them all" not in labels(test)
    assert "came with the program" in "".join(map(str, [try_it.not_kept({"file": "x.jsonl"})]))
    assert "Download student.py" in json.dumps([element.proto.label for element in test.get("download_button")])


@pytest.mark.slow
def test_a_student_is_made_ready_and_downloaded(lab):
    test, record = lab()
    button(test, "Make the download").click()
    clean(test.run())
    assert "Writing the student" in shown(test)
    serve("export")
    clean(test.run())
    assert any("Download the student (" in element.proto.label for element in test.get("download_button"))
    key = students.of(record).key
    with zipfile.ZipFile(io.BytesIO(places.archive(key).read_bytes())) as made:
        names = {name.removeprefix(f"layer-lab-{record['id']}/") for name in made.namelist()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "README.md", "recipe.json"} <= names


@pytest.mark.slow
def test_a_student_becomes_the_teacher_of_the_lab(lab):
    test, record = lab()
    button(test, "Make it a teacher").click()
    clean(test.run())
    serve("export")
    clean(test.run())
    button(test, "Choose layers of this student").click()
    clean(test.run())
    name = test.session_state["choice"].teacher
    assert name.startswith("upload/") and name.endswith(f"student-{record['id']}") and max(test.session_state["choice"].layers) <= 2
    *_, last = distill(recipe(name, record["recipe"]["task"], layers=(2,)), keep=True)
    made = last.data["record"]
    assert made["teacher"]["layers"] == 2 and made["teacher"]["accuracy"] == pytest.approx(record["final"]["accuracy"])
    assert students.of(made) is not None


# --- what is made ---


def test_the_same_student_is_the_same_teacher_and_an_archive_is_made_anew(teacher, task):
    student = kept(recipe(teacher, task))
    assert as_teacher(student) == as_teacher(student)
    first = pack(student)
    assert pack(student) == first and places.archives() == [first]


def test_a_kill_while_it_is_packed_leaves_nothing_half_written(teacher, task, home, monkeypatch):
    student = kept(recipe(teacher, task))
    for module, name in ((folder, "card"), (zipfile.ZipFile, "write")):
        for act in (pack, as_teacher)[: 1 if module is not folder else 2]:
            with monkeypatch.context() as patch:
                patch.setattr(module, name, kill_me)
                assert killed(lambda act=act: act(student)) == signal.SIGKILL
    assert places.archives() == [] and not (home / "uploads").exists()
    assert pack(student).is_file() and as_teacher(student)


def test_a_full_disk_and_a_missing_package_are_a_sentence_on_the_page(teacher, task, monkeypatch):
    student = kept(recipe(teacher, task))

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.studies.export.packed.settle", full)
    with pytest.raises(LabError, match=r"cannot be written to .* \(No space left on device\); free some disk space"):
        pack(student)
    assert places.archives() == []
    assert "pip install onnx==" in taking.NO_ONNX


def test_the_job_tells_the_sentence_of_its_process_and_ends_it_when_it_is_stopped(teacher, task, monkeypatch):
    gone = jobs.submit("export", {"student": "a-" + "0" * 12, "what": places.ZIP}, learner="ann")
    serve("export")
    assert "No student of a run" in jobs.get(gone.id).reason
    started = []
    real = subprocess.Popen
    monkeypatch.setattr(export_kind.subprocess, "Popen", lambda command, **more: started.append(
        real([sys.executable, "-c", "import time; time.sleep(60)"], stdout=-1, stderr=-1)) or started[0])
    job = jobs.submit("export", {"student": "b", "what": places.ZIP}, learner="ann")
    events = export_kind.events(jobs.get(job.id), lambda: len(started) > 0)
    assert [event.kind for event in events] == ["stage"] and started[0].poll() is not None


def test_archives_that_wait_are_limited(home, monkeypatch):
    monkeypatch.setattr(places, "MOST", 25)
    for name in ("a", "b", "c"):
        places.archive(name).write_bytes(b"x" * 10)
    places.let_go(places.archive("c"))
    assert [path.stem for path in places.archives()] == ["b", "c"]


def test_exports_are_taken_in_a_lane_of_their_own():
    jobs.submit("export", {"student": "k", "what": "zip"}, learner="ann")
    runner = worker.Runner("w")
    assert runner.claim(TRAINING) is None and not runner.serve_forward() and runner.claim(BESIDE).kind == "export"


def test_a_student_that_was_made_a_teacher_is_on_the_list_of_all_who_asked_for_it(teacher, task, monkeypatch):
    student = kept(recipe(teacher, task))
    name = as_teacher(student)
    real = subprocess.Popen
    told = [sys.executable, "-c", f"print('{json.dumps({'teacher': name})}')"]
    monkeypatch.setattr(export_kind.subprocess, "Popen", lambda command, **more: real(told, stdout=-1, stderr=-1, text=True))
    asked = [jobs.submit("export", {"student": student.key, "what": places.TEACHER}, learner=learner) for learner in ("ann", "bob")]
    serve("export")
    assert asked[0].id == asked[1].id and jobs.last_event(asked[0].id, "made")["teacher"] == name
    for learner in ("ann", "bob"):
        (one,) = uploads.of(learner, uploads.MODEL)
        assert one.names == (name,) and one.size > 10_000
    assert uploads.of("eve") == []
