"""The explanation as the Lab shows it: cards, charts, figures, methods, and that nothing is told too early.

Run: python -m pytest tests/test_explanation.py
"""

import dataclasses
import subprocess
import sys

import pytest

from core.findings.explanation.explain import count_words
from core.findings.explanation.method import METHODS, method_of
from core.findings.explanation.prediction import Prediction
from core.findings.finding import STRENGTHS, Finding
from core.findings.formulas import formula, objective_formula
from core.recipe import Recipe
from core.statistics.testset import TestSet
from core.store import layer_scores, predictions, records, saved
from core.store.saved import saved_runs, truth
from core.views.explanation import charts, view
from core.views.explanation import figures as explanation_figures
from core.views.explanation.charts import chart
from pages.parts.lab import explanation as lab_explanation
from tests import app_harness as harness
from tests import explanation_runs
from tests.app_harness import ROOT, button, clean, labels, shown

ALWAYS = lambda k: True


@pytest.fixture
def run(tmp_path, monkeypatch, teacher, task):
    """A learner's run, beside saved ones."""
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "saved")
    return explanation_runs.write(tmp_path / "saved", teacher, task)


def explained(run, prediction=None):
    return view.explanation(run, saved_runs(), truth(run["task_hash"], run["split"]), prediction, None)


def real():
    """Explanations of runs that come with the program."""
    kept = saved_runs()
    for one in kept[:: max(1, len(kept) // 12)]:
        inside = layer_scores.read(one["teacher"]["hash"], one["task_hash"])
        yield view.explanation(one, kept, truth(one["task_hash"], one["split"]), Prediction(0.7), inside)


def test_the_rooms_are_imported_without_torch_and_the_view_model_without_streamlit():
    code = "import sys; from core.views.explanation import charts, figures, view; from core.findings.explanation import method; "
    code += "assert 'streamlit' not in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_each_strength_has_a_word_and_an_icon_of_its_own():
    assert set(view.MARKS) == set(STRENGTHS)
    assert len({mark.icon for mark in view.MARKS.values()}) == len({mark.word for mark in view.MARKS.values()}) == len(STRENGTHS)


def test_no_more_than_120_words_stand_above_the_fold_and_the_first_finding_leads(run):
    for found in (explained(run), explained(run, Prediction(0.7)), *real()):
        first, others = view.cards(found, ALWAYS)
        assert first[0].finding is found.findings[0]
        assert sum(count_words(card.finding.sentence) + count_words(card.title) + count_words(card.mark.word) for card in first) <= 120
        assert {card.finding.kind for card in first + others} == {one.kind for one in found.findings}
        assert len({card.id for card in first + others}) == len(found.findings)
        assert all(card.finding.kind != "prediction" for card in first)


def test_findings_on_another_size_wait_until_that_size_is_open(run):
    found = explained(run)
    first, others = view.cards(found, lambda k: k == 2)
    assert "capacity" in {one.kind for one in found.findings} and "capacity" not in {card.finding.kind for card in first + others}
    assert view.hidden(found, lambda k: k == 2) == [3] and view.hidden(found, ALWAYS) == []


def test_every_finding_has_a_method_whose_formulas_exist_and_whose_numbers_are_its_own(run):
    for found in (explained(run, Prediction(0.7)), explained(run, Prediction(rank=1)), *real()):
        for one in found.findings:
            method = method_of(one)
            assert method.description and method.formulas and all(formula(name).latex for name in method.formulas)
    standing = next(one for one in explained(run).findings if one.kind == "standing")
    told = method_of(standing).description
    assert f"{100 * standing.figures['best_difference']:+.1f} points" in told and "1 against 3 runs" not in told
    gap = standing.figures["best_seed_error"] ** 2 + standing.figures["best_test_error"] ** 2
    assert gap == pytest.approx(standing.figures["best_standard_error"] ** 2)
    with pytest.raises(ValueError, match="no method"):
        method_of(Finding("magic", "It is so."))
    assert "proved" not in METHODS


def test_what_no_test_backs_says_so(run):
    alone = view.explanation(run, [], None, None, None)
    standing = next(one for one in alone.findings if one.kind == "standing")
    assert standing.strength == "unknown" and method_of(standing).description.startswith("Nothing was tested")
    still = run | {"update_norms": dict.fromkeys(run["update_norms"], 0.0)}
    frozen = explained(still).findings[0]
    assert view.following(frozen).page == "pages/wrong.py"
    assert frozen.figures["mistake"] and method_of(frozen).description.startswith("Read off the record")


def test_every_figure_has_a_name_and_a_text_and_units_are_right(run):
    for found in (explained(run, Prediction(0.7)), *real()):
        for one in found.findings:
            rows = explanation_figures.rows(one)
            assert all(name and text and "None" not in text for name, text in rows)
            assert len({name for name, _ in rows}) == len(rows)
    learning = dict(explanation_figures.rows(explained(run).findings[0]))
    figures = explained(run).findings[0].figures
    assert learning["accuracy"] == f"{100 * figures['accuracy']:.1f} %" and learning["loss"] == f"{figures['loss']:.3f} nats"
    assert learning["majority: p after Holm"] == "below 0.001" and learning["learning rate"] == f"{figures['learning_rate']:g}"
    assert explanation_figures.text("size_difference", -0.0312) == "-3.1 points" and explanation_figures.text("lost", 3) == "3"


def test_charts_draw_what_the_findings_say(run):
    found = explained(run, Prediction(0.7))
    drawn = {one.kind: chart(found, one) for one in found.findings}
    standing = next(one for one in found.findings if one.kind == "standing")
    own = [row for row in drawn["standing"].rows if row["kind"] == "this"]
    assert len(drawn["standing"].rows) == len(explanation_runs.CHOICES) and len(own) == 1
    for name in ("low", "high"):
        assert own[0][name] == pytest.approx(standing.figures[name])
    assert own[0]["value"] == pytest.approx(standing.figures["mean"]) and own[0]["name"] == "layers 1, 3"
    values = [row["value"] for row in drawn["standing"].rows]
    assert values == sorted(values, reverse=True)
    assert [row["value"] for row in drawn["control"].rows][1] == pytest.approx(found.evidence.control[0]["final"]["accuracy"], abs=0.1)
    assert drawn["prediction"].rows[1]["value"] == 0.7 and drawn["calibration"] is None and drawn["fitting"] is None
    lost = [one for one in found.findings if one.kind == "phenomena"][0]
    groups = chart(found, lost)
    assert groups.overall is not None and len(groups.rows) == lost.figures["groups"]
    gaps = [row["accuracy"] - row["teacher"] for row in groups.rows]
    assert gaps == sorted(gaps) and gaps[0] == pytest.approx(lost.figures["worst_difference"])


def test_a_chart_of_many_choices_keeps_the_ends_and_this_choice(run, monkeypatch):
    monkeypatch.setattr(charts, "MOST", 2)
    found = explained(run)
    standing = next(one for one in found.findings if one.kind == "standing")
    drawn = chart(found, standing)
    assert drawn.overall is None and len(drawn.rows) in (2, 3) and "left out" in drawn.note
    assert any(row["kind"] == "this" for row in drawn.rows)


def test_the_runs_that_a_finding_rests_on_are_listed(run):
    found = explained(run)
    control = next(one for one in found.findings if one.kind == "control")
    rows = view.run_rows(found, control)
    assert [row["run"] for row in rows] == list(control.runs) and sum(row["untrained"] for row in rows) == 3
    assert rows[0]["accuracy"] == pytest.approx(100 * run["final"]["accuracy"]) and rows[0]["file"] == "made here"


# On the Lab


@pytest.fixture
def app(monkeypatch, teacher, task):
    harness.without_worker(monkeypatch)
    return harness.opener(teacher, task)


@pytest.fixture
def lab(app, run):
    """The Lab with the learner's run on it; the size of two layers is open by a skip."""
    records.add(run)
    test = app(budget="60")
    assert "What this run shows" not in shown(test) and not test.expander
    clean(button(test, "Skip").click().run())
    return clean(button(test, "Show the saved run of this recipe").click().run())


def box(test, start: str):
    return next(one for one in test.expander if start in one.label)


def open_box(test, start: str):
    key = next(key for key in keys(test) if key.endswith(start))
    test.session_state[key] = True
    return clean(test.run())


def keys(test) -> list[str]:
    run_id = next(iter(records.runs()))["id"]
    found = view.cards(explained(records.get(run_id)), ALWAYS)
    return [f"explain_{run_id}_{card.id}" for card in found[0] + found[1]]


def test_the_lab_leads_with_the_first_findings_and_builds_no_closed_card(lab, run):
    found = explained(run)
    first, others = view.cards(found, lambda k: k == 2)
    for card in first:
        assert card.finding.sentence in shown(lab) and f"**{card.title}** ({card.mark.word})" in shown(lab)
    for card in others:
        assert card.finding.sentence not in shown(lab) and any(card.title in one.label and card.mark.word in one.label for one in lab.expander)
    assert not lab.dataframe and "layers get shows here once you have predicted" in shown(lab)


def test_an_open_card_shows_sentence_figures_runs_and_the_way_on(lab, run):
    control = next(one for one in explained(run).findings if one.kind == "control")
    test = open_box(lab, "_control")
    assert control.sentence in shown(test) and "It rests on" in shown(test)
    assert len(test.dataframe) == 2 and len(test.dataframe[1].value) == len(control.runs)
    assert view.NEXT["control"].label in labels(test)
    assert f"{100 * control.figures['control_mean']:.1f} %" in list(test.dataframe[0].value["value"])


def text(test) -> str:
    return "\n".join(one.value for one in test.markdown)


def test_how_do_we_know_tells_the_test_and_its_formulas_and_the_formulas_open(lab, run):
    control = next(one for one in explained(run).findings if one.kind == "control")
    test = open_box(lab, "_control")
    assert method_of(control).description not in shown(test)
    clean(next(one for one in test.toggle if one.label == "How do we know?").set_value(True).run())
    assert method_of(control).description in shown(test)
    assert all(f"$\\displaystyle {formula(name).latex}$" in text(test) for name in method_of(control).formulas)
    test.session_state["explain_formulas"] = True
    clean(test.run())
    objective = Recipe.from_dict(run["recipe"]).objective
    wanted = [objective_formula(objective), *(formula(name) for name in (*lab_explanation.SCORES, *dict(objective.weights)))]
    assert all(f"$\\displaystyle {one.latex}$" in text(test) for one in wanted)


def test_where_to_look_next_opens_a_detail_of_this_run(lab):
    test = open_box(lab, "_calibration")
    clean(button(test, "Which classes it confuses").click().run())
    assert test.session_state["w_details"] == "confusion"


def test_a_committed_prediction_is_scored_in_one_voice(app, run):
    records.add(run)
    test = app(budget="60")
    clean(test.slider(key="w_predict_accuracy").set_value(72).run())
    clean(test.selectbox(key="w_predict_reason").select("guess").run())
    clean(button(test, "Commit").click().run())
    assert "What this run shows" not in shown(test)
    clean(button(test, "Show the saved run of this recipe").click().run())
    made = predictions.of_recipe(test.session_state["learner"], run["id"])
    finding = next(one for one in explained(run, Prediction(made.value)).findings if one.kind == "prediction")
    assert finding.sentence in shown(test) and "tie" not in box(test, "Your prediction").label


def test_hostile_names_of_groups_are_text(run):
    evil = "phenomenon:<b>x</b>_[y](javascript:z)"
    groups = {evil: {"accuracy": 0.1, "n": 300}, "phenomenon:00": {"accuracy": 0.9, "n": 300}}
    theirs = {evil: {"accuracy": 1.0, "n": 300}, "phenomenon:00": {"accuracy": 0.9, "n": 300}}
    bad = run | {"final": run["final"] | {"groups": groups}, "teacher": run["teacher"] | {"groups": theirs}}
    finding = next(one for one in view.explanation(bad, [], None, None, None).findings if one.kind == "phenomena")
    assert "<b>" in finding.sentence  # escaped where it is drawn: core.views.common.text.plain
    assert dataclasses.asdict(finding) and TestSet(None).known is False
