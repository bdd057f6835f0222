"""A model uploaded as a zip: what is kept, and archives that mean harm. Run: python -m pytest tests/test_archive.py"""

import io
import json
import pickle
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
import torch

from core.data.catalogue import load as load_task
from core.errors import LabError
from core.findings.names import short_name
from core.home import home, uploaded
from core.models import archive
from core.models.archive import keep_model
from core.models.catalogue import is_hub_id, local_folder, status
from core.models.config import facts
from core.models.teachers import load_teacher


def zipped(folder: str | Path | None, more: dict[str, bytes] | None = None, inside: str = "", without: tuple[str, ...] = (), **changed) -> io.BytesIO:
    """Return a zip of the folder's files below `inside`, with more files. changed: keys of its config.json."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(Path(folder).iterdir()) if folder else ():
            content = file.read_bytes()
            if file.name == "config.json" and changed:
                content = json.dumps(json.loads(content) | changed).encode()
            if file.name not in without:
                made.writestr(inside + file.name, content)
        for name, content in (more or {}).items():
            made.writestr(name, content)
    return out


def keep(made: io.BytesIO, name: str = "my model.zip") -> archive.Kept:
    return keep_model(name, made, len(made.getvalue()))


def refused(made: io.BytesIO) -> str:
    """Return the sentence with which a zip is refused; nothing of it is on the disk."""
    with pytest.raises(LabError) as caught:
        keep(made)
    left = [file for file in home().rglob("*") if file.is_file() and "configs" not in file.parts] if home().is_dir() else []
    assert left == [] and "\n" not in str(caught.value) and str(home()) not in str(caught.value)
    return str(caught.value)


def test_an_uploaded_model_is_a_teacher_known_by_its_content(teacher, task):
    kept = keep(zipped(teacher, {"training_args.bin": pickle.dumps(1), "modeling_mine.py": b"raise SystemExit", "teacher.json": b"{}"}, "folder/",
                       auto_map={"AutoModel": "modeling_mine.Mine"}))
    again = keep(zipped(teacher))
    assert kept.name == again.name and kept.name.endswith("/my-model") and not is_hub_id(kept.name) and short_name(kept.name) == "my-model"
    assert set(kept.left_out) == {"training_args.bin", "modeling_mine.py", "teacher.json"}
    folder = uploaded(kept.name)
    assert local_folder(kept.name) == folder and not {file.suffix for file in folder.iterdir()} & {".py", ".bin"}
    assert facts(folder).layers == 4 and "auto_map" not in json.loads((folder / "config.json").read_text())
    assert status(kept.name, task, load_task(task)).ready
    assert load_teacher(kept.name, load_task(task)).hash == load_teacher(teacher, load_task(task)).hash


def test_another_config_is_another_model(teacher):
    assert keep(zipped(teacher)).name != keep(zipped(teacher, hidden_act="relu")).name


@pytest.mark.parametrize("name", ["../../escaped.json", "/etc/escaped.json", "a/../../escaped.json", "..\\escaped.json", "C:\\escaped.json"])
def test_a_path_that_leads_out_is_refused(teacher, name):
    assert "a path that leads out of its folder" in refused(zipped(teacher, {name: b"{}"}))


def test_a_link_is_refused(teacher):
    made = zipped(teacher, without=("vocab.txt", "config.json"))
    with zipfile.ZipFile(made, "a") as more:
        link = zipfile.ZipInfo("config.json")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        more.writestr(link, "/etc/passwd")
    assert "'config.json', which is a link" in refused(made)


def test_bombs_are_refused_before_anything_is_unpacked(teacher, monkeypatch):
    monkeypatch.setattr(archive, "MODEL_MB", 3)
    bomb = zipped(teacher, {"tokenizer.json.extra": b"\0" * 4_000_000})
    assert len(bomb.getvalue()) < 200_000 and "grows to 4 MB when it is unpacked, and a model may take 3 MB" in refused(bomb)
    assert "holds 599 files" in refused(zipped(teacher, {f"{n}": b"" for n in range(595)}))
    assert "holds too many files" in refused(zipped(teacher, {f"{n:0200}": b"" for n in range(6000)}))
    monkeypatch.setattr(archive, "TEXT_MB", 0.01)
    assert "a file beside the weights may take 0.01 MB" in refused(zipped(teacher, {"vocab.txt": b"a" * 20_000}))


def test_an_archive_that_lies_about_a_size_is_refused(teacher):
    made = zipped(teacher, {"vocab.txt": b"a" * 50_000}).getvalue()
    size = (50_000).to_bytes(4, "little")
    assert made.count(size) == 2  # beside the file, and in the list at the end
    assert refused(io.BytesIO(made.replace(size, (50).to_bytes(4, "little"))))


def test_a_zip_that_is_too_large_locked_or_none_at_all_is_refused(teacher, monkeypatch):
    assert "is not a zip archive" in refused(io.BytesIO(b"no zip"))
    cut = zipped(teacher).getvalue()
    assert refused(io.BytesIO(cut[: len(cut) // 2])) and refused(io.BytesIO(cut[:100] + cut[200:]))
    locked = bytearray(cut)
    at = locked.find(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert "locked by a password" in refused(io.BytesIO(bytes(locked)))
    monkeypatch.setattr(archive, "MODEL_MB", 0.01)
    assert "a model's zip may take 0.01 MB" in refused(zipped(teacher))


class Harm:
    def __reduce__(self):
        return Path.touch, (Path("harm_was_done"),)


def test_pickles_are_refused_and_never_loaded(teacher, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    harm = pickle.dumps(Harm())
    alone = refused(zipped(teacher, {"pytorch_model.bin": harm}, without=("model.safetensors",)))
    assert "no safetensors but a pickle" in alone and "weights_only=True" in alone
    assert "cannot be read (the file is cut off or damaged)" in refused(zipped(teacher, {"model.safetensors": harm}, without=("model.safetensors",)))
    kept = keep(zipped(teacher, {"pytorch_model.bin": harm, "vocab.txt": harm}))
    assert kept.left_out == ("pytorch_model.bin",)
    assert not (tmp_path / "harm_was_done").exists()


@pytest.mark.parametrize("changed, said", [
    ({"vocab_size": 10**9}, "no size may be over 1,000,000"), ({"vocab_size": 900_000, "hidden_size": 4096}, "calls for 3,954,835,456 weights"),
    ({"num_hidden_layers": 100_000}, "calls for"), ({"model_type": "gpt2"}, "is a 'gpt2' model"), ({"quantization_config": {"bits": 4}}, "quantised"),
])
def test_a_config_that_is_not_the_weights_own_is_refused(teacher, changed, said):
    assert said in refused(zipped(teacher, **changed))


def test_what_is_no_model_is_refused_with_what_is_missing(teacher):
    assert "lacks config.json" in refused(zipped(teacher, without=("config.json",)))
    assert "lacks model.safetensors" in refused(zipped(teacher, without=("model.safetensors",)))
    two = zipped(teacher, {f"b/{name}": (Path(teacher) / name).read_bytes() for name in ("config.json", "model.safetensors")}, "a/")
    assert "holds 2 models, in 'a' and 'b'" in refused(two)
    assert "cannot be read as JSON" in refused(zipped(teacher, {"config.json": b"{"}, without=("config.json",)))


def test_tokenizer_settings_name_no_file_and_no_code(teacher):
    settings = json.loads((Path(teacher) / "tokenizer_config.json").read_text())
    more = {"tokenizer_config.json": json.dumps(settings | {"vocab_file": "/etc/passwd", "auto_map": {"AutoTokenizer": "x.Y"}}).encode()}
    folder = uploaded(keep(zipped(teacher, more, without=("tokenizer_config.json",))).name)
    assert json.loads((folder / "tokenizer_config.json").read_text()) == settings


def test_a_full_disk_is_a_sentence(teacher, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 0))
    assert "the disk is full" in refused(zipped(teacher))


def test_shards_are_taken_whole(teacher, tmp_path):
    from transformers import AutoModelForSequenceClassification

    AutoModelForSequenceClassification.from_pretrained(teacher, dtype=torch.float32).save_pretrained(tmp_path / "parts", max_shard_size="10KB")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(teacher) / name, tmp_path / "parts")
    assert uploaded(keep(zipped(tmp_path / "parts")).name).is_dir()
    shard = sorted((tmp_path / "parts").glob("model-*"))[1].name
    assert f"{shard} is missing" in refused_again(zipped(tmp_path / "parts", without=(shard,)))


def refused_again(made: io.BytesIO) -> str:
    with pytest.raises(LabError) as caught:
        keep(made)
    return str(caught.value)
