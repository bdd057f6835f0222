"""What decides an answer is in its key: teachers put right, data of the same name, settings in a teacher's name.

Run: python -m pytest tests/test_identity.py
"""

import csv
import dataclasses
import json
import os
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.data.batches import encode
from core.data.catalogue import load
from core.data.task import Classes
from core.errors import LabError
from core.models import catalogue
from core.models.identity import PIN, as_made, identity, key_of
from core.models.teachers import load_teacher
from core.models.weights import ASSETS, file_hash, read_card
from core.recipe import Budget, Optimiser, Recipe
from core.recipe.tuning import default_tuning, parse_teacher, split_teacher, teacher_name
from core.store import contents, jobs, layer_scores, records
from core.store.ground import ground, teacher_key
from core.training.device import pick
from core.training.distill import Exact, distill
from core.training.loading import load_pair
from core.training.race import Race
from core.training.signals import SignalRequest, bundled_logits, prepare
from core.training.tune import tune
from core.views.common import recipe_runs
from core.views.common.choice import Choice, choice_query, read_choice, task_content
from core.views.common.export import csv_text
from core.views.common.readiness import readiness
from tests.tiny import save_tiny_teacher, task_of_labels, tiny_model
from tests.tiny_task import task_name

SHORT, FAST = Budget(steps=4), Optimiser(learning_rate=1e-3, batch_size=16, precision="fp32")


def write_rows(path, labels=("positive", "negative"), rows=60, words=("big", "small")):
    """Write rows of one text whose first word decides the class; return the task's name."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        for n in range(rows):
            word = words[n % 2]
            writer.writerow((f"the {word} dog {'runs ' * (n // 2 % 12)}and no cat {'is ' * (n // 24)}", labels[n % 2]))
    return task_name(str(path), "text", "label")


def change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def put_right(folder, *names):
    change_config(folder, id2label={str(n): name for n, name in enumerate(names)}, label2id={name: n for n, name in enumerate(names)})


def run(teacher, task, exact=None, layers=(1, 3)):
    recipe = Recipe(str(teacher), task, layers, budget=SHORT, optimiser=FAST)
    *_, last = distill(recipe, exact=exact) if exact else distill(recipe)
    return last.data["record"]


def logits(teacher, task, **options):
    loaded, _, encoded = load_pair(str(teacher), task)
    *_, signals = prepare(loaded, encoded["train"], SignalRequest(), pick("fp32"), **options)
    return signals(encoded["train"].batch(range(20))).logits


# --- a key as wide as what decides the answer


@pytest.fixture
def folder(tmp_path):
    return save_tiny_teacher(tmp_path / "teacher", labels=("negative", "positive"))


@pytest.fixture
def rows(tmp_path):
    return write_rows(tmp_path / "data.csv")


def marks(folder, task):
    """Return identity and key as a page finds them, which are those of the loaded teacher."""
    content = load(task)
    found, loaded = catalogue.status(str(folder), task, content), load_teacher(str(folder), content)
    assert (found.hash, found.identity, found.key) == (loaded.hash, loaded.identity, loaded.key)
    return found.identity


def heavier(folder, _):
    tensors = load_file(folder / "model.safetensors")
    save_file({name: value + 0.01 for name, value in tensors.items()}, folder / "model.safetensors", {"format": "pt"})


def in_config(**changes):
    return lambda folder, _: change_config(folder, **changes)


def in_tokenizer(folder, _):
    path = folder / "tokenizer.json"
    values = json.loads(path.read_text())
    vocab = values["model"]["vocab"]
    vocab["dog"], vocab["cat"] = vocab["cat"], vocab["dog"]
    path.write_text(json.dumps(values))


def in_file(name, **values):
    def change(folder, _):
        path = folder / name
        path.write_text(json.dumps((json.loads(path.read_text()) if path.is_file() else {}) | values))

    return change


DECIDES = {
    "weights": heavier, "label order": lambda folder, _: put_right(folder, "positive", "negative"), "activation": in_config(hidden_act="relu"),
    "norm": in_config(layer_norm_eps=1e-3), "heads": in_config(num_attention_heads=4), "token ids": in_tokenizer,
    "tokenizer's settings": in_file("tokenizer_config.json", truncation_side="left"),
    "special tokens": in_file("special_tokens_map.json", sep_token="[MASK]"),
    "added tokens": in_file("added_tokens.json", **{"[NEW]": 20}), "vocabulary": lambda folder, _: (folder / "vocab.txt").write_text("dog\n"),
}


@pytest.mark.parametrize("part", DECIDES)
def test_each_part_that_decides_an_answer_gives_another_identity(folder, rows, part):
    before = catalogue.status(str(folder), rows, load(rows)).identity
    DECIDES[part](folder, rows)
    after = catalogue.status(str(folder), rows, load(rows)).identity
    assert before and after and before != after


def test_the_maximum_length_is_part_of_the_identity(folder):
    digest = file_hash(folder / "model.safetensors")
    assert len({identity(folder, digest, order, length) for order in ([0, 1], [1, 0]) for length in (64, 128)}) == 4


def test_what_says_nothing_about_the_model_changes_nothing(folder, rows, tmp_path):
    before = marks(folder, rows)
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    change_config(folder, transformers_version="0.0.1", _name_or_path="/somewhere", dtype="float16")
    in_file("tokenizer_config.json", name_or_path="/somewhere")(folder, rows)
    (folder / "config.json").write_text(json.dumps(dict(sorted(json.loads((folder / "config.json").read_text()).items(), reverse=True)), indent=7))
    (folder / "README.md").write_text("a card")
    (folder / "training_args.bin").write_bytes(b"0")
    assert marks(folder, rows) == before
    assert marks(shutil.copytree(folder, tmp_path / "elsewhere"), rows) == before


def test_a_signal_has_a_file_for_each_identity_split_part_and_dtype(folder, rows, home):
    kept = lambda: len(list((home / "cache" / "signals").glob("*.safetensors")))
    loaded, _, encoded = load_pair(str(folder), rows)
    ask = lambda split, wanted, precision: list(prepare(loaded, encoded[split], wanted, pick(precision)))
    ask("train", SignalRequest(), "fp32")
    ask("train", SignalRequest(), "fp32")
    assert kept() == 1
    ask("validation", SignalRequest(), "fp32")
    assert kept() == 2
    ask("train", SignalRequest(hidden=(1,)), "fp32")
    assert kept() == 3
    ask("train", SignalRequest(), "bf16")
    assert kept() == 4
    put_right(folder, "positive", "negative")
    loaded, _, encoded = load_pair(str(folder), rows)
    ask("train", SignalRequest(), "fp32")
    assert kept() == 5


@pytest.mark.parametrize("exact", (None, Exact(cache_signals=False)), ids=("kept", "live"))
def test_class_names_put_right_give_other_answers_at_once(folder, rows, exact):
    before = run(folder, rows, exact)
    put_right(folder, "positive", "negative")
    after = run(folder, rows, exact)
    assert after["teacher"]["accuracy"] == pytest.approx(1 - before["teacher"]["accuracy"])
    assert before["id"] == after["id"] and before["teacher"]["hash"] == after["teacher"]["hash"] and ground(before) != ground(after)
    assert after["curve"][-1]["loss"] != before["curve"][-1]["loss"]


def test_signals_follow_the_class_names(folder, rows):
    first = logits(folder, rows)
    put_right(folder, "positive", "negative")
    assert torch.allclose(logits(folder, rows), first.flip(1)) and torch.allclose(logits(folder, rows, cache=False), first.flip(1))


def test_the_same_rows_with_labels_that_sort_otherwise(folder, tmp_path):
    lower, mixed = write_rows(tmp_path / "lower.csv"), write_rows(tmp_path / "mixed.csv", ("Positive", "negative"))
    assert load(lower).labels == ("negative", "positive") and load(mixed).labels == ("Positive", "negative")
    assert torch.allclose(logits(folder, lower), logits(folder, mixed).flip(1))
    assert run(folder, lower)["teacher"]["accuracy"] == run(folder, mixed)["teacher"]["accuracy"]


# --- what answers a recipe


def test_only_a_run_of_the_teacher_and_data_of_now_answers(folder, rows, tmp_path):
    record = run(folder, rows)
    records.add(record)
    recipe = Recipe.from_dict(record["recipe"])
    assert recipe_runs.answer(recipe)["id"] == record["id"]
    put_right(folder, "positive", "negative")
    assert recipe_runs.answer(recipe) is None
    put_right(folder, "negative", "positive")
    assert recipe_runs.answer(recipe)["id"] == record["id"]
    write_rows(tmp_path / "data.csv", rows=64)
    assert recipe_runs.answer(recipe) is None


def test_an_older_record_answers_only_for_a_teacher_that_is_as_its_card_says(base, rows):
    *_, last = tune(tuning_of(base, rows))
    made = Path(last.data["folder"])
    name = teacher_name(tuning_of(base, rows))
    record = run(name, rows)
    assert record["teacher"]["key"] == record["teacher"]["hash"] != record["teacher"]["identity"]
    older = record | {"teacher": {key: value for key, value in record["teacher"].items() if key not in ("identity", "key")}}
    records.add(older)
    recipe = Recipe.from_dict(record["recipe"])
    assert recipe_runs.answer(recipe)["id"] == record["id"]
    put_right(made, "positive", "negative")
    assert recipe_runs.answer(recipe) is None


def test_a_base_that_is_a_classifier_of_other_labels_hides_nothing(base, tmp_path):
    save_tiny_teacher(base, labels=("other", "names"))
    task = write_rows(tmp_path / "data.csv")
    *_, last = tune(default_tuning(str(base), task))
    assert run(base, task)["status"] == "finished"
    write_rows(tmp_path / "data.csv", rows=70)
    with pytest.raises(LabError, match=f"fine-tuned on other data .*--teacher {last.data['folder']}"):
        run(base, task)
    assert "other data" in readiness(str(base), task).needs[0]


def tuning_of(base, task, **changes):
    return dataclasses.replace(default_tuning(str(base), task), **{"epochs": 1} | changes)


@pytest.fixture
def base(tmp_path):
    return bare(tmp_path / "base")


def bare(folder, seed=0):
    """Write an encoder without a classifier."""
    save_tiny_teacher(folder, seed=seed)
    tiny_model("bert", seed=seed).bert.save_pretrained(folder)
    return folder


def test_a_card_without_contents_is_believed_where_its_labels_are_the_configs(rows, base):
    *_, last = tune(tuning_of(base, rows))
    made = Path(last.data["folder"])
    card = read_card(made)
    (made / "teacher.json").write_text(json.dumps({key: value for key, value in card.items() if key != "contents"}))
    assert as_made(made, card["sha256"]) and json.loads((made / PIN).read_text()) == {"contents": card["contents"]}
    change_config(made, hidden_act="relu")
    assert not as_made(made, card["sha256"])
    (made / PIN).unlink()
    put_right(made, "positive", "negative")
    assert not as_made(made, card["sha256"]) and not (made / PIN).exists()


def test_a_classifier_without_a_card_has_its_identity_in_its_key(folder, rows):
    loaded = load_teacher(str(folder), load(rows))
    assert loaded.key == f"{loaded.hash}-{loaded.identity}" and teacher_key({"teacher": loaded.marks}) == loaded.key
    assert teacher_key({"teacher": {"hash": loaded.hash}}) != loaded.key


def test_the_bundled_teacher_is_as_it_was_made_and_its_pin_is_kept():
    path = ASSETS / "minilm-l6--composed-nli"
    found = catalogue.status("minilm-l6", "composed-nli", catalogue.Content(Classes(("entailment", "neutral", "contradiction")), "668f42835611e2c9"))
    assert found.key == found.hash == "b33822c48026f49f" and json.loads((path / PIN).read_text()) == {"contents": "e6e8b907f19eae5e"}
    assert key_of(path, file_hash(path / "model.safetensors"), [1, 0, 2], found.identity) != found.hash


def test_the_content_of_the_built_in_task_is_that_of_the_bundled_card():
    task, said = load("composed-nli"), task_content("composed-nli")
    assert (said.classes, said.hash, said.max_length) == (task.classes, task.hash, task.max_length)


def test_shipped_logits_are_left_alone_once_the_teacher_is_another(tmp_path, monkeypatch):
    copied = shutil.copytree(ASSETS / "minilm-l6--composed-nli", tmp_path / "copy")
    task = load("composed-nli")
    whole = load_teacher(str(copied), task)
    split = encode(task, whole.tokenizer)["test"]
    assert bundled_logits(whole, split) is not None
    put_right(copied, "contradiction", "neutral", "entailment")
    turned = load_teacher(str(copied), task)
    assert turned.hash == whole.hash and bundled_logits(turned, split) is None


def test_layer_scores_are_of_one_teacher_and_one_content(home):
    layer_scores.write("w", "d", "inside", {"task": "t", "task_hash": "d", "n": 1})
    layer_scores.write("w-i", "d", "inside", {"task": "t", "task_hash": "d", "n": 2})
    layer_scores.write("w", "e", "inside", {"task": "t", "task_hash": "e", "n": 3})
    assert [layer_scores.read(*pair)["n"] for pair in (("w", "d"), ("w-i", "d"), ("w", "e"))] == [1, 2, 3]
    assert layer_scores.find("w", "t", data="d")["n"] == 1 and layer_scores.find("w-i", "t")["n"] == 2
    assert layer_scores.find("w", "t", data="f") is None


def test_a_recipe_asked_for_before_and_after_its_data_changed_is_two_jobs(folder, rows, tmp_path):
    payload = Recipe(str(folder), rows, (1, 3), budget=SHORT).to_dict()
    ask = lambda who: jobs.submit("distill", payload, "r", who, recipe_runs.ground_text(payload)).id
    first = ask("ada")
    assert ask("bob") == first
    write_rows(tmp_path / "data.csv", rows=64)
    second = ask("bob")
    assert second != first
    put_right(folder, "positive", "negative")
    assert ask("cy") not in (first, second)


def test_a_hubs_data_are_known_to_pages_as_they_were_last_read(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_HUB", str(tmp_path / "hub"))
    copy = tmp_path / "hub" / "owner" / "rows"
    copy.mkdir(parents=True)
    (copy / "train.csv").write_text("a,b\n")
    task = dataclasses.replace(task_of_labels("no", "yes"), name="hub:owner/rows?text=a&label=b")
    recipe = Recipe("minilm-l6", task.name, (1, 3), budget=SHORT)
    records.add({"id": recipe.id, "status": "finished", "recipe": recipe.to_dict(), "teacher": {"hash": "w"}, "task_hash": task.hash})
    assert task_content(task.name).hash is None and recipe_runs.answer(recipe) is None
    contents.remember(task)
    known = task_content(task.name)
    assert (known.classes, known.hash, known.max_length) == (task.classes, task.hash, task.max_length)
    assert recipe_runs.answer(recipe)["id"] == recipe.id  # there is no such teacher here now that could be another
    (copy / "train.csv").write_text("a,b\nc,d\n")
    assert task_content(task.name).hash is None and recipe_runs.answer(recipe) is None


def test_a_paused_race_does_not_go_on_with_another_teacher(folder, rows, tmp_path):
    recipes = [Recipe(str(folder), rows, layers, budget=SHORT, optimiser=FAST) for layers in ((1, 3), (2, 4))]
    race = Race(recipes)
    next(event for event in race.events() if event.kind == "round")
    race.save(tmp_path / "kept")
    assert next(event for event in Race(recipes, folder=tmp_path / "kept").events() if event.kind == "round")
    put_right(folder, "positive", "negative")
    with pytest.raises(LabError, match="have changed since this race began"):
        list(Race(recipes, folder=tmp_path / "kept").events())


# --- teachers by content


def test_a_teacher_tuned_on_another_file_of_the_name_is_not_used(base, tmp_path):
    (tmp_path / "a").mkdir()
    task = write_rows(tmp_path / "a" / "data.csv")
    tuning = default_tuning(str(base), task)
    *_, first = tune(tuning)
    record = run(base, task)
    write_rows(tmp_path / "a" / "data.csv", rows=70)
    with pytest.raises(LabError, match="was fine-tuned on other data .* --teacher") as told:
        run(base, task)
    assert first.data["folder"] in str(told.value)
    ready = readiness(str(base), task)
    assert not ready.ready and ready.can_tune and "other data" in ready.needs[0]
    *_, second = tune(tuning)
    assert second.data["folder"] != first.data["folder"] and load(task).hash in second.data["folder"]
    again = run(base, task)
    assert again["id"] == record["id"] and ground(again) != ground(record)
    assert catalogue.find_folder(str(base), task, record["task_hash"]) == Path(first.data["folder"])  # the old one is still there
    named = run(first.data["folder"], task)
    assert any("fine-tuned on other data" in note for note in named["notes"]) and not again["notes"]
    *_, third = tune(tuning)
    assert third.data["folder"] == second.data["folder"]


def test_a_teacher_tuned_from_another_base_of_the_name_is_not_used(base, rows):
    *_, first = tune(default_tuning(str(base), rows))
    bare(base, seed=5)
    with pytest.raises(LabError, match="from another base"):
        run(base, rows)
    *_, second = tune(default_tuning(str(base), rows))
    assert second.data["folder"] != first.data["folder"] and run(base, rows)["status"] == "finished"


def test_a_teacher_of_other_settings_has_a_name_that_distill_finds(base, rows):
    tuning = tuning_of(base, rows, epochs=2)
    *_, last = tune(tuning)
    name = f"{base}?epochs=2"
    assert teacher_name(tuning) == last.data["card"]["name"] == name and str(catalogue.tuned_folder(name, rows)) == last.data["folder"]
    assert run(name, rows)["recipe"]["teacher"] == name and readiness(name, rows).ready
    with pytest.raises(LabError, match=r"not ready .* There is .*\?epochs=2") as told:
        run(base, rows)
    assert str(told.value).count(".") >= 2


@pytest.mark.parametrize(("name", "parts"), (
    ("minilm-l6", ("minilm-l6", 0, None, None)), ("minilm-l6@1", ("minilm-l6", 1, None, None)), ("minilm-l6?epochs=2", ("minilm-l6", 0, 2, None)),
    ("minilm-l6@1?epochs=2&rate=3e-5", ("minilm-l6", 1, 2, 3e-5)), ("a/b@3?rate=0.001", ("a/b", 3, None, 0.001)),
    ("/data/what?/model", ("/data/what?/model", 0, None, None)), ("x?epochs=two", ("x?epochs=two", 0, None, None)),
    ("x?epochs=2&epochs=3", ("x?epochs=2&epochs=3", 0, None, None)), ("me@home", ("me@home", 0, None, None)),
))
def test_a_teachers_name_says_its_settings(name, parts):
    found = parse_teacher(name)
    assert (found.base, found.seed, found.epochs, found.rate) == parts and split_teacher(name) == parts[:2]


@pytest.mark.parametrize("name", ("minilm-l6", "minilm-l6@1", "minilm-l6?epochs=2", "a/b@3?epochs=1&rate=3e-05", "minilm-l6?rate=0.001"))
def test_a_name_survives_its_tuning_links_tables_and_files(name, tmp_path):
    assert teacher_name(default_tuning(name, "sick")) == name
    chosen = Choice(name, "sick", (1, 3))
    assert read_choice(parse_qs(urlencode(choice_query(chosen))))[0].teacher == name
    assert name in csv_text([{"teacher": name}], ("teacher",))
    assert not set(catalogue.slug(name)) & set("?&=/@") and (tmp_path / catalogue.slug(name)).parent == tmp_path


def test_the_usual_settings_written_out_are_the_usual_teacher():
    assert catalogue.find_folder("minilm-l6?epochs=14", "composed-nli") == catalogue.find_folder("minilm-l6", "composed-nli")
    with pytest.raises(LabError, match=r"no teacher 'minilm-l6\?epoch=2'.*NAME@SEED\?epochs=2"):
        catalogue.status("minilm-l6?epoch=2", "composed-nli")
    with pytest.raises(LabError, match="epochs is 5000"):
        catalogue.status("minilm-l6?epochs=5000", "composed-nli")
