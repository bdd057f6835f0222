"""Costs of seams, as they are kept and found."""

import json

import pytest

from core.recipe.seams import Seam
from core.store import layer_scores, saved
from core.store.seam_costs import possible, seam_costs


def document(bridged: float) -> dict:
    seams = [{"below": one.below, "above": one.above, "cut": {"accuracy": 0.5}, "bridged": {"accuracy": bridged}} for one in possible(3)]
    return {"teacher": "t", "teacher_hash": "k", "task": "x", "task_hash": "d", "layers": 3, "accuracy": 0.9, "examples": 600,
            "seconds": {"cut": 1.0, "bridged": 2.0}, "seams": seams}


def test_seams_that_a_choice_can_have_alone():
    assert len(possible(6)) == 20 and len(possible(12)) == 77 and Seam(0, 7) not in possible(6) and Seam(0, 6) in possible(6)


def test_costs_are_known_by_content(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "saved")
    assert seam_costs("k", "d") is None
    layer_scores.write("k", "d", "seams", document(0.8))
    found = seam_costs("k", "d")
    assert (found.teacher, found.task, found.layers, found.accuracy, found.examples, found.seconds) == ("t", "x", 3, 0.9, 600, 3.0)
    assert found.cut[Seam(0, 2)] == pytest.approx(0.4) and found.cost(Seam(1, 4)) == found.bridged[Seam(1, 4)] == pytest.approx(0.1)
    assert seam_costs("k", "e") is None and seam_costs("l", "d") is None
    (tmp_path / "saved" / "seams").mkdir(parents=True)
    (tmp_path / "saved" / "seams" / "any.json").write_text(json.dumps(document(0.7)))
    assert seam_costs("k", "d").cost(Seam(1, 4)) == pytest.approx(0.2)  # what comes with the program is the same everywhere
