"""The chooser that trains: successive halving over short runs."""

import itertools
import math
import random
import time

from core.errors import LabError
from core.models.teachers import Teacher
from core.recipe import PRESETS, preset
from core.studies.choosers.kept_runs import KeptRuns
from core.studies.choosers.ranked import Choice, Ranked, chooser, in_order
from core.studies.choosers.sample import Sample
from core.studies.choosers.settings import HALVING_ARMS, HALVING_FIRST, HALVING_LAST, HALVING_RATIO
from core.training.distill import distill
from core.training.events import without_turns


@chooser
def successive_halving(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Give every choice a short run, keep the better half by validation loss, double the steps, and so on.

    Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization". Departures: a run that goes
    on starts again with its longer schedule, since a schedule that decays to zero cannot be continued, and the last round is at
    HALVING_LAST steps, whether or not one choice is left. A choice's score is the number of rounds it came through, plus exp(-loss) of its
    last run, which is below 1: later rounds count before any loss. Cut off, it goes on after the last finished short run, and what the
    earlier ones took counts.
    """
    arms, kept = arms_of(teacher.layers, k), KeptRuns(teacher, sample, k)
    plan = rounds(len(arms))
    total = sum(count * steps for count, steps in plan)
    scores: dict[Choice, float] = {}
    made = before = 0
    for passed, (count, steps) in enumerate(plan):
        losses = {}
        for choice in arms[:count]:
            loss = kept.loss(choice, steps)
            if loss is None:
                loss = _loss_now(sample, choice, steps, (made - before, total - before), kept)
            else:
                before += steps
            made += steps
            losses[choice], scores[choice] = loss, passed + math.exp(-loss)
        arms = [scored.layers for scored in in_order({choice: -loss for choice, loss in losses.items()})]
    kept.forget()
    notes = (f"It was cut off and went on: {before:,} of its {made:,} steps had been made before.",) if before else ()
    return Ranked(in_order(scores), complete=len(scores) == math.comb(teacher.layers, k), steps=made, seconds=kept.seconds, notes=notes)


def arms_of(layers: int, k: int) -> list[Choice]:
    """All choices of k; of more than HALVING_ARMS the presets and, drawn with a fixed seed, as many others as there is room for."""
    everything = math.comb(layers, k)
    if everything <= HALVING_ARMS:
        return list(itertools.combinations(range(1, layers + 1), k))
    found = dict.fromkeys(presets_of(layers, k))
    draw = random.Random(f"{layers}/{k}/halving")
    while len(found) < HALVING_ARMS:
        found[tuple(sorted(draw.sample(range(1, layers + 1), k)))] = None
    return list(found)


def presets_of(layers: int, k: int) -> list[Choice]:
    """The presets that name k layers, without the random one."""
    found = []
    for name in PRESETS:
        try:
            found += [preset(name, layers, k)] if name != "random" else []
        except LabError:  # too few layers of that parity
            continue
    return found


def rounds(arms: int) -> list[tuple[int, int]]:
    """(arms, steps) of each round, until the last steps of the ladder or one arm.

    >>> rounds(20)
    [(20, 60), (10, 120), (5, 240), (3, 480)]
    """
    plan, steps = [(arms, HALVING_FIRST)], HALVING_FIRST
    while plan[-1][0] > 1 and steps < HALVING_LAST:
        steps *= HALVING_RATIO
        plan.append((-(-plan[-1][0] // HALVING_RATIO), steps))
    return plan


def _loss_now(sample: Sample, choice: Choice, steps: int, done: tuple[int, int], kept: KeptRuns) -> float:
    """Make a short run and keep it. done: steps made before, and of how many, both without those that were kept."""
    began = time.perf_counter()
    loss = _loss_after(sample, choice, steps, *done)
    return kept.add(choice, steps, loss, time.perf_counter() - began)


def _loss_after(sample: Sample, choice: Choice, steps: int, made: int, total: int) -> float:
    """The loss on the check part of validation after a short run; infinite for one that diverged."""
    done = 0
    for event in without_turns(distill(sample.short_run(choice, steps))):
        done = event.data["step"] if event.kind == "step" else done
        sample.progress((made + done) / total, f"Short run of {steps} steps: layers {', '.join(map(str, choice))}")
        if event.kind == "finished":
            loss = event.data["record"]["final"]["loss"]
            return loss if math.isfinite(loss) else math.inf
    raise RuntimeError("distill ended without a record")
