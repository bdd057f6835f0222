"""Paired comparisons: two choices trained with the same seed learn from the same batches in the same order, so what a seed does to both cancels in
their difference.

The model is the two-way layout without interaction (Snedecor and Cochran 1989, "Statistical Methods", ch. 14): a run's accuracy is its choice's mean,
plus what its seed does to every choice, plus a rest. A paired difference has twice the rest's variance over the number of seeds. Which noise is used
is decided by the design alone, never by which is smaller: where seeds do nothing in common, the rest is as large as the whole seed noise, and pairing
gains nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.statistics.agreement import Choice
from core.statistics.noise import SeedNoise, pooled


@dataclass(frozen=True)
class PairedNoise:
    """rest: SD of a run beside its choice and its seed. whole: SD between seeds of the same choice, pooled over choices (what an unpaired
    comparison is tested with). choices, seeds: how many it was measured on."""

    rest: SeedNoise
    whole: SeedNoise
    choices: int
    seeds: int

    @property
    def shared(self) -> float | None:
        """The share of the seed variance that is common to all choices and cancels in pairs: 0 where pairing gains nothing. Below 0 by chance,
        or where what helps one choice hurts another."""
        if not (self.rest.known and self.whole.known and self.whole.sd):
            return None
        return 1 - self.rest.sd**2 / self.whole.sd**2


def paired_noise(samples: Mapping[Choice, Sequence[dict]]) -> PairedNoise:
    """Measure the noise on the runs of each choice, at most one a seed. A run without another of its seed, or of its choice, is left out."""
    values = {(choice, run["recipe"]["seed"]): run["final"]["accuracy"] for choice, runs in samples.items() for run in runs}
    while True:  # leaving a run out may leave another alone
        choices, seeds = (Counter(key[axis] for key in values) for axis in (0, 1))
        kept = {key: value for key, value in values.items() if choices[key[0]] > 1 and seeds[key[1]] > 1}
        if len(kept) == len(values):
            break
        values = kept
    by_choice = [[value for (one, _), value in values.items() if one == choice] for choice in sorted(choices)]
    return PairedNoise(_rest(values, sorted(choices), sorted(seeds)), pooled(by_choice), len(choices), len(seeds))


def _rest(values: dict[tuple[Choice, int], float], choices: list[Choice], seeds: list[int]) -> SeedNoise:
    """Return the residual SD of the least-squares fit of choice and seed effects, also where some runs are missing."""
    if not values:
        return SeedNoise(None, 0)
    design = np.zeros((len(values), len(choices) + len(seeds)))
    for row, (choice, seed) in enumerate(values):
        design[row, choices.index(choice)] = design[row, len(choices) + seeds.index(seed)] = 1
    target = np.array(list(values.values()))
    fit, _, rank, _ = np.linalg.lstsq(design, target, rcond=None)
    df = len(values) - int(rank)
    return SeedNoise(float(np.sqrt(np.sum((target - design @ fit) ** 2) / df)), df) if df else SeedNoise(None, 0)
