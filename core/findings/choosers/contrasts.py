"""The study of stages and adaptive attention, read: estimates with intervals, the named contrast by itself, Holm over the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.finding import points
from core.findings.words import TOO_FEW, cell
from core.statistics.holm import LEVEL
from core.statistics.noise import POWER, Comparison, compare, each_its_own
from core.statistics.testset import TestSet
from core.statistics.verdict import UNKNOWN, WITHIN, Verdict, judged_together
from core.store.saved import Truth
from core.studies.contrasts import ARMS, Contrast, contrasts


@dataclass(frozen=True)
class Estimate:
    """One contrast: comparison.difference is the arm's mean test accuracy less the reference's. verdict: of the named one by itself, of the others
    together. flops: the arm's training FLOPs over the reference's."""

    contrast: Contrast
    verdict: Verdict
    flops: float

    @property
    def comparison(self) -> Comparison:
        return self.verdict.comparison

    @property
    def p_holm(self) -> float | None:
        """The named one's own p; of the others adjusted together; None while the noise is unknown."""
        return self.verdict.p

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %, for this contrast alone."""
        return self.comparison.interval(LEVEL)

    @property
    def word(self) -> str:
        return self.verdict.word

    @property
    def told(self) -> str:
        """The verdict as a cell of a table: with how near both are, or the gap that such runs would have found."""
        if self.word == UNKNOWN and self.verdict.findable is not None:
            return f"{TOO_FEW} ({points(self.verdict.findable)})"
        return cell(self.verdict) if self.word in (WITHIN, UNKNOWN) else self.word


def estimates(records: list[dict], truth: Truth | None) -> list[Estimate]:
    """Estimate every contrast that the runs allow, the named one first; each side has the noise of its own seeds. truth: of the test examples, None
    where it is not saved."""
    found = contrasts(records)
    key = lambda runs: tuple(run["id"] for run in runs)
    sides = {key(runs): runs for one in found for runs in (one.runs, one.against)}
    noises = each_its_own({name: [run["final"]["accuracy"] for run in runs] for name, runs in sides.items()})
    test = TestSet(truth)
    flips = test.flips(map(list, sides.values()))
    compared = [compare(list(one.runs), list(one.against), noises[key(one.runs)], noises[key(one.against)], test, flips) for one in found]
    named = [i for i, one in enumerate(found) if one.named]
    others = [i for i, one in enumerate(found) if not one.named]
    judged = {i: verdict for some in (named, others) for i, verdict in zip(some, judged_together([compared[i] for i in some]), strict=True)}
    mean = lambda some: sum(run["training_flops"] for run in some) / len(some)
    return [Estimate(one, judged[i], mean(one.runs) / mean(one.against)) for i, one in enumerate(found)]


def title(contrast: Contrast) -> str:
    """Return what is compared, in words."""
    against = {"steps": "one stage, equal steps", "flops": "one stage, equal FLOPs", "best-fixed": "the best fixed weights"}[contrast.kind]
    return f"{ARMS[contrast.arm].title} against {against}{' (named beforehand)' if contrast.named else ''}"


def summary(found: Sequence[Estimate]) -> str:
    """Say how the named contrast and the others fell; '' while nothing can be compared."""
    named, others = [one for one in found if one.contrast.named], [one for one in found if not one.contrast.named]
    said = [f"{title(one.contrast)}: {one.told}." for one in named]
    if others:
        of = lambda word: [one for one in others if one.word == word]
        listed = lambda ones: "; ".join(title(one.contrast) for one in ones)
        parts = [f"{len(ones)} {word} ({listed(ones)})" for word in ("higher", "lower") if (ones := of(word))]
        parts += [f"{len(ones)} within {points(max(one.verdict.far for one in ones))}" for ones in [of(WITHIN)] if ones]
        parts += [f"for {len(ones)} {TOO_FEW}{_power(ones)}" for ones in [of(UNKNOWN)] if ones]
        said.append(f"Of the {len(others)} others: {', '.join(parts)}.")
    return " ".join(sentence[0].upper() + sentence[1:] for sentence in said)


def _power(ones: Sequence[Estimate]) -> str:
    gaps = [one.verdict.findable for one in ones]
    if None in gaps:
        return ""
    low, high = points(min(gaps)).removesuffix(" points"), points(max(gaps))
    return f" (they would have found gaps from {f'{low} to {high}' if min(gaps) < max(gaps) else high} on with {100 * POWER:.0f} % power)"
