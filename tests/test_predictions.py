"""Predictions in the store, and what they are worth. Run: python -m pytest tests/test_predictions.py"""

import math
from itertools import combinations

import pytest

from core.errors import LabError
from core.findings.distributions import wilson
from core.store import predictions
from pages.shared import ranking
from pages.shared.choice import Choice
from pages.shared.lesson import Lesson
from pages.shared.prediction import opened, verdict, visible
from tests import fake_worker

RECIPE = Choice(layers=(1, 3, 5), budget="60").recipe()


def test_what_was_committed_is_read_back_and_stays():
    made = predictions.commit("a", RECIPE, "accuracy", 0.7, "spread")
    assert predictions.of_recipe("a", RECIPE.id) == made
    assert (made.learner, made.teacher, made.task, made.k, made.layers) == ("a", "minilm-l6", "composed-nli", 3, (1, 3, 5))
    with pytest.raises(LabError, match="cannot be changed"):
        predictions.commit("a", RECIPE, "rank", 1, "guess")
    predictions.skip("a", RECIPE)
    assert predictions.of_recipe("a", RECIPE.id) == made


def test_what_was_skipped_cannot_be_predicted_any_more():
    predictions.skip("a", RECIPE)
    assert predictions.of_recipe("a", RECIPE.id).skipped
    with pytest.raises(LabError, match="already made"):
        predictions.commit("a", RECIPE, "accuracy", 0.7, "spread")


@pytest.mark.parametrize("kind, value, reason", [
    ("accuracy", 1.01, "guess"), ("accuracy", -0.1, "guess"), ("accuracy", math.nan, "guess"), ("rank", 0, "guess"), ("rank", 1.5, "guess"),
    ("accuracy", 0.5, None), ("accuracy", 0.5, "because"),
])
def test_what_cannot_be_scored_is_refused(kind, value, reason):
    with pytest.raises(LabError):
        predictions.commit("a", RECIPE, kind, value, reason)
    assert predictions.of_recipe("a", RECIPE.id) is None


def test_a_pair_is_decided_by_learner_task_and_size():
    predictions.skip("a", RECIPE)
    assert predictions.decided("a", "minilm-l6", "composed-nli", 3)
    for other in (("b", "minilm-l6", "composed-nli", 3), ("a", "mpnet-base", "composed-nli", 3), ("a", "minilm-l6", "sick", 3),
                  ("a", "minilm-l6", "composed-nli", 2)):
        assert not predictions.decided(*other)


def test_what_all_learners_committed():
    for learner, value in (("a", 0.6), ("b", 0.7)):
        predictions.commit(learner, RECIPE, "accuracy", value, "guess")
    predictions.skip("c", RECIPE)
    assert [(p.learner, p.value) for p in predictions.committed(RECIPE.id)] == [("a", 0.6), ("b", 0.7)]


def test_the_gate():
    chosen, made = Choice(layers=(1, 3, 5)), fake_worker.record(RECIPE)
    assert not opened("a", chosen, Lesson()) and opened("a", chosen, Lesson(hide=frozenset({"predict"})))
    predictions.skip("a", RECIPE)
    assert opened("a", Choice(layers=(4, 5, 6), objective="patient"), Lesson()) and not opened("a", Choice(layers=(4, 5)), Lesson())
    assert not visible(made, chosen, False) and visible(made, chosen, True)
    assert visible(made, Choice(layers=(1, 2)), False) and visible(made, Choice(task="sick"), False)


@pytest.mark.parametrize("value, said", [
    (0.85, "Right, within the noise of 150 examples"), (0.9, "10.0 points too high"), (0.5, "30.0 points too low"),
])
def test_an_accuracy_is_right_within_the_runs_interval(value, said):
    made = fake_worker.record(RECIPE)
    low, high = wilson(0.8, 150)
    assert ("Right" in said) == (low <= value <= high)
    assert said in verdict(predictions.commit("a", RECIPE, "accuracy", value, "guess"), made)


def test_a_stopped_run_scores_nothing():
    prediction = predictions.commit("a", RECIPE, "accuracy", 0.8, "guess")
    assert verdict(prediction, fake_worker.record(RECIPE, status="stopped")) == "Not scored: the run was stopped."


# Ranks

TEACHER = {"accuracy": 0.9, "loss": 0.3, "hash": "w", "layers": 6}


def full(layers, accuracy, seed=0, epochs=None, **changes):
    recipe = Choice(layers=layers, budget="full", seed=seed).recipe()
    made = fake_worker.record(recipe, split="test", teacher=TEACHER, predictions="".join(str((i * sum(layers)) % 3) for i in range(150)))
    if epochs:
        made["recipe"]["budget"]["epochs"] = epochs
    return made | {"final": made["final"] | {"accuracy": accuracy}} | changes


def sweep(accuracies, seeds=(0, 1), spread=0.001, **changes):
    return [full(layers, accuracy + spread * seed, seed, **changes) for seed in seeds for layers, accuracy in accuracies.items()]


def every(k=3):
    return list(combinations(range(1, 7), k))


def test_choices_far_apart_have_one_rank_each():
    order = every()
    found = ranking.table(3, "w", sweep({layers: 0.99 - 0.5 * place / 20 * 1.9 for place, layers in enumerate(order)}))
    standings = [ranking.standing(layers, found) for layers in (order[0], order[-1])]
    assert (standings[0].best, standings[0].of, standings[1].worst) == (1, 20, 20)
    assert standings[0].worst < 10 and standings[1].best > 10


def test_equal_choices_share_every_rank():
    found = ranking.table(3, "w", sweep({layers: 0.7 for layers in every()}, spread=0.02))
    assert ranking.standing((1, 3, 5), found) == ranking.Standing(1, 20, 20)


def test_without_a_second_seed_the_test_sets_noise_decides():
    found = ranking.table(3, "w", sweep({layers: 0.95 if layers == (1, 2, 3) else 0.3 for layers in every()}, seeds=(0,)))
    assert ranking.standing((1, 2, 3), found) == ranking.Standing(1, 1, 20)
    assert ranking.standing((4, 5, 6), found) == ranking.Standing(2, 20, 20)


def test_a_table_mixes_no_budgets_teachers_or_sizes():
    good = sweep({layers: 0.7 for layers in every()[:15]})
    other = sweep({layers: 0.1 for layers in every()[:12]}, epochs=2) + sweep({layers: 0.1 for layers in every()}, teacher=TEACHER | {"hash": "v"})
    short = [fake_worker.record(Choice(layers=layers, budget="60").recipe(), teacher=TEACHER) for layers in every()]
    found = ranking.table(3, "w", other + short + good + sweep({layers: 0.1 for layers in every(2)}))
    assert (len(found.runs), found.epochs, found.objective, found.seeds) == (15, 3, "hinton", 2)
    assert {run["final"]["accuracy"] for runs in found.runs.values() for run in runs} == {0.7, 0.701}


def test_a_choice_that_was_not_saved_has_no_standing():
    found = ranking.table(3, "w", sweep({layers: 0.7 for layers in every()[1:]}))
    assert ranking.standing((1, 2, 3), found) is None and ranking.table(3, "w", []) is None


def test_how_many_choices_a_rank_needs():
    assert [ranking.needed(k, 6) for k in (1, 2, 3, 6)] == [6, 15, 20, 1] and ranking.needed(6, 12) == 20
