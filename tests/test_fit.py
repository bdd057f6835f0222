"""How a teacher and a task fit, looked at before anything is trained. Run: python -m pytest tests/test_fit.py"""

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.data.task import Split, Task
from core.errors import LabError
from core.models.teachers import load_teacher
from core.recipe import Budget, Optimiser, Recipe
from core.recipe.tuning import Tuning
from core.store import layer_scores
from core.training import fit
from core.training.answers import better_order, with_answers
from core.training.device import pick
from core.training.distill import distill
from core.training.evaluate import predict
from core.training.fit import positions
from core.training.loading import load_pair, warm
from core.training.tune import tune
from core.views.common.fit import kept_fit
from tests.tiny import FAMILIES, NLI_LABELS, WORDS, save_tiny_teacher, tiny_model, tiny_tokenizer
from tests.tiny_task import task_name, write_task

SAID = fit.DATA_WARNS
FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


@pytest.fixture(autouse=True)
def repeats_are_not_said(monkeypatch):
    """The tiny task has few different pairs, so that most of validation is in train."""
    monkeypatch.setattr(fit, "DATA_WARNS", 1.0)


def short(teacher, task) -> dict:
    *_, last = distill(Recipe(str(teacher), task, (1, 3), budget=Budget(steps=4), optimiser=FP32))
    return last.data["record"]


def change_config(path: Path, **changes) -> None:
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(config | changes))


def change_weights(path: Path, change) -> None:
    weights = load_file(path / "model.safetensors")
    change(weights)
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, path / "model.safetensors", {"format": "pt"})


def without_tokenizer(path: Path) -> None:
    for file in path.glob("*token*"):
        file.unlink()


def table_too_small(path: Path) -> None:
    small = len(tiny_tokenizer()) - 9
    change_config(path, vocab_size=small)
    change_weights(path, lambda weights: weights.update({name: weights[name][:small] for name in weights if "word_embeddings" in name}))


def other_words(path: Path) -> None:
    tiny_tokenizer([f"{word}x" for word in WORDS]).save_pretrained(path)


def few_places(path: Path) -> None:
    change_config(path, max_position_embeddings=8)
    change_weights(path, lambda weights: weights.update({name: weights[name][:8] for name in weights if "position_embeddings" in name}))


def a_third_token_type(path: Path) -> None:
    text = json.dumps(json.loads((path / "tokenizer.json").read_text()))
    (path / "tokenizer.json").write_text(text.replace('"type_id": 1', '"type_id": 2'))


def without_marks(path: Path) -> None:
    tokenizer = json.loads((path / "tokenizer.json").read_text())
    (path / "tokenizer.json").write_text(json.dumps(tokenizer | {"post_processor": None}))


def without_cls(path: Path) -> None:
    config = json.loads((path / "tokenizer_config.json").read_text())
    (path / "tokenizer_config.json").write_text(json.dumps(config | {"cls_token": "[UNK]"}))


def poisoned(name: str, value: float):
    return lambda path: change_weights(path, lambda weights: weights[name].view(-1).__setitem__(0, value))


STOPS = {
    "no tokenizer": (without_tokenizer, "without its tokenizer"),
    "a token beyond the table": (table_too_small, "do not belong together"),
    "words of another tokenizer": (other_words, "does not know 100 % of the words"),
    "fewer places than tokens": (few_places, r"has positions for 8; write the task as file:.*&max_length=8"),
    "a token type that the model lacks": (a_third_token_type, "gives token type 2, where the model's 2 types count from 0"),
    "nothing around a text": (without_marks, r"does not put \[CLS\] and \[SEP\] around a text"),
    "no CLS": (without_cls, "has no CLS token"),
    "NaN in a layer": (poisoned("bert.encoder.layer.2.output.dense.weight", float("nan")), r"1 of 512 numbers of .* \(layer 3\) are NaN or infinite"),
    "infinity in the head": (poisoned("classifier.bias", float("inf")), r"\(head\) are NaN or infinite"),
}


@pytest.mark.parametrize(("harm", "words"), STOPS.values(), ids=STOPS)
def test_what_makes_all_figures_meaningless_stops_before_anything_is_asked(own_teacher, task, harm, words, home):
    harm(Path(own_teacher))
    with pytest.raises(LabError, match=words):
        short(own_teacher, task)
    assert not list((home / "cache" / "signals").glob("*")) if (home / "cache" / "signals").is_dir() else True
    kept = [json.loads(path.read_text()) for path in (home / "layer_scores").glob("*--fit.json")]
    assert [bool(found["stops"]) for found in kept] == [True]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_has_as_many_places_as_are_counted(family):
    model = tiny_model(family)
    there = positions(model)
    read = lambda length: model(input_ids=torch.full((1, length), 7), attention_mask=torch.ones(1, length, dtype=torch.int64))
    assert read(there).logits.isfinite().all()
    with pytest.raises((RuntimeError, IndexError)):
        read(there + 1)


def test_a_base_without_tokenizer_is_not_fine_tuned(own_teacher, task):
    without_tokenizer(Path(own_teacher))
    with pytest.raises(LabError, match="without its tokenizer"):
        list(tune(Tuning(own_teacher, task, epochs=1)))


def kinds(teacher, task) -> list[str]:
    return [each["kind"] for each in load_pair(str(teacher), task)[0].fit["warnings"]]


def test_what_weakens_the_figures_warns(tmp_path):
    name = write_task(tmp_path / "data")
    fits = save_tiny_teacher(tmp_path / "fits")
    assert kinds(fits, name) == []
    few = save_tiny_teacher(tmp_path / "few", words=[word for word in WORDS if word not in ("dog", "runs")])
    assert kinds(few, name) == ["unknown-words"]
    unmarked = save_tiny_teacher(tmp_path / "unmarked")
    tiny_tokenizer(token_types=False).save_pretrained(unmarked)
    assert kinds(unmarked, name) == ["types"]
    shorter = save_tiny_teacher(tmp_path / "shorter")
    tokenizer = tiny_tokenizer()
    tokenizer.model_max_length = 9
    tokenizer.save_pretrained(shorter)
    assert kinds(shorter, name) == ["cut"]
    larger = save_tiny_teacher(tmp_path / "larger")
    tiny_tokenizer([*WORDS, "another"]).save_pretrained(larger)
    assert kinds(larger, name) == ["table"]


def test_shares_are_counted_by_word_and_by_text(teacher, task):
    figures = load_pair(teacher, task)[0].fit["figures"]
    assert figures == {"positions": 140, "unknown_words": 0.0, "texts_cut": 0.0, "max_length": 128, "texts": 144}


# --- the teacher's answers ---


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A tiny teacher that knows the tiny task, and the task."""
    folder = tmp_path_factory.mktemp("learnt")
    task, base = write_task(folder / "data", train=480, held_out=120), save_tiny_teacher(folder / "base", hidden=32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYER_LAB_HOME", str(folder / "home"))
        *_, last = tune(Tuning(str(base), task, epochs=20, optimiser=dataclasses.replace(FP32, learning_rate=3e-3)))
    assert last.data["card"]["scores"]["validation"]["accuracy"] > 0.8
    return Path(last.data["folder"]), task


def with_names(source: Path, target: Path, names) -> Path:
    """A copy of a teacher whose config names its classes so."""
    target.mkdir()
    for file in source.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    change_config(target, id2label={str(n): name for n, name in enumerate(names)}, label2id={name: n for n, name in enumerate(names)})
    return target


def test_a_teacher_that_knows_the_task_gets_no_warning(learnt):
    folder, task = learnt
    record = short(folder, task)
    assert record["fit"]["warnings"] == [] and record["fit"]["figures"]["teacher_accuracy"] > 0.8
    assert kept_fit(str(folder), task).warnings == () and "check examples right" in kept_fit(str(folder), task).line


def test_classes_in_the_wrong_order_are_said_with_the_map_that_mends_them(learnt, tmp_path):
    folder, task = learnt
    names = json.loads((folder / "config.json").read_text())["id2label"]
    right = [names[str(n)] for n in range(3)]
    wrong = with_names(folder, tmp_path / "wrong", [right[1], right[2], right[0]])
    record = short(wrong, task)
    (warning,) = record["fit"]["warnings"]
    mapped = ",".join(f"{label}:{right.index(label)}" for label in record["labels"])
    assert warning["kind"] == "classes" and f"&labels={mapped}" in warning["sentence"]
    assert kept_fit(str(wrong), task).warnings == (warning["sentence"],)
    right_order = [right.index(label) for label in record["labels"]]  # the map does it: the teacher's own classes in this order
    teacher, loaded, encoded = load_pair(str(folder), task)
    logits = predict(teacher.model, encoded["validation"], pick("fp32"))[:, [teacher.order.index(own) for own in right_order]]
    assert float((logits.argmax(1) == encoded["validation"].labels).double().mean()) > 0.8


def test_where_the_data_hold_numbers_the_map_names_them(learnt, tmp_path):
    folder, task = learnt
    with Path(task.removeprefix("file:").partition("?")[0]).open() as file:
        rows = list(csv.DictReader(file))
    numbers = {"neutral": "0", "entailment": "1", "contradiction": "2"}
    with (tmp_path / "numbers.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"label": numbers[row["label"]]} for row in rows)
    numbered = task_name(str(tmp_path / "numbers.csv"), ("premise", "hypothesis"), "label", "split")
    names = json.loads((folder / "config.json").read_text())["id2label"]
    bare = with_names(folder, tmp_path / "bare", ["LABEL_0", "LABEL_1", "LABEL_2"])
    (warning,) = short(bare, numbered)["fit"]["warnings"]
    by_number = {number: f"LABEL_{next(n for n, name in names.items() if name == label)}" for label, number in numbers.items()}
    assert "&labels=" + ",".join(f"{by_number[number]}:{number}" for number in "012") in warning["sentence"]


def test_a_teacher_at_chance_and_one_that_names_one_class_are_told(teacher, task, tmp_path):
    assert [each["kind"] for each in short(teacher, task)["fit"]["warnings"]] == ["chance"]
    always = save_tiny_teacher(tmp_path / "always")
    change_weights(always, lambda weights: weights["classifier.bias"].add_(torch.tensor([0.0, 100.0, 0.0])))
    (warning,) = short(always, task)["fit"]["warnings"]
    assert warning["kind"] == "one-class" and "neutral" in warning["sentence"]


def test_answers_that_are_not_finite_stop(teacher, task):
    loaded, the_task, _ = load_pair(teacher, task)
    logits = torch.zeros(48, 3)
    logits[5, 1] = float("nan")
    with pytest.raises(LabError, match="to 1 of 48 check texts are NaN or infinite"):
        with_answers(loaded, the_task, logits)


@pytest.mark.parametrize("seed", range(20))
def test_no_order_is_found_in_answers_without_one(seed):
    draw = np.random.default_rng(seed)
    for classes, n in ((2, 60), (3, 48), (3, 600), (6, 600), (20, 600)):
        truth, guessed = draw.integers(classes, size=n), draw.integers(classes, size=n)
        assert better_order(truth, guessed, classes, np.bincount(truth).max() / n) is None  # guessing
        good = np.where(draw.random(n) < 0.8, truth, guessed)
        assert better_order(truth, good, classes, np.bincount(truth).max() / n) is None  # right already
        order = np.roll(np.arange(classes), 1)
        found = better_order(truth, order[good], classes, np.bincount(truth).max() / n)
        assert found == order.tolist()  # the class that the teacher names where class i is true


def test_always_another_class_is_no_matter_of_order():
    truth = np.repeat([0, 1], [480, 120])
    assert better_order(truth, np.ones(600, dtype=int), 2, 0.8) is None


def test_the_check_part_alone_decides_and_warming_keeps_it(learnt):
    folder, task = learnt
    list(warm(str(folder), task))
    teacher, loaded, _ = load_pair(str(folder), task)
    found = layer_scores.read(teacher.identity, loaded.hash, "fit")
    assert found["figures"]["examples"] == len(loaded.check_indices) and found["warnings"] == []
    split = Split(loaded.test.first, loaded.test.second, tuple((label + 1) % 3 for label in loaded.test.labels))
    shifted = Task("any", loaded.labels, loaded.train, loaded.validation, split)
    logits = predict(teacher.model, load_pair(str(folder), task)[2]["validation"], pick("fp32"))[list(loaded.check_indices)]
    assert with_answers(teacher, shifted, logits)["warnings"] == []


def test_the_bundled_teacher_fits_its_task():
    teacher, task, encoded = load_pair("minilm-l6", "composed-nli")
    kept = load_file(teacher.folder / "logits.safetensors")[encoded["validation"].hash].float()
    found = with_answers(teacher, task, kept[list(task.check_indices)])
    assert found["warnings"] == [] and found["figures"]["texts_cut"] == found["figures"]["unknown_words"] == 0.0
    for wrong in ([1, 2, 0], [1, 0, 2]):
        (warning,) = with_answers(teacher, task, kept[list(task.check_indices)][:, wrong])["warnings"]
        numbers = {label: teacher.order[wrong.index(i)] for i, label in enumerate(task.labels)}
        theirs = ",".join(f"{label}:{numbers[label]}" for label in sorted(numbers, key=numbers.get))
        assert warning["kind"] == "classes" and f"composed-nli?labels={theirs}." in warning["sentence"]


def test_labels_of_the_teacher_are_its_own(teacher):
    assert load_teacher(teacher, Task("any", NLI_LABELS[::-1], *[Split(("the dog",) * 3, None, (0, 1, 2))] * 3)).order == (2, 1, 0)


def test_what_weakens_the_data_stands_among_the_warnings_of_a_run(tmp_path, teacher, monkeypatch):
    monkeypatch.setattr(fit, "DATA_WARNS", SAID)
    pairs = [f"the {size} dog,a dog runs,{label}" for size, label in zip(("big", "small", "red") * 8, NLI_LABELS * 8)]
    lines = [f"{pair},{part}" for part in ("train", "validation", "test") for pair in pairs]
    (tmp_path / "x.csv").write_text("\n".join(["premise,hypothesis,label,split", *lines, "the big dog,a dog runs,neutral,train"]))
    record = short(teacher, task_name(tmp_path / "x.csv", ("premise", "hypothesis"), "label", "split"))
    warned = {each["kind"]: each["sentence"] for each in record["fit"]["warnings"]}
    assert warned["overlap"].startswith("24 of the 24 validation pairs also occur in train") and "25 examples (9 of train" in warned["two-labels"]
