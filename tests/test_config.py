"""config.json as people have it, read by transformers; pages read what was kept. Run: python -m pytest tests/test_config.py"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys

import pytest
import torch
from transformers import AutoConfig

from core.errors import LabError
from core.models import config as reading
from core.models.catalogue import bundled_folder, status
from core.models.config import auto_config, facts
from core.models.config_labels import class_names
from core.models.families import FAMILIES
from core.models.teachers import load_model, load_teacher
from core.models.weights import file_hash
from tests.test_loading import configured
from tests.tiny import FAMILIES as NAMES
from tests.tiny import NLI_LABELS, save_tiny_teacher, task_of_labels

FORMS = {  # what a config has -> the names of the classes, in the order of the logits
    "as transformers writes it": ({"id2label": {"1": "b", "0": "a", "2": "c"}}, ("a", "b", "c")),
    "more than ten": ({"id2label": {str(n): f"c{n}" for n in range(11)}}, tuple(f"c{n}" for n in range(11))),
    "nothing, two classes": ({}, ("LABEL_0", "LABEL_1")),
    "num_labels only": ({"num_labels": 3}, ("LABEL_0", "LABEL_1", "LABEL_2")),
    "a list": ({"id2label": ["a", "b"]}, ("a", "b")),
    "LABEL_n for numbers": ({"id2label": {"LABEL_0": "a", "LABEL_1": "b"}}, ("a", "b")),
    "numbers for names": ({"id2label": {"0": 1, "1": 0}}, ("1", "0")),
    "no names": ({"id2label": {"0": None, "1": None}}, ("LABEL_0", "LABEL_1")),
    "the wrong way round": ({"id2label": {"b": 1, "a": 0}}, ("a", "b")),
    "label2id only": ({"label2id": {"b": 1, "a": 0, "c": 2}}, ("a", "b", "c")),
    "label2id only, numbers as names": ({"label2id": {"1": 0, "2": 1}}, ("1", "2")),
    "label2id has the names": ({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}, "label2id": {"b": 1, "a": 0}}, ("a", "b")),
    "id2label has the names": ({"id2label": {"0": "a", "1": "b"}, "label2id": {"LABEL_0": 0, "LABEL_1": 1}}, ("a", "b")),
    "label2id is broken": ({"id2label": {"0": "a", "1": "b"}, "label2id": {"a": None}}, ("a", "b")),
    "empty maps": ({"id2label": {}, "label2id": {}}, ("LABEL_0", "LABEL_1")),
}


@pytest.mark.parametrize(("config", "names"), FORMS.values(), ids=FORMS)
def test_class_names_in_every_form(config, names):
    assert class_names(config) == (names, [])


@pytest.mark.parametrize("config", (
    {"id2label": {"1": "a", "2": "b"}}, {"id2label": {"0": "a", "2": "b"}}, {"id2label": {"a": "b"}}, {"id2label": {"0": ["a"]}},
    {"label2id": {"a": 1, "b": 2}}, {"label2id": {"a": None}},
))
def test_classes_without_an_order_are_asked_for(config):
    with pytest.raises(LabError, match=r'write "id2label": \{"0": "first class", "1": "second class"\} in the order of the logits\.$'):
        class_names(config)


def test_two_maps_that_contradict_each_other_are_noted(tmp_path):
    folder = configured(save_tiny_teacher(tmp_path / "t"), label2id={name: n for n, name in enumerate(reversed(NLI_LABELS))})
    [note] = load_teacher(str(folder), task_of_labels(*NLI_LABELS)).notes
    assert note == "The teacher's config.json gives 'entailment' one number in id2label and another in label2id; id2label is used."


def test_a_binary_classifier_with_default_names_loads(tmp_path):
    folder = configured(save_tiny_teacher(tmp_path / "t", labels=("LABEL_0", "LABEL_1")), id2label=None, label2id=None)
    assert facts(folder).labels == ("LABEL_0", "LABEL_1")
    assert load_teacher(str(folder), task_of_labels("0", "1")).model.num_labels == 2


@pytest.mark.parametrize("form", ({"id2label": list(NLI_LABELS)}, {"id2label": None, "label2id": {name: n for n, name in enumerate(NLI_LABELS)}}))
def test_a_teacher_of_another_form_answers_as_the_usual_one(tmp_path, form):
    folder = save_tiny_teacher(tmp_path / "t")
    any_order, ids = task_of_labels("contradiction", "entailment", "neutral"), torch.tensor([[2, 5, 6, 3]])
    usual = load_teacher(str(folder), any_order).model(input_ids=ids).logits
    assert torch.equal(load_teacher(str(configured(folder, **form)), any_order).model(input_ids=ids).logits, usual)


def told(folder) -> str:
    with pytest.raises(LabError) as said:
        facts(folder)
    with pytest.raises(LabError) as again:  # from what was kept of it
        facts(folder)
    assert str(said.value) == str(again.value)
    return str(said.value)


WRONG = {
    "no type": ({"model_type": None}, '{file} does not say of which type the model is; add "model_type" to it, one of bert, roberta,'),
    "another type": ({"model_type": "gpt2"}, "t is a 'gpt2' model; Layer Lab takes BERT, RoBERTa, MPNet, DistilBERT or ELECTRA encoders."),
    "an unknown type": ({"model_type": "my-own"}, "t is a 'my-own' model; Layer Lab takes"),
    "a size as text": ({"hidden_size": "16"}, "transformers cannot use {file} (TypeError: Field 'hidden_size' expected int, got str (value: '16'))"),
    "quantised": ({"quantization_config": {"load_in_8bit": True}}, "The weights beside {file} are quantised; save the model in fp32, fp16 or bf16."),
    "classes from 1": ({"id2label": {"1": "a", "2": "b"}}, "{file} does not say which class is which. Its id2label numbers the classes 1, 2,"),
}


@pytest.mark.parametrize(("values", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_config_is_one_sentence(tmp_path, values, sentence):
    folder = configured(save_tiny_teacher(tmp_path / "t"), **values)
    assert told(folder).startswith(sentence.replace("{file}", str(folder / "config.json")))


@pytest.mark.parametrize("text", ("{", "", "[1]", "null", '{"model_type": "bert"'))
def test_a_broken_config_says_so(tmp_path, text):
    folder = save_tiny_teacher(tmp_path / "t")
    (folder / "config.json").write_text(text)
    assert told(folder) == f"{folder / 'config.json'} cannot be read as JSON; save the model again."


def test_an_activation_that_transformers_does_not_know(tmp_path):
    folder = configured(save_tiny_teacher(tmp_path / "t"), hidden_act="foo")
    with pytest.raises(LabError, match=r"cannot be loaded \(KeyError: 'foo'\)"):
        load_model(folder)


@pytest.mark.parametrize("values", ({"problem_type": "regression"}, {"problem_type": "multi_label_classification"}))
def test_other_problems_than_one_label_a_text_have_to_be_tuned(tmp_path, values):
    folder = configured(save_tiny_teacher(tmp_path / "t"), **values)
    there = status(str(folder), "sick")
    assert not there.ready and there.layers == 4
    assert "where Layer Lab distils classifiers with one label a text, so it has to be fine-tuned" in there.needs
    assert load_model(folder, ("a", "b")).config.problem_type is None


def test_one_logit_is_a_regression(tmp_path):
    assert "predicts a number (regression)" in status(str(save_tiny_teacher(tmp_path / "t", labels=("LABEL_0",))), "sick").needs


def test_code_that_a_config_names_is_not_run_and_noted(tmp_path):
    folder = save_tiny_teacher(tmp_path / "t")
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    configured(folder, auto_map={"AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model"})
    teacher = load_teacher(str(folder), task_of_labels(*NLI_LABELS))
    assert not (tmp_path / "ran").exists()
    assert teacher.notes == ["The teacher's config.json names code of its own (auto_map), which is not run; it is taken for a plain BERT."]


@pytest.mark.parametrize("family", NAMES)
def test_facts_are_what_transformers_says(tmp_path, family):
    folder = save_tiny_teacher(tmp_path / "t", family)
    one, theirs = facts(folder), AutoConfig.from_pretrained(folder)
    names = (FAMILIES[family].layer_count, FAMILIES[family].hidden, FAMILIES[family].intermediate, FAMILIES[family].heads)
    assert (one.layers, one.hidden, one.intermediate, one.heads) == tuple(getattr(theirs, name) for name in names) == (4, 16, 32, 2)
    assert (one.vocab, one.positions, one.model_type) == (theirs.vocab_size, 140, family)
    assert one.labels == tuple(theirs.id2label.values()) and auto_config(folder) == theirs


def test_what_comes_with_the_program_is_what_transformers_says(monkeypatch):
    folder = bundled_folder("minilm-l6", "composed-nli")
    bundled = facts(folder)
    read = reading._read(folder)
    assert read["reader"] == reading._reader() and dataclasses.asdict(bundled) | {"labels": [*bundled.labels], "notes": []} == read["facts"] | {
        "labels": [*read["facts"]["labels"]], "notes": []}
    assert (reading.ASSETS / "configs" / f"{file_hash(folder / 'config.json')}.json").is_file()


PAGE = """
import sys
from pathlib import Path
from core.models import config

path = Path(sys.argv[1])
kept = lambda: config._kept(config.file_hash(path / "config.json")) is not None
print(kept(), config.facts(path), kept(), {"torch", "transformers"} & set(sys.modules), sep="\\n")
"""


def test_a_process_without_transformers_reads_through_another_and_keeps_it(tmp_path, home):
    folder = save_tiny_teacher(tmp_path / "t")
    run = lambda: subprocess.run([sys.executable, "-c", PAGE, str(folder)], capture_output=True, text=True, cwd=reading.ROOT).stdout.splitlines()
    before, found, after, loaded = run()
    assert (before, after, loaded) == ("False", "True", "set()") and found == str(facts(folder))
    assert [file.stem for file in (home / "cache" / "configs").iterdir()] == [file_hash(folder / "config.json")]
    assert run()[0] == "True"
    kept = next((home / "cache" / "configs").iterdir())
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"reader": "another version"}))
    assert not is_kept(folder)


def is_kept(folder) -> bool:
    return reading._kept(file_hash(folder / "config.json")) is not None


def test_the_bundled_teacher_waits_for_nothing():
    assert is_kept(bundled_folder("minilm-l6", "composed-nli"))


def test_a_home_that_is_full_or_read_only_keeps_nothing_and_still_reads(tmp_path, monkeypatch, home):
    folder = save_tiny_teacher(tmp_path / "t")
    home.mkdir(exist_ok=True)
    (home / "cache").write_text("no folder")
    assert facts(folder).layers == 4


def test_an_unreadable_config_is_one_sentence(tmp_path, monkeypatch):
    folder = save_tiny_teacher(tmp_path / "t")
    shutil.rmtree(folder / "config.json", ignore_errors=True)
    monkeypatch.setattr(reading, "file_hash", lambda path: os.stat(path / "nothing"))
    with pytest.raises(LabError, match="config.json cannot be read"):
        facts(folder)


APP = """
import json, sys
import streamlit
from streamlit.testing.v1 import AppTest
from core import worker
from pages.parts.common import first_sight, learner

worker.ensure_running = learner._from_browser = lambda: None
first_sight.HEAD_START = 0.0
first_sight.LAY_OUT = 0.0
said, spinner = [], streamlit.spinner
streamlit.spinner = lambda text: said.append(text) or spinner(text)
page = AppTest.from_file("app.py", default_timeout=60)
page.query_params["teacher"] = sys.argv[1]
page.run()
first = [*said]
page.run()
print(json.dumps([first, said, page.session_state.choice.layers, [one.value for one in page.exception], "torch" in sys.modules]))
"""


def test_a_page_says_that_it_waits_and_does_so_once(tmp_path):
    folder = save_tiny_teacher(tmp_path / "t")
    done = subprocess.run([sys.executable, "-c", APP, str(folder)], capture_output=True, text=True, cwd=reading.ROOT)
    first, said, layers, wrong, torch_loaded = json.loads(done.stdout)
    assert first == said == ["Reading the model's configuration: a few seconds, once for each model"]
    assert layers == [1, 3] and not wrong and not torch_loaded
