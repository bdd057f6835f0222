"""The fair order of waiting jobs: round robin between learners, not first come, first served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A job that waits. learners: who waits for it, and since when (seconds since the epoch); at least one."""

    job: int
    learners: Mapping[str, float]


def fair_order(waiting: Sequence[Waiting], served: Mapping[str, float]) -> list[int]:
    """Return the jobs in the order in which one worker serves them, if nothing else comes.

    Each turn goes to the learner who has gone without for longest: since their last turn (`served`, seconds since the epoch),
    or since they asked, if that was later. A learner's own jobs keep their order. A job that several learners wait for is
    served at the first turn of any of them, and is a turn of all of them. So while a learner waits, every other learner
    gets at most one turn before them.
    """
    last: dict[str, tuple[int, float]] = {learner: (0, at) for learner, at in served.items()}
    left = sorted(waiting, key=lambda one: (min(one.learners.values()), one.job))
    order = []
    while left:
        one = min(left, key=lambda one: _without_since(one, last))  # of equals the first, so the order is stable
        left.remove(one)
        order.append(one.job)
        last |= dict.fromkeys(one.learners, (1, len(order)))  # turns to come are later than all that were
    return order


def _without_since(one: Waiting, last: Mapping[str, tuple[int, float]]) -> tuple[int, float]:
    return min(max((0, since), last.get(learner, (0, since))) for learner, since in one.learners.items())
