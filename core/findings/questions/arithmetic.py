"""The same runs with matrix products in bfloat16 and in float32: whether the arithmetic that a machine gains by changes what comes out."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.landscape import Landscape
from core.findings.questions.changed_setting import differing_by

USUAL, ASKED = "bfloat16", "float32"  # what the runs were made in: where nothing was asked for, and where fp32 was


@dataclass(frozen=True)
class Arithmetic:
    """Runs that agree in all but their precision, one pair a choice and seed. differences: final accuracy in float32 less that in bfloat16.
    differing: the examples, of `examples`, that a pair classes otherwise."""

    usual: Landscape
    other: Landscape
    differences: tuple[float, ...]
    differing: tuple[int, ...]
    examples: int

    @property
    def mean(self) -> float:
        return statistics.mean(self.differences)


def arithmetic(found: Sequence[Landscape]) -> list[Arithmetic]:
    """Compare every landscape whose runs chose bfloat16 themselves with the same runs that were asked for float32."""
    return [one for usual, other in differing_by(found, _in_fp32) if (one := _beside(usual, other))]


def _in_fp32(settings: dict) -> dict | None:
    optimiser = settings["optimiser"]
    return settings | {"optimiser": optimiser | {"precision": "fp32"}} if optimiser["precision"] == "auto" else None


def _beside(usual: Landscape, other: Landscape) -> Arithmetic | None:
    twins = []
    for choice, runs in usual.runs.items():
        by_seed = {run["recipe"]["seed"]: run for run in other.runs.get(choice, ())}
        twins += [(run, by_seed[run["recipe"]["seed"]]) for run in runs if run["recipe"]["seed"] in by_seed]
    twins = [(a, b) for a, b in twins if (a["environment"]["dtype"], b["environment"]["dtype"]) == (USUAL, ASKED)]
    if not twins:
        return None
    return Arithmetic(
        usual, other, tuple(b["final"]["accuracy"] - a["final"]["accuracy"] for a, b in twins),
        tuple(sum(x != y for x, y in zip(a["predictions"], b["predictions"], strict=True)) for a, b in twins), len(twins[0][0]["predictions"]),
    )
