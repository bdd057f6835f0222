"""Predictions in the store, and what they are worth. Run: python -m pytest tests/test_predictions.py"""

import math
from itertools import combinations

import pytest

from core.errors import LabError
from core.findings.explanation.explain import explain
from core.findings.explanation.prediction import Prediction as Scored
from core.findings.explanation.prediction import choices_needed
from core.statistics.distributions import wilson
from core.store import predictions
from core.views.common.choice import Choice
from core.views.common.lesson import Lesson
from core.views.common.prediction import figures_open, run_visible, scored_prediction
from core.views.lab import overlays
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
    assert not figures_open("a", chosen, Lesson()) and figures_open("a", chosen, Lesson(hide=frozenset({"predict"})))
    predictions.skip("a", RECIPE)
    assert figures_open("a", Choice(layers=(4, 5, 6), objective="patient"), Lesson()) and not figures_open("a", Choice(layers=(4, 5)), Lesson())
    assert not run_visible(made, chosen, False) and run_visible(made, chosen, True)
    assert run_visible(made, Choice(layers=(1, 2)), False) and run_visible(made, Choice(task="sick"), False)


def score(prediction, record, saved=()):
    """The finding about a prediction, as the Lab shows it."""
    return next(one for one in explain(record, saved, None, scored_prediction(prediction)) if one.kind == "prediction")


@pytest.mark.parametrize("value, said", [
    (0.85, "is right, within the 95 % interval that 150 examples allow"), (0.9, "10.0 points too high"), (0.5, "30.0 points too low"),
])
def test_an_accuracy_is_right_within_the_runs_interval(value, said):
    made = fake_worker.record(RECIPE)
    low, high = wilson(0.8, 150)
    assert ("right" in said) == (low <= value <= high)
    assert said in score(predictions.commit("a", RECIPE, "accuracy", value, "guess"), made).sentence


def test_a_stopped_run_scores_nothing():
    prediction = predictions.commit("a", RECIPE, "accuracy", 0.8, "guess")
    assert score(prediction, fake_worker.record(RECIPE, status="stopped")).sentence == (
        "Your prediction of 80.0 % is not scored: the run was stopped."
    )


def test_the_class_is_told_from_three_predictions_on_and_without_the_learners_own():
    mine = predictions.commit("a", RECIPE, "accuracy", 0.8, "guess")
    predictions.commit("b", RECIPE, "accuracy", 0.6, "guess")
    predictions.commit("c", RECIPE, "rank", 1, "guess")
    assert scored_prediction(mine).others == ()
    predictions.commit("d", RECIPE, "accuracy", 0.7, "guess")
    assert scored_prediction(mine).others == (0.6, 0.7)
    assert score(mine, fake_worker.record(RECIPE)).sentence.endswith("The middle of what 2 other learners predicted is 65.0 %.")


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


def place(layers, saved, rank=1):
    """The figures and the sentence of a rank predicted of these layers' own full run."""
    made = next(run for run in saved if tuple(run["recipe"]["layers"]) == layers)
    found = next(one for one in explain(made, saved, None, Scored(rank=rank)) if one.kind == "prediction")
    return found.figures.get("first_place"), found.figures.get("last_place"), found


def test_choices_far_apart_have_one_rank_each():
    order = every()
    saved = sweep({layers: 0.99 - 0.5 * at / 20 * 1.9 for at, layers in enumerate(order)})
    (first, worst, one), (best, last, _) = place(order[0], saved), place(order[-1], saved)
    assert (first, last, one.figures["choices"]) == (1, 20, 20) and one.figures["right"]
    assert worst < 10 and best > 10


def test_equal_choices_share_every_rank():
    saved = sweep({layers: 0.7 for layers in every()}, spread=0.02)
    assert place((1, 3, 5), saved)[:2] == (1, 20)


def test_without_a_second_seed_no_rank_is_scored():
    saved = sweep({layers: 0.95 if layers == (1, 2, 3) else 0.3 for layers in every()}, seeds=(0,))
    assert "not scored: too few choices are saved with several seeds" in place((1, 2, 3), saved)[2].sentence


def test_a_rank_waits_for_enough_choices_and_for_this_choice():
    saved = sweep({layers: 0.7 for layers in every()[1:]})
    assert "takes saved full runs of 20 choices with this objective, and there are 19" in place((4, 5, 6), saved)[2].sentence
    short = fake_worker.record(Choice(layers=(1, 2, 3), budget="60").recipe(), teacher=TEACHER)
    assert "there are 19" in score_rank(short, saved)
    wide = TEACHER | {"layers": 7}
    many = [run | {"teacher": wide} for run in sweep({layers: 0.7 for layers in every()})]
    short = fake_worker.record(Choice(layers=(1, 2, 7), budget="60").recipe(), teacher=wide)
    assert "full runs of this choice are not saved" in score_rank(short, many)


def score_rank(record, saved):
    return next(one for one in explain(record, saved, None, Scored(rank=1)) if one.kind == "prediction").sentence


def test_a_table_mixes_no_budgets_teachers_or_sizes():
    good = sweep({layers: 0.7 for layers in every()[:15]})
    other = sweep({layers: 0.1 for layers in every()[:12]}, epochs=2) + sweep({layers: 0.1 for layers in every()}, teacher=TEACHER | {"hash": "v"})
    short = [fake_worker.record(Choice(layers=layers, budget="60").recipe(), teacher=TEACHER) for layers in every()]
    found = overlays.comparable_full_runs(3, "w", other + short + good + sweep({layers: 0.1 for layers in every(2)}))
    settings = found.settings
    assert (len(found.runs), settings["budget"]["epochs"], settings["objective"]["name"]) == (15, 3, "hinton")
    assert {len(runs) for runs in found.runs.values()} == {2}
    assert {run["final"]["accuracy"] for runs in found.runs.values() for run in runs} == {0.7, 0.701}


def test_how_many_choices_a_rank_needs():
    assert [choices_needed(k, 6) for k in (1, 2, 3, 6)] == [6, 15, 20, 1] and choices_needed(6, 12) == 20
