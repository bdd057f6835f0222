"""Explanations: what they say, in what order, and that every number in them is a figure. Run: python -m pytest tests/test_findings_explain.py"""

import ast
import dataclasses
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from core.errors import LabError
from core.findings import finding
from core.findings.evidence import gather, groups_of, swapped
from core.findings.explanation.explain import FOLD, above_the_fold, explain
from core.findings.explanation.prediction import Prediction
from core.findings.finding import Finding, write
from core.findings.formulas import SCORES, formula, objective_formula
from core.objectives import LOSSES
from core.recipe import BUNDLES, Budget, Seeding, bundle
from core.store.saved import saved_runs, truth
from tests.synthetic_runs import ALL, FULL, SHORT, record, shift_for, study, sweep, teacher_of, world

ROOT = Path(__file__).resolve().parent.parent
ODD, LAST, FIRST = (1, 3, 5), (4, 5, 6), (1, 2, 3)
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?")


def numbers_of(figures: dict) -> set[str]:
    """Every number of the figures, as each way of writing would print it; of texts from the data, the numbers in them."""
    found = set()

    def walk(value, name=""):
        if isinstance(value, dict):
            for key, item in value.items():
                walk(item, key)
        elif isinstance(value, (list, tuple)):
            for item in value:
                walk(item, name)
        elif isinstance(value, str) and name.startswith(("group", "lost_group", "still", "split", "made")):
            found.update(NUMBER.findall(value))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            whole = finding.FORMATS["whole"](value)
            texts = (f"{value}", f"{value:g}", f"{value:.1f}", f"{value:.2f}", finding.percent(value), whole, finding.points(value))
            found.update(text.split()[0] for text in texts)

    walk(figures)
    return found


def check(findings: list[Finding]) -> None:
    for one in findings:
        missing = [number for number in NUMBER.findall(one.sentence) if number not in numbers_of(one.figures)]
        assert not missing, (missing, one.sentence)
        assert (one.sentence[0].isupper() or one.sentence[0].isdigit()) and one.sentence.endswith(".")
        assert "{" not in one.sentence and "  " not in one.sentence
        assert one.kind and one.more and (one.runs or one.strength == "unknown")
    assert findings[0].kind == "learning" and findings[1].kind == "standing"
    fold = above_the_fold(findings)
    assert fold >= 2 and sum(len(re.findall(r"\S*\w\S*", one.sentence)) for one in findings[:fold]) <= FOLD


@pytest.fixture(scope="module")
def wide():
    """A world in which the choices differ by much: every choice short and full, controls, and choices of two and four layers."""
    rng = np.random.default_rng(5)
    w = world(rng)
    shifts = {choice: shift_for(w, 0.03 * (10.5 - sum(choice))) for choice in ALL}
    run, short = study(w, rng, shifts, live=ODD)
    full = sweep(w, rng, teacher_of(w, rng), {choice: shift + 0.3 for choice, shift in shifts.items()}, budget=FULL)
    more = []
    for layers, shift in (((1, 3), -1.5), ((1, 2, 3, 5), 0.1), ((1, 3, 5, 6), 3.0)):
        more += [record(w, right, layers, seed, right, SHORT) for seed, right in enumerate(w.rights(np.array([shift]), 3, rng)[0])]
    for seed, right in enumerate(w.rights(np.array([-1.5]), 3, rng)[0]):
        more.append(record(w, right, ODD, seed, right, SHORT, seeding=Seeding(untrained_layers=True)))
    return w, run, short + more + full


def by_kind(findings, kind):
    return [one for one in findings if one.kind == kind]


def test_every_number_of_every_sentence_is_a_figure(wide):
    w, run, saved = wide
    for one in (run, *saved[:: max(1, len(saved) // 12)]):
        for prediction in (None, Prediction(accuracy=0.7, others=(0.6, 0.8)), Prediction(rank=3, others=(2, 5, 9)), Prediction(rank=99)):
            check(explain(one, saved, w.truth, prediction))
    check(explain(run, saved))
    check(explain(run, []))
    check(explain(run | {"status": "stopped", "steps": 100}, saved, w.truth))


def test_the_saved_runs_of_this_repository_are_explained():
    saved = saved_runs()
    for run in saved[:: max(1, len(saved) // 15)]:
        check(explain(run, saved, truth(run["task_hash"], run["split"])))


def test_no_template_claims_a_cause():
    """No "because", "captures" or the like in any text of the room, docstrings left aside."""
    for path in sorted((ROOT / "core" / "findings").glob("*.py")):
        tree = ast.parse(path.read_text())
        docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))}
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        for text in texts:
            if text not in docs:
                assert not re.search(r"\b(because|captur\w*|due to|caus\w+|proves?|thanks to)\b", text, re.I), (path.name, text)


def test_all_kinds_are_there_and_the_first_ones_first(wide):
    w, run, saved = wide
    kinds = [one.kind for one in explain(run, saved, w.truth, Prediction(0.7))]
    assert kinds[:4] == ["learning", "standing", "prediction", "forecast"]
    assert {"ranking", "presets", "control", "swap", "phenomena", "seeding", "capacity", "fitting", "calibration"} <= set(kinds)


def test_what_is_found_is_what_was_put_in(wide):
    w, run, saved = wide
    findings = explain(run, saved, w.truth)
    presets = by_kind(findings, "presets")[0].figures
    assert presets["last_k_verdict"] == "higher" and presets["first_k_verdict"] != "higher"
    assert by_kind(findings, "control")[0].figures["control_verdict"] == "higher"
    fewer = [one for one in by_kind(findings, "capacity") if one.figures["change"] == "fewer"][0]
    more = [one for one in by_kind(findings, "capacity") if one.figures["change"] == "more"][0]
    assert fewer.figures["size_verdict"] == "higher" and fewer.figures["size_layers"] == [1, 3]
    assert more.figures["size_verdict"] == "lower" and more.figures["size_layers"] == [1, 3, 5, 6] and more.figures["saved"] == 2
    standing = by_kind(findings, "standing")[0]
    same = [r for r in saved if r["recipe"]["budget"] == run["recipe"]["budget"] and not r["recipe"]["seeding"]["untrained_layers"]]
    means = [np.mean([r["final"]["accuracy"] for r in same if r["recipe"]["layers"] == list(choice)]) for choice in ALL if choice != ODD]
    assert standing.figures["best_mean"] == pytest.approx(max(means)) and standing.figures["others"] == 19
    assert standing.figures["better_than"] + standing.figures["worse_than"] + standing.figures["alike"] + standing.figures["untold"] == 19


def test_only_runs_of_the_same_rung_settings_weights_and_data_are_compared(wide):
    w, run, saved = wide
    alike = gather(run, saved, w.truth)
    assert all(r["recipe"]["budget"] == run["recipe"]["budget"] for runs in alike.twins.values() for r in runs)
    changes = (
        {"task_hash": "other"}, {"teacher": run["teacher"] | {"hash": "other"}}, {"status": "stopped"}, {"mistake": "stale-optimizer"},
        {"recipe": run["recipe"] | {"optimiser": run["recipe"]["optimiser"] | {"learning_rate": 0.5}}},
        {"recipe": run["recipe"] | {"objective": bundle("assignment").__dict__}},
    )
    for change in changes:
        wrong = [r | change for r in saved]
        findings = explain(run, wrong, w.truth)
        assert findings[1].strength == "unknown" and not by_kind(findings, "presets"), change
    assert len(gather(run, [*saved, run, dict(run)]).own) == 3
    assert len(gather(saved[0], saved).own) == 3


def test_with_one_seed_each_nothing_is_ranked(wide):
    w, run, saved = wide
    findings = explain(run, [r for r in saved if r["recipe"]["seed"] == 0], w.truth)
    assert findings[1].strength == "unknown" and "too few runs to tell" in findings[1].sentence
    assert not by_kind(findings, "presets") and not by_kind(findings, "swap")


def test_a_gap_that_does_not_stand_out_says_how_many_seeds_would_settle_it():
    rng = np.random.default_rng(7)
    w = world(rng)
    run, saved = study(w, rng, live=ODD)
    standing = explain(run, saved, w.truth)[1]
    assert standing.strength == "unknown" and standing.figures["best_verdict"] == "unknown"
    assert str(standing.figures["settle_seeds"] or standing.figures["settle_most"]) in standing.sentence


def test_the_lost_phenomenon_and_the_layer_left_out_are_named():
    """Layer 6 alone carries phenomenon 04: choices without it fail there."""
    rng = np.random.default_rng(11)
    w = world(rng, n=1500, spread=0.5)
    def right(choice, seeds):
        rows = w.rights(np.zeros(1), seeds, rng)[0]
        return rows if 6 in choice else rows & ~((w.groups == 4) & (rng.random(rows.shape) < 0.6))
    teacher = w.rights(np.ones(1), 1, rng)[0, 0]
    saved = [record(w, row, choice, seed, teacher) for choice in ALL for seed, row in enumerate(right(choice, 3))]
    run = record(w, right(ODD, 1)[0], ODD, 9, teacher)
    best = by_kind(explain(run, saved, w.truth), "phenomena")[1]
    assert best.strength == "clear" and best.figures["group_worst"] == "04" and best.figures["suggested_layer"] == 6
    with_layer = [r["final"]["groups"]["phenomenon:04"]["accuracy"] for r in [*saved, run] if 6 in r["recipe"]["layers"]]
    assert best.figures["layer_effect"] > 0.3 and np.mean(with_layer) > 0.7
    assert "hint" in best.sentence and "probe" not in best.sentence
    probe = lambda share, name="phenomenon:04": {"accuracy": 0.5, "groups": {name: {"accuracy": share, "n": 40, "majority": 0.4}}}
    inside = {"influence": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "probes": [probe(0.4 + layer / 10) for layer in range(7)]}
    told = by_kind(explain(run, saved, w.truth, inside=inside), "phenomena")[1]
    assert (told.figures["probe_before"], told.figures["probe_after"]) == (pytest.approx(0.9), pytest.approx(1.0)) and "90.0 %" in told.sentence
    other = inside | {"probes": [probe(0.4, "phenomenon:09")] * 7}
    told = by_kind(explain(run, saved, w.truth, inside=other), "phenomena")[1]
    assert told.figures["influence"] == 0.6 and told.figures["influence_median"] == pytest.approx(0.35)
    check(explain(run, saved, w.truth, inside=inside))
    check(explain(run, saved, w.truth, inside=other))
    against_teacher = by_kind(explain(run, saved, w.truth), "phenomena")[0]
    assert against_teacher.figures["group_worst"] == "04" and against_teacher.figures["lost"] >= 1


def test_neighbours_differ_in_one_layer():
    assert [c for c in ALL if swapped(ODD, c)] == [c for c in ALL if len(set(c) & set(ODD)) == 2]
    assert swapped((5, 3, 1), (5, 3, 2)) == (1, 2) and swapped((5, 3, 1), (1, 3, 5)) is None and swapped((1, 3), (1, 2, 3)) is None
    assert swapped((1, 1, 2), (1, 3, 2)) == (1, 3) and swapped((1, 2, 4), (1, 4, 6)) == (2, 6)


@pytest.mark.parametrize(("predicted", "right"), ((0.0, False), (1.0, False), (None, True)))
def test_a_predicted_accuracy_is_scored_against_the_run(wide, predicted, right):
    w, run, saved = wide
    value = run["final"]["accuracy"] + 0.001 if predicted is None else predicted
    one = by_kind(explain(run, saved, w.truth, Prediction(value, others=(0.5, 0.7, 0.6))), "prediction")[0]
    assert one.figures["right"] is right and one.figures["class_median"] == 0.6 and one.figures["class_size"] == 3
    assert ("right" in one.sentence) is right and one.figures["miss"] == pytest.approx(value - run["final"]["accuracy"])


def test_a_predicted_rank_is_scored_against_the_full_runs(wide):
    w, run, saved = wide
    one = by_kind(explain(run, saved, w.truth, Prediction(rank=1)), "prediction")[0]
    first, last = one.figures["first_place"], one.figures["last_place"]
    assert 1 <= first <= last <= 20 and one.figures["choices"] == 20
    for rank in {1, first, last, min(20, last + 1), 20}:
        scored = by_kind(explain(run, saved, w.truth, Prediction(rank=rank)), "prediction")[0]
        assert scored.figures["right"] == (first <= rank <= last)
    without = [r for r in saved if r["recipe"]["budget"] == run["recipe"]["budget"]]
    assert by_kind(explain(run, without, w.truth, Prediction(rank=1)), "prediction")[0].strength == "unknown"


def test_overfitting_underfitting_and_neither(wide):
    w, run, saved = wide
    start = {"step": 0, "loss": None, "losses": {}, "val_accuracy": 0.3, "val_loss": 1.1}
    point = lambda step, training, held_out: start | {"step": step, "losses": {"cross_entropy": training}, "val_loss": held_out}
    told = lambda *points: by_kind(explain(run | {"curve": [start, *points]}, saved, w.truth), "fitting")[0].sentence
    assert told(point(80, 0.9, 0.8), point(160, 0.5, 0.6), point(240, 0.2, 0.9)).startswith("Overfitting")
    assert told(point(120, 1.08, 1.09), point(240, 1.07, 1.08)).startswith("Underfitting")
    assert told(point(120, 0.8, 0.7), point(240, 0.6, 0.55)).startswith("No sign of overfitting")


@pytest.mark.parametrize("probability", (0.5, 0.7, 0.9))
def test_calibrated_probabilities_never_pass_the_bound_and_rash_ones_do(probability):
    from core.findings.explanation.fitting import fano

    rng = np.random.default_rng(3)
    p = rng.dirichlet((1 / (1.01 - probability), 0.5, 0.5), 40000)
    labels = np.array([rng.choice(3, p=row) for row in p[:4000]])
    accuracy, loss = np.mean(p[:4000].argmax(1) == labels), -np.mean(np.log(p[np.arange(4000), labels]))
    assert loss < fano(accuracy, 3) + 0.02
    rash = np.where(p[:4000].argmax(1) == labels, 0.999, 0.0005)
    assert -np.mean(np.log(rash)) > fano(accuracy, 3) or accuracy > 0.95
    assert fano(1 / 3, 3) == pytest.approx(np.log(3)) and fano(0.1, 3) == pytest.approx(np.log(3)) and fano(1.0, 3) == 0


def test_classes_stand_in_where_there_are_no_phenomena(wide):
    _, run, _ = wide
    rows = run["final"]["confusion"]
    plain = run | {"final": run["final"] | {"groups": {}}}
    assert groups_of(plain) == {f"class:{label}": (rows[i][i] / sum(rows[i]), sum(rows[i])) for i, label in enumerate(run["labels"])}


def test_text_from_the_data_is_no_template(wide):
    w, run, saved = wide
    name = "phenomenon:{steps} <b>{0}"
    renamed = lambda r: r | {part: r[part] | {"groups": {name if key.endswith("04") else key: value for key, value in r[part]["groups"].items()}}
                             for part in ("final", "teacher")}
    lost = renamed(run)
    lost["final"]["groups"][name]["accuracy"] = 0.0
    sentences = [one.sentence for one in explain(lost, [renamed(r) for r in saved], w.truth)]
    assert any("{steps} <b>{0}" in sentence for sentence in sentences)


def test_a_finding_names_its_strength_and_its_numbers():
    with pytest.raises(ValueError, match="strength"):
        Finding("kind", "Text.", strength="sure")
    with pytest.raises(KeyError):
        write("kind", "It is {missing:percent}.", {})
    one = write("kind", "Layers {layers:layers}: {share:percent}, {gap:points}, {words:names}.",
                {"layers": [1, 3], "share": 0.1234, "gap": -0.05, "words": ["a", "b", "c"]}, ["x", "y", "x"])
    assert one.sentence == "Layers 1, 3: 12.3 %, 5.0 points, a, b and c." and one.runs == ("x", "y")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.kind = "other"


def test_every_loss_objective_and_score_has_its_formula():
    for one in itertools.chain(map(formula, LOSSES), SCORES.values(), (objective_formula(bundle(name)) for name in BUNDLES)):
        assert one.latex.count("{") == one.latex.count("}") and one.reading.endswith(".") and "$" not in one.latex
    for name, weight in bundle("patient").weights:
        told = objective_formula(bundle("patient"))
        assert f"{weight:.3g}" in told.latex and name.replace("_", " ") in told.reading
    assert {"accuracy", "macro_f1", "agreement", "loss", "update_norm"} <= set(SCORES)
    assert formula("tau") is SCORES["tau"]
    with pytest.raises(LabError, match="no formula"):
        formula("magic")


def test_the_budget_of_a_run_of_its_own_is_compared_with_nothing(wide):
    w, _, saved = wide
    rng = np.random.default_rng(1)
    right = w.rights(np.zeros(1), 1, rng)[0, 0]
    run = record(w, right, ODD, 0, right, Budget(steps=77))
    findings = explain(run, saved, w.truth)
    assert findings[1].strength == "unknown" and "77 steps" in findings[1].sentence
    assert by_kind(findings, "forecast")[0].strength == "unknown"
