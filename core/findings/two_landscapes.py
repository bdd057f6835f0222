"""Two landscapes beside each other: with one setting changed, in another arithmetic, after more epochs, and of another teacher."""

import dataclasses
import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.findings.evidence import Choice
from core.findings.landscape import Landscape, budgets, full_counterpart
from core.recipe.tuning import parse_teacher
from core.statistics.distributions import t_quantile
from core.statistics.holm import LEVEL, adjusted_together
from core.statistics.noise import Comparison, SeedNoise, compare
from core.statistics.ranking import FEWEST as FEWEST_RANKED
from core.statistics.ranking import Agreement, Ranking, agreement
from core.statistics.verdict import judged_together

USUAL, ASKED = "bfloat16", "float32"  # what runs are made in: where nothing was asked for, and where fp32 was
HARDLY = 0.05  # of the pairs: a task that tells fewer apart has no order to compare
FEWEST = 5  # choices in common with another teacher, below which a variance over them says nothing


@dataclass(frozen=True)
class SettingChange:
    """comparisons: accuracy with the change less accuracy as usual, of every choice that both have, the control among them. clear: the choices whose
    difference exceeds the noise of seeds and test examples, all tested together (Holm); None where the seeds' noise is unknown."""

    usual: Landscape
    other: Landscape
    comparisons: dict[Choice, Comparison]
    clear: frozenset[Choice] | None

    @property
    def higher(self) -> list[Choice]:
        return [choice for choice in self.comparisons if choice in (self.clear or ()) and self.comparisons[choice].difference > 0]

    @property
    def lower(self) -> list[Choice]:
        return [choice for choice in self.comparisons if choice in (self.clear or ()) and self.comparisons[choice].difference < 0]


def compare_settings(usual: Landscape, other: Landscape) -> SettingChange | None:
    """Compare every choice of both, each side with its own seed noise, since the change may change it. None where they share no choice."""
    common = [choice for choice in usual.means if choice in other.runs]
    found = {choice: compare(other.runs[choice], usual.runs[choice], other.noises[choice], usual.noises[choice], usual.test) for choice in common}
    if not found:
        return None
    adjusted = adjusted_together([one.p for one in found.values()])
    known = any(p is not None for p in adjusted)
    clear = frozenset(choice for choice, p in zip(found, adjusted, strict=True) if p is not None and p <= LEVEL) if known else None
    return SettingChange(usual, other, found, clear)


def differing_by(found: Sequence[Landscape], change: Callable[[dict], dict | None]) -> list[tuple[Landscape, Landscape]]:
    """Return the pairs that differ in nothing but what `change` makes of the settings of the first; None: nothing to look for."""
    return [
        (one, other) for one in found if (wanted := change(one.settings))
        for other in found if (other.pair, other.ground, other.k, other.settings) == (one.pair, one.ground, one.k, wanted)
    ]


@dataclass(frozen=True)
class Arithmetic:
    """Runs that agree in all but their precision, one pair a choice and seed. differences: final accuracy in float32 less that in bfloat16.
    differing: the examples, of `examples`, that a pair classes otherwise."""

    usual: Landscape
    other: Landscape
    differences: tuple[float, ...]
    differing: tuple[int, ...]
    examples: int


def arithmetic(found: Sequence[Landscape]) -> list[Arithmetic]:
    """Compare every landscape whose runs chose bfloat16 themselves with the same runs that were asked for float32."""
    in_fp32 = lambda settings: settings | {"optimiser": settings["optimiser"] | {"precision": "fp32"}}
    pairs = differing_by(found, lambda settings: in_fp32(settings) if settings["optimiser"]["precision"] == "auto" else None)
    return [one for usual, other in pairs if (one := _in_pairs(usual, other))]


def _in_pairs(usual: Landscape, other: Landscape) -> Arithmetic | None:
    asked = {(choice, run["recipe"]["seed"]): run for choice, runs in other.runs.items() for run in runs}
    both = [(run, asked.get((choice, run["recipe"]["seed"]))) for choice, runs in usual.runs.items() for run in runs]
    twins = [(a, b) for a, b in both if b and (a["environment"]["dtype"], b["environment"]["dtype"]) == (USUAL, ASKED)]
    if not twins:
        return None
    return Arithmetic(
        usual, other, tuple(b["final"]["accuracy"] - a["final"]["accuracy"] for a, b in twins),
        tuple(sum(x != y for x, y in zip(a["predictions"], b["predictions"], strict=True)) for a, b in twins), len(twins[0][0]["predictions"]),
    )


@dataclass(frozen=True)
class Longer:
    """usual, longer: full runs that differ in their epochs. common: the choices of both, the control among them, best first as usual. distinguished:
    pairs (better, worse) that the usual runs tell apart, all their pairs tested together; None while their noise is unknown. kept: of those, the
    pairs that stand in the same order after longer training."""

    usual: Landscape
    longer: Landscape
    common: tuple[Choice, ...]
    distinguished: tuple[tuple[Choice, Choice], ...] | None
    kept: tuple[tuple[Choice, Choice], ...]

    @property
    def gaps(self) -> tuple[float, float]:
        """The gap from the best to the worst common choice of the usual runs: in these runs, and between the same two after longer training."""
        best, worst = self.common[0], self.common[-1]
        return tuple(one.means[best] - one.means[worst] for one in (self.usual, self.longer))


def longer(found: Sequence[Landscape]) -> list[Longer]:
    """Compare every landscape of full runs with those of the same settings and more epochs that share at least three choices."""
    made = []
    for usual in found:
        if usual.settings["budget"]["epochs"] and full_counterpart(usual, found) is usual:
            for other in budgets(usual, found):
                if (other.settings["budget"]["epochs"] or 0) > usual.settings["budget"]["epochs"] and (one := _longer(usual, other)):
                    made.append(one)
    return made


def _longer(usual: Landscape, other: Landscape) -> Longer | None:
    common = tuple(choice for choice in usual.means if choice in other.runs)
    if len(common) < 3:
        return None
    if not usual.noise.known:
        return Longer(usual, other, common, None, ())
    apart = tuple(pair for pair in itertools.combinations(common, 2) if usual.verdicts[pair].clear)
    return Longer(usual, other, common, apart, tuple((a, b) for a, b in apart if other.means[a] > other.means[b]))


@dataclass(frozen=True)
class Interaction:
    """shift: the mean difference over choices, with its 95 % interval. between: the SD that one choice has between conditions besides that shift and
    besides the noise of seeds; 0 where the noise alone explains the differences. clear: the choices whose difference is not the shift, beyond noise,
    all tested together."""

    shift: float
    interval: tuple[float, float]
    between: float
    clear: tuple[Choice, ...]


def interaction(differences: Sequence[float], seeds: Sequence[tuple[int, int]], noise: SeedNoise, usual: Ranking) -> Interaction:
    """Separate the differences of at least two choices into a shift, an interaction and the noise of seeds.

    seeds: how many each side of a difference is the mean of. usual: the choices as one side has them, whose noise is taken for both. The variance of
    the differences over choices is that of the interaction, twice (one a condition), plus s² (1/n + 1/m), where s is the seed SD, n and m the seeds
    of both. No F test of the two variances: it takes the seeds of all choices to scatter alike, and with SDs as the saved runs show them it finds an
    interaction in up to a quarter of drawn worlds without one. So each difference less the shift is judged as every comparison is."""
    count, shift, variance = len(differences), statistics.mean(differences), statistics.variance(differences)
    each = np.array([1 / n + 1 / m for n, m in seeds])
    half = t_quantile(0.95, count - 1) * math.sqrt(variance / count)
    less_shift = np.eye(count) - 1 / count
    judged = judged_together([usual.contrast(weights, weights**2 * each, float(weights @ differences)) for weights in less_shift])
    between = math.sqrt(max(0.0, (variance - noise.sd**2 * float(each.mean())) / 2))
    return Interaction(shift, (shift - half, shift + half), between, tuple(itertools.compress(usual.choices, [one.clear for one in judged])))


@dataclass(frozen=True)
class SecondTeacher:
    """difference: mean accuracy of the other teacher's students less the usual one's, over the choices. order: how far the orders of choices agree;
    where the other teacher has one seed a choice, with the usual one's noise of seeds for both (borrowed)."""

    usual: Landscape
    other: Landscape
    difference: Interaction
    order: Agreement
    borrowed: bool


def second_teachers(found: Sequence[Landscape]) -> list[SecondTeacher]:
    """Compare every two landscapes of the same task, size and settings whose teachers differ in their fine-tuning seed alone."""
    made = []
    for usual in found:
        name = parse_teacher(usual.pair[0])
        for other in found if name.seed == 0 else ():
            same = (other.pair[1], other.ground[1], other.k, other.settings) == (usual.pair[1], usual.ground[1], usual.k, usual.settings)
            another = parse_teacher(other.pair[0])
            if same and dataclasses.replace(another, seed=0) == name and another.seed != 0 and (one := _second_teacher(usual, other)):
                made.append(one)
    return made


def _second_teacher(usual: Landscape, other: Landscape) -> SecondTeacher | None:
    common = [choice for choice in usual.choices if choice in other.choices]
    if len(common) < FEWEST or not usual.noise.known:
        return None
    ours, theirs = usual.ranking.take(common), other.ranking.take(common)
    difference = interaction(
        [other.means[choice] - usual.means[choice] for choice in common],
        [(len(usual.runs[choice]), len(other.runs[choice])) for choice in common], usual.noise, ours,
    )
    borrowed = not theirs.seeds
    return SecondTeacher(usual, other, difference, agreement(ours, theirs.with_seeds_of(ours) if borrowed else theirs), borrowed)


@dataclass(frozen=True)
class SharedOrder:
    """The order of the choices that two landscapes have in common.

    pairs: of these choices. told: how many pairs each tells apart beyond noise (all its pairs tested together); None where nothing is known of its
    noise. both: the pairs that both tell apart; alike: those of them that stand in the same order. agreement: of the whole orders; None where one
    tells hardly a pair apart and so has no order to compare."""

    first: Landscape
    second: Landscape
    choices: tuple[Choice, ...]
    pairs: int
    told: tuple[int | None, int | None]
    both: int
    alike: int
    agreement: Agreement | None

    @property
    def silent(self) -> list[Landscape]:
        """Those that tell hardly a pair apart, known or not."""
        return [one for one, told in zip((self.first, self.second), self.told, strict=True) if (told or 0) < HARDLY * self.pairs]


def shared_order(first: Landscape, second: Landscape) -> SharedOrder | None:
    """Compare the orders of two landscapes; None with fewer than four choices in common."""
    common = tuple(choice for choice in first.choices if choice in second.choices)
    if len(common) < FEWEST_RANKED:
        return None
    apart = first.ranking.take(common).apart, second.ranking.take(common).apart
    told = tuple(int(np.count_nonzero(signs)) if one.ranking.seeds else None for one, signs in zip((first, second), apart, strict=True))
    products = apart[0] * apart[1]
    found = SharedOrder(first, second, common, len(products), told, int(np.count_nonzero(products)), int((products > 0).sum()), None)
    return found if found.silent else dataclasses.replace(found, agreement=agreement(first.ranking.take(common), second.ranking.take(common)))
