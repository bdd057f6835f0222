"""A few runs against each other, each with every saved seed of its kind: all pairs tested together, with a finding for each.

Runs of the same seed learn from the same batches, but what seeds do to two choices in common is small (`pairing_finding`), so that no comparison is
paired by seed: its noise would rest on few differences of two choices."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.findings.evidence import Choice, choice_of, gather, interval, same_ground, settings_of
from core.findings.finding import Finding, write
from core.findings.words import few, no_noise, no_wider
from core.statistics.collapse import collapsed
from core.statistics.noise import ChoiceNoise, Comparison, SeedNoise, compare, mean_accuracy
from core.statistics.paired import PairedNoise
from core.statistics.testset import TestSet
from core.statistics.verdict import Verdict, judged_together
from core.store.ground import ground
from core.store.saved import Truth

SEED, SPLIT, GROUND = "seed", "split", "ground"  # why two entries are not tested against each other


@dataclass(frozen=True)
class Side:
    """An entry of the comparison. name: as sentences call it. run: the one that is shown of it. own: the runs that differ from it in the seed
    alone, itself first. noise: between its seeds (`each_its_own`, beside every saved choice of its size and settings); average: pooled over those;
    samples: those."""

    name: str
    run: dict
    own: list[dict]
    noise: ChoiceNoise
    average: SeedNoise
    samples: dict[Choice, list[dict]]

    @property
    def mean(self) -> float:
        """Final accuracy over its seeds."""
        return mean_accuracy(self.own)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the mean over seeds; None while the noise between seeds is unknown."""
        return interval(self.mean, self.noise)

    @property
    def collapsed(self) -> int:
        """How many of its runs collapsed."""
        return sum(map(collapsed, self.own))


@dataclass(frozen=True)
class Pair:
    """verdict: a against b, None where the two are not tested; why: then one of SEED, SPLIT and GROUND, else ''."""

    a: Side
    b: Side
    verdict: Verdict | None
    why: str = ""

    @property
    def word(self) -> str:
        """higher or lower (a than b), within, unknown; for two seeds of one recipe 'same'."""
        if self.verdict is None:
            return "same" if self.why == SEED else "unknown"
        return self.verdict.word


def sides(named: Sequence[tuple[str, dict]], saved: Iterable[dict]) -> list[Side]:
    """Gather the runs of every entry. named: (name, finished run) of each. saved: runs that may stand beside them, of whatever kind."""
    related = [*saved, *(run for _, run in named)]
    kinds: dict[str, dict[Choice, list[dict]]] = {}
    found = []
    for name, run in named:
        evidence = gather(run, related)
        kind = json.dumps([*ground(run), evidence.k, settings_of(run)], sort_keys=True)
        samples = kinds.setdefault(kind, evidence.twins)  # the same object for all entries of a kind
        found.append(Side(name, run, evidence.own, evidence.noises[evidence.k][evidence.choice], evidence.noise, samples))
    return found


def pairs(found: Sequence[Side], truth: Callable[[str, str], Truth | None]) -> list[Pair]:
    """Test every two of the entries, all together (Holm). truth: (a task's hash, a split) -> the truth of its examples."""
    both = list(combinations(found, 2))
    reasons = [untested(a, b) for a, b in both]
    compared = [None if why else _compare(a, b, truth(a.run["task_hash"], a.run["split"])) for (a, b), why in zip(both, reasons, strict=True)]
    judged = iter(judged_together([one for one in compared if one]))
    return [Pair(a, b, one and next(judged), why) for (a, b), one, why in zip(both, compared, reasons, strict=True)]


def untested(a: Side, b: Side) -> str:
    """Return why the two cannot be tested against each other; '' where they can."""
    if not same_ground(a.run, b.run):
        return GROUND
    if a.run["split"] != b.run["split"]:
        return SPLIT
    return SEED if (choice_of(a.run), settings_of(a.run)) == (choice_of(b.run), settings_of(b.run)) else ""


def _compare(a: Side, b: Side, truth: Truth | None) -> Comparison:
    samples = [*a.samples.values(), *(b.samples.values() if b.samples is not a.samples else ())]
    test = TestSet(truth if truth and len(truth.labels) == len(a.run["predictions"]) else None)
    return compare(a.own, b.own, a.noise, b.noise, test, test.flips(samples))


def pair_findings(found: Sequence[Pair]) -> list[Finding]:
    """Write a finding for each pair: first what is better, then what is no wider than so many points, then what cannot be said."""
    order = ("higher", "lower", "within", "same", "unknown")
    tested = sum(pair.verdict is not None and pair.verdict.p is not None for pair in found)
    return [_pair_finding(pair, tested) for pair in sorted(found, key=lambda pair: order.index(pair.word))]


def _pair_finding(pair: Pair, tested: int) -> Finding:
    runs = [run["id"] for side in (pair.a, pair.b) for run in side.own]
    figures = {"a": pair.a.name, "b": pair.b.name, "tested": tested}
    if pair.verdict is None:
        return _without_test(pair, figures, runs)
    figures |= pair.verdict.figures("pair") | {"a_mean": pair.a.mean, "b_mean": pair.b.mean}
    figures |= {"a_seeds": len(pair.a.own), "b_seeds": len(pair.b.own), "a_collapsed": pair.a.collapsed, "b_collapsed": pair.b.collapsed}
    first, second = (("b", pair.b), ("a", pair.a)) if pair.word == "lower" else (("a", pair.a), ("b", pair.b))
    means = f"({_mean(*first)}, {_mean(*second)}"
    if pair.word in ("higher", "lower"):
        better, worse = ("a", "b") if pair.word == "higher" else ("b", "a")
        template = f"{{{better}}} is better than {{{worse}}} by {{pair_difference:points}} {means})."
        return write("versus", template, figures, runs, "clear")
    if pair.word == "within":
        return write("versus", f"{{a}} and {{b}} {no_wider(figures, pair.verdict)} {means}).", figures, runs, "within")
    if not pair.verdict.known:
        return write("versus", f"Is {{a}} or {{b}} better {means})? {no_noise(figures, pair.a.average).capitalize()}.", figures, runs, "unknown")
    return write("versus", f"Is {{a}} or {{b}} better {means})? {few(figures, pair.verdict).capitalize()}", figures, runs, "unknown")


def _mean(name: str, side: Side) -> str:
    gone = f", {{{name}_collapsed}} of them collapsed" if side.collapsed and len(side.own) > 1 else ", collapsed" if side.collapsed else ""
    return f"{{{name}_mean:percent}} over {{{name}_seeds}} seed{'s' if len(side.own) != 1 else ''}{gone}"


def _without_test(pair: Pair, figures: dict, runs: list[str]) -> Finding:
    if pair.why == SEED:
        figures |= {"gap": pair.a.run["final"]["accuracy"] - pair.b.run["final"]["accuracy"], "sd": pair.a.average.sd}
        text = "{a} and {b} differ in the seed alone, so their gap of {gap:points} is what seeds do"
        text += "" if pair.a.average.sd is None else "; the SD between seeds of one choice is {sd:points}"
        return write("versus", text + ".", figures, runs, "likely")
    what = "other weights of the teacher or other data" if pair.why == GROUND else "other examples, since only one of them is a full run"
    return write("versus", f"{{a}} and {{b}} were measured on {what}, so their gap says nothing.", figures, runs, "unknown")


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
