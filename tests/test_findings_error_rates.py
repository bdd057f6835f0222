"""Explanations of synthetic sets whose truth is known: how often they claim what is not, and see what is.

Run: python -m pytest tests/test_findings_error_rates.py. Seeds are fixed, so the rates are the same on every machine.
"""

import numpy as np
import pytest

from core.findings.evidence import gather
from core.findings.explanation.explain import explain
from core.recipe import Seeding
from core.statistics.noise import compare
from core.statistics.verdict import HIGHER, LOWER, judged_together
from tests.synthetic_runs import ALL, record, seed_sd, shift_for, study, world

ODD, LAST = (1, 3, 5), (4, 5, 6)
BETWEEN_CHOICES = ("standing", "presets", "control", "swap", "capacity")


def claims(findings) -> list:
    """Findings that say that one choice differs from another: those compared with a choice or a control, and clear."""
    return [f for f in findings if f.strength == "clear" and (f.kind in BETWEEN_CHOICES or f.kind == "phenomena" and "best" in f.figures)]


@pytest.mark.parametrize("w", (
    pytest.param({}, id="same examples", marks=pytest.mark.slow), pytest.param({"apart": 1.0}, id="other examples", marks=pytest.mark.slow),
    pytest.param({"wobble": 0.4, "cluster": 5}, id="uneven seeds"),
))
def test_equal_choices_are_called_different_in_at_most_one_explanation_of_twenty(w):
    """A live run and two more seeds of its choice against three seeds of each of 19 equal choices; control and phenomena are equal, too."""
    times, false = 300, 0
    for i in range(times):
        rng = np.random.default_rng([1, i])
        examples = world(rng, **w)
        false += bool(claims(explain(*equal(examples, rng), examples.truth)))
    assert false <= 0.05 * times


def equal(w, rng):
    run, saved = study(w, rng, live=ODD, teacher_shift=0.0)
    control = w.rights(np.zeros(1), 3, rng)[0]
    untrained = Seeding(untrained_layers=True)
    saved += [record(w, right, ODD, seed, control[0], seeding=untrained) for seed, right in enumerate(control)]
    return run, saved


@pytest.mark.parametrize("better", (
    pytest.param(ODD, id="the live choice above all", marks=pytest.mark.slow), pytest.param(LAST, id="one saved choice above all"),
))
def test_a_gap_of_twelve_sd_is_seen_with_three_seeds(better):
    times, seen = 200, 0
    for i in range(times):
        rng = np.random.default_rng([2, i])
        w = world(rng)
        run, saved = study(w, rng, shifts={better: shift_for(w, 12 * seed_sd(w, rng))}, live=ODD)
        place = next(f for f in explain(run, saved, w.truth) if f.kind == "presets")
        seen += place.figures["last_k_verdict"] == ("higher" if better == ODD else "lower")
    assert seen >= 0.9 * times


def word(evidence, a, b) -> str:
    """The verdict on one comparison that was named before anything was seen."""
    noises = evidence.noises[3]
    one = compare(evidence.twins[a], evidence.twins[b], noises[a], noises[b], evidence.test, evidence.flips)
    return judged_together([one])[0].word


def test_a_gap_of_four_sd_is_seen_between_three_and_three_seeds_of_a_pair_named_beforehand():
    times, seen, false = 200, 0, 0
    for i in range(times):
        rng = np.random.default_rng([3, i])
        w = world(rng)
        run, saved = study(w, rng, shifts={LAST: shift_for(w, 4 * seed_sd(w, rng))}, choices=ALL[:8] + (LAST,), live=ALL[0])
        evidence = gather(run, saved, w.truth)
        seen += word(evidence, LAST, ALL[3]) == HIGHER
        false += word(evidence, ALL[2], ALL[3]) in (HIGHER, LOWER)
    assert seen >= 0.75 * times and false <= 0.07 * times
