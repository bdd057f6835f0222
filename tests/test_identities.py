"""What is saved stays what it is: ids, folders and hashes that the code computes today are those on disk, and saved runs answer their recipes.

Run: python -m pytest tests/test_identities.py
"""

import json

import pytest

from core.models.catalogue import bundled_folder, tuned_folder
from core.models.weights import read_card
from core.recipe import Optimiser, Recipe
from core.recipe.tuning import Tuning, default_tuning
from core.store.saved import FOLDER, read, saved_runs
from core.studies.choosers.method import settings_hash
from core.studies.choosers.methods import METHODS
from core.studies.mistakes.runs import Case
from core.studies.stages.staged import Staged
from core.training.overrides import mistaken_id
from core.views.common.recipe_runs import finished_run

RUNS = sorted(FOLDER.glob("*.jsonl"))
TUNED = {  # by teacher and task: the folder of the teacher fine-tuned on it, which holds hours of work
    ("minilm-l6", "composed-nli"): "minilm-l6--composed-nli--e6f370e1d387", ("minilm-l6@1", "composed-nli"): "minilm-l6--composed-nli--12e3a59c97fd",
    ("minilm-l6", "sick"): "minilm-l6--sick--54bb68039adf", ("minilm-l6", "reviews"): "minilm-l6--reviews--02018b60a00a",
    ("mpnet-base", "sick"): "mpnet-base--sick--1a3e38e65b26",
}


def id_of(record: dict) -> str:
    """Return the id that the code gives a record: of its recipe, its stages or its mistake."""
    recipe, staged, mistake = Recipe.from_dict(record["recipe"]), record.get("staged"), record.get("mistake")
    if staged:
        return Staged(staged["method"], recipe, staged.get("remove", 1), staged.get("test", False)).id
    return mistaken_id(recipe, mistake) if mistake else recipe.id


@pytest.mark.parametrize("file", RUNS, ids=lambda path: path.stem)
def test_the_id_of_every_saved_run_is_the_one_that_its_recipe_has(file):
    runs = read(file)
    assert runs and [(run["id"], run["recipe"]) for run in runs if id_of(run) != run["id"]] == []


def test_the_ids_of_saved_mistakes_and_of_their_runs_are_those_that_the_code_gives_them():
    (file,) = (FOLDER / "mistakes").glob("*.jsonl")
    found = read(file)
    for case in found:
        assert Case(case["mistake"] or "", tuple(Recipe.from_dict(run["recipe"]) for run in case["runs"])).id == case["id"]
        assert [id_of(run) for run in case["runs"]] == [run["id"] for run in case["runs"]]
    assert {case["mistake"] for case in found} > {None, "stale-optimizer"}


def test_every_tuned_teacher_of_the_saved_runs_has_its_folder(home):
    assert {(run["recipe"]["teacher"], run["recipe"]["task"]) for file in RUNS for run in read(file)} == set(TUNED)
    assert {pair: tuned_folder(*pair) for pair in TUNED} == {pair: home / "teachers" / name for pair, name in TUNED.items()}


def test_the_bundled_teacher_was_tuned_as_its_name_says():
    tuning = read_card(bundled_folder("minilm-l6", "composed-nli"))["tuning"]
    assert Tuning(**tuning | {"optimiser": Optimiser(**tuning["optimiser"])}) == default_tuning("minilm-l6", "composed-nli")


@pytest.mark.parametrize("file", sorted((FOLDER / "choosers").glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_hash_of_every_saved_pick_is_that_of_its_settings(file):
    earlier = json.loads((FOLDER / "choosers" / "frozen.json").read_text())["earlier"]  # of when one hash stood for the settings of all methods

    def recomputed(pick: dict) -> str:
        return (settings_hash if pick["settings_hash"] in earlier else METHODS[pick["method"]].settings_hash)(pick["settings"])

    assert [pick["method"] for pick in read(file) if recomputed(pick) != pick["settings_hash"]] == []


@pytest.mark.parametrize("file", RUNS, ids=lambda path: path.stem)
def test_a_saved_run_answers_its_recipe_for_the_same_weights_and_data_alone(file):
    run = read(file)[-1]
    recipe = Recipe.from_dict(run["recipe"])
    hashes = {"weights": run["teacher"]["hash"], "data": run["task_hash"]}
    asked = lambda **other: finished_run(recipe.id, recipe.teacher, recipe.task, **(hashes | other))
    if "staged" in run:  # made otherwise than its recipe says
        assert (asked() or {}).get("predictions") != run["predictions"] and run["id"] not in {each["id"] for each in saved_runs()}
        return
    answer = asked()
    assert (answer["id"], answer["predictions"], answer["final"], answer["recipe"]) == (run["id"], run["predictions"], run["final"], run["recipe"])
    assert asked(weights="0" * 16) is None and asked(data="0" * 16) is None
