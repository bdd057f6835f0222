"""The page of one's own data and teacher. Run: python -m pytest tests/test_yours_page.py"""

import pytest

from core.data import catalogue
from core.data.uploads import keep
from core.data.uploads.guess import Columns, address
from core.findings import names
from core.home import home
from core.models import catalogue as catalogue_of_teachers
from core.models.archive import keep_model
from core.recipe import Budget, Recipe, bundle
from core.recipe.tuning import default_tuning
from core.store import jobs, uploads
from core.training.base_fit import base_fit
from core.training.distill import distill
from core.training.tune import tune
from core.worker import KINDS
from pages.parts.common import visitor
from tests import app_harness as harness
from tests import fake_worker
from tests.app_harness import button, chosen, clean, labels, shown
from tests.test_archive import zipped
from tests.test_uploads import FORMS, as_csv, rows
from tests.tiny import WORDS

KNOWN = [{"text": f"{WORDS[i % 7]} {WORDS[i % 11]} {WORDS[i % 13]} {i}", "label": ("dog", "cat")[i % 2]} for i in range(60)]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    harness.without_worker(monkeypatch)


@pytest.fixture
def page(teacher, task):
    return harness.opener(teacher, task)("pages/yours.py")


def upload(test, name: str, content: bytes, *more: tuple[str, bytes]):
    """Upload one file, or several, to the page's one uploader."""
    files = [(name, content, "text/plain"), *((one, data, "text/plain") for one, data in more)]
    uploader = test.file_uploader[0]
    uploader.set_value(files if uploader.accept_multiple_files else files[0])
    return clean(test.run())


def html(test) -> str:
    return "\n".join(element.proto.body for element in test.get("html"))


def select(test, label: str):
    return next(box for box in test.selectbox if box.label == label)


def kept() -> list[str]:
    return sorted(file.name for file in (home() / "uploads").glob("*/*")) if (home() / "uploads").is_dir() else []


def test_a_table_is_shown_split_counted_used_and_offered_to_the_teacher(page, teacher):
    test = upload(page, "mine.csv", as_csv(KNOWN))
    assert [select(test, label).value for label in ("Text", "Second text", "Label", "Split")] == ["text", "none", "label", "none"]
    assert KNOWN[0]["text"] in html(test) and "most frequent class" in html(test) and "No example stands in two of the splits." in "".join(
        element.value for element in test.success)
    assert "A tenth of the rows each was set aside for validation and test" in shown(test)
    test = clean(button(test, "Use this data").click().run())
    name = chosen(test).task
    assert name.startswith("file:upload/") and name.endswith("/mine.csv?text=text&label=label") and chosen(test).teacher == teacher
    assert name in select(test, "Task").options or any("mine.csv" in one for one in select(test, "Task").options)
    assert "It knows other labels" in shown(test) and "Fine-tune this teacher" in labels(test)
    job = fake_worker.claim()
    assert job.kind == "fit" and job.payload == {"teacher": teacher, "task": name}
    for event in KINDS["fit"](job, lambda: False):
        jobs.emit(job.id, event.kind, event.data)
    jobs.finish(job.id, "finished")
    assert "of the words; 0.0 % of the texts are cut, at 128 tokens" in shown(clean(test.run()))
    clean(button(test, "Fine-tune this teacher").click().run())
    assert [(job.kind, job.payload["task"]) for job in jobs.queue() if job.kind != "prepare"] == [("tune", name)]


def test_columns_can_be_changed_and_are_remembered(page):
    test = upload(page, "mine.csv", as_csv([one | {"other": f"another text {i}"} for i, one in enumerate(KNOWN)]))
    clean(select(test, "Text").set_value("other").run())
    clean(select(test, "Longest text, tokens").set_value(32).run())
    test = clean(button(test, "Use this data").click().run())
    assert chosen(test).task.endswith("?text=other&label=label&max_length=32")
    test = clean(test.switch_page("pages/compare.py").run())
    test = clean(test.switch_page("pages/yours.py").run())
    assert select(test, "Text").value == "other" and select(test, "Longest text, tokens").value == 32


def test_columns_that_make_no_task_are_a_sentence(page):
    test = upload(page, "mine.csv", as_csv(rows()))
    clean(select(test, "Label").set_value("id").run())
    assert "a classifier needs classes" in shown(test) and "Use this data" not in labels(test)
    clean(select(test, "Label").set_value("tweet").run())
    assert "Text, label and split must be different columns." in shown(test)


def test_three_files_are_the_splits(page):
    files = [(f"{part}.csv", as_csv(rows(n))) for part, n in (("train", 60), ("dev", 12), ("test", 9))]
    test = upload(page, *files[0], *files[1:])
    assert "Split" not in [box.label for box in test.selectbox]
    assert "12 of the 12 validation texts (100.0 %) also occur in train." in shown(test)


@pytest.mark.parametrize("name, content, said", [
    ("mine.csv", b"PK\x03\x04", "a zip archive or an Excel workbook"), ("mine.xlsx", b"no", "is not an Excel workbook"),
    ("mine.csv", b"text,label\n\"a", "never closes"),
])
def test_a_file_that_is_refused_says_why_and_is_not_kept(page, name, content, said):
    test = upload(page, name, content)
    assert said in shown(test) and kept() == [] and test.file_uploader[0].value in (None, [])
    assert said not in shown(upload(test, "mine.csv", FORMS["tweets.csv"])) and kept() == ["mine.csv"]


def test_of_several_files_all_are_kept_or_none(page, monkeypatch):
    assert "is empty" in shown(upload(page, "train.csv", as_csv(rows()), ("test.csv", b""))) and kept() == []
    monkeypatch.setattr(keep, "TABLE_MB", 0.001)
    assert "a table may take 0.001 MB" in shown(upload(page, "mine.csv", as_csv(rows()))) and kept() == []


def test_hostile_cells_are_shown_as_text(page):
    hostile = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[click](javascript:alert(1))", ":red[x] $x$ **b**", "=1+1"]
    test = upload(page, "mine.csv", as_csv([{"<b>text</b>": f"{hostile[i % 5]} {i}", "label": hostile[i % 2]} for i in range(60)]))
    test = clean(button(test, "Use this data").click().run())
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 0" in html(test) and "&lt;b&gt;text&lt;/b&gt;" in html(test)
    assert "<script>alert(1)" not in html(test) and "<img" not in html(test)
    for element in (*test.markdown, *test.caption, *test.warning, *test.error):
        assert "<script>" not in element.value and "<img" not in element.value


def test_a_table_can_be_deleted(page):
    test = clean(button(upload(page, "mine.csv", as_csv(KNOWN)), "Use this data").click().run())
    test = clean(button(test, "Delete").click().run())
    assert kept() == [] and chosen(test).task == "composed-nli" and "2. Which column is which?" not in shown(test)


def test_a_zip_becomes_a_teacher_of_the_list(page, teacher, task):
    test = clean(harness.group(page, "View").set_value("Teacher").run())
    test = upload(test, "mine.zip", zipped(teacher, {"training_args.bin": b"x"}).getvalue())
    assert "Left out, since Layer Lab does not read them: training_args.bin." in shown(test)
    assert "BERT, 4 layers, 16 wide. It is a classifier of 3 classes: entailment, neutral, contradiction." in shown(test)
    assert any(one.startswith("mine") for one in select(test, "Teacher").options)
    test = clean(button(test, "Use as the teacher").click().run())
    assert chosen(test).teacher.startswith("upload/") and "This teacher is ready for this task." in shown(test)
    test = clean(button(test, "Delete").click().run())
    assert chosen(test).teacher == "minilm-l6" and kept() == []


def test_a_zip_that_is_refused_says_why(page, teacher):
    test = clean(harness.group(page, "View").set_value("Teacher").run())
    assert "a path that leads out of its folder" in shown(upload(test, "mine.zip", zipped(teacher, {"../x": b""}).getvalue()))
    assert "no safetensors but a pickle" in shown(upload(test, "mine.zip", zipped(teacher, {"pytorch_model.bin": b""}, without=("model.safetensors",))
                                                         .getvalue()))
    assert kept() == []


def test_a_hub_id_is_fetched_by_the_worker(page):
    test = clean(harness.group(page, "View").set_value("Teacher").run())
    for typed, said in (("", "Write the id of a model on the hub"), ("no id", "There is no teacher"), ("../etc", "There is no teacher")):
        test.text_input[0].set_value(typed)
        assert said in shown(clean(button(test, "Fetch it").click().run()))
    test.text_input[0].set_value("owner/model")
    test = clean(button(test, "Fetch it").click().run())
    assert [(job.kind, job.payload) for job in jobs.queue() if job.kind != "prepare"] == [("fetch", {"teacher": "owner/model"})]
    assert "It is not on this machine yet" in shown(test)
    (job,) = [job for job in jobs.queue() if job.kind == "fetch"]
    jobs.finish(job.id, "failed", "The hub has no model owner/model, or it is not public; check the spelling.")
    assert "The hub has no model owner/model" in shown(clean(test.run()))


def test_a_visitor_from_another_machine_reaches_no_path(teacher, task, monkeypatch):
    monkeypatch.setattr(visitor, "at_this_machine", lambda: False)
    loaded = []
    monkeypatch.setattr(catalogue.files, "load", lambda name: loaded.append(name))
    test = harness.opener(teacher, task)()
    assert (chosen(test).teacher, chosen(test).task) == ("minilm-l6", "composed-nli")
    assert "a task reaches no file of this server by its path" in shown(test) and "a teacher reaches no folder of this server" in shown(test)
    typed = {"Task": "file:/etc/passwd?text=a&label=b", "Teacher": "/etc"}
    monkeypatch.setattr(visitor, "own_tasks", lambda: [typed["Task"]])  # the harness picks from lists, where a browser's user types
    monkeypatch.setattr(visitor, "own_teachers", lambda: [typed["Teacher"]])
    test = clean(test.run())
    for label in typed:
        test = clean(select(test, label).set_value(typed[label]).run())
        assert "upload it on the page Your data" in "".join(one.value for one in test.sidebar.warning)
        assert (chosen(test).teacher, chosen(test).task) == ("minilm-l6", "composed-nli")
    assert loaded == []


def test_somebody_at_this_machine_does(teacher, task):
    assert (chosen(test := harness.opener(teacher, task)()).teacher, chosen(test).task) == (teacher, task)


def test_an_uploaded_teacher_learns_an_uploaded_table_and_teaches(teacher):
    name, _ = keep.keep_table("mine.csv", as_csv(KNOWN))
    task, own = address((name,), Columns("text", "label")), keep_model("mine.zip", made := zipped(teacher), len(made.getvalue())).name
    assert not catalogue_of_teachers.status(own, task, catalogue.load(task)).ready
    *_, last = tune(default_tuning(own, task))
    assert last.kind == "finished" and catalogue_of_teachers.status(own, task, catalogue.load(task)).ready
    *_, last = distill(Recipe(own, task, (1, 3), bundle("hinton"), Budget(steps=2)))
    assert last.data["record"]["status"] == "finished" and last.data["record"]["recipe"]["teacher"] == own
    assert "mine.csv" in names.short_name(task) and names.short_name(own) == "mine"


def test_how_a_base_fits_is_looked_at_without_training(teacher, task):
    found = base_fit(teacher, task)
    assert found["stops"] is None and found["figures"]["texts_cut"] == 0 and not (home() / "layer_scores").exists()


def test_the_fit_of_a_teacher_that_cannot_read_the_texts_says_so(teacher):
    name, _ = keep.keep_table("x.csv", as_csv([{"text": f"zzz qqq {i} xxx", "label": "ab"[i % 2]} for i in range(40)]))
    assert base_fit(teacher, address((name,), Columns("text", "label")))["stops"]["kind"] == "unknown-words"
    assert uploads.of("a" * 32) == []
