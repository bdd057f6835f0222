"""Paired comparisons: two choices trained with the same seed learn from the same batches in the same order, so what a seed does to both
cancels in their difference.

The model is the two-way layout without interaction (Snedecor and Cochran 1989, "Statistical Methods", ch. 14): a run's accuracy is its
choice's mean, plus what its seed does to every choice, plus a rest. A paired difference has twice the rest's variance over the number of
seeds. Which noise is used is decided by the design alone, never by which is smaller: where seeds do nothing in common, the rest is as large
as the whole seed noise, and pairing gains nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.findings.evidence import Choice, choice_of, same_ground, settings_of
from core.findings.finding import Finding, write
from core.statistics.noise import Comparison, SeedNoise, compare, joined, mean_accuracy, pooled
from core.statistics.testset import TestSet

Samples = dict[Choice, list[dict]]  # the runs of each choice, at most one a seed


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


def paired_noise(samples: Samples) -> PairedNoise:
    """From the choices that share seeds with another; runs alone with their seed or their choice say nothing of it."""
    values = {(choice, run["recipe"]["seed"]): run["final"]["accuracy"] for choice, runs in samples.items() for run in runs}
    while True:  # what is left alone by leaving out others goes too
        counts = [_counts(key[axis] for key in values) for axis in (0, 1)]
        kept = {key: value for key, value in values.items() if counts[0][key[0]] > 1 and counts[1][key[1]] > 1}
        if len(kept) == len(values):
            break
        values = kept
    choices, seeds = (sorted({key[axis] for key in values}) for axis in (0, 1))
    by_choice = [[value for (one, _), value in values.items() if one == choice] for choice in choices]
    return PairedNoise(_rest(values, choices, seeds), pooled(by_choice), len(choices), len(seeds))


def _counts(names: Iterable) -> dict:
    found: dict = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found


def _rest(values: dict[tuple[Choice, int], float], choices: list[Choice], seeds: list[int]) -> SeedNoise:
    """The residual SD of the least-squares fit of choice and seed effects, also where some runs are missing."""
    design = np.zeros((len(values), len(choices) + len(seeds)))
    for row, (choice, seed) in enumerate(values):
        design[row, choices.index(choice)] = design[row, len(choices) + seeds.index(seed)] = 1
    if not len(values):
        return SeedNoise(None, 0)
    target = np.array(list(values.values()))
    fit, _, rank, _ = np.linalg.lstsq(design, target, rcond=None)
    df = len(values) - int(rank)
    return SeedNoise(float(np.sqrt(np.sum((target - design @ fit) ** 2) / df)), df) if df else SeedNoise(None, 0)


def same_batches(a: dict, b: dict) -> bool:
    """Whether two runs learned from the same batches in the same order, as the runners of a race do: same data, seed, budget and training
    settings; layers, objective and seeding may differ."""
    kept = lambda run: {name: run["recipe"][name] for name in ("seed", "budget", "optimiser")}
    return same_ground(a, b) and kept(a) == kept(b)


def partners(a: Iterable[dict], b: Iterable[dict]) -> list[tuple[dict, dict]]:
    """Runs of A, each with the run of B that learned from the same batches."""
    others = list(b)
    return [(one, other) for one in a if (other := next((run for run in others if same_batches(one, run)), None)) is not None]


def compare_paired(a: list[dict], b: list[dict], noise: PairedNoise, unpaired: SeedNoise, test: TestSet, flips: float = 0.0) -> Comparison:
    """A minus B. Where every run of both sides has its partner on the other, the noise is that of paired differences; else, and where that
    noise is not known, `compare` of the two sets of runs with the seed noise `unpaired`. noise: of choices with the settings of these runs.
    """
    pairs = partners(a, b)
    if not noise.rest.known or len(pairs) < max(len(a), len(b)):
        return compare(a, b, unpaired, unpaired, test, flips)
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    variance, df, basis = test.between(ours, theirs, flips)
    return joined(
        mean_accuracy(ours) - mean_accuracy(theirs), [(2 * noise.rest.sd**2 / len(pairs), noise.rest.df)], variance, df,
        n=(len(pairs), len(pairs)), basis=f"{basis}; paired by seed", runs=tuple(run["id"] for run in (*ours, *theirs)),
        noise=noise.rest, paired=True,
    )


def samples_like(record: dict, saved: Iterable[dict]) -> Samples:
    """The finished runs that differ from this one in nothing but layers (as many) and seed: what `paired_noise` is measured on."""
    found: Samples = {}
    for run in saved:
        alike = run["status"] == "finished" and not run.get("mistake") and same_ground(run, record) and settings_of(run) == settings_of(record)
        choice = choice_of(run)
        if alike and choice and len(choice) == len(record["recipe"]["layers"]):
            runs = found.setdefault(choice, [])
            if all(other["recipe"]["seed"] != run["recipe"]["seed"] for other in runs):
                runs.append(run)
    return found


def worth(noise: PairedNoise, runs: Iterable[str] = ()) -> Finding:
    """What pairing gains on this task, size and budget, in one sentence."""
    if noise.shared is None:
        text = "What a paired comparison gains is not known here: too few choices were trained with the same seeds."
        return write("pairing", text, {}, runs, "unknown")
    root = 2**0.5
    figures = {"paired": noise.rest.sd * root, "unpaired": noise.whole.sd * root, "choices": noise.choices, "seeds": noise.seeds}
    text = (
        "From one seed to the next, the difference between two choices varies by {paired:points} (SD) when both learn from the same batches, and by "
        "{unpaired:points} when they do not ({choices} choices, {seeds} seeds)."
    )
    return write("pairing", text, figures | {"shared": noise.shared}, runs)
