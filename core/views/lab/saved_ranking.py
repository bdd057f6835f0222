"""The saved full runs of a size that can be compared with one another. No Streamlit."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from core.findings.evidence import choice_of, settings_of
from core.recipe import RUNGS


@dataclass(frozen=True)
class Table:
    """Comparable full runs: choice -> runs, one a seed, of one teacher, data, objective and budget."""

    runs: dict[tuple[int, ...], list[dict]]
    epochs: int
    objective: str

    @property
    def seeds(self) -> int:
        return min(map(len, self.runs.values()))


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
