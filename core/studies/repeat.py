"""Saved runs made again: does this program, here, find what the file says?"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LabError

RUNS = 3
TOLERANCE = 0.005  # of accuracy: half a point


@dataclass(frozen=True)
class Repeat:
    """A stored run beside the same recipe run again. Accuracies are shares; differing: examples of `of` that are now classed otherwise."""

    id: str
    stored: float
    found: float
    differing: int
    of: int

    @property
    def holds(self) -> bool:
        return abs(self.found - self.stored) <= TOLERANCE + 1e-9


def picked(records: Sequence[dict], device: str, seed: int, runs: int = RUNS) -> list[dict]:
    """`runs` of the records that were made on this kind of device, chosen by the seed, whatever their order in the file.

    Where the file has fewer, all of them. LabError when none was made on this kind.
    """
    comparable = sorted((record for record in records if record["environment"]["device"] == device), key=lambda record: record["id"])
    if not comparable:
        kinds = sorted({record["environment"]["device"] for record in records})
        made = f"its runs were made on {', '.join(kinds)}" if kinds else "it holds no finished runs"
        raise LabError(f"The file has nothing to check on this device ({device}): {made}.")
    return random.Random(seed).sample(comparable, min(runs, len(comparable)))


def compare(stored: dict, again: dict) -> Repeat:
    """LabError when the two were made with different weights or data, which no repeat can mend."""
    if (stored["teacher"]["hash"], stored["task_hash"]) != (again["teacher"]["hash"], again["task_hash"]):
        raise LabError(f"The saved run {stored['id']} was made with another teacher or other data than are here, so it cannot be checked.")
    one, other = stored["predictions"], again["predictions"]
    differing = sum(a != b for a, b in zip(one, other, strict=True))
    return Repeat(stored["id"], stored["final"]["accuracy"], again["final"]["accuracy"], differing, len(one))
