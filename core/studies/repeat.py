"""Saved runs made again: does this program, here, find what the file says?"""

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import LabError
from core.statistics.distributions import t_quantile
from core.statistics.noise import pooled
from core.store.exchange import DIGITS
from core.store.ground import ground

RUNS = 3
TOLERANCE = 0.005  # of accuracy: half a point
ROUNDED = 0.5 * 10**-DIGITS  # what a saved accuracy can be off by


@dataclass(frozen=True)
class Repeat:
    """A stored run beside the same recipe run again. Accuracies are shares; differing: examples of `of` that are now classed otherwise.

    elsewhere: the processor that made the stored run, where it is another than this one; '' for the same. allowed: how far apart the two may be."""

    id: str
    stored: float
    found: float
    differing: int
    of: int
    elsewhere: str = ""
    allowed: float = TOLERANCE

    @property
    def holds(self) -> bool:
        return abs(self.found - self.stored) <= self.allowed + ROUNDED + 1e-9


def pick_comparable(records: Sequence[dict], arithmetic: Callable[[str], tuple[str, str, str]], seed: int) -> list[dict]:
    """Choose RUNS of the records that this machine would make with the same arithmetic, chosen by the seed, whatever their order in the file.

    arithmetic: the precision that a recipe asks for -> the kind of device, the dtype and the name of the processor that it gets here. In another
    dtype the same recipe may end as far off as with another seed: rounding grows over some hundred steps (core/findings/two_landscapes.py measures
    how far). Another processor rounds otherwise too, so runs of this one are chosen where the file has any.
    Where the file has fewer, all of them. LabError when it has none.
    """
    asked = lambda record: arithmetic(record["recipe"]["optimiser"]["precision"])
    comparable = sorted((record for record in records if asked(record)[:2] == made_with(record)), key=lambda record: record["id"])
    if not comparable:
        named = lambda pairs: ", ".join(f"{kind} in {dtype}" for kind, dtype in sorted(pairs))
        made = "it holds no finished runs"
        if records:
            here = named({asked(record)[:2] for record in records})
            made = f"its runs were made on {named(set(map(made_with, records)))}, here they would be on {here}"
        raise LabError(f"The file has nothing to check on this machine: {made}.")
    alike = [record for record in comparable if record["environment"].get("device_name") == asked(record)[2]] or comparable
    return random.Random(seed).sample(alike, min(RUNS, len(alike)))


def made_with(record: dict) -> tuple[str, str]:
    """Return the kind of device and the dtype."""
    return record["environment"]["device"], record["environment"]["dtype"]


def scatter(records: Sequence[dict]) -> float | None:
    """Return how far apart two runs that differ in their seed alone lie at most, 19 times in 20; None where no recipe was repeated."""
    seeds: dict[str, list[float]] = {}
    for record in records:
        alike = {name: value for name, value in record["recipe"].items() if name != "seed"} | {"staged": record.get("staged", {}).get("method")}
        seeds.setdefault(json.dumps(alike, sort_keys=True), []).append(record["final"]["accuracy"])
    noise = pooled(seeds.values())
    return None if noise.sd is None else float(t_quantile(0.95, noise.df)) * math.sqrt(2) * noise.sd


def compare(stored: dict, again: dict, records: Sequence[dict] = ()) -> Repeat:
    """Compare two runs of one recipe; records: of the file, which show what seeds do, for a stored run of another processor.

    LabError when they were made with different teachers or data, which no repeat can mend."""
    before, now = (run["environment"].get("device_name", "") for run in (stored, again))
    elsewhere = before if before != now else ""
    if ground(stored) != ground(again):
        what = "other weights of its teacher" if ground(stored)[1] == ground(again)[1] else "other data"
        why = f" It was made on another processor, {elsewhere}, where a teacher is tuned to slightly other weights." if elsewhere else ""
        raise LabError(f"The saved run {stored['id']} was made with {what} than are here, so it cannot be checked.{why}")
    one, other = stored["predictions"], again["predictions"]
    differing = sum(a != b for a, b in zip(one, other, strict=True))
    allowed = max(TOLERANCE, scatter(records) or 0.0) if elsewhere else TOLERANCE
    return Repeat(stored["id"], stored["final"]["accuracy"], again["final"]["accuracy"], differing, len(one), elsewhere, allowed)
