"""What a chooser has to beat, which choosers do, and at what cost: one test for each pair, one error rate for a whole table.

The baselines: the presets run once with the best kept on validation, the lowest sum of layer numbers, and chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.findings.choosers.regret import Ground, Judged, judge, truth_for
from core.findings.evidence import Choice
from core.findings.finding import points
from core.findings.landscape import Landscape
from core.statistics import regret as study
from core.statistics import verdict
from core.statistics.agreement import sum_of_layers
from core.statistics.noise import POWER
from core.studies.choosers import picks
from core.studies.choosers.methods.presets import preset_choices

BASELINES = {"presets-once": "the presets once, the best on validation", "lowest-sum": "the lowest sum of layer numbers", "random": "at random"}
COMPARED_WITH = ("presets-once", "lowest-sum")
WORDS = {verdict.HIGHER: "better", verdict.LOWER: "worse", verdict.WITHIN: "within", verdict.UNKNOWN: "few"}
MOST = 4  # presets that are run once; spread stands in where a parity has too few layers


@dataclass(frozen=True)
class Baseline:
    """policy: (S, C), for each seed the probabilities of its picks. pick: where it is the same for all seeds. cost: in full runs of one seed."""

    method: str
    policy: np.ndarray
    pick: Choice | None
    cost: float


def baselines(ground: Ground) -> list[Baseline]:
    """Return the baselines that the saved runs allow: none where not every choice was run."""
    if not ground.complete:
        return []
    trials = ground.trials
    candidates = preset_rows(trials.choices, ground.landscape.layers, ground.landscape.k)
    lowest = max(trials.choices, key=sum_of_layers)
    once = Baseline("presets-once", study.kept_on_validation(ground.validation, candidates), None, float(len(candidates)))
    return [once, Baseline("lowest-sum", trials.always(lowest), lowest, 0.0), Baseline("random", trials.chance(), None, 0.0)]


def judged_baselines(ground: Ground) -> list[Judged]:
    """Judge every baseline as a chooser is."""
    trials, found = ground.trials, []
    for one in baselines(ground):
        scored = one.method == "lowest-sum"
        tau, tau_interval = study.score_tau(trials, [sum_of_layers(choice) for choice in trials.choices]) if scored else (None, None)
        found.append(Judged(
            one.method, BASELINES[one.method], one.pick, float(study.regret(trials.accuracies, one.policy)), study.bound(trials, one.policy),
            ground.rank(one.pick) if one.pick else None, len(trials.choices), tau, tau_interval, one.cost, None, 0, bar=True,
        ))
    return found


def preset_rows(choices: Sequence[Choice], layers: int, k: int) -> list[int]:
    """Return the rows of the presets among the choices: the first four that name k layers and were measured, each once."""
    return [choices.index(choice) for choice in preset_choices(layers, k) if choice in choices][:MOST]


@dataclass(frozen=True)
class Verdict:
    """A chooser's pick beside a baseline, judged together with all others of a table: its mean test accuracy less the baseline's. cheaper: whether
    choosing took less than the baseline does; None where its cost is not known."""

    chooser: Judged
    baseline: Baseline
    judged: verdict.Verdict
    cheaper: bool | None

    @property
    def gain(self) -> float:
        return self.judged.comparison.difference

    @property
    def word(self) -> str:
        """"better" or "worse"; "within" where the gap is shown to be narrow; "few" runs to tell; "unknown" without any noise."""
        return WORDS[self.judged.word] if self.judged.known else "unknown"


@dataclass(frozen=True)
class Table:
    """The saved picks of one teacher, task and size. ground: the full runs that they are judged by, None without any. refused: why the regret of
    some picks, or of all, must not be known; '' where none is refused. judged: the picks by regret, then the baselines."""

    ground: Ground | None
    refused: str
    judged: list[Judged]
    verdicts: list[Verdict]


def judged_table(documents: Sequence[dict], found: Sequence[Landscape], frozen: Mapping[str, str]) -> Table:
    """Judge picks of one teacher, task and size by the full runs that are found for them; a refused pick keeps its cost in seconds alone."""
    reasons = [picks.refusal(document, frozen) for document in documents]
    admitted = [document for document, reason in zip(documents, reasons) if not reason]
    refused = next(filter(None, reasons), "")
    ground = next(filter(None, (truth_for(document, found) for document in admitted)), None)
    if ground is None:
        return Table(None, refused, [judge(None, document, frozen) for document in documents], [])
    shown = [document for document in documents if document["method"] not in BASELINES]
    rows = [judge(None if picks.refusal(document, frozen) else ground, document, frozen) for document in shown]
    compared = [row for row, document in zip(rows, shown) if not document["baseline"] and row.regret is not None]
    by_regret = sorted(rows, key=lambda row: (row.regret is None, row.regret or 0.0))
    return Table(ground, refused, by_regret + judged_baselines(ground), verdicts(ground, compared))


def verdicts(ground: Ground, choosers: Sequence[Judged]) -> list[Verdict]:
    """Compare every chooser whose pick was measured with each of COMPARED_WITH. The baselines' picks are taken as they fell: the noise is that of
    the accuracies of both sides, from seeds and test examples."""
    trials, found = ground.trials, []
    for baseline in (one for one in baselines(ground) if one.method in COMPARED_WITH):
        for one in choosers:
            if one.pick in trials.choices:
                weights = (trials.always(one.pick) - baseline.policy).T / len(baseline.policy)  # (C, S)
                found.append((one, baseline, trials.contrast(weights)))
    judged = verdict.judged_together([comparison for *_, comparison in found])
    return [
        Verdict(one, baseline, made, None if one.cost is None else one.cost < baseline.cost)
        for (one, baseline, _), made in zip(found, judged, strict=True)
    ]


def sentences(found: Sequence[Verdict]) -> list[str]:
    """Say for each baseline which choosers are better, as good and worse, each with its cost in full runs; or that it is not known."""
    if not found:
        return []
    if all(one.word == "unknown" for one in found):
        return ["With so few seeds it is not known which chooser beats a bar."]
    return [_sentence([one for one in found if one.baseline.method == name]) for name in dict.fromkeys(one.baseline.method for one in found)]


def _sentence(found: Sequence[Verdict]) -> str:
    baseline = found[0].baseline
    named = lambda word, more=lambda one: "": "; ".join(one.chooser.title + _bracket(one, more(one)) for one in found if one.word == word)
    parts = [f"Better: {named('better') or 'none'}.", f"Worse: {named('worse') or 'none'}."]
    if within := named("within", lambda one: f"within {points(one.judged.far)}" if one.judged.far else "the same choice"):
        parts.append(f"Shown to be near: {within}.")
    if few := named("few", lambda one: points(one.judged.findable) if one.judged.findable else "no gap"):
        parts.append(f"Too few runs to tell (in brackets also the gap that they would find with {100 * POWER:.0f} % power): {few}.")
    return f"Against {BASELINES[baseline.method]} ({baseline.cost:.2f} full runs). {' '.join(parts)}"


def _bracket(one: Verdict, more: str) -> str:
    cost = "" if one.chooser.cost is None else f"{one.chooser.cost:.2f}"
    inside = ", ".join(filter(None, (cost, more)))
    return f" ({inside})" if inside else ""


def overall(tables: Sequence[Sequence[Verdict]]) -> str:
    """Say over all held-out tables whose noise is known which choosers beat a baseline in one and lose to it in none, and which do neither in any,
    with the range of their costs in full runs. '' with fewer than two such tables."""
    known = [table for table in tables if any(one.word != "unknown" for one in table)]
    if len(known) < 2:
        return ""
    said = []
    for name in COMPARED_WITH:
        beside = [[one for one in table if one.baseline.method == name] for table in known]
        if any(beside):
            cost = _range([one.baseline.cost for table in beside for one in table[:1]])
            better, neither = _never_worse(beside, any), _never_worse(beside, lambda words: not any(words))
            beaten = f"better in at least one and worse in none, {better}; told to be neither in any, {neither}"
            said.append(f"Against {BASELINES[name]} ({cost} full runs): {beaten}.")
    return f"Over the {len(known)} held-out tables (another task or teacher) with several seeds. {' '.join(said)}"


def _never_worse(tables: Sequence[Sequence[Verdict]], which: Callable[[list[bool]], bool]) -> str:
    """Name the choosers that stand in every table, are worse in none, and whose wins, one bool a table, are as asked."""
    found: dict[str, list[Verdict]] = {}
    for one in (one for table in tables for one in table):
        found.setdefault(one.chooser.title, []).append(one)
    in_all = {title: ones for title, ones in found.items() if len(ones) == len(tables)}
    never_worse = {title: ones for title, ones in in_all.items() if all(one.word in ("better", "within", "few") for one in ones)}
    named = []
    for title, ones in never_worse.items():
        if which([one.word == "better" for one in ones]):
            costs = [one.chooser.cost for one in ones if one.chooser.cost is not None]
            named.append(f"{title} ({_range(costs)})" if costs else title)
    return "; ".join(named) or "no chooser"


def _range(costs: Sequence[float]) -> str:
    low, high = f"{min(costs):.2f}", f"{max(costs):.2f}"
    return low if low == high else f"{low} to {high}"
