"""Successive halving over short runs: the chooser that trains students.

Cut off, it goes on after the last finished short run: those are kept until the ranking is done.
"""

import itertools
import math
import random
import time

from core.home import folder
from core.store import saved
from core.store.exchange import DIGITS
from core.store.ground import Ground, check_unchanged
from core.studies.choosers.method import Method
from core.studies.choosers.methods.presets import preset_choices
from core.studies.choosers.ranking import Choice, Ranked, best_first
from core.studies.sweep import append

HALVING_FIRST, HALVING_LAST = 60, 480  # steps of the first and of the last round: the ends of the ladder of short runs
HALVING_RATIO = 2  # half the arms go on with twice the steps: Jamieson and Talwalkar 2016
HALVING_ARMS = 32  # ours: more choices than these are drawn from, the presets always among them


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by the number of rounds they came through, plus exp(-loss) of their last run: later rounds count before any loss.

    Departures from the paper: a run that goes on starts again with its longer schedule, since a schedule that decays to zero cannot be
    continued, and the last round is at HALVING_LAST steps, whether or not one choice is left. The seconds of short runs that were made before
    an interruption count.
    """
    arms, kept = arms_of(teacher.layers, k), FinishedShortRuns(teacher, sample, k)
    plan = rounds(len(arms))
    total = sum(count * steps for count, steps in plan)
    scores: dict[Choice, float] = {}
    made = before = 0
    for passed, (count, steps) in enumerate(plan):
        losses = {}
        for choice in arms[:count]:
            loss = kept.loss(choice, steps)
            if loss is None:
                began = time.perf_counter()
                loss = _loss_after(sample, choice, steps, made - before, total - before, (teacher.key, sample.task_hash))
                loss = kept.add(choice, steps, loss, time.perf_counter() - began)
            else:
                before += steps
            made += steps
            losses[choice], scores[choice] = loss, passed + math.exp(-loss)
        arms = [scored.layers for scored in best_first({choice: -loss for choice, loss in losses.items()})]
    kept.path.unlink(missing_ok=True)
    notes = (f"It was cut off and went on: {before:,} of its {made:,} steps had been made before.",) if before else ()
    return Ranked(best_first(scores), complete=len(scores) == math.comb(teacher.layers, k), steps=made, seconds=kept.seconds, notes=notes)


def arms_of(layers: int, k: int) -> list[Choice]:
    """Return all choices of k; of more than HALVING_ARMS the presets and, drawn with a fixed seed, as many others as there is room for."""
    if math.comb(layers, k) <= HALVING_ARMS:
        return list(itertools.combinations(range(1, layers + 1), k))
    found = dict.fromkeys(preset_choices(layers, k))
    draw = random.Random(f"{layers}/{k}/halving")
    while len(found) < HALVING_ARMS:
        found[tuple(sorted(draw.sample(range(1, layers + 1), k)))] = None
    return list(found)


def rounds(arms: int) -> list[tuple[int, int]]:
    """Return (arms, steps) of each round, until the last steps of the ladder or one arm.

    >>> rounds(20)
    [(20, 60), (10, 120), (5, 240), (3, 480)]
    """
    plan, steps = [(arms, HALVING_FIRST)], HALVING_FIRST
    while plan[-1][0] > 1 and steps < HALVING_LAST:
        steps *= HALVING_RATIO
        plan.append((-(-plan[-1][0] // HALVING_RATIO), steps))
    return plan


def _loss_after(sample, choice: Choice, steps: int, made: int, total: int, began: Ground) -> float:
    """Make a short run; its loss on the check part of validation, infinite for one that diverged. made: steps made before, of total.

    began: teacher and data of the ranking; LabError when a run comes back with others.
    """
    from core.training.distill import distill
    from core.training.diverged import Diverged
    from core.training.events import without_turns

    done = 0
    try:
        for event in without_turns(distill(sample.short_run(choice, steps))):
            done = event.data["step"] if event.kind == "step" else done
            sample.progress((made + done) / total, f"Short run of {steps} steps: layers {', '.join(map(str, choice))}")
            if event.kind == "finished":
                check_unchanged(event.data["record"], began)
                return event.data["record"]["final"]["loss"]
    except Diverged:
        return math.inf
    raise RuntimeError("distill ended without a record")


class FinishedShortRuns:
    """The short runs of a ranking that was cut off, one line each: {layers, steps, loss, seconds}. No learner sees them among the runs.

    They answer for the same k, teacher, data, settings and arithmetic only. seconds: wall-clock of those that `loss` gave back.
    """

    def __init__(self, teacher, sample, k: int):
        hashed = SUCCESSIVE_HALVING.settings_hash(SUCCESSIVE_HALVING.settings_for(sample.recipe))
        made_of = (f"k{k}", teacher.identity, sample.task_hash, hashed, sample.device.kind, sample.device.dtype)
        self.path = folder("cache", "short_runs") / f"{'--'.join(made_of)}.jsonl"
        self.found = {(tuple(line["layers"]), line["steps"]): line for line in saved.read(self.path)}
        self.seconds = 0.0

    def loss(self, layers: Choice, steps: int) -> float | None:
        """Return the loss that this short run ended with, infinite where it diverged; None when it was not made."""
        line = self.found.get((layers, steps))
        if line is None:
            return None
        self.seconds += line["seconds"]
        return math.inf if line["loss"] is None else line["loss"]

    def add(self, layers: Choice, steps: int, loss: float, seconds: float) -> float:
        """Keep a finished short run; return its loss as it will be read again. LabError when the disk is full."""
        loss = round(loss, DIGITS)
        append(self.path, {"status": "finished", "layers": layers, "steps": steps, "loss": loss if math.isfinite(loss) else None, "seconds": seconds})
        return loss


SUCCESSIVE_HALVING = Method(
    "successive-halving", "successive halving over short runs", rank, order=9, labels=True, trains=True, short_runs=True,
    settings={"halving_first": HALVING_FIRST, "halving_last": HALVING_LAST, "halving_ratio": HALVING_RATIO, "halving_arms": HALVING_ARMS},
    page_title="Successive halving",
    line="Give every choice a short run, keep the better half by validation loss, double the steps, and so on.",
    formula=r"S(C)=\mathrm{rounds\ survived}+e^{-\mathrm{CE}}",
    source='Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization"',
)
