"""Story level speaks plainly: no term of statistics and no long sentence in any text of its pages and their main states.

Run: python -m pytest tests/test_story_text.py
"""

import re

import pytest

from core.store import saved
from core.views.wrong import answers as wrong_answers
from core.views.wrong import case_study
from tests import app_harness as harness
from tests import landscape_runs as made
from tests import page_text
from tests.app_harness import clean, group

LONGEST = 28  # words of a sentence
TERMS = (
    r"tau", r"kendall('s)?", r"spearman", r"holm('s)?", r"regrets?", r"df", r"R²", r"p-values?", r"bootstrap\w*", r"quantiles?", r"percentiles?",
    r"standard (deviations?|errors?)", r"SDs?", r"confidence intervals?", r"null hypothes[ie]s", r"significan(t|tly|ce)", r"t-tests?", r"welch",
    r"conformal\w*", r"logit", r"logistic", r"ridge", r"least squares", r"pareto", r"noise ceilings?", r"variances?", r"additive", r"permutation",
    r"correlations?", r"degrees of freedom", r"nats?", r"macro F1", r"ANOVA",
)
FOUND = re.compile(rf"(?<![\w-])({'|'.join(TERMS)})(?![\w²-])", re.IGNORECASE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.folder(tmp_path_factory.mktemp("saved") / "runs")


@pytest.fixture(autouse=True)
def saved_here(monkeypatch, folder):
    harness.without_worker(monkeypatch)
    monkeypatch.setattr(saved, "FOLDER", folder)


def open_story(page: str | None = None, **query):
    """hide: the figures are open without a prediction."""
    return harness.opener("minilm-l6", "composed-nli")(page, **({"view": "story", "layers": "1,3,5", "hide": "predict" if page else None} | query))


def faults(test) -> list[str]:
    """Sentences with a term or too many words."""
    said = dict.fromkeys(sentence for text in page_text.of(test) for sentence in page_text.sentences(text))
    return [sentence for sentence in said if FOUND.search(sentence) or page_text.words(sentence) > LONGEST]


def plainly(test) -> None:
    assert faults(clean(test)) == []


def test_what_the_test_looks_for():
    assert FOUND.search("Kendall's tau") and FOUND.search("an SD of 2") and FOUND.search("R² 0.3") and not FOUND.search("logits and taught")
    assert page_text.sentences("One. Two, 3.5 points! (Three)") == ["One.", "Two, 3.5 points!", "(Three)"]
    assert page_text.words("from 72.0 to 80.7 %, it's") == 5


@pytest.mark.parametrize("page", [None, "pages/compare.py", "pages/landscape.py", "pages/wrong.py", "pages/glossary.py", "pages/join.py",
                                  "pages/host.py"])
def test_a_page_as_it_opens(page):
    plainly(open_story(page))


@pytest.mark.parametrize("view", ["Choices", "By phenomenon", "Size and speed"])
def test_landscape(view):
    test = open_story("pages/landscape.py")
    plainly(group(test, "View").set_value(view).run())
    plainly(group(test, "Student layers").set_value(2).run())


@pytest.mark.parametrize("view", ["Examples that flip", "Groups of examples"])
def test_compare(view, monkeypatch):
    from core.views.common.recipe_runs import finished_run
    from pages.parts.compare import run as compare_run

    monkeypatch.setattr(compare_run, "answer", lambda recipe: finished_run(recipe.id, recipe.teacher, recipe.task, None))
    plainly(group(open_story("pages/compare.py"), "View").set_value(view).run())


@pytest.mark.parametrize("step", ["log", "hunt", "right"])
def test_wrong(step):
    test = open_story("pages/wrong.py", step="table")
    learner = test.session_state["learner"]
    for question in (case_study.TABLE, case_study.LOG):
        wrong_answers.commit(learner, question.name, {"option": next(iter(question.options)), "text": ""})
    wrong_answers.commit(learner, case_study.NAMES.name, {"low": case_study.ENDS[0], "high": case_study.ENDS[1], "which": "unsaid"})
    plainly(test.run())
    plainly(group(test, "Step").set_value(step).run())


@pytest.mark.parametrize("query", [{"layers": "2,4,6", "budget": "full"}, {"teacher": "mpnet-base", "task": "sick"}])
def test_the_lab(query):
    plainly(open_story(**query))


def test_measuring_the_choices(teacher, task):
    test = harness.opener(teacher, task)("pages/landscape.py", view="story")
    test.session_state["map_plan"] = True
    plainly(test.run())
    plainly(harness.button(test, "Start measuring").click().run())
    plainly(harness.button(test, "Stop the map").click().run())
