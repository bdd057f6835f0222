"""Recipes, layer choices, presets, objectives as data, budgets and matching.

Run: python -m pytest tests/test_recipe.py
"""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import LabError
from core.objectives import LOSSES, WEIGHTINGS
from core.recipe import (
    BUNDLES,
    PRESETS,
    RUNGS,
    Budget,
    Objective,
    Optimiser,
    Recipe,
    Seeding,
    bundle,
    check_layers,
    evaluation_steps,
    hidden_layers_used,
    matched_layers,
    parse_layers,
    preset,
    preset_label,
    preset_of,
    rung,
)
from core.recipe.objective import HIDDEN_LAYERS

# the same examples at every run, no time limit on a busy machine, and no folder left behind
settings.register_profile("lab", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lab")

ROOT = Path(__file__).parent.parent
PLAIN = {"teacher": "minilm-l6", "task": "sick", "layers": [1, 3, 5]}


def one_sentence(error) -> str:
    """The text of a LabError, checked to be one plain sentence without a traceback's marks."""
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and "Traceback" not in text
    return text


# --- presets ---


@given(st.integers(1, 30), st.data())
def test_presets_for_any_sizes(teacher_layers, data):
    k = data.draw(st.integers(1, teacher_layers))
    for name in PRESETS:
        candidates = range(1, teacher_layers + 1)
        if name in ("odd", "even"):
            candidates = [layer for layer in candidates if layer % 2 == (name == "odd")]
            if k > len(candidates):
                with pytest.raises(LabError) as error:
                    preset(name, teacher_layers, k)
                assert name in one_sentence(error)
                continue
        choice = preset(name, teacher_layers, k, seed=data.draw(st.integers(0, 5)))
        assert len(choice) == k and list(choice) == sorted(set(choice)) and set(choice) <= set(candidates)
        assert check_layers(choice, teacher_layers) == choice
        if name == "first-k":
            assert choice == tuple(range(1, k + 1))
        if name == "last-k":
            assert choice == tuple(range(teacher_layers - k + 1, teacher_layers + 1))
        if name == "spread" and k > 1:
            assert choice[0] == 1 and choice[-1] == teacher_layers
            gaps = {b - a for a, b in zip(choice, choice[1:])}
            assert max(gaps) - min(gaps) <= 1


def test_presets_by_hand():
    assert preset("first-k", 6, 3) == (1, 2, 3)
    assert preset("last-k", 6, 3) == (4, 5, 6)
    assert preset("odd", 6, 3) == (1, 3, 5)
    assert preset("even", 6, 3) == (2, 4, 6)
    assert preset("spread", 12, 4) == (1, 5, 8, 12)
    assert preset("odd", 12, 3) == (1, 7, 11)
    assert preset("spread", 6, 1) == (3,)


def test_random_depends_on_its_seed_alone():
    choices = {preset("random", 12, 4, seed=s) for s in range(20)}
    assert len(choices) > 10
    assert preset("random", 12, 4, seed=7) == preset("random", 12, 4, seed=7)
    program = "from core.recipe import preset; print(preset('random', 12, 4, seed=7))"
    out = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "99"})
    assert out.stdout.strip() == str(preset("random", 12, 4, seed=7))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("top", 6, 3), "no preset 'top'"), (("odd", 6, 4), "only 3 odd"), (("even", 1, 1), "only 0 even"), (("spread", 6, 7), "7 layers"),
     (("first-k", 6, 0), "0 layers")],
)
def test_bad_presets(arguments, sentence):
    with pytest.raises(LabError) as error:
        preset(*arguments)
    assert sentence in one_sentence(error)


@given(st.integers(1, 14), st.data())
def test_preset_of_is_the_inverse(teacher_layers, data):
    k = data.draw(st.integers(1, teacher_layers))
    choice = tuple(data.draw(st.permutations(range(1, teacher_layers + 1)))[:k])
    name = preset_of(choice, teacher_layers)
    if name:
        assert preset(name, teacher_layers, k) == choice
    else:
        for other in set(PRESETS) - {"random"}:
            try:
                assert preset(other, teacher_layers, k) != choice
            except LabError:
                assert other in ("odd", "even")


def test_preset_labels_say_which_end():
    assert preset_label("first-k", 3) == "the first 3, nearest the input"
    assert preset_label("last-k", 2) == "the last 2, nearest the output"
    assert preset_label("first-k", 1) == "the first, nearest the input" and preset_label("odd", 1) == "the middle odd layer"


def test_the_preset_that_distilbert_started_from_says_so_where_six_of_twelve_are_kept():
    assert preset("spread", 12, 6) == (1, 3, 5, 8, 10, 12)
    assert preset_label("spread", 6, 12) == "evenly spread, both ends kept: DistilBERT's choice"
    assert preset_label("spread", 3, 6) == preset_label("spread", 6) == "evenly spread, both ends kept"


# --- layer choices ---


def test_parse_layers():
    assert parse_layers("1,3,5") == (1, 3, 5)
    assert parse_layers(" 5 , 1,") == (5, 1)


@pytest.mark.parametrize("text", ["", " , ", "one", "1;3", "1.5", "1,x"])
def test_parse_layers_refuses(text):
    with pytest.raises(LabError) as error:
        parse_layers(text)
    assert "1,3,5" in one_sentence(error)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [([], "empty"), ([0], "no layer 0"), ([7], "no layer 7"), ([-1], "no layer -1"), ([1, 1], "more than once"), (["1"], "whole number"),
     ([1.0], "whole number"), ([True], "whole number"), ("135", "not a list"), (5, "not a list"), (None, "not a list")],
)
def test_check_layers_refuses(layers, sentence):
    with pytest.raises(LabError) as error:
        check_layers(layers, 6)
    assert sentence in one_sentence(error)


def test_repeats_and_any_order_are_allowed_when_asked_for():
    assert check_layers([5, 1, 5], 6, allow_repeats=True) == (5, 1, 5)
    assert check_layers([5, 1], 6) == (5, 1)


# --- recipes ---

numbers = st.floats(0.01, 100, allow_nan=False)


@st.composite
def recipes(draw):
    layers = tuple(draw(st.lists(st.integers(1, 12), min_size=1, max_size=6)))
    names = draw(st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, unique=True))
    if all(LOSSES[name].between_layers for name in names):
        names.append("cross_entropy")  # one layer and losses between layers alone may compare nothing, which is refused
    objective = Objective(
        weights=tuple((name, draw(numbers)) for name in names),
        temperature=draw(numbers),
        match=draw(st.sampled_from(["seeding", "uniform", layers[::-1]])),
        hidden_layers=draw(st.sampled_from(HIDDEN_LAYERS)),
        emphasis=draw(st.sampled_from(list(WEIGHTINGS))) if any(LOSSES[name].between_layers for name in names) else "fixed",
    )
    budget = draw(st.sampled_from(list(RUNGS.values())) | st.builds(Budget, steps=st.integers(1, 999), examples=st.integers(1, 99)))
    optimiser = Optimiser(
        learning_rate=draw(st.floats(0, 1)), batch_size=draw(st.integers(1, 64)), freeze_embeddings=draw(st.booleans()),
        precision=draw(st.sampled_from(["auto", "fp32", "bf16"])),
    )
    seeding = draw(st.builds(Seeding, st.booleans(), st.booleans(), st.booleans()))
    teacher, task = draw(st.sampled_from(["minilm-l6", "org/modèle"])), draw(st.sampled_from(["sick", "glue/mnli"]))
    return Recipe(teacher, task, layers, objective, budget, optimiser, seeding, draw(st.integers(0, 2**31 - 1)), allow_repeats=True)


@given(recipes())
def test_canonical_json_round_trip(recipe):
    text = recipe.canonical()
    again = Recipe.from_json(text)
    assert again == recipe and again.canonical() == text and again.id == recipe.id and hash(again) == hash(recipe)
    assert text.isascii() and ": " not in text
    assert Recipe.from_dict(recipe.to_dict()) == recipe
    shuffled = dict(reversed(json.loads(text).items()))
    shuffled["objective"]["weights"] = dict(reversed(shuffled["objective"]["weights"].items()))
    assert Recipe.from_dict(shuffled).id == recipe.id


@given(recipes(), recipes())
def test_ids_tell_recipes_apart(a, b):
    assert (a.id == b.id) == (a == b)
    assert len(a.id) == 12 and int(a.id, 16) >= 0


def test_every_field_counts_in_the_id():
    recipe = Recipe.from_dict(PLAIN)
    changed = [
        {"teacher": "mpnet-base"}, {"task": "reviews"}, {"layers": (5, 3, 1)}, {"seed": 1}, {"budget": RUNGS["60"]},
        {"objective": bundle("patient")}, {"objective": dataclasses.replace(bundle("hinton"), temperature=3.0)},
        {"seeding": Seeding(untrained_layers=True)},
        {"optimiser": Optimiser(learning_rate=3e-4)}, {"allow_repeats": True}, {"budget": Budget(epochs=3, examples=100)},
    ]
    ids = {recipe.id} | {dataclasses.replace(recipe, **change).id for change in changed}
    assert len(ids) == len(changed) + 1


def test_equal_numbers_of_another_type_give_one_id():
    a = Recipe.from_dict(PLAIN | {"objective": {"weights": {"soft_targets": 1, "cross_entropy": 2}, "temperature": 2}, "optimiser": {"clip": 1}})
    b = Recipe.from_dict(PLAIN | {"objective": {"weights": [["cross_entropy", 2.0], ["soft_targets", 1.0]], "temperature": 2.0}})
    assert a == b and a.id == b.id


def test_missing_keys_take_their_defaults():
    recipe = Recipe.from_dict(PLAIN)
    assert recipe == Recipe("minilm-l6", "sick", (1, 3, 5)) and recipe.k == 3
    assert recipe.objective == bundle("hinton") and recipe.budget == RUNGS["full"] and recipe.budget.full


BAD_RECIPES = [
    ({"colour": 1}, "unknown key 'colour'"),
    ({"objective": {"weights": {"cross_entropy": 1}, "temprature": 2}}, "unknown key 'temprature'"),
    ({"optimiser": {"momentum": 0.9}}, "unknown key 'momentum'"),
    ({"seeding": {"copy": True}}, "unknown key 'copy'"),
    ({"budget": {"minutes": 1}}, "unknown key 'minutes'"),
    ({"teacher": ""}, "no teacher"),
    ({"teacher": 5}, "recipe.teacher is 5"),
    ({"task": ["sick"]}, "no task"),
    ({"layers": []}, "empty"),
    ({"layers": [0]}, "no layer 0"),
    ({"layers": "1,3"}, "not a list"),
    ({"layers": 3}, "not a list"),
    ({"layers": None}, "not a list"),
    ({"layers": {"1": 2}}, "not a list"),
    ({"layers": [1, "3"]}, "whole number"),
    ({"layers": [2, 2]}, "more than once"),
    ({"seed": -1}, "seed is -1"),
    ({"seed": 1.5}, "recipe.seed is 1.5"),
    ({"seed": True}, "recipe.seed is True"),
    ({"allow_repeats": "yes"}, "allow_repeats"),
    ({"seeding": {"fresh_head": 1}}, "fresh_head"),
    ({"seeding": []}, "recipe.seeding"),
    ({"budget": {"steps": 0}}, "steps is 0"),
    ({"budget": {"steps": 60, "epochs": 3}}, "exactly one"),
    ({"budget": {}}, "exactly one"),
    ({"budget": {"steps": [60]}}, "steps"),
    ({"budget": {"epochs": 1, "examples": 0}}, "examples is 0"),
    ({"optimiser": {"learning_rate": "fast"}}, "learning_rate"),
    ({"optimiser": {"learning_rate": -1}}, "learning rate is -1"),
    ({"optimiser": {"learning_rate": float("nan")}}, "learning rate is nan"),
    ({"optimiser": {"batch_size": 0}}, "batch size is 0"),
    ({"optimiser": {"precision": "fp8"}}, "precision is 'fp8'"),
    ({"objective": {}}, "at least one loss"),
    ({"objective": {"weights": {"magic": 1}}}, "no loss 'magic'"),
    ({"objective": {"weights": {"cross_entropy": 0}}}, "weight of cross_entropy is 0"),
    ({"objective": {"weights": {"cross_entropy": "1"}}}, "weight of cross_entropy"),
    ({"objective": {"weights": {"cross_entropy": True}}}, "weight of cross_entropy"),
    ({"objective": {"weights": {"cross_entropy": float("inf")}}}, "weight of cross_entropy"),
    ({"objective": {"weights": [["cross_entropy", 1], ["cross_entropy", 1]]}}, "twice"),
    ({"objective": {"weights": [1, 2]}}, "name and its weight"),
    ({"objective": {"weights": "cross_entropy"}}, "name and its weight"),
    ({"objective": {"weights": 1}}, "name and its weight"),
    ({"objective": {"weights": [[["a"], 1]]}}, "no loss"),
    ({"objective": {"weights": {"cross_entropy": 1}, "temperature": 0}}, "temperature is 0"),
    ({"objective": {"weights": {"cross_entropy": 1}, "match": "random"}}, "matching 'random'"),
    ({"objective": {"weights": {"cross_entropy": 1}, "match": [1, 2]}}, "names 2 teacher layers for a student of 3"),
    ({"objective": {"weights": {"cross_entropy": 1}, "match": [1, "a", 3]}}, "whole number"),
    ({"objective": {"weights": {"cross_entropy": 1}, "match": {"1": 1}}}, "objective.match"),
    ({"objective": {"weights": {"cross_entropy": 1}, "hidden_layers": "first"}}, "hidden_layers is 'first'"),
    ({"objective": "hinton"}, "recipe.objective"),
    ({"layers": [4], "objective": {"weights": {"hidden_pkd": 1}, "hidden_layers": "all-but-last"}}, "compares nothing"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD_RECIPES, ids=[json.dumps(change) for change, _ in BAD_RECIPES])
def test_bad_recipes_give_one_sentence(change, sentence):
    with pytest.raises(LabError) as error:
        Recipe.from_dict(PLAIN | change)
    assert sentence in one_sentence(error)


@pytest.mark.parametrize(("text", "sentence"), [("{", "not valid JSON"), ("[1]", "must be a JSON object"), ("{}", "lacks 'teacher'")])
def test_bad_recipe_text(text, sentence):
    with pytest.raises(LabError) as error:
        Recipe.from_json(text)
    assert sentence in one_sentence(error)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 50) | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)


@given(st.sampled_from([f.name for f in dataclasses.fields(Recipe)]), json_values)
def test_any_json_in_any_key_is_a_recipe_or_a_sentence(key, value):
    try:
        recipe = Recipe.from_dict(PLAIN | {key: value})
    except LabError as error:
        assert str(error)
    else:
        assert Recipe.from_json(recipe.canonical()) == recipe


@given(
    st.sampled_from([(part, f.name) for part, cls in (("objective", Objective), ("budget", Budget), ("optimiser", Optimiser),
                                                      ("seeding", Seeding)) for f in dataclasses.fields(cls)]),
    json_values,
)
def test_any_json_in_any_inner_key_is_a_recipe_or_a_sentence(where, value):
    part, key = where
    plain = {"objective": {"weights": {"cross_entropy": 1}}}.get(part, {})
    try:
        recipe = Recipe.from_dict(PLAIN | {part: plain | {key: value}})
    except LabError as error:
        assert str(error)
    else:
        assert Recipe.from_json(recipe.canonical()) == recipe


# --- objectives ---


@pytest.mark.parametrize("name", BUNDLES)
def test_bundles_keep_their_name_and_are_recipes(name):
    objective = bundle(name)
    assert objective.name == name
    recipe = Recipe.from_dict(PLAIN | {"objective": Recipe("t", "k", (1,), objective).to_dict()["objective"]})
    assert recipe.objective == objective
    assert objective.needs_teacher == (name != "cross-entropy")


def test_bundle_weights():
    assert dict(bundle("assignment").weights) == {"cross_entropy": 1 / 3, "soft_targets": 1 / 3, "logit_cosine": 1 / 3}
    assert bundle("assignment").temperature == 1
    assert dict(bundle("hinton").weights) == {"cross_entropy": 0.5, "soft_targets": 0.5} and bundle("hinton").temperature == 2
    assert bundle("distilbert").hidden == ("hidden_cosine",) and bundle("distilbert").hidden_layers == "last"
    assert bundle("patient").hidden == ("hidden_pkd",) and bundle("patient").hidden_layers == "all-but-last"


def test_unknown_bundle():
    with pytest.raises(LabError) as error:
        bundle("magic")
    assert "hinton" in one_sentence(error)


# --- budgets ---


def test_the_ladder():
    assert [RUNGS[name].steps for name in ("60", "240", "480")] == [60, 240, 480] and RUNGS["full"].full
    for name, budget in RUNGS.items():
        assert rung(name) == budget and budget.rung == name
    assert Budget(steps=61).rung is None and Budget(steps=60, examples=5).rung is None
    with pytest.raises(LabError) as error:
        rung("61")
    assert "60, 240, 480, full" in one_sentence(error)


@given(st.integers(1, 5000), st.integers(1, 64), st.integers(1, 5), st.none() | st.integers(1, 5000))
def test_steps_of_full_runs(train, batch, epochs, examples):
    used = list(range(train))[: examples or train]
    batches = [used[i : i + batch] for i in range(0, len(used), batch)]
    assert Budget(epochs=epochs, examples=examples).total_steps(train, batch) == epochs * len(batches)
    assert Budget(steps=epochs, examples=examples).total_steps(train, batch) == epochs


@given(st.integers(1, 5000))
def test_evaluation_steps(total):
    steps = evaluation_steps(total)
    assert len(steps) == min(total, 6, max(3, total // 60)) and list(steps) == sorted(set(steps)) and steps[0] >= 1 and steps[-1] == total


# --- matching ---


def matched(match, layers, teacher_layers):
    return matched_layers(Objective(weights=(("hidden_mse", 1.0),), match=match), layers, teacher_layers)


def test_matching_by_hand():
    assert matched("seeding", (5, 1, 3), 6) == (5, 1, 3)
    assert matched("uniform", (5, 1, 3), 6) == (2, 4, 6)
    assert matched("uniform", (1, 2, 3, 4), 6) == (2, 3, 5, 6)
    assert matched("uniform", (1,), 12) == (12,)
    assert matched((6, 6, 2), (1, 2, 3), 6) == (6, 6, 2)


@given(st.integers(1, 24), st.integers(1, 30))
def test_uniform_matching_rises_to_the_last_layer(teacher_layers, k):
    got = matched("uniform", (1,) * k, teacher_layers)
    assert len(got) == k and got[-1] == teacher_layers and list(got) == sorted(got) and got[0] >= 1
    assert all(abs(layer - j * teacher_layers / k) <= 0.5 or layer == 1 for j, layer in enumerate(got, start=1))


@pytest.mark.parametrize(
    ("match", "layers", "sentence"),
    [((1, 7), (1, 2), "no layer 7"), ((1,), (1, 2), "names 1 teacher layers for a student of 2"), ("seeding", (1, 9), "no layer 9")],
)
def test_bad_matching(match, layers, sentence):
    with pytest.raises(LabError) as error:
        matched(match, layers, 6)
    assert sentence in one_sentence(error)


def test_hidden_layers_used():
    use = lambda which, k: hidden_layers_used(Objective(weights=(("hidden_mse", 1.0),), hidden_layers=which), k)
    assert use("all", 3) == (1, 2, 3) and use("last", 3) == (3,) and use("all-but-last", 3) == (1, 2)
    assert use("all", 1) == (1,) and use("last", 1) == (1,) and use("all-but-last", 1) == ()
    assert hidden_layers_used(bundle("hinton"), 3) == ()


def test_the_vocabulary_loads_no_torch():
    program = "import sys, core.recipe; print(sorted({'torch', 'transformers', 'numpy', 'streamlit'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
