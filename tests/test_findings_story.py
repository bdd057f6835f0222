"""The story of a run: at most three findings, a sentence each, in everyday words, with the verdicts of the whole explanation.

Run: python -m pytest tests/test_findings_story.py
"""

import re

import pytest

from core.findings.evidence import gather
from core.findings.explanation.explain import count_words, explain_evidence
from core.findings.explanation.prediction import Prediction
from core.findings.finding import Finding
from core.findings.story import MISTAKES, MOST, prediction_story, reason_story, story, trouble
from core.findings.why.own_reason import judged
from core.findings.why.why import why
from core.store.ground import ground
from core.store.predictions import REASONS
from core.store.saved import saved_runs, truth
from core.store.seam_costs import seam_costs
from core.views.common.choice import Choice
from tests.test_findings_explain import NUMBER, numbers_of

PAIR = ("minilm-l6", "composed-nli")
LONGEST = 28  # words of a sentence
TERMS = re.compile(r"\b(tau|holm|regret|df|r²|p-value|interval|standard error|variance|median|nats|logits?|KL|CKA|95 %)\b", re.IGNORECASE)


def sample() -> list[dict]:
    """A saved run of each choice, short and full, at the settings of the Lab."""
    found = {}
    for run in saved_runs(*PAIR):
        recipe = run["recipe"]
        if recipe["objective"]["name"] == "hinton" and not run.get("mistake"):
            found.setdefault((tuple(recipe["layers"]), str(recipe["budget"]), recipe["seeding"]["untrained_layers"]), run)
    return [run for place, run in enumerate(found.values()) if place % 19 == 0]


def of_odd(budget: str) -> dict:
    """A saved run of layers 1, 3, 5 as the Lab makes it, but for its seed."""
    wanted = Choice(*PAIR, (1, 3, 5), budget=budget).recipe().to_dict()
    return next(run for run in saved_runs(*PAIR) if run["recipe"] | {"seed": 0} == wanted)


def plain_sentence(text: str) -> bool:
    """One sentence, not long, without a term of statistics."""
    return count_words(text) <= LONGEST and not TERMS.search(text) and len(re.findall(r"[.!?](?=\s|$)", text)) == 1


@pytest.mark.parametrize("opened", [True, False], ids=["every size may be seen", "this size alone"])
def test_saved_runs_tell_three_short_sentences_with_their_own_figures(opened):
    seen = set()
    for run in sample():
        evidence = gather(run, saved_runs(*PAIR), truth(run["task_hash"], run["split"]))
        findings = explain_evidence(evidence)
        reasons, rest = story(findings, why(evidence, findings[0].figures.get("mistake"), seam_costs(*ground(run)), lambda k: opened))
        assert reasons and len(reasons) + len(rest) <= MOST
        for one in (*reasons, *rest):
            assert plain_sentence(one.sentence), one.sentence
            assert all(number in numbers_of(one.figures) for number in NUMBER.findall(one.sentence) if len(number) > 1), one.sentence
            seen.add(re.sub(r"[\d.]+", "#", one.sentence))
    assert len(seen) > 5  # different runs tell different things


@pytest.mark.parametrize("name", MISTAKES)
def test_what_went_wrong_comes_before_all_else(name):
    figures = {"mistake": name, "accuracy": 0.334, "majority": 0.333, "teacher_accuracy": 0.351, "teacher_train_accuracy": 0.334, "copied": [1, 2],
               "wanted": [3, 4]}
    (one,) = trouble(Finding("learning", "…", figures, (), "clear"))
    assert plain_sentence(one.sentence) and one.strength == "clear"


@pytest.mark.parametrize("prediction", [Prediction(0.9, None, [0.4, 0.5, 0.6]), Prediction(0.1), Prediction(None, 3), Prediction(None, 20)])
def test_a_prediction_is_judged_in_short(prediction):
    run = of_odd("full")
    evidence = gather(run, saved_runs(*PAIR), truth(run["task_hash"], run["split"]))
    (one,) = [one for one in explain_evidence(evidence, prediction) if one.kind == "prediction"]
    said = prediction_story(one)
    assert said.startswith("You predicted") and all(plain_sentence(part) for part in re.split(r"(?<=\.) ", said))
    if one.figures.get("right") is not None:
        wrong = any(word in said for word in ("too high", "too low", "not right"))
        assert one.figures["right"] != wrong


@pytest.mark.parametrize("reason", [name for name in REASONS if name != "guess"])
def test_a_reason_is_judged_in_short(reason):
    run = of_odd("240")
    one = judged(reason, gather(run, saved_runs(*PAIR), truth(run["task_hash"], run["split"])), lambda k: True)
    said = reason_story(one)
    assert plain_sentence(said) and ("cannot be tested" in said) == (one.figures.get("judged", "not testable here") == "not testable here")
