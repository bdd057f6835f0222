"""The study of stages and adaptive attention, read: estimates with intervals, the named contrast by itself, Holm over the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.statistics.holm import LEVEL, adjusted_together
from core.statistics.noise import ChoiceNoise, Comparison, SeedNoise, compare, each_its_own, pooled
from core.statistics.testset import TestSet
from core.statistics.verdict import Verdict
from core.store.saved import Truth
from core.studies.contrasts import ARMS, Contrast, by_arm, contrasts

WORDS = {"higher": "higher", "lower": "lower", "within": "within a few points", "unknown": "too few runs to tell"}


@dataclass(frozen=True)
class Estimate:
    """One contrast: comparison.difference is the arm's mean test accuracy less the reference's. p_holm: the named one's own p; of the others
    adjusted together; None while the noise is unknown. level: as `Verdict` has it. flops: the arm's training FLOPs over the reference's."""

    contrast: Contrast
    comparison: Comparison
    p_holm: float | None
    level: float
    flops: float

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %, for this contrast alone."""
        return self.comparison.interval(0.05)

    @property
    def word(self) -> str:
        return self.verdict.word

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.comparison, self.p_holm, self.level)


def noise_of(records: list[dict]) -> tuple[SeedNoise, list[list[dict]]]:
    """Return the seed SD pooled over the arms, and its samples. Shrinking may end on other layers with another seed; those are samples of
    their own."""
    samples: dict[tuple, list[dict]] = {}
    for name, runs in by_arm(records).items():
        for run in runs.values():
            samples.setdefault((name, tuple(run["recipe"]["layers"])), []).append(run)
    return pooled([run["final"]["accuracy"] for run in runs] for runs in samples.values()), list(samples.values())


def noises_of(found: Sequence[Contrast]) -> dict[tuple[str, ...], ChoiceNoise]:
    """Return the noise of every side of the contrasts, by the ids of its runs."""
    return each_its_own({ids(runs): [run["final"]["accuracy"] for run in runs] for one in found for runs in (one.runs, one.against)})


def ids(runs: Sequence[dict]) -> tuple[str, ...]:
    return tuple(run["id"] for run in runs)


def estimates(records: list[dict], truth: Truth | None) -> list[Estimate]:
    """Estimate every contrast that the runs allow, the named one first. truth: of the test examples, None where it is not saved."""
    found = contrasts(records)
    test, noises = TestSet(truth), noises_of(found)
    flips = test.flips(noise_of(records)[1])
    compared = [compare(list(one.runs), list(one.against), noises[ids(one.runs)], noises[ids(one.against)], test, flips) for one in found]
    adjusted = adjusted_together([None if one.named else each.p for one, each in zip(found, compared)])
    mean = lambda some: sum(run["training_flops"] for run in some) / len(some)
    level = LEVEL / max(1, sum(p is not None for p in adjusted))
    return [
        Estimate(one, each, each.p if one.named else p, LEVEL if one.named else level, mean(one.runs) / mean(one.against))
        for one, each, p in zip(found, compared, adjusted, strict=True)
    ]


def title(contrast: Contrast) -> str:
    """Return what is compared, in words."""
    against = {"steps": "one stage, equal steps", "flops": "one stage, equal FLOPs", "best-fixed": "the best fixed weights"}[contrast.kind]
    return f"{ARMS[contrast.arm].title} against {against}{' (named beforehand)' if contrast.named else ''}"


def summary(found: Sequence[Estimate]) -> str:
    """Say how the named contrast and the others fell, in two sentences; '' while nothing can be compared."""
    named, others = [one for one in found if one.contrast.named], [one for one in found if not one.contrast.named]
    said = [f"{title(one.contrast)}: {WORDS[one.word]}." for one in named]
    if others:
        count = lambda word: [title(one.contrast) for one in others if one.word == word]
        parts = [f"{len(titles)} {WORDS[word]} ({'; '.join(titles)})" for word in ("higher", "lower") if (titles := count(word))]
        parts += [f"{len(count('within'))} {WORDS['within']}"] if count("within") else []
        parts += [f"for {len(count('unknown'))} {WORDS['unknown']}"] if count("unknown") else []
        said.append(f"Of the {len(others)} others: {', '.join(parts)}.")
    return " ".join(sentence[0].upper() + sentence[1:] for sentence in said)
