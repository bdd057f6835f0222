"""A few runs against each other, each with every saved seed of its kind: all pairs tested together, with a finding for each.

Runs of the same seed that learned from the same batches are compared in pairs, where every run has such a partner."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.findings.evidence import UNTRAINED, Choice, choice_of, gather, same_ground, settings_of
from core.findings.explanation.comparisons import Verdict, settling
from core.findings.finding import Finding, write
from core.statistics.holm import LEVEL, adjusted_together
from core.statistics.noise import LEAST_DF, Comparison, SeedNoise, compare, joined, mean_accuracy
from core.statistics.paired import PairedNoise, paired_noise
from core.statistics.testset import TestSet
from core.store.ground import ground
from core.store.saved import Truth

SEED, SPLIT, GROUND = "seed", "split", "ground"  # why two entries are not tested against each other


@dataclass(frozen=True)
class Side:
    """An entry of the comparison. name: as sentences call it. run: the one that is shown of it. own: the runs that differ from it in the seed
    alone, itself first. noise: between seeds, pooled over every saved choice of its size and settings; samples: what that is of."""

    name: str
    run: dict
    own: list[dict]
    noise: SeedNoise
    samples: dict[Choice, list[dict]]

    @property
    def mean(self) -> float:
        """Final accuracy over its seeds."""
        return mean_accuracy(self.own)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the mean over seeds; None while the noise between seeds is unknown."""
        if not self.noise.known:
            return None
        half = self.noise.half_width(len(self.own))
        return max(0.0, self.mean - half), min(1.0, self.mean + half)


@dataclass(frozen=True)
class Pair:
    """verdict: a against b, None where the two are not tested; why: then one of SEED, SPLIT and GROUND, else ''."""

    a: Side
    b: Side
    verdict: Verdict | None
    why: str = ""

    @property
    def word(self) -> str:
        """higher or lower (a than b), tie, unknown; for two seeds of one recipe 'same'."""
        if self.verdict is None:
            return "same" if self.why == SEED else "unknown"
        return self.verdict.word


def sides(named: Sequence[tuple[str, dict]], saved: Iterable[dict]) -> list[Side]:
    """Gather the runs of every entry. named: (name, finished run) of each. saved: runs that may stand beside them, of whatever kind."""
    related = [*saved, *(run for _, run in named)]
    noises: dict[str, tuple[SeedNoise, dict]] = {}
    found = []
    for name, run in named:
        evidence = gather(run, related)
        kind = json.dumps([*ground(run), evidence.k, settings_of(run)], sort_keys=True)
        noise, samples = noises.setdefault(kind, (evidence.noise, evidence.twins))  # the same object for all entries of a kind
        found.append(Side(name, run, evidence.own, noise, samples))
    return found


def pairs(found: Sequence[Side], truth: Callable[[str, str], Truth | None]) -> list[Pair]:
    """Test every two of the entries, all together (Holm). truth: (a task's hash, a split) -> the truth of its examples."""
    both = list(combinations(found, 2))
    reasons = [untested(a, b) for a, b in both]
    compared = [None if why else _compare(a, b, truth(a.run["task_hash"], a.run["split"])) for (a, b), why in zip(both, reasons, strict=True)]
    adjusted = adjusted_together([one and one.p for one in compared])
    level = LEVEL / max(1, sum(p is not None for p in adjusted))
    judged = [None if one is None else Verdict(one, p, level) for one, p in zip(compared, adjusted, strict=True)]
    return [Pair(a, b, verdict, why) for (a, b), verdict, why in zip(both, judged, reasons, strict=True)]


def untested(a: Side, b: Side) -> str:
    """Return why the two cannot be tested against each other; '' where they can."""
    if not same_ground(a.run, b.run):
        return GROUND
    if a.run["split"] != b.run["split"]:
        return SPLIT
    return SEED if (choice_of(a.run), settings_of(a.run)) == (choice_of(b.run), settings_of(b.run)) else ""


def _compare(a: Side, b: Side, truth: Truth | None):
    samples = [*a.samples.values(), *(b.samples.values() if b.samples is not a.samples else ())]
    test = TestSet(truth if truth and len(truth.labels) == len(a.run["predictions"]) else None)
    flips = test.flips(samples)
    if a.samples is b.samples:  # one kind: runs of the same seed learned from the same batches
        paired = paired_noise({choice: runs for choice, runs in a.samples.items() if choice != UNTRAINED})
        return compare_paired(a.own, b.own, paired, a.noise, test, flips)
    return compare(a.own, b.own, a.noise, b.noise, test, flips)


def pair_findings(found: Sequence[Pair]) -> list[Finding]:
    """Write a finding for each pair: first what is better, then ties, then what cannot be said."""
    order = ("higher", "lower", "tie", "same", "unknown")
    tested = sum(pair.verdict is not None and pair.verdict.p is not None for pair in found)
    return [_pair_finding(pair, tested) for pair in sorted(found, key=lambda pair: order.index(pair.word))]


def _pair_finding(pair: Pair, tested: int) -> Finding:
    runs = [run["id"] for side in (pair.a, pair.b) for run in side.own]
    figures = {"a": pair.a.name, "b": pair.b.name, "tested": tested}
    if pair.verdict is None:
        return _without_test(pair, figures, runs)
    figures |= pair.verdict.figures("pair") | {"a_mean": pair.a.mean, "b_mean": pair.b.mean}
    figures |= {"a_seeds": len(pair.a.own), "b_seeds": len(pair.b.own)}
    first, second = (("b", pair.b), ("a", pair.a)) if pair.word == "lower" else (("a", pair.a), ("b", pair.b))
    means = f"({_mean(*first)}, {_mean(*second)}"
    if pair.word in ("higher", "lower"):
        better, worse = ("a", "b") if pair.word == "higher" else ("b", "a")
        counted = ", {tested} pairs counted" if tested > 1 else ""
        template = f"{{{better}}} is better than {{{worse}}} by {{pair_difference:points}} {means}; p {{pair_p_holm:p}}{counted})."
        return write("versus", template, figures, runs, "clear")
    if pair.word == "tie":
        template = f"{{a}} and {{b}} tie: a gap of {{pair_difference:points}} is within the noise {means})"
        return write("versus", template + settling(figures, pair.verdict), figures, runs, "tie")
    figures |= {"least_df": LEAST_DF, "df": min(pair.a.noise.df, pair.b.noise.df)}
    template = (
        f"Whether {{a}} or {{b}} is better is unknown {means}): too few choices with these settings were repeated with other seeds to know the noise "
        "({df} degrees of freedom, {least_df} are needed)."
    )
    return write("versus", template, figures, runs, "unknown")


def _mean(name: str, side: Side) -> str:
    return f"{{{name}_mean:percent}} over {{{name}_seeds}} seed{'s' if len(side.own) != 1 else ''}"


def _without_test(pair: Pair, figures: dict, runs: list[str]) -> Finding:
    if pair.why == SEED:
        figures |= {"gap": pair.a.run["final"]["accuracy"] - pair.b.run["final"]["accuracy"], "sd": pair.a.noise.sd}
        text = "{a} and {b} differ in the seed alone, so their gap of {gap:points} is what seeds do"
        text += "" if pair.a.noise.sd is None else "; the SD between seeds of one choice is {sd:points}"
        return write("versus", text + ".", figures, runs, "likely")
    what = "other weights of the teacher or other data" if pair.why == GROUND else "other examples, since only one of them is a full run"
    return write("versus", f"{{a}} and {{b}} were measured on {what}, so their gap says nothing.", figures, runs, "unknown")


def partners(a: Iterable[dict], b: Iterable[dict]) -> list[tuple[dict, dict]]:
    """Return runs of A, each with the run of B that learned from the same batches in the same order, as the runners of a race do: same data, seed,
    budget and training settings; layers, objective and seeding may differ."""
    others = list(b)
    alike = lambda one, run: same_ground(one, run) and all(one["recipe"][name] == run["recipe"][name] for name in ("seed", "budget", "optimiser"))
    return [(one, other) for one in a if (other := next((run for run in others if alike(one, run)), None)) is not None]


def compare_paired(a: list[dict], b: list[dict], noise: PairedNoise, unpaired: SeedNoise, test: TestSet, flips: float = 0.0) -> Comparison:
    """Compare A with B. Where every run of both sides has its partner on the other, the noise is that of paired differences; else, and where that
    noise is not known, `compare` of the two sets of runs with the seed noise `unpaired`. noise: of choices with the settings of these runs."""
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


def samples_like(record: dict, saved: Iterable[dict]) -> dict[Choice, list[dict]]:
    """Return the finished runs that differ from this one in nothing but layers (as many) and seed, one a seed, by choice: what `paired_noise`
    is measured on."""
    found: dict[Choice, list[dict]] = {}
    for run in saved:
        alike = run["status"] == "finished" and not run.get("mistake") and same_ground(run, record) and settings_of(run) == settings_of(record)
        choice = choice_of(run)
        if alike and choice and len(choice) == len(record["recipe"]["layers"]):
            runs = found.setdefault(choice, [])
            if all(other["recipe"]["seed"] != run["recipe"]["seed"] for other in runs):
                runs.append(run)
    return found


def pairing_finding(noise: PairedNoise, runs: Iterable[str] = ()) -> Finding:
    """Say what pairing gains on this task, size and budget."""
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
