"""Weights as people have them: wrappers' names, missing and left-over parts, shards, pickles. Run: python -m pytest tests/test_loading.py

Nothing but `tune` may draw a weight: whatever the files do not give is one sentence.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertForMaskedLM, BertModel

from core.errors import LabError
from core.models import fetch as fetching
from core.models.catalogue import not_ready, status
from core.models.fetch import fetch
from core.models.folder import conversion
from core.models.teachers import load_model, load_teacher
from core.models.weights import file_hash, stamp, weight_files, weights_hash
from core.recipe import Optimiser
from core.recipe.tuning import Tuning
from core.training.distill import distill
from core.training.tune import tune
from tests.hub_files import list_hub_files
from tests.tiny import NLI_LABELS, save_tiny_teacher, task_of_labels, tiny_model

ANY = task_of_labels(*NLI_LABELS)
IDS = torch.tensor([[2, 5, 6, 3]])
WITH_PYTHON = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
FAST = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


@pytest.fixture
def folder(tmp_path):
    return save_tiny_teacher(tmp_path / "t")


def rewrite(folder: Path, change) -> Path:
    """Write the folder's weights again after `change` of the state dict."""
    save_file(change(load_file(folder / "model.safetensors")), folder / "model.safetensors", {"format": "pt"})
    return folder


def configured(folder: Path, **values) -> Path:
    """Write keys into config.json; None takes one out."""
    config = json.loads((folder / "config.json").read_text()) | values
    (folder / "config.json").write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    return folder


def answers(folder: Path) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Return the loaded teacher's weights, and its logits of one text."""
    model = load_teacher(str(folder), ANY).model
    return dict(model.state_dict()), model(input_ids=IDS).logits


def assert_same(one, other) -> None:
    """Weights are equal bit for bit; logits to the last digits only, since sums go otherwise where a file's header shifts its tensors in memory."""
    assert one[0].keys() == other[0].keys() and all(torch.equal(value, other[0][name]) for name, value in one[0].items())
    torch.testing.assert_close(one[1], other[1], rtol=0, atol=1e-6)


def refused(folder: Path) -> str:
    with pytest.raises(LabError) as told:
        load_teacher(str(folder), ANY)
    return str(told.value)


def shards(folder: Path, labels: tuple[str, ...] | None = None) -> Path:
    """Save the folder's model in shards, as transformers does with large ones. labels: of a base checkpoint; its encoder is saved."""
    model = load_model(folder, labels)
    (folder / "model.safetensors").unlink()
    (model.bert if labels else model).save_pretrained(folder, max_shard_size="8KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 2
    return folder


WRAPPED = {
    "DataParallel": lambda name: f"module.{name}",
    "Lightning": lambda name: f"model.{name}",
    "compiled": lambda name: f"_orig_mod.{name}",
    "compiled inside": lambda name: name.replace("bert.", "bert._orig_mod."),
    "both": lambda name: f"_orig_mod.module.model.{name}",
    "a name of its own": lambda name: f"student_network.{name}",
    "checkpointed layers": lambda name: re.sub(r"(layer\.\d+\.)", r"\1_checkpoint_wrapped_module.", name),
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_a_wrappers_names_change_nothing_and_are_noted(folder, wrap):
    plain = answers(folder)
    rewrite(folder, lambda weights: {wrap(name): value for name, value in weights.items()})
    assert_same(answers(folder), plain)
    [note] = load_teacher(str(folder), ANY).notes
    assert "freed of what a wrapper had added" in note and wrap("bert.embeddings.LayerNorm.bias") in note


def test_the_note_stands_in_the_record(tmp_path, teacher, task):
    own = shutil.copytree(teacher, tmp_path / "own")
    rewrite(own, lambda weights: {f"module.{name}": value for name, value in weights.items()})
    from core.recipe import Budget, Recipe

    *_, last = distill(Recipe(str(own), task, (1, 3), budget=Budget(steps=2)))
    assert any("freed of what a wrapper" in note for note in last.data["record"]["notes"])


def test_a_sharded_or_wrapped_base_is_given_the_head_of_a_plain_one(tmp_path):
    path, drawn = base(tmp_path / "base"), []
    wrapped = lambda weights: {f"0.auto_model.{key}": one for key, one in weights.items()}
    for change in (lambda: None, lambda: rewrite(path, wrapped), lambda: shards(path, ("a", "b"))):
        change()
        torch.manual_seed(3)
        drawn.append(load_model(path, ("a", "b", "c")).state_dict())
    assert all(torch.equal(drawn[0][name], one[name]) for one in drawn[1:] for name in drawn[0])


def base(path: Path) -> Path:
    """A checkpoint without a classifier, as pretrained encoders come."""
    save_tiny_teacher(path)
    model = BertModel(tiny_model("bert").config)
    model.load_state_dict(tiny_model("bert").bert.state_dict())
    model.save_pretrained(path)
    return path


def test_another_encoders_prefix_stays(folder):
    rewrite(folder, lambda weights: {name.replace("bert.", "roberta."): value for name, value in weights.items() if name.startswith("bert.")})
    assert "not named as those of a BERT in transformers (roberta.embeddings.LayerNorm.bias," in refused_model(folder, ("a", "b"))


def refused_model(folder: Path, labels=None) -> str:
    with pytest.raises(LabError) as told:
        load_model(folder, labels)
    return str(told.value)


def test_a_missing_head_is_told_before_anything_runs_and_tune_is_the_way_out(folder):
    rewrite(folder, lambda weights: {name: value for name, value in weights.items() if not name.startswith("classifier")})
    there = status(str(folder), "sick")
    assert not there.ready and there.needs == "It has no classification head, so it has to be fine-tuned on sick first."
    assert str(not_ready(str(folder), "sick")).endswith(
        f"it has no classification head, so it has to be fine-tuned on sick first; run `python -m core tune {folder} --task 'sick'`.")
    assert "no classification head" in refused(folder)


LACKING = {  # what is taken out -> what the sentence names
    r"classifier\.bias": "lack the classification head (classifier.bias), which its config.json calls for; they would be drawn at random. "
    "Fine-tune it first: `python -m core tune ",
    r"bert\.pooler": "lack the pooler (bert.pooler.dense.bias, bert.pooler.dense.weight)",
    r"bert\.encoder\.layer\.2\.": "lack layer 3 (bert.encoder.layer.2.attention.output.LayerNorm.bias",
    r"bert\.embeddings\.word": "lack the embeddings (bert.embeddings.word_embeddings.weight)",
}


@pytest.mark.parametrize(("pattern", "sentence"), LACKING.items(), ids=LACKING)
def test_what_is_missing_is_named_and_never_drawn(folder, pattern, sentence):
    rewrite(folder, lambda weights: {name: value for name, value in weights.items() if not re.match(pattern, name)})
    assert {refused(folder) for _ in range(3)} == {told := refused(folder)} and sentence in told


def test_the_encoder_must_be_whole_to_be_tuned_too(folder):
    rewrite(folder, lambda weights: {name: value for name, value in weights.items() if ".layer.3." not in name})
    assert "lack layer 4" in refused_model(folder, ("a", "b"))


def test_layers_that_the_config_does_not_count_are_named(folder):
    configured(folder, num_hidden_layers=2)
    for told in (refused(folder), refused_model(folder, ("a", "b"))):
        assert "hold layer 3 and layer 4 (bert.encoder.layer.2." in told and "otherwise than it was trained" in told


def test_a_layer_of_its_own_before_the_head_is_refused(folder):
    rewrite(folder, lambda weights: weights | {"dense.weight": torch.ones(16, 16)})
    assert "hold weights of another kind (dense.weight)" in refused(folder)
    assert load_model(folder, ("a", "b")).num_labels == 2  # its encoder is whole, so it can be tuned


def test_other_shapes_are_told_in_numbers(folder):
    rewrite(folder, lambda weights: weights | {"classifier.weight": torch.zeros(2, 16), "classifier.bias": torch.zeros(2)})
    assert "the classification head has 2 classes, config.json 3 (id2label)" in refused(folder)
    rewrite(folder, lambda weights: weights | {"bert.embeddings.word_embeddings.weight": torch.zeros(9, 16)})
    assert "bert.embeddings.word_embeddings.weight (the embeddings) has 9 x 16 numbers, by config.json 21 x 16" in refused_model(folder, ("a", "b"))


def test_harmless_leftovers_do_not_stop(folder):
    plain = answers(folder)
    rewrite(folder, lambda weights: weights | {"bert.embeddings.position_ids": torch.arange(140)[None], "cls.predictions.bias": torch.zeros(21)})
    assert_same(answers(folder), plain)


def test_an_unused_pooler_of_roberta_does_not_stop(tmp_path):
    folder = save_tiny_teacher(tmp_path / "r", "roberta")
    plain = answers(folder)
    rewrite(folder, lambda weights: weights | {"roberta.pooler.dense.weight": torch.zeros(16, 16), "roberta.pooler.dense.bias": torch.zeros(16)})
    assert_same(answers(folder), plain)


def test_a_language_model_is_a_base_to_tune(tmp_path):
    folder = save_tiny_teacher(tmp_path / "mlm")
    BertForMaskedLM(tiny_model("bert").config).save_pretrained(folder)
    assert "no classification head" in status(str(folder), "sick").needs
    assert load_model(folder, ("a", "b")).num_labels == 2


def test_a_head_over_words_is_no_head_over_texts(folder):
    configured(folder, architectures=["BertForTokenClassification"])
    assert "no classification head" in refused(folder)


@pytest.mark.parametrize("values", ({"architectures": None}, {"architectures": ["BertModel"]}))
def test_the_weights_say_whether_there_is_a_head(folder, values):
    plain = answers(folder)
    assert_same(answers(configured(folder, **values)), plain)


def test_tuning_on_another_number_of_classes_draws_a_new_head(tmp_path, task):
    path = save_tiny_teacher(tmp_path / "five", labels=("1", "2", "3", "4", "5"))
    *_, last = tune(Tuning(str(path), task, epochs=1, optimiser=FAST))
    assert load_model(Path(last.data["folder"])).num_labels == 3
    *_, again = tune(Tuning(str(path), task, epochs=1, optimiser=FAST), again=True)
    assert again.data["card"]["sha256"] == last.data["card"]["sha256"]


def test_tuning_a_multi_label_model_makes_a_classifier(folder):
    configured(folder, problem_type="multi_label_classification")
    assert "multi-label" in refused(folder)
    assert load_model(folder, ("a", "b")).config.problem_type is None


def test_quantised_weights_are_refused(folder):
    rewrite(folder, lambda weights: weights | {"bert.pooler.dense.weight": torch.zeros(16, 16, dtype=torch.int8)})
    assert "quantised (I8); save the model in fp32" in refused(folder)


def test_shards_are_one_model_with_one_hash(folder):
    plain, whole = answers(folder), weights_hash(folder)
    assert whole == hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    shards(folder)
    teacher = load_teacher(str(folder), ANY)
    assert_same(answers(folder), plain)
    assert teacher.hash == weights_hash(folder)[:16] == status(str(folder), "composed-nli").hash != whole[:16]
    before, last = stamp(folder), weight_files(folder)[-1]
    weights = load_file(last)
    save_file({name: value + 1 for name, value in weights.items()}, last, {"format": "pt"})
    assert weights_hash(folder)[:16] != teacher.hash and stamp(folder) != before


def test_a_missing_or_damaged_shard_is_named(folder):
    shards(folder)
    last = weight_files(folder)[-1]
    data = last.read_bytes()
    last.write_bytes(data[: len(data) // 2])
    assert f"{last} cannot be read (the file is cut off or damaged)" in refused(folder)
    last.unlink()
    assert f"are not whole: {last.name} is missing (1 of" in refused(folder)
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../elsewhere.safetensors"}}')
    assert "cannot be read as the index of the model's shards" in refused(folder)


def test_shards_are_fetched(tmp_path, monkeypatch):
    there = shards(save_tiny_teacher(tmp_path / "hub" / "tiny" / "sharded"))
    monkeypatch.setenv("LAYER_LAB_HUB", str(tmp_path / "hub"))
    path = fetch("tiny/sharded")
    assert [file.name for file in weight_files(path)] == [file.name for file in weight_files(there)]
    assert load_teacher("tiny/sharded", ANY).hash == weights_hash(there)[:16]
    shutil.rmtree(path)
    weight_files(there)[0].unlink()
    with pytest.raises(LabError, match="is missing"):
        fetch("tiny/sharded")
    assert not path.exists()


def test_shards_are_downloaded_after_their_index(tmp_path, monkeypatch):
    there, asked = shards(save_tiny_teacher(tmp_path / "there")), []

    def download(hub_id, local_dir, allow_patterns):
        asked.append(allow_patterns)
        for name in allow_patterns:
            if (there / name).is_file():
                shutil.copy(there / name, local_dir)

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    list_hub_files(monkeypatch, "model_info", {"model.safetensors.index.json": 10**6, "optimizer.bin": 10**12})
    monkeypatch.setattr(fetching, "hub_reachable", lambda: True)
    assert weights_hash(fetch("tiny/sharded")) == weights_hash(there)
    assert asked[1] == [file.name for file in weight_files(there)]


def test_a_download_from_the_hub_has_a_limit(monkeypatch):
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *args, **options: pytest.fail("downloaded"))
    monkeypatch.setattr(fetching, "hub_reachable", lambda: True)
    list_hub_files(monkeypatch, "model_info", {"config.json": 100, "model.safetensors": 5 * 10**9})
    with pytest.raises(LabError, match="tiny/large is a download of 5.0 GB, and at most 3 GB are fetched from the hub; choose a smaller one"):
        fetch("tiny/large")


def test_a_fetched_folder_without_weights_is_fetched_again(tmp_path, monkeypatch):
    save_tiny_teacher(tmp_path / "hub" / "tiny" / "t")
    monkeypatch.setenv("LAYER_LAB_HUB", str(tmp_path / "hub"))
    (fetch("tiny/t") / "model.safetensors").unlink()
    assert (fetch("tiny/t") / "model.safetensors").is_file()


def pickled(folder: Path, parts: int = 1) -> dict[str, torch.Tensor]:
    """Leave the folder's weights in pytorch_model.bin or its numbered parts, two of them sharing memory and one not contiguous."""
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    weights["cls.predictions.decoder.weight"] = weights["bert.embeddings.word_embeddings.weight"]
    weights["classifier.weight"] = weights["classifier.weight"].T.contiguous().T
    names = list(weights)
    for n in range(parts):
        file = "pytorch_model.bin" if parts == 1 else f"pytorch_model-0000{n + 1}-of-0000{parts}.bin"
        torch.save({name: weights[name] for name in names[n::parts]}, folder / file)
    return weights


@pytest.mark.parametrize("parts", (1, 2))
def test_the_command_of_the_sentence_converts_a_pickle(tmp_path, parts):
    folder = save_tiny_teacher(tmp_path / "it's a model")
    plain, weights = answers(folder), pickled(folder, parts)
    told = refused(folder)
    assert "are a pickle (pytorch_model.bin), which Layer Lab does not read" in told
    command = told.split("This converts them: ")[1]
    assert command == conversion(folder) and "weights_only=True" in command
    done = subprocess.run(command, shell=True, capture_output=True, env=WITH_PYTHON)
    assert done.returncode == 0, done.stderr
    assert load_file(folder / "model.safetensors").keys() == weights.keys()
    assert_same(answers(folder), plain)


def test_a_pickle_that_runs_code_is_not_converted(tmp_path):
    class Evil:
        def __reduce__(self):
            return open, (str(tmp_path / "ran"), "w")

    folder = save_tiny_teacher(tmp_path / "t")
    pickled(folder)
    torch.save({"a": Evil()}, folder / "pytorch_model.bin")
    done = subprocess.run(conversion(folder), shell=True, capture_output=True, env=WITH_PYTHON)
    assert done.returncode != 0 and not (tmp_path / "ran").exists() and not (folder / "model.safetensors").exists()


def test_a_hub_model_with_a_pickle_only_is_told_with_the_way_out(tmp_path, monkeypatch):
    pickled(save_tiny_teacher(tmp_path / "hub" / "tiny" / "old"))
    monkeypatch.setenv("LAYER_LAB_HUB", str(tmp_path / "hub"))
    with pytest.raises(LabError, match=r"has no model.safetensors.* hf download tiny/old --local-dir model && cd model && python -c "):
        fetch("tiny/old")


def only(folder: Path, *kept: str) -> None:
    for file in folder.iterdir():
        if file.name not in kept:
            file.unlink()


def test_what_a_folder_holds_instead_is_said(folder):
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    assert "is a pointer of Git LFS, not the weights; run `git lfs pull`" in refused(folder)
    weights.rename(folder / "model.fp16.safetensors")
    assert "holds model.fp16.safetensors and no model.safetensors" in refused(folder)
    (folder / "model.fp16.safetensors").rename(folder / "tf_model.h5")
    assert "of another framework (tf_model.h5)" in refused(folder)
    (folder / "tf_model.h5").unlink()
    assert f"The weights {weights} are missing; restore the file" in refused(folder)
    weights.write_bytes(whole)
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "bert-base-uncased"}')
    assert "a PEFT adapter of bert-base-uncased, not a whole model; merge it" in refused(folder)
    only(folder, "adapter_config.json")
    with pytest.raises(LabError, match="a PEFT adapter of bert-base-uncased"):
        fetch(str(folder))


def test_a_folder_of_checkpoints_names_the_last(tmp_path):
    for step in (500, 1000):
        save_tiny_teacher(tmp_path / "out" / f"checkpoint-{step}")
    with pytest.raises(LabError, match=r"holds no config.json; there is one in .*checkpoint-1000, so name that folder"):
        fetch(str(tmp_path / "out"))


def test_the_encoder_of_a_sentence_transformers_folder_is_found(tmp_path):
    base(tmp_path / "st" / "0_Transformer")
    modules = [{"path": "0_Transformer", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "…models.Pooling"}]
    (tmp_path / "st" / "modules.json").write_text(json.dumps(modules))
    assert fetch(str(tmp_path / "st")) == tmp_path / "st" / "0_Transformer"
    assert status(str(tmp_path / "st"), "sick").layers == 4
    modules[0]["path"] = "../0_Transformer"
    (tmp_path / "st" / "modules.json").write_text(json.dumps(modules))
    assert fetch_refused(tmp_path / "st").startswith(f"The folder {tmp_path / 'st'} holds no config.json; there is one in")


def fetch_refused(path: Path) -> str:
    with pytest.raises(LabError) as told:
        fetch(str(path))
    return str(told.value)


def test_a_saved_teachers_hash_is_its_files(tmp_path, task):
    path = base(tmp_path / "base")
    *_, last = tune(Tuning(str(path), task, epochs=1, optimiser=FAST))
    assert last.data["card"]["sha256"] == file_hash(Path(last.data["folder"]) / "model.safetensors")
