"""Every comparison of one explanation, and what is left of each once all of them are counted (Holm)."""

from core.findings.evidence import Choice, Evidence, groups_of, noises_of
from core.statistics.holm import LEVEL, holm
from core.statistics.noise import Comparison, compare, joined, ways_of
from core.statistics.testset import share_variance
from core.statistics.verdict import Verdict

WHOLE_SHARE = 0.8  # of the error rate: for comparisons between whole choices; the rest for phenomena and for the run by itself


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
    """Compare with the same choice with one layer more or fewer, in the same order, where saved."""
    found = {}
    own = evidence.noises[evidence.k][evidence.choice]
    for k in (evidence.k - 1, evidence.k + 1):
        for choice, runs in evidence.sizes.get(k, {}).items():
            small, large = sorted((choice, evidence.choice), key=len)
            rest = iter(large)
            if small and all(layer in rest for layer in small):
                noise = evidence.noises[k][choice]
                if not noise.known:  # of that size too few are saved to show how far seeds scatter: beside those of this size they may be enough
                    noise = noises_of({**evidence.twins, choice: runs})[choice]
                found["size", choice] = compare(evidence.own, runs, own, noise, evidence.test, evidence.flips)
    return found


def run_alone(evidence: Evidence) -> dict[tuple, Comparison]:
    """Compare this run alone, as the one model it is, with always naming the most frequent class and with its own start: on the same examples where
    the record holds what it predicted then, else as on others, which is on the safe side."""
    run, test, n = evidence.run, evidence.test, len(evidence.run["predictions"])
    widening = test.design_effect(run)
    df = (test.clusters if test.fits([run]) else n) - 1
    final = run["final"]["accuracy"]

    def alone(a: float, b: float, variance: float | None = None) -> Comparison:
        basis = "unpaired" if variance is None else "paired by example, clustered"
        variance = widening * share_variance(a, n) + widening * share_variance(b, n) if variance is None else variance
        return joined(a - b, [], variance, df, n=(1, 0), basis=basis, runs=(run["id"],))

    first, majority, started = run["initial"]["accuracy"], run.get("majority"), run["initial"].get("predictions")
    paired = test.variance(test.hits(run) - test.hits({"predictions": started})) if started and test.fits([run]) else None
    found = {("run", "initial"): alone(final, first, paired)}
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
    return _groups(evidence, "teacher", theirs)


def against_best(evidence: Evidence) -> dict[tuple, Comparison]:
    """Compare groups with the other choice of the highest mean, where that is above this choice's."""
    best = evidence.best
    if best is None or evidence.means[best] <= evidence.means.get(evidence.choice, 0.0):
        return {}
    return _groups(evidence, "best", evidence.groups[best], best)


def _groups(evidence: Evidence, against: str, theirs: dict[str, tuple[float, int]], other: Choice | None = None) -> dict[tuple, Comparison]:
    """By group, as if the two had been measured on different examples: which examples belong to a group is not kept. That is on the safe side, since
    two students tend to fail on the same examples. Without another choice it is this run alone, as the one model it is, and no seeds are in it."""
    own = groups_of(evidence.run) if other is None else evidence.groups[evidence.choice]
    counts = (1, 0) if other is None else (len(evidence.own), len(evidence.twins[other]))
    runs = (evidence.run["id"],) if other is None else tuple(run["id"] for run in evidence.own)
    widening = evidence.test.design_effect(evidence.run)
    found = {}
    for name in own.keys() & theirs.keys():
        (share, n), (reference, _) = own[name], theirs[name]
        variance = widening * (share_variance(share, n) + share_variance(reference, n))
        ways = ((0.0, n - 1.0),)
        if other is not None:
            noises = [evidence.group_noise[name][side] for side in (evidence.choice, other)] if name in evidence.group_noise else []
            if not noises or not all(noise.known for noise in noises):
                continue  # two choices are compared only where the noise between seeds is known
            ways = ways_of(noises, counts, variance, n - 1)
        found["group", against, name] = Comparison(share - reference, ways, variance, n=counts, basis="unpaired", runs=runs)
    return dict(sorted(found.items()))
