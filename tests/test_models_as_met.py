"""Models as people really have them, each case from a public report: what would be read wrongly is read right, stopped or told.

Run: python -m pytest tests/test_models_as_met.py
"""

import dataclasses
import json
from pathlib import Path

import pytest

from core.data.catalogue import load
from core.errors import LabError
from core.models.catalogue import local_folder, not_ready, status
from core.models.config import facts
from core.models.teachers import load_tokenizer
from core.training import fit
from core.training.loading import load_pair
from tests.tiny import WORDS, save_tiny_teacher, tiny_tokenizer
from tests.tiny_task import task_name, write_task


@pytest.fixture(autouse=True)
def repeats_are_not_said(monkeypatch):
    """The tiny task has few different pairs, so that most of validation is in train."""
    monkeypatch.setattr(fit, "DATA_WARNS", 1.0)


def edited(file: Path, **changes) -> None:
    """Change keys of a JSON file; None takes one out."""
    values = json.loads(file.read_text()) | changes
    file.write_text(json.dumps({key: value for key, value in values.items() if value is not None}))


def resized(path: Path, rows: int) -> None:
    """Give the model a table of this many token types."""
    from safetensors.torch import load_file, save_file

    edited(path / "config.json", type_vocab_size=rows)
    weights = load_file(path / "model.safetensors")
    name = next(name for name in weights if "token_type_embeddings" in name)
    save_file(weights | {name: weights[name][:rows].contiguous()}, path / "model.safetensors", {"format": "pt"})


def warnings(teacher: Path, task: str) -> dict[str, str]:
    return {each["kind"]: each["sentence"] for each in load_pair(str(teacher), task)[0].fit["warnings"]}


@pytest.fixture
def folder(tmp_path):
    return save_tiny_teacher(tmp_path / "teacher")


# --- token types ---


def test_a_tokenizer_of_transformers_4_marks_the_second_text_as_it_did_there(folder, task):
    usual, _, encoded = load_pair(str(folder), task)
    edited(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast", model_input_names=None)
    teacher, _, found = load_pair(str(folder), task)
    assert teacher.identity != usual.identity and teacher.fit["warnings"] == []
    assert [found[name].hash for name in found] == [encoded[name].hash for name in encoded] and int(found["test"].types.max()) == 1


def test_what_is_saved_of_it_marks_too(folder, tmp_path):
    edited(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast", model_input_names=None)
    saved = tmp_path / "saved"
    load_tokenizer(folder).save_pretrained(saved)
    (saved / "config.json").write_text((folder / "config.json").read_text())
    assert "token_type_ids" in load_tokenizer(saved).model_input_names


def test_a_tokenizer_that_says_that_it_gives_no_types_gives_none(folder, task):
    tiny_tokenizer(token_types=False).save_pretrained(folder)
    edited(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")
    assert load_pair(str(folder), task)[2]["train"].types is None and "types" in warnings(folder, task)
    edited(folder / "tokenizer_config.json", tokenizer_class="TokenizersBackend", model_input_names=None)  # version 5 gave none in training
    assert load_pair(str(folder), task)[2]["train"].types is None and "types" in warnings(folder, task)


@pytest.mark.parametrize("family", ("roberta", "bert"))
def test_a_model_of_one_token_type_is_given_none(tmp_path, task, family):
    path = save_tiny_teacher(tmp_path / "teacher", family)
    tiny_tokenizer().save_pretrained(path)
    resized(path, 1)
    teacher, _, encoded = load_pair(str(path), task)
    assert encoded["train"].types is None and teacher.fit["warnings"] == []
    assert teacher.model(**encoded["test"].batch([0, 1]).model_inputs()).logits.isfinite().all()


# --- the tokenizer's files ---

FILES = {
    "another version's tokenizer.json": ("tokenizer.json", {"model": {"type": "WordLevelV2", "vocab": {}}}, "Another version of transformers or"),
    "a list for a map": ("tokenizer_config.json", {"model_specific_special_tokens": ["<s>NOTUSED"]}, r"tokenizer_config\.json; save it again"),
}


@pytest.mark.parametrize(("file", "values", "words"), FILES.values(), ids=FILES)
def test_a_tokenizer_that_cannot_be_read_is_one_sentence(folder, file, values, words):
    edited(folder / file, **values)
    with pytest.raises(LabError, match=rf"^The tokenizer in .* cannot be read \(\w+: .*{words}"):
        load_tokenizer(folder)


@pytest.mark.parametrize(("file", "what"), [("tokenizer.json", "the tokenizer"), ("config.json", "the config"), ("model.safetensors", "the weights")])
def test_a_pointer_of_git_lfs_is_called_so(folder, task, file, what):
    (folder / file).write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 438000000\n")
    with pytest.raises(LabError, match=rf"{file} is a pointer of Git LFS, not {what}; run `git lfs pull`"):
        load_pair(str(folder), task)


# --- the config ---


def test_a_decoder_is_refused_before_anything_is_loaded(folder):
    edited(folder / "config.json", is_decoder=True)
    with pytest.raises(LabError, match="says is_decoder, so each token sees only those before it"):
        facts(folder)
    edited(folder / "config.json", is_decoder=False)
    assert facts(folder).layers == 4


# --- texts and tokenizer ---


def test_padding_that_differs_is_told_although_no_text_holds_it(tmp_path, task):
    path = save_tiny_teacher(tmp_path / "teacher", "roberta")
    tiny_tokenizer(token_types=False).save_pretrained(path)
    assert "padding" not in warnings(path, task)
    edited(path / "config.json", pad_token_id=4)  # [MASK], in no text
    assert "Padding is token 4 for" in warnings(path, task)["padding"] and "token 0 for its tokenizer" in warnings(path, task)["padding"]
    edited(path / "config.json", pad_token_id=5)  # "the"
    assert "Token 5, which these texts hold, is padding" in warnings(path, task)["padding"]


def test_a_vocabulary_with_capitals_under_a_tokenizer_that_lower_cases_is_told_and_can_be_mended(folder, task):
    vocabulary = sorted((found := load_tokenizer(folder).get_vocab()), key=found.get)
    assert "lower-case" not in warnings(folder, task)
    cased = [word.capitalize() if word in ("big", "small") else word for word in vocabulary]
    (folder / "vocab.txt").write_text("\n".join(cased) + "\n")
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (folder / file).unlink()
    sentence = warnings(folder, task)["lower-case"]
    assert f"although 2 of its {len(WORDS)} tokens have capitals" in sentence and 'set "do_lower_case" to false in' in sentence
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    assert "lower-case" not in warnings(folder, task) and load_tokenizer(folder).tokenize("Big dog") == ["Big", "dog"]


def test_the_limit_that_cuts_texts_is_named(folder, task):
    edited(folder / "tokenizer_config.json", model_max_length=9)
    assert f"the tokenizer reads no more, by model_max_length in {folder / 'tokenizer_config.json'}." in warnings(folder, task)["cut"]
    edited(folder / "tokenizer_config.json", model_max_length=128)
    assert "max_length=64 in the task's address reads more." in warnings(folder, f"{task}&max_length=9")["cut"]


def test_special_tokens_among_the_words_are_told(tmp_path, folder):
    lines = ["text,label", *(f"the dog runs {'and runs ' * (n // 2)}[SEP] no cat,{'ab'[n % 2]}" for n in range(120))]
    (tmp_path / "marked.csv").write_text("\n".join(lines) + "\n")
    task = task_name(str(tmp_path / "marked.csv"), "text", "label")
    path = save_tiny_teacher(tmp_path / "two", labels=("a", "b"))
    assert "100 % of the texts hold a special token as a word ([SEP] for example)" in warnings(path, task)["marks"]


# --- names ---


def test_a_name_of_the_catalogue_is_no_folders_name(tmp_path, monkeypatch):
    task = write_task(tmp_path / "data")
    save_tiny_teacher(tmp_path / "minilm-l6")
    monkeypatch.chdir(tmp_path)
    assert local_folder("minilm-l6") is None and not status("minilm-l6", task, load(task)).ready
    assert "The folder minilm-l6 in the working directory is written ./minilm-l6." in str(not_ready("minilm-l6", task, load(task)))
    there = status("./minilm-l6", task, load(task))
    assert there.ready and there.layers == 4
    assert dataclasses.asdict(status("minilm-l6", "composed-nli"))["layers"] == 6
