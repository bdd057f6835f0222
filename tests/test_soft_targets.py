"""The soft targets' chart: its transforms give the numbers of core/objectives, and the saved pairs are what they say.

Run: python -m pytest tests/test_soft_targets.py
"""

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from core.figures.soft_targets import HIGHEST, LOWEST, STAGE, TEMPERATURE, soft_target_spec
from core.models.catalogue import bundled_folder
from core.objectives import LOSSES
from core.recipe import Recipe
from core.store.saved import saved_runs
from core.store.told_pairs import probes_path, told_pairs
from core.studies.inside.pairs import SURE, folded, probe_answers, rule
from core.studies.inside.probe import fit
from core.views.guide import told

STAGES = {"0": "before training", "60": "after 60 steps"}


class Row(dict):
    __getattr__ = dict.__getitem__


def transformed(spec: dict, temperature: float, stage: str) -> list[Row]:
    """Evaluate what all layers of the chart share: its data through its calculate and joinaggregate transforms."""
    rows = [Row(one) for one in spec["data"]["values"]]
    known = {"exp": math.exp, "log": math.log, TEMPERATURE: temperature, STAGE: stage}
    for step in spec["transform"]:
        if "calculate" in step:
            for row in rows:
                row[step["as"]] = eval(step["calculate"], {"__builtins__": {}}, known | {"datum": row})
        else:
            for one in step["joinaggregate"]:
                value = {"max": max, "sum": sum}[one["op"]](row[one["field"]] for row in rows)
                for row in rows:
                    row[one["as"]] = value
    return rows


def by_torch(teacher, student, temperature: float) -> tuple[torch.Tensor, ...]:
    """p, q, the loss and minus its gradient by the student's logits, from the objective that a run uses."""
    theirs, ours = torch.tensor([teacher], dtype=torch.float64), torch.tensor([student], dtype=torch.float64, requires_grad=True)
    loss = LOSSES["soft_targets"].function(ours, theirs, temperature)
    loss.backward()
    return (theirs[0] / temperature).softmax(0), (ours[0] / temperature).softmax(0).detach(), loss.detach(), -ours.grad[0]


logits = st.lists(st.floats(-9, 9), min_size=3, max_size=3)


@given(logits, logits, st.floats(LOWEST, HIGHEST))
def test_the_chart_computes_what_the_objective_computes(teacher, student, temperature):
    rows = transformed(soft_target_spec("abc", teacher, {"0": [0.0] * 3, "60": student}, STAGES, 2.0), temperature, "60")
    p, q, loss, push = by_torch(teacher, student, temperature)
    close = lambda field, wanted: [row[field] for row in rows] == pytest.approx(wanted.tolist(), abs=1e-5)
    assert close("p", p) and close("q", q) and close("push", push) and rows[0].loss == pytest.approx(float(loss), abs=1e-4)


@pytest.mark.parametrize("temperature", [1.0, 2.0, 10.0])
@pytest.mark.parametrize("stage", ["0", "60"])
def test_the_saved_pairs_too(temperature, stage):
    found = told.document()
    for pair in found["pairs"]:
        rows = transformed(soft_target_spec(found["labels"], pair["teacher"], pair["student"], told.stages(found), 2.0), temperature, stage)
        p, q, loss, push = by_torch(pair["teacher"], pair["student"][stage], temperature)
        assert [row.p for row in rows] == pytest.approx(p.tolist(), abs=1e-5) and [row.q for row in rows] == pytest.approx(q.tolist(), abs=1e-5)
        assert rows[1].loss == pytest.approx(float(loss), abs=1e-4) and [row.push for row in rows] == pytest.approx(push.tolist(), abs=1e-5)


def test_the_slider_and_the_student_are_the_charts_own_parameters():
    spec = soft_target_spec("abc", [1, 2, 3], {"0": [0, 0, 0], "60": [1, 1, 2]}, STAGES, 2.0)
    slider, stage = spec["params"]
    assert (slider["name"], slider["bind"]["input"], slider["value"]) == (TEMPERATURE, "range", 2.0)
    assert len(spec["data"]["values"]) == 3 and "datasets" not in spec
    assert stage["bind"]["options"] == ["0", "60"] and stage["bind"]["labels"] == list(STAGES.values()) and stage["value"] == "0"


# --- the saved pairs ---


def test_the_saved_teacher_is_the_bundled_one_and_its_logits_are_those_that_come_with_it():
    found = told.document()
    tables = load_file(bundled_folder("minilm-l6", "composed-nli") / "logits.safetensors")
    table = next(rows for rows in tables.values() if len(rows) == found["examples"]).double()
    for pair in found["pairs"]:
        assert pair["teacher"] == pytest.approx(table[pair["place"]].tolist(), abs=0.02)
        assert pair["head"][-1] == pytest.approx(torch.tensor(pair["teacher"]).softmax(0).tolist(), abs=1e-3)
    most = table.softmax(1).max(1).values
    assert set(found["sure"]) == set(map(str, SURE))
    assert all(share == pytest.approx(float((most >= float(least)).double().mean()), abs=0.002) for least, share in found["sure"].items())


def test_the_pairs_are_those_of_the_rule():
    found, validation = told.document(), task_of_validation()
    tables = load_file(bundled_folder("minilm-l6", "composed-nli") / "logits.safetensors")
    table = next(rows for rows in tables.values() if len(rows) == found["examples"]).double()
    entropy = -(table.softmax(1) * table.log_softmax(1)).sum(1)
    hardest = rule(entropy, torch.tensor(validation.labels), 3)[:3]
    assert {pair["place"] for pair in found["pairs"][:3]} == set(hardest) and found["pairs"][0]["place"] == hardest[0]
    for pair in found["pairs"]:
        assert (pair["first"], pair["second"], pair["label"]) == (
            validation.first[pair["place"]], validation.second[pair["place"]], validation.labels[pair["place"]])


def task_of_validation():
    from core.data.catalogue import load

    return load("composed-nli").validation


def test_the_student_is_a_short_run_of_the_ladder_and_the_command_names_its_layers():
    found = told.document()
    recipe = Recipe.from_dict(found["recipe"])
    assert recipe.id == found["run"] and any(run["id"] == recipe.id for run in saved_runs("minilm-l6", "composed-nli"))
    assert f"--layers {','.join(map(str, recipe.layers))}" in found["command"] and "core/saved_runs/pairs/" in found["command"]
    assert probes_path(found["teacher_hash"], found["task_hash"]) and probes_path("0" * 16, found["task_hash"]) is None
    assert told_pairs("minilm-l6", "sick") is None and told_pairs("minilm-l6", "composed-nli", "other") is None


def test_the_probes_of_the_file_are_folded_right():
    torch.manual_seed(0)
    x, labels = torch.randn(60, 8), torch.randint(0, 3, (60,))
    probes = [fit(x, labels, 3), fit(2 * x + 1, labels, 3)]
    given = probe_answers(folded(probes), torch.stack([x[5, :4], 2 * x[5, :4] + 1]), torch.stack([x[5, 4:], 2 * x[5, 4:] + 1]))
    wanted = [((features.double() - probe.mean) / probe.scale @ probe.weight + probe.bias).softmax(0)
              for probe, features in zip(probes, (x[5], 2 * x[5] + 1), strict=True)]
    assert torch.allclose(given, torch.stack(wanted), atol=1e-5)


def test_the_rule_takes_the_least_sure_of_each_class_first_and_then_the_middle():
    entropy, labels = torch.tensor([0.1, 0.9, 0.2, 0.3, 0.8, 0.0]), torch.tensor([0, 0, 0, 1, 1, 1])
    assert rule(entropy, labels, 2) == [1, 4, 2, 3]
    assert rule(entropy[:1], labels[:1], 2) == [0]


@pytest.mark.slow
def test_the_command_writes_pairs_of_any_teacher(teacher, task, tmp_path, capsys):
    from core.__main__ import main

    path = tmp_path / "pairs.json"
    main(["inside", "--teacher", teacher, "--task", task, "--layers", "1,3", "--pairs", str(path)])
    found = json.loads(path.read_text())
    assert len(found["pairs"]) == 6 and path.with_suffix(".safetensors").is_file() and "entropy" in capsys.readouterr().out
    assert all(len(pair["head"]) == len(pair["probe"]) == 5 and set(pair["student"]) == {"0", "60"} for pair in found["pairs"])


# --- what is said of them ---


def test_what_is_said_of_a_pair():
    head, probe = [[0.4, 0.3, 0.3], [0.3, 0.3, 0.4], [0.0, 0.0, 1.0]], [[0.2, 0.3, 0.5], [0.05, 0.0, 0.95], [0.0, 0.0, 1.0]]
    text = told.forming_sentences("xyz", head, probe)
    assert "sure of “z” only after the last layer" in text and "A probe is sure of it from layer 1 on" in text
    assert "not sure of it even after its last layer" in told.forming_sentences("xyz", [[0.3, 0.3, 0.4], [0.2, 0.2, 0.6]], None)
    assert "The probes are not sure of it" in told.forming_sentences("xyz", head, [[0.9, 0.05, 0.05]] * 3)
    assert told.forming_sentences("xyz", head, None).endswith("last layer.")
    assert told.since([[0.1, 0.9], [0.9, 0.1], [0.2, 0.8]]) == (1, 2) and told.since([[0.1, 0.9]] * 3, 0.9) == (1, 0)


def test_step_3_opens_on_the_pair_that_the_teacher_is_least_sure_of_and_says_how_rare_that_is():
    found = told.document()
    place = told.hardest(found["pairs"])
    assert place == 0 and max(found["pairs"][place]["head"][-1]) < 0.7
    said = told.sure_sentence(found, place)
    assert f"{100 * found['sure']['0.99']:.1f} % of {found['examples']} validation pairs" in said and "least sure of" in said
    assert "little more than the label" in told.sure_sentence(found, told.typical(found["pairs"]))
    assert "one of the few" in told.sure_sentence(found, 1)
