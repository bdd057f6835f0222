"""The experiment on seams, read: what share of a seam's cost each arm gives back, and which predictions held.

Every figure is a weighted sum of mean test accuracies, tested as `core.statistics.noise.compare` tests a difference of two: the noise of each arm's
own seeds, and the paired noise of the test examples by cluster. The interval of a share is Fieller's (1954, "Some Problems in Interval Estimation"),
found by turning the test around: it holds every share s for which (arm - cut) - s (whole - cut) is within noise of 0. It has no end where whole - cut
is itself within noise of 0; no share is shown then.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from core.recipe.seams import Seam
from core.statistics.holm import LEVEL, adjusted_together
from core.statistics.noise import ChoiceNoise, Comparison, each_its_own, mean_accuracy, ways_of
from core.statistics.testset import TestSet
from core.store.saved import Truth
from core.studies.seams.arms import ARMS, CUT, FIXED, WHOLE, key_of
from core.studies.seams.predictions import SHARE, Prediction

HELD, NOT_HELD, TOO_FEW = "held", "not held", "too few runs to tell"
WIDEST = 64.0  # a share beyond this is no end of an interval

Place = tuple[Seam | None, str]


class Measured:
    """The runs of one task by place, (gap, arm). truth: of its test examples; None where it is not saved, then a bound stands for their noise."""

    def __init__(self, records: Iterable[dict], truth: Truth | None):
        self.runs: dict[Place, list[dict]] = {}
        for record in records:
            _, gap, arm, _ = key_of(record)
            self.runs.setdefault((gap, arm), []).append(record)
        self._noise = each_its_own({place: [run["final"]["accuracy"] for run in runs] for place, runs in self.runs.items()})
        self._test = TestSet(truth)
        self._flips = self._test.flips(self.runs.values())

    def has(self, gap: Seam, *arms: str) -> bool:
        return all(self.at(gap, arm) in self.runs for arm in arms)

    @staticmethod
    def at(gap: Seam, arm: str) -> Place:
        """Return where the runs of an arm stand: the whole has no gap."""
        return (None, WHOLE) if arm == WHOLE else (gap, arm)

    def contrast(self, gap: Seam, weights: Mapping[str, float]) -> Comparison:
        """Compare: the sum of weights times the mean test accuracies of the arms at this gap. The weights add up to 0."""
        used = [(weight, self.at(gap, arm)) for arm, weight in weights.items() if weight]
        runs, noises = [self.runs[place] for _, place in used], [self._noise[place] for _, place in used]
        n, ids = tuple(map(len, runs)), tuple(run["id"] for some in runs for run in some)
        whole, test_df, basis = self._test_variance([weight for weight, _ in used], runs)
        test_variance = max(0.0, whole - self._flips * sum(weight**2 / count for (weight, _), count in zip(used, n)))
        difference = sum(weight * mean_accuracy(some) for (weight, _), some in zip(used, runs))
        ways = ()
        if all(noise.known for noise in noises):
            scaled = [ChoiceNoise(abs(weight) * noise.sd, abs(weight) * noise.most, noise.n) for (weight, _), noise in zip(used, noises)]
            ways = ways_of(scaled, n, test_variance, test_df)
        return Comparison(difference, ways, test_variance, n, basis, ids, least_variance=whole)

    def _test_variance(self, weights: Sequence[float], runs: Sequence[list[dict]]) -> tuple[float, float, str]:
        """Return variance, degrees of freedom and kind, as TestSet.between. Without truth, the bound of two arms is taken for each weight's part."""
        if self._test.fits(run for some in runs for run in some):
            hits = sum(weight * np.mean([self._test.hits(run) for run in some], 0) for weight, some in zip(weights, runs))
            return self._test.variance(hits), self._test.clusters - 1, "paired by example, clustered"
        bounds = [self._test.between(some, runs[-1]) for some in runs[:-1]]
        error = sum(abs(weight) * math.sqrt(bound[0]) for weight, bound in zip(weights, bounds))
        return error**2, bounds[0][1], bounds[0][2]

    def cost(self, gap: Seam) -> Comparison:
        """Compare the whole with the cut: what the seam costs."""
        return self.contrast(gap, {WHOLE: 1, CUT: -1})

    def beyond(self, gap: Seam, arm: str, share: float) -> Comparison:
        """Compare what the arm gives back of the seam's cost with this share of it."""
        weights = {WHOLE: -share, CUT: share - 1}
        return self.contrast(gap, weights | {arm: 1 + weights.get(arm, 0)})


@dataclass(frozen=True)
class Share:
    """A share of a seam's cost, a fraction. interval: 95 %, for this one alone; None where the noise is not known."""

    value: float
    interval: tuple[float, float] | None


def share_of(measured: Measured, gap: Seam, arm: str) -> Share | None:
    """Return (arm - cut) / (whole - cut) with Fieller's interval; None where whole - cut is not above 0 beyond noise."""
    cost = measured.cost(gap)
    if cost.difference <= 0 or (cost.p is not None and cost.p > LEVEL):
        return None
    value = measured.contrast(gap, {arm: 1, CUT: -1}).difference / cost.difference
    if cost.p is None:
        return Share(value, None)
    beyond = lambda share: measured.beyond(gap, arm, share).p - LEVEL
    return Share(value, (_end(beyond, value, -1), _end(beyond, value, 1)))


def _end(outside: Callable[[float], float], value: float, sign: int) -> float:
    """Return where `outside` falls below 0, going from a value where it is above; infinite where it does not up to WIDEST."""
    step = 1 / 64
    while step <= WIDEST:
        if outside(value + sign * step) < 0:
            return float(brentq(outside, value, value + sign * step))
        step *= 2
    return sign * math.inf


@dataclass(frozen=True)
class Judged:
    """A prediction beside what came out. difference: of both arms, a fraction. found: points, or a share; None where none can be shown. interval: its
    95 %, for this one alone.

    p_beats: that the arms differ; None where none was said to be better. p_range: of the nearer end of the range, or of both ends where `found` lies
    in it. Both are adjusted by Holm over all that was predicted; None where the noise is not known."""

    prediction: Prediction
    difference: float
    found: float | None
    interval: tuple[float, float] | None
    p_beats: float | None
    p_range: float | None

    @property
    def inside(self) -> bool | None:
        """Whether what was found lies in the range, whatever noise says."""
        return None if self.found is None else self.prediction.low <= self.found <= self.prediction.high

    @property
    def beats(self) -> str | None:
        """The verdict on which arm is better; None where none was said to be."""
        return _word(self.p_beats, self.difference > 0) if self.prediction.beats else None

    @property
    def range(self) -> str:
        """The verdict on the range."""
        return TOO_FEW if self.found is None else _word(self.p_range, self.inside)


def _word(p: float | None, right: bool) -> str:
    return TOO_FEW if p is None or p > LEVEL else HELD if right else NOT_HELD


def judged(predictions: Sequence[Prediction], by_task: Mapping[str, Measured]) -> list[Judged]:
    """Judge the predictions whose arms have runs, all together.

    Which arm is better held where it is shown to be, and did not where the other is. A range held where the true figure is shown to lie in it, and
    did not where it is shown to lie outside; each end is a test. With Holm's correction over all of these the chance of even one wrong word is at
    most 5 %. A share is also tested for a cost beyond noise."""
    there = [one for one in predictions if one.task in by_task and by_task[one.task].has(one.gap, WHOLE, CUT, one.arm, one.against)]
    compared = [by_task[one.task].contrast(one.gap, {one.arm: 1, one.against: -1}) for one in there]
    found = [_share_found(one, by_task[one.task]) if one.kind == SHARE else _points_found(one, both) for one, both in zip(there, compared)]
    beats = [both.p if one.beats else None for one, both in zip(there, compared)]
    adjusted = adjusted_together([*beats, *(p for *_, p in found)])
    return [
        Judged(one, both.difference, value, interval, p_beats, p_range)
        for one, both, (value, interval, _), p_beats, p_range in zip(there, compared, found, adjusted, adjusted[len(there):])
    ]


def _points_found(one: Prediction, both: Comparison) -> tuple:
    ends = [dataclasses.replace(both, difference=both.difference - end / 100) for end in (one.low, one.high)]
    interval = both.interval(LEVEL)
    return 100 * both.difference, interval and tuple(100 * end for end in interval), _nearest(ends)


def _share_found(one: Prediction, measured: Measured) -> tuple:
    cost, share = measured.cost(one.gap), share_of(measured, one.gap, one.arm)
    p = _nearest([measured.beyond(one.gap, one.arm, end) for end in (one.low, one.high)])
    return share and share.value, share and share.interval, None if p is None else max(p, cost.p)


def _nearest(ends: Sequence[Comparison]) -> float | None:
    """Return the p of a range from what was found less its low end and less its high one: inside both must stand out, outside the nearer."""
    if any(end.p is None for end in ends):
        return None
    low, high = ends
    return max(low.p, high.p) if low.difference >= 0 >= high.difference else low.p if low.difference < 0 else high.p


@dataclass(frozen=True)
class Row:
    """An arm at a gap. given: its accuracy less the cut's, a fraction, with a 95 % interval. share: of the seam's cost; None where none is shown."""

    task: str
    gap: Seam
    arm: str
    seeds: int
    accuracy: float
    given: float
    given_interval: tuple[float, float] | None
    share: Share | None


def rows(by_task: Mapping[str, Measured], gaps: Sequence[Seam]) -> list[Row]:
    """Return every arm at every gap that has runs of it, of the cut and of the whole."""
    found = []
    for task, measured in by_task.items():
        for gap in gaps:
            found += [_row(task, measured, gap, arm) for arm in ARMS if measured.has(gap, WHOLE, CUT, arm)]
    return found


def _row(task: str, measured: Measured, gap: Seam, arm: str) -> Row:
    place, share = measured.at(gap, arm), None if arm in (CUT, WHOLE) else share_of(measured, gap, arm)
    given = None if arm == CUT else measured.contrast(gap, {arm: 1, CUT: -1})
    difference, interval = (0.0, None) if given is None else (given.difference, given.interval(LEVEL))
    return Row(task, gap, arm, len(measured.runs[place]), mean_accuracy(measured.runs[place]), difference, interval, share)


def input_and_work(measured: Measured, gap: Seam) -> tuple[Share, Share] | None:
    """Return what share of the seam's cost is wrong input, that which the fixed bridge gives back, and what is missing work, the rest."""
    if not measured.has(gap, WHOLE, CUT, FIXED) or (share := share_of(measured, gap, FIXED)) is None:
        return None
    return share, Share(1 - share.value, share.interval and (1 - share.interval[1], 1 - share.interval[0]))
