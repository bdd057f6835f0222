"""What is known of each seam of a choice: what it costs the teacher, and the students that have some of its layers back."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from core.findings.evidence import Choice
from core.findings.explanation.comparisons import verdicts
from core.findings.why.students import Students
from core.recipe.seams import Seam
from core.statistics.verdict import Verdict, judged_together


@dataclass(frozen=True)
class Step:
    """Another choice, that has layers back, and at the same size gives others up for them. mean: its accuracy; seeds: 0 for the teacher itself.
    verdict: on its mean less that of the choice in question."""

    choice: Choice
    back: tuple[int, ...]
    given_up: tuple[int, ...]
    mean: float
    interval: tuple[float, float] | None
    seeds: int
    verdict: Verdict

    @property
    def gain(self) -> float:
        return self.verdict.comparison.difference

    @property
    def helps(self) -> bool:
        return self.verdict.word == "higher"


@dataclass(frozen=True)
class Pair:
    """Two neighbouring layers missing at one seam. both: with both back; first, second: with one of them. overlap: what each brings alone, summed,
    less what both bring. alone: the cost of losing the first where the second is there, and the other way round."""

    layers: tuple[int, int]
    first: Step
    second: Step
    both: Step
    overlap: Verdict
    alone: tuple[Verdict, Verdict]

    @property
    def stands_in(self) -> bool:
        """Whether one does the other's work: either brings most of what both bring, so that the second brings clearly less than it does alone."""
        enough = all(one.helps and one.gain >= ENOUGH * self.both.gain for one in (self.first, self.second))
        return enough and self.both.helps and self.overlap.word == "higher"


@dataclass(frozen=True)
class AtSeam:
    """What is known at one seam of the choice. closed: all of its layers back; back: one; swapped: one, with a layer given up; pairs: two. What is
    not saved is left out."""

    seam: Seam
    closed: Step | None
    back: tuple[Step, ...]
    swapped: tuple[Step, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Seen:
    """The seams of a choice, from the input to the output. loss: on this choice's mean less the teacher's accuracy. lead: (i, j) -> on what closing
    seam i brings less what closing j brings. excess: what closing each brings, summed, less all that is lost; None with one seam."""

    seams: tuple[AtSeam, ...]
    loss: Verdict
    lead: dict[tuple[int, int], Verdict]
    excess: Verdict | None


ENOUGH = 2 / 3  # of what both layers bring, for one to stand in for the other


def look(students: Students, seams: Sequence[Seam], opened: Callable[[int], bool]) -> Seen:
    """Judge everything that can be said of these seams.

    opened: whether figures of students of k layers may be seen; the others are tested and left out."""
    own, whole = students.own, students.whole
    with_back = lambda layers: tuple(sorted((*own, *layers)))
    closed = [with_back(seam.missing) for seam in seams]
    judged = _judged(students, _questions(own, whole, seams, with_back))

    def step(choice: Choice) -> Step | None:
        verdict = judged.get(("step", choice))
        if verdict is None or not (opened(len(choice)) or choice == whole):
            return None
        added, lost = tuple(sorted(set(choice) - set(own))), tuple(sorted(set(own) - set(choice)))
        return Step(choice, added, lost, students.mean(choice), students.interval(choice), len(students.runs(choice)), verdict)

    def pair(a: int, b: int) -> Pair | None:
        steps = [step(with_back(layers)) for layers in ([a], [b], [a, b])]
        if None in steps or ("overlap", a, b) not in judged:
            return None
        return Pair((a, b), *steps, judged["overlap", a, b], (judged["alone", a, b], judged["alone", b, a]))

    def at(seam: Seam) -> AtSeam:
        back = [step(with_back([layer])) for layer in seam.missing]
        swaps = [step(tuple(sorted({*own, layer} - {out}))) for layer in seam.missing for out in own]
        pairs = [pair(a, b) for a, b in pairwise(seam.missing)]
        return AtSeam(seam, step(with_back(seam.missing)), *(tuple(filter(None, found)) for found in (back, swaps, pairs)))

    lead = {pair: judged["lead", *pair] for pair in combinations(range(len(seams)), 2) if ("lead", *pair) in judged}
    lead |= {(j, i): turned(verdict) for (i, j), verdict in lead.items()}
    visible = all(map(step, closed))
    return Seen(tuple(map(at, seams)), judged["loss",], lead if visible else {}, judged.get(("excess",)) if visible else None)


def _questions(own: Choice, whole: Choice, seams: Sequence[Seam], with_back: Callable) -> dict[tuple, dict[Choice, float]]:
    """Return what is asked of the students' means: key -> weights of choices, each a sum that is compared with zero."""
    asked: dict[tuple, dict[Choice, float]] = {}
    for seam in seams:
        pairs = list(pairwise(seam.missing))
        for layers in [seam.missing, *combinations(seam.missing, 1), *pairs]:
            asked["step", with_back(layers)] = {with_back(layers): 1.0, own: -1.0}
        for a, b in pairs:
            one, other, both = with_back([a]), with_back([b]), with_back([a, b])
            asked["overlap", a, b] = {one: 1.0, other: 1.0, own: -1.0, both: -1.0}
            asked["alone", a, b], asked["alone", b, a] = {both: 1.0, other: -1.0}, {both: 1.0, one: -1.0}
    closed = [with_back(seam.missing) for seam in seams]
    asked |= {("lead", i, j): {closed[i]: 1.0, closed[j]: -1.0} for i, j in combinations(range(len(seams)), 2)}
    return asked | ({("excess",): {own: 1.0 - len(seams), whole: -1.0} | dict.fromkeys(closed, 1.0)} if len(seams) > 1 else {})


def _judged(students: Students, asked: dict[tuple, dict[Choice, float]]) -> dict[tuple, Verdict]:
    """Return the verdicts on what is saved. What the explanation compares as well (a swap, one layer more) has its verdict. All else is one family
    with the same error rate, in two steps: the loss against the teacher first, the rest, together, where that stands out."""
    loss = judged_together([students.contrast({students.own: 1.0, students.whole: -1.0})])[0]
    explained = verdicts(students.evidence)
    found = {("step", key[1]): turned(verdict) for key, verdict in explained.items() if key[0] in ("choice", "size")}
    found = {("step", students.whole): turned(loss)} | found | {("loss",): loss}
    rest = {key: students.contrast(one) for key, one in asked.items() if key not in found and all(map(students.there, one))}
    judged = judged_together(list(rest.values()))
    if not loss.clear:
        judged = [dataclasses.replace(one, p=None if one.p is None else 1.0) for one in judged]
    return found | dict(zip(rest, judged, strict=True))


def turned(verdict: Verdict) -> Verdict:
    """Return the same verdict on B less A."""
    one = verdict.comparison
    other = dataclasses.replace(one, difference=-one.difference, n=one.n[::-1], noise=one.noise and one.noise[::-1])
    return dataclasses.replace(verdict, comparison=other)
