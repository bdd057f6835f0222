"""Sweeps and agreement between rankings. Run: python -m pytest tests/test_studies.py"""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.__main__ import main
from core.errors import LabError
from core.findings.landscape import Landscape, landscapes
from core.findings.validity import by_choice, separation, transfer
from core.statistics.agreement import icc, kendall_tau, relabelling_null, sum_of_layers
from core.store.saved import read
from core.studies.sweep import append, choices
from tests import landscape_runs as made


def test_choices_of_a_specification():
    assert len(choices("all:3", 6)) == 20 and choices("all:3", 6)[0] == (1, 2, 3)
    assert choices("odd:3; 1,3,5;2,6", 6) == [(1, 3, 5), (2, 6)]
    for bad in ("", "all:7", "some:3", "all:x", "0,1"):
        with pytest.raises(LabError):
            choices(bad, 6)


def test_tau_has_its_closed_forms():
    assert kendall_tau([1, 2, 3, 4], [2, 4, 6, 8]) == 1 and kendall_tau([1, 2, 3, 4], [4, 3, 2, 1]) == -1
    assert kendall_tau([1, 2, 3], [1, 3, 2]) == pytest.approx(1 / 3)
    assert math.isnan(kendall_tau([1, 1], [1, 2]))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=12))
def test_tau_equals_scipys(pairs):
    from scipy.stats import kendalltau

    a, b = zip(*pairs)
    expected, ours = kendalltau(a, b).statistic, kendall_tau(a, b)
    assert ours == pytest.approx(expected) or (math.isnan(ours) and math.isnan(expected))


def test_icc_is_one_without_noise_and_near_zero_without_signal():
    assert icc(np.array([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]])) == 1.0
    noise = np.random.default_rng(0).normal(size=(3000, 2))
    assert abs(icc(noise)) < 0.05
    signal_and_noise = np.random.default_rng(1).normal(size=(3000, 1)) + noise
    assert icc(signal_and_noise) == pytest.approx(0.5, abs=0.05)


def test_the_null_holds_every_relabelling_and_the_identity():
    scores = {c: sum_of_layers(c) + 0.1 * c[0] for c in itertools.combinations(range(1, 5), 2)}
    null = relabelling_null(scores, scores, 4)
    assert len(null) == 24 and null.max() == 1.0 and null.min() < 0


def record(layers, seed, accuracy):
    return {"id": f"{layers}{seed}", "status": "finished", "recipe": {"layers": list(layers), "seed": seed, "task": "t"},
            "final": {"accuracy": accuracy}, "teacher": {"hash": "h", "layers": 4}, "task_hash": "d"}


def test_separation_of_known_rankings():
    rng = np.random.default_rng(0)
    all_choices = list(itertools.combinations(range(1, 5), 2))
    good = [record(c, s, 0.9 + 0.01 * sum_of_layers(c) + 1e-4 * rng.normal()) for c in all_choices for s in (0, 1)]
    table = by_choice(good)
    assert list(table) == all_choices and all(len(v) == 2 for v in table.values())
    found = separation(table)
    assert found["best"] == [1, 2] and found["worst"] == [3, 4] and found["icc"] > 0.99
    assert found["spread"] == pytest.approx(0.04, abs=1e-3)


def drawn(rng, seeds: int, worth=made.WORTH, strength=1.0) -> Landscape:
    about = made.task("composed-nli", rng, worth)
    (one,) = landscapes(made.runs(about, made.THREE, seeds, rng, strength=strength), lambda task, split: about.worlds[split].truth)
    return one


def test_transfer_of_planted_rankings():
    """The same order on another task, another order, and a task that tells nothing apart."""
    rng = np.random.default_rng(0)
    built_in, same, turned = (drawn(rng, 3, worth) for worth in (made.WORTH, made.WORTH, made.WORTH[::-1]))
    found = transfer(built_in, same)
    assert found["pairs"] == 190 and found["told"][0] == sum(verdict.clear for verdict in built_in.verdicts.values())
    assert found["alike"] == found["both"] > 20 and found["tau"] > 0.7 > found["null_95"] and found["trivial"] > 0.7
    assert found["interval"][0] <= found["tau"] <= found["interval"][1] and found["trivial_interval"][1] > 0.9
    other = transfer(built_in, turned)
    assert other["alike"] == 0 < other["both"] and other["tau"] < 0 and other["trivial"] < 0 < other["trivial_built_in"]
    for silent in (drawn(rng, 1), drawn(rng, 3, strength=0.0)):
        nothing = transfer(built_in, silent)
        assert nothing["tau"] is nothing["interval"] is None and "null_95" not in nothing and not nothing["both"]


def test_a_torn_line_is_cut_and_a_broken_one_named(tmp_path):
    path = tmp_path / "runs.jsonl"
    append(path, record((1, 2), 0, 0.5))
    with path.open("a") as file:
        file.write('{"id": "half')
    assert len(read(path)) == 1
    append(path, record((1, 3), 0, 0.123456789))
    found = read(path)
    assert [r["recipe"]["layers"] for r in found] == [[1, 2], [1, 3]] and found[1]["final"]["accuracy"] == 0.123457
    path.write_text("nonsense\n" + path.read_text())
    with pytest.raises(LabError, match="Line 1"):
        read(path)


def test_validity_reports_from_files(tmp_path, capsys):
    rng = np.random.default_rng(0)
    about = made.task("composed-nli", rng)
    for name, seeds in (("a", 3), ("b", 3), ("c", 1)):
        made.write(tmp_path, name, made.runs(about, made.THREE, seeds, rng))
    command = ["validity", *(str(tmp_path / name) for name in "abc")]
    assert main([*command, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report[str(tmp_path / "b")]["transfer"]["tau"] > 0.7 and "transfer" not in report[str(tmp_path / "a")]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert "none (one seed)" in told and "there is no order to compare" in told and "one same order would reach" in told
    assert main(["validity", str(tmp_path / "none")]) == 2
