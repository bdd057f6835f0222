"""The same teacher fine-tuned with another seed: how far teachers differ, beside how far seeds of the students do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.landscape import Landscape
from core.recipe.tuning import split_teacher
from core.statistics.interaction import Interaction, interaction
from core.statistics.ranking import tau

FEWEST = 5  # choices in common, below which a variance over them says nothing


@dataclass(frozen=True)
class SecondTeacher:
    """difference: mean accuracy of the other teacher's students less the usual one's, over the choices. tau: between the orders of choices, its
    95 % interval and its noise ceiling; where the other teacher has one seed a choice, with the usual one's noise of seeds for both (borrowed)."""

    usual: Landscape
    other: Landscape
    choices: int
    difference: Interaction
    tau: tuple[float, tuple[float, float], float]
    borrowed: bool


def second_teachers(found: Sequence[Landscape]) -> list[SecondTeacher]:
    """Compare every two landscapes of the same task, size and settings whose teachers differ in their fine-tuning seed alone."""
    made = []
    for usual in found:
        name, seed = split_teacher(usual.pair[0])
        for other in found if seed == 0 else ():
            same = (other.pair[1], other.ground[1], other.k, other.settings) == (usual.pair[1], usual.ground[1], usual.k, usual.settings)
            base, another = split_teacher(other.pair[0])
            if same and base == name and another != 0 and (one := _beside(usual, other)):
                made.append(one)
    return made


def _beside(usual: Landscape, other: Landscape) -> SecondTeacher | None:
    common = [choice for choice in usual.choices if choice in other.choices]
    if len(common) < FEWEST or not usual.noise.known:
        return None
    difference = interaction(
        [other.means[choice] - usual.means[choice] for choice in common],
        [(len(usual.runs[choice]), len(other.runs[choice])) for choice in common], usual.noise,
    )
    theirs = other.ranking.take(common)
    if not theirs.seeds:
        of_seeds = max(0.0, usual.noise.sd**2 - usual.flips)  # drawing examples again holds the flips already
        theirs = theirs.with_seeds(math.sqrt(of_seeds), [len(other.runs[choice]) for choice in common])
    return SecondTeacher(usual, other, len(common), difference, tau(usual.ranking.take(common), theirs), not other.ranking.seeds)
