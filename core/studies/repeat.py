"""Saved runs made again: does this program, here, find what the file says?"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import LabError
from core.store.ground import ground
from core.studies.sweep import DIGITS

RUNS = 3
TOLERANCE = 0.005  # of accuracy: half a point
ROUNDED = 0.5 * 10**-DIGITS  # what a saved accuracy can be off by


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
        return abs(self.found - self.stored) <= TOLERANCE + ROUNDED + 1e-9


def pick_comparable(records: Sequence[dict], arithmetic: Callable[[str], tuple[str, str]], seed: int) -> list[dict]:
    """Choose RUNS of the records that this machine would make with the same arithmetic, chosen by the seed, whatever their order in the file.

    arithmetic: the precision that a recipe asks for -> the kind of device and the dtype that it gets here. In another dtype the
    same recipe may end as far off as with another seed: rounding grows over some hundred steps (core/findings/two_landscapes.py
    measures how far).
    Where the file has fewer, all of them. LabError when it has none.
    """
    asked = lambda record: arithmetic(record["recipe"]["optimiser"]["precision"])
    comparable = sorted((record for record in records if asked(record) == made_with(record)), key=lambda record: record["id"])
    if not comparable:
        named = lambda pairs: ", ".join(f"{kind} in {dtype}" for kind, dtype in sorted(pairs))
        made = "it holds no finished runs"
        if records:
            made = f"its runs were made on {named(set(map(made_with, records)))}, here they would be on {named(set(map(asked, records)))}"
        raise LabError(f"The file has nothing to check on this machine: {made}.")
    return random.Random(seed).sample(comparable, min(RUNS, len(comparable)))


def made_with(record: dict) -> tuple[str, str]:
    """Return the kind of device and the dtype."""
    return record["environment"]["device"], record["environment"]["dtype"]


def compare(stored: dict, again: dict) -> Repeat:
    """Compare two runs of one recipe. LabError when they were made with different teachers or data, which no repeat can mend."""
    if ground(stored) != ground(again):
        raise LabError(f"The saved run {stored['id']} was made with another teacher or other data than are here, so it cannot be checked.")
    one, other = stored["predictions"], again["predictions"]
    differing = sum(a != b for a, b in zip(one, other, strict=True))
    return Repeat(stored["id"], stored["final"]["accuracy"], again["final"]["accuracy"], differing, len(one))
