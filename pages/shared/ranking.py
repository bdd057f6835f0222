"""Where a choice stands among all choices of its size, by the saved full runs, as far as noise lets one say. No Streamlit."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.findings.distributions import t_p_value
from core.findings.evidence import choice_of, gather, settings_of
from core.findings.holm import LEVEL, holm
from core.findings.noise import compare
from core.recipe import RUNGS
from core.store.saved import truth

ENOUGH = 20  # choices saved, or all there are, before anything is ranked
NO_SEEDS = 1e6  # degrees of freedom where only the test set's noise is known


@dataclass(frozen=True)
class Table:
    """Comparable full runs: choice -> runs, one a seed, of one teacher, data, objective and budget."""

    runs: dict[tuple[int, ...], list[dict]]
    epochs: int
    objective: str

    @property
    def seeds(self) -> int:
        return min(map(len, self.runs.values()))


@dataclass(frozen=True)
class Standing:
    """best, worst: the ranks (1 is the best) between which the noise leaves the choice; of: choices ranked."""

    best: int
    worst: int
    of: int


def needed(k: int, layers: int) -> int:
    """Choices that have to be saved before a choice of k layers is ranked."""
    return min(ENOUGH, math.comb(layers, k))


def table(k: int, weights: str | None, records: Iterable[dict]) -> Table | None:
    """The saved full runs of most choices of k layers, ascending, with this teacher's weights; of equals those of the ladder's full rung."""
    groups: dict[str, dict[tuple[int, ...], list[dict]]] = {}
    for record in records:
        choice = choice_of(record)
        if record["recipe"]["budget"]["epochs"] and record["teacher"]["hash"] == weights and len(choice) == k and list(choice) == sorted(set(choice)):
            key = json.dumps([record["task_hash"], settings_of(record)], sort_keys=True)
            groups.setdefault(key, {}).setdefault(choice, []).append(record)
    if not groups:
        return None
    first = lambda runs: next(iter(runs.values()))[0]["recipe"]
    best = max(groups.values(), key=lambda runs: (len(runs), first(runs)["budget"]["epochs"] == RUNGS["full"].epochs, sum(map(len, runs.values()))))
    return Table(best, first(best)["budget"]["epochs"], first(best)["objective"]["name"])


def standing(layers: tuple[int, ...], found: Table) -> Standing | None:
    """None when the choice is not among the runs. "Clearly better" or "worse" is what `core.findings` tests, Holm over all pairs."""
    own = found.runs.get(tuple(layers))
    if not own:
        return None
    evidence = gather(own[0], [record for runs in found.runs.values() for record in runs], truth(own[0]["task_hash"], own[0]["split"]))
    pairs = [compare(evidence.own, runs, evidence.noise, evidence.noise, evidence.test, evidence.flips) for runs in evidence.others.values()]
    adjusted = holm([_p(pair) for pair in pairs], [1.0] * len(pairs))
    clear = [pair.difference for pair, p in zip(pairs, adjusted, strict=True) if p <= LEVEL]
    of = len(found.runs)
    return Standing(1 + sum(d < 0 for d in clear), of - sum(d > 0 for d in clear), of)


def _p(pair) -> float:
    """Of the difference; by the test set's noise alone where no choice has two seeds."""
    if pair.p is not None:
        return pair.p
    return t_p_value(pair.difference / math.sqrt(pair.test_variance), NO_SEEDS) if pair.test_variance else float(pair.difference == 0)
