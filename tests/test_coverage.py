"""Bounds, intervals and tables keep their promise in drawn worlds. Run: python -m pytest tests/test_coverage.py"""

import itertools

import numpy as np
import pytest

from core.__main__ import main
from core.findings.calibration import coverage
from core.findings.two_landscapes import interaction
from core.statistics import regret
from core.statistics.noise import SeedNoise
from core.statistics.ranking import compared
from core.store.saved import read

SAVED = read(coverage.PATH)
HARSHEST = "composed-nli, 2 layers"


def test_every_cell_is_counted_and_keeps_its_promise():
    assert {(line["cell"]["spread"], line["cell"]["seeds"]) for line in SAVED} == set(itertools.product(coverage.SPREADS, coverage.SEEDS))
    assert len(SAVED) == 4 * (8 * len(coverage.FILES) + 3)
    for line in SAVED:
        assert line["worlds"] >= coverage.WORLDS and line["covered"] >= coverage.LEAST * line["worlds"], line


def test_no_bound_is_silent():
    """Power beside it: a bound of 100 points would cover always."""
    width = {(line["cell"]["what"], line["cell"]["where"], line["cell"]["spread"], line["cell"]["seeds"]): line["width"] for line in SAVED}
    best = "regret of the pick that looks best"
    assert width[best, "composed-nli, 3 layers", "equal", 3] < 0.12 and width[best, "sick, 3 layers", "sample", 2] < 0.05
    assert width["tau of two tasks", "composed-nli, 3 layers, and sick, 3 layers", "equal", 3] < 1.2
    assert width["no pair told apart of choices all alike", "sick, 3 layers", "equal", 2] < 0.75  # the share of pairs left open where they differ


def test_the_harshest_cells_counted_again():
    """100 worlds, the same as the first of the saved counts: in no cell so many failures that what is accepted is refuted."""
    found = coverage.measure("sample", 2, 100, [HARSHEST])
    assert len(found) == 8 and min(line["covered"] for line in found) >= 86
    assert coverage.measure("sample", 2, 5, [HARSHEST]) == coverage.measure("sample", 2, 5, [HARSHEST])


def test_the_verb_counts_what_is_missing_and_shows_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(coverage, "SPREADS", ("sample",))
    path = tmp_path / "counts" / "bounds.jsonl"
    command = ["calibrate", "--bounds", "--worlds", "2", "--out", str(path)]
    assert main(command) == 0
    before = path.read_text()
    assert [line["cell"]["seeds"] for line in read(path)] == [2] * 43 + [3] * 43
    path.write_text("".join(before.splitlines(keepends=True)[:43]))
    assert main(command) == 0 and path.read_text() == before
    assert main(["calibrate", "--bounds"]) == 0
    assert "regret of the pick that looks best" in capsys.readouterr().out


def test_a_world_is_what_the_saved_runs_say():
    one = coverage.world("composed-nli, 3 layers")
    assert len(one.choices) == 20 and one.truth.max() == pytest.approx(0.842, abs=5e-4) and one.sds.max() == pytest.approx(0.0569, abs=5e-5)
    random = np.random.default_rng(0)
    drawn = [one.draw(random, "sample", 3) for _ in range(400)]
    assert np.mean([each.means for each in drawn], 0) == pytest.approx(one.truth, abs=0.006)
    spread = np.std([each.means for each in drawn], 0)
    assert spread == pytest.approx(np.sqrt(one.sds**2 / 3 + np.diag(one.test)), rel=0.15)
    assert np.ptp(one.draw(random, "equal", 3, null=True).means) < 0.1 < np.ptp(one.truth)
    assert regret.bounds(drawn[0]).shape == (20,)


@pytest.mark.parametrize("seeds", coverage.SEEDS)
def test_a_drawn_ranking_is_the_one_that_its_comparisons_give_one_by_one(seeds):
    one = coverage.world("composed-nli, 2 layers").draw(np.random.default_rng(0), "sample", seeds)
    same = compared(one.choices, one.means, one.runs, list(one.noises), one.whole, one.flips)
    assert np.allclose(one.p, same.p) and (one.clear == same.clear).all() and np.allclose(one.half_width(0.01), same.half_width(0.01))


def test_teachers_that_differ_by_noise_alone_seldom_differ_by_more():
    """The spread of differences between two teachers' students, none of which is there, seeds scattering unequally."""
    one, random, false = coverage.world("composed-nli, 3 layers"), np.random.default_rng(1), 0
    for _ in range(200):
        ours, theirs = one.draw(random, "sample", 3), one.draw(random, "sample", 1)
        false += bool(interaction((theirs.means - ours.means).tolist(), [(3, 1)] * 20, SeedNoise(one.pooled, 40), ours).clear)
    assert false <= 18  # 10 are allowed; above 18 with a chance of 0.7 %
