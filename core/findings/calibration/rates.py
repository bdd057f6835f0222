"""Count what is said of drawn worlds: false verdicts where all choices are equal, true ones where one is better."""

from collections import Counter
from collections.abc import Callable, Iterator

from core.findings.calibration.worlds import CHOICES, WORLDS, Cell, Drawn, draw
from core.findings.evidence import Evidence, choice_of
from core.findings.explanation.comparisons import verdicts
from core.findings.landscape import WORSE, Landscape
from core.statistics.distributions import exact_interval
from core.statistics.verdict import HIGHER

NULL, POWER = 2000, 200  # worlds of a cell
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


def evidence(drawn: Drawn, choice) -> Evidence:
    run = drawn.runs[choice][0]
    return Evidence(run, [one for runs in drawn.runs.values() for one in runs], drawn.test, {len(choice_of(run)): drawn.runs})


def holds(counts: int, worlds: int) -> bool:
    """Return whether a rate of at most 5 % is not refuted: the lower end of the exact 99.9 % interval is not above it."""
    return exact_interval(counts, worlds, 0.999)[0] <= 0.05
