"""False verdicts in drawn worlds: the saved counts are what the functions give now, and none lies above 5 %.

Run: python -m pytest tests/test_calibration.py"""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.commands import calibrate
from core.findings.calibration import worlds
from core.findings.calibration.rates import AGAIN, EVERY, EXAMPLES, FALSE, NULL, cells, count, false_of_each, holds
from core.findings.calibration.worlds import CHOICES, EQUAL, LEVEL, WORLDS, Cell, draw, with_control
from core.findings.evidence import Evidence
from core.findings.explanation.comparisons import verdicts
from core.findings.landscape import Landscape
from core.store.saved import read

AS_SAVED = {(one["cell"]["world"], one["cell"]["seeds"], one["cell"]["examples"], one["cell"]["gap"]): one for one in read(calibrate.DEFAULT)}


def test_every_cell_is_saved_and_no_rate_is_shown_to_lie_above_five_per_cent():
    assert list(AS_SAVED) == [tuple(vars(cell).values()) for cell in cells()]
    for cell, one in AS_SAVED.items():
        if not cell[3]:
            assert one["worlds"] >= NULL and set(one["counts"]) == set(FALSE)
            assert all(holds(number, one["worlds"]) for number in one["counts"].values()), cell


def test_silence_is_not_what_keeps_the_rates_low():
    """Ten seeds with the SDs of composed-nli: 8 points are seen in seven of ten comparisons or more."""
    for examples in (600, 3000):
        one = AS_SAVED["SDs of composed-nli, k = 3", 10, examples, 0.08]
        assert one["counts"]["table"] >= 0.7 * one["worlds"]


@pytest.mark.slow
@pytest.mark.parametrize("cell", (Cell("SDs of composed-nli, k = 2", 2, 600), Cell("SDs of composed-nli, k = 3", 3, 3000)), ids=str)
def test_the_first_worlds_of_a_cell_give_the_saved_counts_again(cell):
    assert count(cell, AGAIN)["counts"] == AS_SAVED[tuple(vars(cell).values())]["first"]


def test_a_world_is_as_it_was_asked_for():
    """Equal accuracies but one, seeds that scatter as asked, paired noise of the test examples as large as in the saved runs."""
    drawn = [draw(Cell(WORLDS[0], 10, 3000, 0.08), number) for number in range(6)]
    spread = [np.std([run["final"]["accuracy"] for run in runs], ddof=1) for one in drawn for runs in one.runs.values()]
    assert np.sqrt(np.mean(np.square(spread))) == pytest.approx(EQUAL, rel=0.1)
    means = [Landscape(one.runs, one.test).means for one in drawn]
    others = np.mean([mean for one, found in zip(drawn, means) for choice, mean in found.items() if choice != one.better])
    better = np.mean([found[one.better] for one, found in zip(drawn, means)])
    assert others == pytest.approx(LEVEL, abs=0.01) and better == pytest.approx(0.78, abs=0.03)
    verdict = Landscape(drawn[0].runs, drawn[0].test).judge([CHOICES[:2]])[0]
    assert 0.004 < verdict.comparison.test_variance**0.5 < 0.008
    same = draw(Cell(WORLDS[0], 10, 3000, 0.08), 0)
    assert same.runs == drawn[0].runs and draw(Cell(WORLDS[0], 10, 3000, 0.08), 1).runs != same.runs


def test_every_choice_s_explanation_is_counted_beside_a_control_and_by_groups():
    for one in read(calibrate.SAVED_EVERY):
        assert one["worlds"] >= EVERY and len(one["counts"]) == len(CHOICES) and holds(max(one["counts"]), one["worlds"]), one["cell"]
    counted = {(one["cell"]["world"], one["cell"]["seeds"], one["cell"]["examples"]) for one in read(calibrate.SAVED_EVERY)}
    assert {(world, 3, examples) for world in worlds.FILES for examples in EXAMPLES} <= counted


def test_what_is_measured_once_for_all_choices_is_what_each_explanation_measures():
    drawn = draw(Cell("SDs of composed-nli, k = 2", 3, 600), 0)
    runs = with_control(drawn, 0)
    steadiest = drawn.sds.argsort(kind="stable")[0]
    alone = verdicts(Evidence(runs[CHOICES[steadiest]][0], [], drawn.test, {3: runs}))
    assert ("control",) in alone and sum(key[0] == "group" for key in alone) in (5, 10)
    assert false_of_each(drawn, 0)[-1] == any(one.clear for key, one in alone.items() if key[0] != "run")
    spread = [np.mean([run["final"]["accuracy"] for run in with_control(draw(Cell(WORLDS[0], 3, 600), n), n)[()]]) for n in range(20)]
    assert np.mean(spread) == pytest.approx(LEVEL, abs=0.02)


def test_the_prior_fits_the_saved_variances():
    df, variance = worlds.prior()
    assert 1 < df < 4 and 0.005 < variance**0.5 < 0.02


def test_counting_goes_on_where_it_was_stopped(tmp_path, capsys, monkeypatch):
    few = [Cell(WORLDS[0], 3, 600), Cell(WORLDS[0], 3, 600, 0.08)]
    monkeypatch.setattr("core.findings.calibration.rates.cells", lambda: few)
    out = tmp_path / "deep" / "counts.jsonl"
    assert main(["calibrate", "--out", str(out), "--worlds", "2"]) == 0
    text = out.read_text()
    assert len(text.splitlines()) == 2 and "8 points" in capsys.readouterr().out
    out.write_text(text.splitlines(True)[0] + text.splitlines(True)[1][:40])  # killed while it wrote
    assert main(["calibrate", "--out", str(out), "--worlds", "2", "--json"]) == 0
    assert [one["counts"] for one in read(out)] == [json.loads(line)["counts"] for line in text.splitlines()]
