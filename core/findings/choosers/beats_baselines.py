"""Which choosers beat which bars, and at what cost: one test for each pair, one error rate for a whole table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.findings.choosers.baselines import BARS, Bar, policies
from core.findings.choosers.regret import Ground, Judged
from core.statistics.distributions import t_p_value
from core.statistics.holm import holm, verdict

BEATEN = ("presets-once", "lowest-sum")


@dataclass(frozen=True)
class Verdict:
    """A chooser's pick beside a bar. gain: its mean test accuracy less the bar's, a fraction. p: adjusted by Holm over all verdicts of a
    table; None while the noise is unknown. cheaper: whether choosing took less than the bar does; None where its cost is not known."""

    chooser: Judged
    bar: Bar
    gain: float
    p: float | None
    cheaper: bool | None

    @property
    def word(self) -> str:
        return verdict(self.gain, self.p, "better", "worse")


def verdicts(ground: Ground, choosers: Sequence[Judged]) -> list[Verdict]:
    """Of every chooser whose pick was measured, beside each of BEATEN. The bar's picks are taken as they fell: the noise is that of the
    accuracies of both sides, from seeds and test examples, with the same resamples (Trials.noise)."""
    trials, found = ground.trials, []
    for bar in (bar for bar in policies(ground) if bar.method in BEATEN):
        for one in choosers:
            if one.pick in trials.choices:
                weights = (trials.always(one.pick) - bar.policy).T / len(bar.policy)  # (C, S)
                gain = float((trials.accuracies * weights).sum())
                found.append((one, bar, gain, _p(ground, weights, gain), None if one.cost is None else one.cost < bar.cost))
    tested = [i for i, each in enumerate(found) if each[3] is not None]
    adjusted = dict(zip(tested, holm([found[i][3] for i in tested], [1.0] * len(tested))))
    return [Verdict(one, bar, gain, adjusted.get(i), cheaper) for i, (one, bar, gain, _, cheaper) in enumerate(found)]


def _p(ground: Ground, weights: np.ndarray, gain: float) -> float | None:
    """Two-sided, under Student's t with the seed noise's degrees of freedom, the fewest that either kind of noise has."""
    trials = ground.trials
    if trials.noise is None:
        return None
    error = float(np.einsum("tcs,cs->t", trials.noise, weights).std())
    return t_p_value(gain / error, ground.landscape.noise.df) if error else float(gain == 0)


def sentences(found: Sequence[Verdict]) -> list[str]:
    """For each bar which choosers are better, as good and worse, each with its cost in full runs; for unknown noise that nothing is known."""
    if not found:
        return []
    if all(one.word == "unknown" for one in found):
        return ["With so few seeds it is not known which chooser beats a bar."]
    return [_sentence([one for one in found if one.bar.method == bar]) for bar in dict.fromkeys(one.bar.method for one in found)]


def _sentence(of_bar: Sequence[Verdict]) -> str:
    bar = of_bar[0].bar
    cost = lambda one: "" if one.chooser.cost is None else f" ({one.chooser.cost:.2f})"
    named = lambda word: "; ".join(one.chooser.title + cost(one) for one in of_bar if one.word == word) or "none"
    groups = " ".join(f"{word.capitalize()}: {named(word)}." for word in ("better", "tie", "worse"))
    return f"Against {BARS[bar.method]} ({bar.cost:.2f} full runs). {groups}"


def overall(tables: Sequence[Sequence[Verdict]]) -> str:
    """Over all tables, held-out ones, whose noise is known: which choosers beat a bar in one and lose to it in none, which never lose to it,
    with the range of their costs in full runs, and what the bar costs. '' with fewer than two such tables."""
    known = [table for table in tables if any(one.word != "unknown" for one in table)]
    if len(known) < 2:
        return ""
    told = []
    for bar in BEATEN:
        of_bar = [[one for one in table if one.bar.method == bar] for table in known]
        if not any(of_bar):
            continue
        found: dict[str, list[Verdict]] = {}
        for one in (one for table in of_bar for one in table):
            found.setdefault(one.chooser.title, []).append(one)
        never_worse = {title: ones for title, ones in found.items() if len(ones) == len(known) and all(one.word in ("better", "tie") for one in ones)}
        beats = [_with_cost(title, ones) for title, ones in never_worse.items() if any(one.word == "better" for one in ones)]
        ties = [_with_cost(title, ones) for title, ones in never_worse.items() if all(one.word == "tie" for one in ones)]
        told.append(
            f"{BARS[bar]} ({_range([one.bar.cost for table in of_bar for one in table[:1]])} full runs): better in at least one and worse in none, "
            f"{'; '.join(beats) or 'no chooser'}; a tie in all, {'; '.join(ties) or 'no chooser'}."
        )
    return f"Over the {len(known)} held-out tables with several seeds. " + " ".join(f"Against {sentence}" for sentence in told)


def _with_cost(title: str, ones: Sequence[Verdict]) -> str:
    costs = [one.chooser.cost for one in ones if one.chooser.cost is not None]
    return f"{title} ({_range(costs)})" if costs else title


def _range(costs: Sequence[float]) -> str:
    low, high = f"{min(costs):.2f}", f"{max(costs):.2f}"
    return low if low == high else f"{low} to {high}"
