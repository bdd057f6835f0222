"""How many seeds settle a tie, unpaired and paired, against the power of the test itself. Run: python -m pytest tests/test_findings_settling.py"""

import numpy as np
import pytest
from scipy import stats

from core.findings.explanation.comparisons import Verdict, settling
from core.findings.versus import compare_paired
from core.recipe import Budget, Recipe
from core.statistics.noise import Comparison, SeedNoise, seeds_to_settle
from core.statistics.paired import PairedNoise
from core.statistics.testset import TestSet
from tests.fake_worker import record


def tie(gap: float, noise: SeedNoise | None, test_variance: float = 0.0, paired: bool = False) -> Comparison:
    return Comparison(gap, 0.0, test_variance, 40, (1, 1), "", (), noise, paired)


def run(layers, seed: int, accuracy: float) -> dict:
    made = record(Recipe("minilm-l6", "composed-nli", layers, seed=seed, budget=Budget(steps=60)))
    return made | {"final": made["final"] | {"accuracy": accuracy}}


@pytest.mark.parametrize("paired", (False, True))
@pytest.mark.parametrize("gap", (0.02, 0.03, 0.06))
def test_the_seeds_find_it_in_four_of_five(gap, paired):
    noise, level = SeedNoise(0.015, 40), 0.002
    n = seeds_to_settle(tie(gap, noise, 0.00002, paired), level)

    def power(seeds):
        df = noise.df + (1 if paired else 2) * (seeds - 1)
        error = np.sqrt(2 * noise.sd**2 / seeds + 0.00002)
        return stats.nct.sf(stats.t.ppf(1 - level / 2, df), df, gap / error)

    assert power(n) > 0.75 and (n == 2 or power(n - 1) < 0.82)


def test_a_gap_that_the_examples_cannot_show_is_settled_by_no_number_of_seeds():
    assert seeds_to_settle(tie(0.01, SeedNoise(0.001, 40), 0.01**2), 0.05) is None
    assert seeds_to_settle(tie(0.0001, SeedNoise(0.02, 40)), 0.05) is None


def test_pairing_that_takes_noise_away_asks_for_fewer_seeds():
    """Two choices whose seeds swing together: the paired test needs fewer seeds than the whole noise would ask for."""
    noise = PairedNoise(SeedNoise(0.005, 20), SeedNoise(0.03, 30), 10, 3)
    a, b = ([run(layers, seed, mean + 0.03 * seed) for seed in range(3)] for layers, mean in (((1, 2), 0.8), ((1, 3), 0.785)))
    paired = compare_paired(a, b, noise, noise.whole, TestSet(None))
    alone = compare_paired(a, b[:2], noise, noise.whole, TestSet(None))
    assert (paired.noise, paired.paired) == (noise.rest, True) and (alone.noise, alone.paired) == (noise.whole, False)
    needed = [seeds_to_settle(tie(0.015, one.noise, paired=one.paired), 0.05) for one in (paired, alone)]
    assert needed[0] < 6 < 30 < needed[1]


def test_sides_of_unlike_noise_are_not_told_a_number():
    figures = {}
    assert settling(figures, Verdict(tie(0.01, None), 0.4, 0.05)) == "." and not figures
