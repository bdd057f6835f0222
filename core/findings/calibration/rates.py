"""Count what is said of drawn worlds: false verdicts where all choices are equal, true ones where one is better."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from core.findings.calibration.worlds import CHOICES, WORLDS, Cell, Drawn, draw, with_control
from core.findings.evidence import Evidence, choice_of
from core.findings.explanation.comparisons import verdicts
from core.findings.landscape import WORSE, Landscape
from core.statistics.distributions import exact_interval
from core.statistics.noise import Comparison
from core.statistics.verdict import HIGHER

NULL, POWER, EVERY = 2000, 200, 1000  # worlds of a cell; EVERY: of an explanation of every choice
AGAIN = 200  # of the first of them the counts are kept by themselves, so that they can be made again
SEEDS, EXAMPLES, GAPS = (2, 3, 10), (600, 3000), (0.03, 0.08)
FALSE = ("explanation", "explanation, noisiest choice", "explanation, steadiest choice", "table", "all pairs", "two noisiest, one pair")
FOUND = ("table", "explanation")


def cells() -> list[Cell]:
    """Return every cell: those where all choices are equal first."""
    null = [Cell(world, seeds, examples) for seeds in SEEDS for world in WORLDS for examples in EXAMPLES]
    return null + [Cell(one.world, one.seeds, one.examples, gap) for one in null for gap in GAPS]


def count(cell: Cell, worlds: int, step: Callable[[int], None] = lambda number: None) -> dict:
    """Count a cell: `counts` over all worlds, and `first` over the first AGAIN of them."""
    said = (found_true if cell.gap else found_false)
    total: Counter = Counter()
    first: dict = {}
    for number in range(worlds):
        total.update(dict(said(draw(cell, number), number)))
        if number + 1 == min(AGAIN, worlds):
            first = dict(total)
        step(number)
    names = FOUND if cell.gap else FALSE
    return {"worlds": worlds, "counts": {name: total[name] for name in names}, "first": {name: first.get(name, 0) for name in names}}


def found_false(drawn: Drawn, number: int) -> Iterator[tuple[str, int]]:
    """Yield (statistic, whether it says anything false), all choices being equal."""
    one = Landscape(drawn.runs, drawn.test)
    yield "all pairs", any(verdict.clear for verdict in one.verdicts.values())
    yield "table", any(one.beside_best(choice).clear for choice in CHOICES if choice != one.best)
    order = drawn.sds.argsort()
    for name, place in zip(FALSE, (number % len(CHOICES), order[-1], order[0])):
        judged = verdicts(evidence(drawn, CHOICES[place]))
        yield name, any(verdict.clear for key, verdict in judged.items() if key[0] == "choice")
    a, b = (CHOICES[place] for place in order[-2:])
    yield FALSE[-1], one.judge([(a, b)])[0].clear


def found_true(drawn: Drawn, number: int) -> Iterator[tuple[str, float]]:
    """Yield (statistic, share of the other choices that are called worse than the better one)."""
    one, others = Landscape(drawn.runs, drawn.test), len(CHOICES) - 1
    yield "table", (one.best == drawn.better) * sum(word == WORSE for word in one.against_best.values()) / others
    judged = verdicts(evidence(drawn, drawn.better))
    yield "explanation", sum(verdict.word == HIGHER for key, verdict in judged.items() if key[0] == "choice") / others


def count_every(cell: Cell, worlds: int) -> dict:
    """Count for each choice, by how far its seeds scatter (the noisiest first), the worlds in which its explanation says anything false: of other
    choices, of the control or of groups of examples."""
    false = sum(false_of_each(draw(cell, number), number).astype(int) for number in range(worlds))
    return {"worlds": worlds, "counts": false.tolist()}


def false_of_each(drawn: Drawn, number: int) -> np.ndarray:
    """Return whether the explanation of a choice says anything false, the noisiest first: (C,)."""
    runs = with_control(drawn, number)
    found = [Together(runs[CHOICES[place]][0], [], drawn.test, {3: runs}) for place in drawn.sds.argsort(kind="stable")[::-1]]
    for one in found[1:]:
        one.measured_once(found[0])
    said = lambda key: key[0] in ("choice", "control", "group")
    return np.array([any(verdict.clear for key, verdict in verdicts(one).items() if said(key)) for one in found])


@dataclass
class Together(Evidence):
    """Evidence of several choices of the same runs: what they share is measured once."""

    known: dict[frozenset, Comparison] = field(default_factory=dict)

    def measured_once(self, first: "Together") -> None:
        self.known = first.known
        for name in ("noises", "groups", "group_noise", "flips"):
            self.__dict__[name] = getattr(first, name)

    def compare(self, runs: list[dict]) -> Comparison:
        pair = frozenset((self.choice, choice_of(runs[0])))
        if pair not in self.known:
            self.known[pair] = super().compare(runs)
        return self.known[pair]


def evidence(drawn: Drawn, choice) -> Evidence:
    run = drawn.runs[choice][0]
    return Evidence(run, [one for runs in drawn.runs.values() for one in runs], drawn.test, {len(choice_of(run)): drawn.runs})


def holds(counts: int, worlds: int) -> bool:
    """Return whether a rate of at most 5 % is not refuted: the lower end of the exact 99.9 % interval is not above it."""
    return exact_interval(counts, worlds, 0.999)[0] <= 0.05
