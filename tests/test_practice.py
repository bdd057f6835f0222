"""The same choice as text for other programs: every text is run, or read as its program reads it. Run: python -m pytest tests/test_practice.py"""

import json
import sys
import types
from pathlib import Path

import pytest
import torch
import yaml

from core.errors import LabError
from core.models.families import layers as layers_of
from core.models.seeding import seed_student
from core.models.teachers import load_model
from core.recipe import Seeding
from core.studies.export.embedder import sentence_transformers
from core.studies.export.mergekit import KNOWN, mergekit
from core.views.lab import taking
from tests import fake_worker
from tests.test_kept import recipe
from tests.tiny import FAMILIES, save_tiny_teacher


def recipe_of(*layers: int, **seeding) -> dict:
    return recipe("any", "any", layers=layers, seeding=Seeding(**seeding), allow_repeats=True).to_dict()


def merged(file: str, target: Path, family: str) -> Path:
    """What `mergekit-yaml` makes of a slice file (its passthrough), by hand; mergekit 0.1.5 itself gave the same weights for these families."""
    told = yaml.safe_load(file)
    assert (told["merge_method"], told["dtype"]) == ("passthrough", "float32") and set(told) == {"merge_method", "dtype", "slices"}
    sources = [source for one in told["slices"] for source in one["sources"]]
    model = load_model(Path(sources[0]["model"]))
    blocks = list(layers_of(model))
    kept = [blocks[place] for source in sources for place in range(*source["layer_range"])]
    made = seed_student(model, [blocks.index(block) + 1 for block in kept], allow_repeats=True)
    made.save_pretrained(target)
    return target


@pytest.mark.parametrize("family", KNOWN)
@pytest.mark.parametrize("layers, slices", (((1, 2, 4), 2), ((4, 1, 4), 3), ((2, 3), 1)))
def test_a_slice_file_of_mergekit_makes_the_student_before_its_first_step(tmp_path, family, layers, slices):
    teacher = save_tiny_teacher(tmp_path / "teacher", family)
    file = mergekit(recipe_of(*layers), family, str(teacher))
    assert len(yaml.safe_load(file)["slices"]) == slices
    ours, theirs = seed_student(load_model(teacher), layers, allow_repeats=True), load_model(merged(file, tmp_path / "out", family))
    assert all(torch.equal(weight, theirs.state_dict()[name]) for name, weight in ours.state_dict().items())


def test_what_mergekit_cannot_do_is_said():
    for family in set(FAMILIES) - set(KNOWN):
        with pytest.raises(LabError, match=f"^mergekit knows no {family.upper()} classifier|^mergekit knows no MPNet classifier"):
            mergekit(recipe_of(1, 3), family, "t")
    with pytest.raises(LabError, match="drawn fresh; the transformers lines do both"):
        mergekit(recipe_of(1, 3, fresh_head=True), "bert", "t")
    assert yaml.safe_load(mergekit(recipe_of(1), "bert", 'a "quoted" C:\\path: #x'))["slices"][0]["sources"][0]["model"] == 'a "quoted" C:\\path: #x'


def stand_ins(monkeypatch) -> list:
    """sentence_transformers and datasets as far as the script uses them; returns what was trained. The script ran with 6.2.0 itself once."""
    from transformers import AutoModel

    trained = []

    class Model(list):
        def __init__(self, name):
            super().__init__([types.SimpleNamespace(auto_model=AutoModel.from_pretrained(name))])

        def encode(self, texts):
            return torch.ones(len(texts), 4).numpy()

        def save_pretrained(self, folder):
            self[0].auto_model.save_pretrained(folder)

    class Trainer:
        def __init__(self, model, settings, train_dataset, loss):
            trained.append((model, settings, train_dataset, loss))

        def train(self):
            trained.append("trained")

    known = {
        "sentence_transformers": {"SentenceTransformer": Model, "SentenceTransformerTrainer": Trainer,
                                  "SentenceTransformerTrainingArguments": lambda folder, **settings: settings,
                                  "losses": types.SimpleNamespace(MSELoss=lambda model: ("MSELoss", model))},
        "datasets": {"Dataset": types.SimpleNamespace(from_dict=dict)},
    }
    for name, parts in known.items():
        module = types.ModuleType(name)
        vars(module).update(parts)
        monkeypatch.setitem(sys.modules, name, module)
    return trained


@pytest.mark.parametrize("family", FAMILIES)
def test_the_script_of_sentence_transformers_cuts_the_same_layers(tmp_path, monkeypatch, family):
    teacher = save_tiny_teacher(tmp_path / "teacher", family)
    (tmp_path / "texts.txt").write_text("the dog runs\n\na cat sleeps\n")
    trained = stand_ins(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["embedder.py", "texts.txt"])
    exec(compile(sentence_transformers(recipe_of(3, 1, 3), family, str(teacher)), "embedder.py", "exec"), {})
    (model, settings, data, loss), done = trained
    assert done == "trained" and loss == ("MSELoss", model) and data["sentence"] == ["the dog runs", "a cat sleeps"] and len(data["label"]) == 2
    from transformers import AutoModel

    theirs = AutoModel.from_pretrained(tmp_path / "student").state_dict()
    whole = seed_student(load_model(teacher), (3, 1, 3), allow_repeats=True)
    ours = getattr(whole, family).state_dict()
    assert all(torch.equal(weight, theirs[name]) for name, weight in ours.items()) and len(ours) <= len(theirs)


def test_the_control_has_no_choice_to_carry_over():
    with pytest.raises(LabError, match="no choice of layers to carry over"):
        sentence_transformers(recipe_of(1, 3, untrained_layers=True), "bert", "t")


def test_the_lab_has_all_three_and_says_where_one_is_not(teacher, task):
    record = fake_worker.record(recipe(teacher, task))
    found = {one.name: one for one in taking.texts(record)}
    assert list(found) == ["transformers", "sentence-transformers", "mergekit"] and not any(one.problem for one in found.values())
    assert all(teacher in one.text for one in found.values())
    assert all(teacher not in one.text and json.dumps(Path(teacher).name)[1:-1] in one.text for one in taking.texts(record, paths=False))
    gone = taking.texts(record | {"recipe": record["recipe"] | {"teacher": "mpnet-base"}})
    assert all(one.problem and not one.text for one in gone)
