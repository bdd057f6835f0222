"""What a visitor from another machine may name in a link. Run: python -m pytest tests/test_reach.py"""

import pytest

from core.data import files
from core.models.catalogue import is_hub_id
from core.views.common import reach
from pages.parts.common import visitor
from tests.test_app_models import read

FILE = "text=text&label=label"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The data folder, with a table and a link that leads out of it; beside it a table and a model's folder that nobody is to reach."""
    folder = tmp_path / "data"
    folder.mkdir()
    for place in (folder, tmp_path):
        (place / "table.csv").write_text("text,label\na,b\n")
    (folder / "link.csv").symlink_to(tmp_path / "table.csv")
    (tmp_path / "model").mkdir()
    (folder / "model").mkdir()
    monkeypatch.setenv("LAYER_LAB_DATA", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize("name", [
    "{data}/table.csv", "{data}/not-there.csv", "not-there.csv", "upload/0123456789abcdef/table.csv",
    "upload/0123456789abcdef/train.csv,upload/0123456789abcdef/test.csv", "{data}/table.csv,{data}/not-there.csv",
])
def test_uploads_and_the_data_folder_are_within_reach(data, name):
    assert reach.refusal(task=f"file:{name.format(data=data)}?{FILE}") == ""


@pytest.mark.parametrize("name", [
    "{home}/table.csv", "/etc/passwd", "/etc/not-there", "~/table.csv", "table.csv", "../table.csv", "{data}/../table.csv", "{data}/link.csv",
    "link.csv", "%2Fetc%2Fpasswd", "%7E/table.csv", "..%2Ftable.csv", "{data}%2F..%2Ftable.csv", "upload/0123456789abcdef/../../table.csv",
    "upload/0123456789abcdef/a.csv,{home}/table.csv", "{data}/table.csv,table.csv", "\\etc\\passwd/../../table.csv",
])
def test_other_paths_are_not_whatever_is_there(data, name):
    task = f"file:{name.format(data=data, home=data.parent)}?{FILE}"
    said = reach.refusal(task=task)
    assert said.startswith("From another machine, a task reaches no file of this server by its path; upload it on the page Your data")
    assert reach.refusal(task=f"hypothesis:{task}") == said


def test_a_relative_name_in_the_data_folder_is_within_reach(data, monkeypatch):
    monkeypatch.chdir(data.parent / "model")  # nothing of this name in the working folder
    assert reach.refusal(task=f"file:table.csv?{FILE}") == "" and files.resolve("table.csv") == data / "table.csv"
    assert reach.refusal(task=f"file:link.csv?{FILE}") != ""


def test_teachers_by_name_hub_id_and_upload_are_within_reach_and_folders_are_not(data):
    for name in ("minilm-l6", "minilm-l6@1?epochs=2", "owner/name", "upload/0123456789abcdef/model", str(data / "model")):
        assert reach.refusal(teacher=name) == "", name
    for name in ("model", "./model", "../model", str(data.parent / "model"), "/etc", "/not-there", "~", f"{data}/../model", f"{data.parent}/model@1"):
        assert reach.refusal(teacher=name).startswith("From another machine, a teacher reaches no folder of this server"), name
    assert not is_hub_id("../model") and not is_hub_id("./model") and not is_hub_id("model/..")


def test_without_a_data_folder_no_path_is_within_reach(monkeypatch, tmp_path):
    (tmp_path / "table.csv").write_text("text,label\na,b\n")
    assert reach.refusal(task=f"file:{tmp_path}/table.csv?{FILE}") and reach.refusal(teacher=str(tmp_path))
    assert reach.refusal(task="composed-nli") == reach.refusal(task="hub:a/b?text=x&label=y") == reach.refusal(task="file:nonsense") == ""


def test_a_link_keeps_what_is_within_reach(data):
    kept, said = reach.within({"teacher": ["/etc"], "task": ["sick", f"file:/etc/passwd?{FILE}"], "layers": ["1,2"]})
    assert kept == {"layers": ["1,2"]} and len(said) == 2 and read(**kept)[0].task == "composed-nli"


@pytest.mark.parametrize("address, headers, url, own", [
    (None, {}, "http://localhost:8501/", True), (None, {}, "http://127.0.0.1:8501/?task=x", True), (None, {}, None, True),
    ("192.168.0.7", {}, "http://192.168.0.2:8501/", False), ("192.168.0.7", {}, "http://localhost:8501/", False),
    ("::ffff:127.0.0.1", {}, "http://localhost:8501/", True),
    (None, {}, "https://lab.example.org/", False), (None, {"X-Forwarded-For": "192.168.0.7"}, "http://localhost:8501/", False),
])
def test_who_is_at_this_machine(address, headers, url, own, monkeypatch):
    class Context:
        ip_address = address

    Context.headers, Context.url = headers, url
    monkeypatch.setattr(visitor.st, "context", Context)
    assert visitor.at_this_machine() is own
    refused = visitor.refusal({"task": f"file:/etc/passwd?{FILE}", "layers": (1,)})
    assert (refused == "") is own and visitor.refusal({"layers": (1,)}) == ""
