"""The noise of paired differences, on runs whose seed effects are set. Run: python -m pytest tests/test_race_paired.py"""

import numpy as np
import pytest

from core.findings.versus import pairing_finding, samples_like
from core.recipe import Budget, Recipe
from core.statistics.paired import paired_noise
from tests.fake_worker import record

CHOICES = [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5)]
SEEDS = range(6)


def samples(common: float, rest: float, rng, gaps=lambda choice: 0.0, choices=CHOICES) -> dict:
    """Runs whose accuracy is 0.8, plus the choice's gap, plus what the seed does to all, plus a rest."""
    shared = common * rng.normal(size=len(SEEDS))
    return {
        choice: [one(choice, seed, 0.8 + gaps(choice) + shared[seed] + rest * rng.normal()) for seed in SEEDS] for choice in choices
    }


def one(choice, seed, accuracy, **changes) -> dict:
    made = record(Recipe("minilm-l6", "composed-nli", choice, seed=seed, budget=Budget(steps=60)), **changes)
    return made | {"final": made["final"] | {"accuracy": accuracy}}


def variances(found, name: str) -> float:
    return np.mean([getattr(noise, name).sd ** 2 for noise in found])


@pytest.mark.slow
def test_paired_noise_is_smaller_where_seeds_do_the_same_to_all_choices():
    """On average over many drawn sets: the rest alone in pairs, the seeds' effect as well without."""
    rng = np.random.default_rng(0)
    found = [paired_noise(samples(0.03, 0.01, rng)) for _ in range(300)]
    assert (found[0].choices, found[0].seeds, found[0].rest.df, found[0].whole.df) == (10, 6, 45, 50)
    assert variances(found, "rest") == pytest.approx(0.01**2, rel=0.05)
    assert variances(found, "whole") == pytest.approx(0.03**2 + 0.01**2, rel=0.15)
    assert all(noise.rest.sd < noise.whole.sd and noise.shared > 0 for noise in found)


def test_paired_noise_is_no_smaller_where_seeds_have_nothing_in_common():
    """On average over many drawn sets, the paired variance is the unpaired one."""
    rng = np.random.default_rng(1)
    found = [paired_noise(samples(0.0, 0.02, rng)) for _ in range(200)]
    assert variances(found, "rest") == pytest.approx(0.02**2, rel=0.05) and variances(found, "whole") == pytest.approx(0.02**2, rel=0.05)
    assert np.mean([noise.shared for noise in found]) == pytest.approx(0.0, abs=0.02)


def test_the_rest_is_what_the_differences_themselves_say():
    """For two choices, twice the rest's variance is the variance of their differences seed by seed."""
    a, b = (samples(0.02, 0.01, np.random.default_rng(2), choices=CHOICES[:2])[choice] for choice in CHOICES[:2])
    differences = [x["final"]["accuracy"] - y["final"]["accuracy"] for x, y in zip(a, b)]
    found = paired_noise({CHOICES[0]: a, CHOICES[1]: b})
    assert 2 * found.rest.sd**2 == pytest.approx(np.var(differences, ddof=1)) and found.rest.df == len(SEEDS) - 1


def test_missing_runs_and_lone_seeds_are_borne():
    full = samples(0.03, 0.01, np.random.default_rng(3))
    full[CHOICES[0]] = full[CHOICES[0]][:3]
    full[9, 10] = [one((9, 10), 0, 0.5)]  # a choice with one seed
    full[CHOICES[1]].append(one(CHOICES[1], 77, 0.1))  # a seed of one choice
    found = paired_noise(full)
    assert (found.choices, found.seeds, found.rest.df) == (10, 6, 57 - 10 - 6 + 1)
    assert found.rest.sd == pytest.approx(0.01, rel=0.3)
    assert not paired_noise({}).rest.known and paired_noise({CHOICES[0]: full[CHOICES[0]]}).shared is None


def test_the_sentence_says_what_was_measured():
    drawn = samples(0.03, 0.01, np.random.default_rng(7))
    runs = [run for several in drawn.values() for run in several]
    noise = paired_noise(samples_like(runs[0], [*runs, runs[0] | {"status": "stopped"}, runs[1]]))
    assert noise == paired_noise(drawn)
    said = pairing_finding(noise)
    assert said.strength == "likely" and f"{100 * said.figures['paired']:.1f} points" in said.sentence
    assert pairing_finding(paired_noise({})).strength == "unknown"
