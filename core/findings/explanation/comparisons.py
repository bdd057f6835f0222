"""Every comparison of one explanation, and what is left of each once all of them are counted (Holm)."""

import math
from dataclasses import dataclass

from core.findings.evidence import Evidence
from core.statistics.holm import LEVEL, holm, verdict
from core.statistics.noise import MOST, POWER, Comparison, compare, joined, seeds_to_settle
from core.statistics.testset import share_variance

WHOLE_SHARE = 0.8  # of the error rate: for comparisons between whole choices; the rest for phenomena and for the run by itself


@dataclass(frozen=True)
class Verdict:
    """p: adjusted; None where the noise is unknown. level: what an unadjusted p is compared with at Holm's first step."""

    comparison: Comparison
    p: float | None
    level: float

    @property
    def word(self) -> str:
        """higher or lower where the gap exceeds noise, else tie; unknown where the noise is."""
        return verdict(self.comparison.difference, self.p)

    def figures(self, name: str) -> dict:
        """Return what a finding keeps of the comparison, under a name of its own."""
        one = self.comparison
        return {
            f"{name}_difference": one.difference, f"{name}_standard_error": one.standard_error,
            f"{name}_seed_error": None if one.seed_variance is None else math.sqrt(one.seed_variance),
            f"{name}_test_error": math.sqrt(one.test_variance), f"{name}_p": one.p, f"{name}_p_holm": self.p,
            f"{name}_seeds": list(one.n), f"{name}_test_noise": one.basis, f"{name}_verdict": self.word,
        }


def settling(figures: dict, verdict: Verdict) -> str:
    """Return the end of a sentence on a tie: how many seeds would settle it, where both sides have the same noise; add it to the figures."""
    if verdict.comparison.noise is None:
        return "."
    needed = seeds_to_settle(verdict.comparison, verdict.level)
    figures |= {"settle_seeds": needed, "settle_most": MOST, "settle_power": POWER}
    if needed is None:
        return "; not even {settle_most} seeds of each would settle so small a gap on these examples."
    return "; about {settle_seeds} seeds of each would settle a gap of this size."


def verdicts(evidence: Evidence, more: dict[tuple, Comparison] | None = None) -> dict[tuple, Verdict]:
    """Test all comparisons of the explanation: ("choice", layers), ("control",), ("size", layers), ("run", what), ("group", against, name),
    and what else it is going to speak of."""
    whole = {("choice", choice): runs for choice, runs in evidence.others.items()}
    if evidence.control:
        whole["control",] = evidence.control
    comparisons = {key: evidence.compare(runs) for key, runs in whole.items()} | other_sizes(evidence) | (more or {})
    parts = run_alone(evidence) | against_teacher(evidence) | against_best(evidence)
    return adjust_together(comparisons, parts)


def adjust_together(whole: dict[tuple, Comparison], parts: dict[tuple, Comparison]) -> dict[tuple, Verdict]:
    """Adjust both by Holm, each kind with its share of the error rate."""
    weights = {}
    for found, share in ((whole, WHOLE_SHARE), (parts, 1 - WHOLE_SHARE)):
        known = [key for key, comparison in found.items() if comparison.p is not None]
        weights |= {key: share / len(known) for key in known}
    everything = whole | parts
    adjusted = dict(zip(weights, holm([everything[key].p for key in weights], list(weights.values()))))
    total = sum(weights.values())
    return {key: Verdict(one, adjusted.get(key), LEVEL * weights.get(key, 0) / total if total else LEVEL) for key, one in everything.items()}


def other_sizes(evidence: Evidence) -> dict[tuple, Comparison]:
    """Compare with the same choice with one layer more or fewer, where saved."""
    found = {}
    for k in (evidence.k - 1, evidence.k + 1):
        noise = evidence.noise_of(lambda run: run["final"]["accuracy"], k)
        for choice, runs in evidence.sizes.get(k, {}).items():
            small, large = sorted((choice, evidence.choice), key=len)
            if small and set(small) < set(large):
                noise_there = noise if noise.known else evidence.noise
                found["size", choice] = compare(evidence.own, runs, evidence.noise, noise_there, evidence.test, evidence.flips)
    return found


def run_alone(evidence: Evidence) -> dict[tuple, Comparison]:
    """Compare this run alone, as the one model it is, with always naming the most frequent class and with its own start."""
    run, test, n = evidence.run, evidence.test, len(evidence.run["predictions"])
    widening = test.design_effect(run)
    df = (test.clusters if test.fits([run]) else n) - 1
    final = run["final"]["accuracy"]

    def alone(a: float, b: float, variance: float | None = None) -> Comparison:
        basis = "unpaired" if variance is None else "paired by example, clustered"
        variance = widening * share_variance(a, n) + widening * share_variance(b, n) if variance is None else variance
        return joined(a - b, [], variance, df, n=(1, 0), basis=basis, runs=(run["id"],))

    first, majority = run["initial"]["accuracy"], run.get("majority")
    found = {("run", "initial"): alone(final, first)}
    if majority is not None:
        paired = test.variance(test.hits(run) - test.majority_hits()) if test.fits([run]) else None
        found |= {("run", "majority"): alone(final, majority, paired), ("run", "seeded"): alone(first, majority)}
    return found


def against_teacher(evidence: Evidence) -> dict[tuple, Comparison]:
    """Compare with the teacher by phenomenon or tag; by class where there are none and the record holds the teacher's predictions."""
    teacher = evidence.run["teacher"]
    theirs = {name: (group["accuracy"], group["n"]) for name, group in (teacher.get("groups") or {}).items()}
    if not theirs and "predictions" in teacher and evidence.test.fits([evidence.run]):
        recalls = evidence.test.recalls(teacher["predictions"])
        theirs = {f"class:{label}": recalls[i] for i, label in enumerate(evidence.run["labels"]) if i in recalls}
    return _groups(evidence, "teacher", theirs, 0)


def against_best(evidence: Evidence) -> dict[tuple, Comparison]:
    """Compare groups with the other choice of the highest mean, where that is above this choice's."""
    best = evidence.best
    if best is None or evidence.means[best] <= evidence.means.get(evidence.choice, 0.0):
        return {}
    return _groups(evidence, "best", evidence.groups[best], len(evidence.others[best]))


def _groups(evidence: Evidence, against: str, theirs: dict[str, tuple[float, int]], seeds: int) -> dict[tuple, Comparison]:
    """By group, as if the two had been measured on different examples: which examples belong to a group is not kept. That is on the
    safe side, since two students tend to fail on the same examples."""
    own, seeds_here = evidence.groups[evidence.choice], len(evidence.own)
    widening = evidence.test.design_effect(evidence.run)
    found = {}
    for name in own.keys() & theirs.keys():
        (share, n), (other, _) = own[name], theirs[name]
        noise = evidence.group_noise.get(name)
        parts = [(noise.sd**2 * (1 / seeds_here + (1 / seeds if seeds else 0)), noise.df)] if noise and noise.known else []
        if seeds and not parts:
            continue  # two choices are compared only where the noise between seeds is known
        variance = widening * (share_variance(share, n) + share_variance(other, n))
        found["group", against, name] = joined(
            share - other, parts, variance, n - 1, n=(seeds_here, seeds), basis="unpaired", runs=tuple(run["id"] for run in evidence.own)
        )
    return dict(sorted(found.items()))
