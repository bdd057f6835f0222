"""The assignment's own list of limitations, each shown on saved runs, as far as there are any."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.findings.evidence import UNTRAINED
from core.findings.landscape import Landscape, fullest
from core.findings.names import pair_text
from core.findings.questions import head, mapping, shared_texts
from core.views.common.saved_options import pairs, training_text
from core.views.common.text import percent
from core.views.landscape.aspects import best_text, over_tasks
from core.views.landscape.view import name_of

END = 0.1  # share of the steps, the last ones, that the training loss at the end is averaged over


@dataclass(frozen=True)
class Limit:
    """title, claim: as the assignment puts it, in short. shown: sentences with figures of saved runs; empty where none show it yet."""

    title: str
    claim: str
    shown: tuple[str, ...]


def limits(found: Sequence[Landscape]) -> list[Limit]:
    return [
        Limit("Capacity", "A student with fewer layers may be less capable than its teacher.", tuple(capacity(found))),
        Limit("Over- and underfitting", "A student may fit its training data too closely, or not closely enough.", tuple(fitting(found))),
        Limit("The task", "The chosen layers may miss what this task needs.", tuple(task(found))),
        Limit("Head and mapping", "What is transferred may not fit the student: its head, or the layers that the losses compare.",
              (*head(found), *mapping(found))),
    ]


def main_of(found: Sequence[Landscape]) -> list[Landscape]:
    """Return the fullest landscape of each teacher and task."""
    return [fullest([one for one in found if one.pair == pair]) for pair in pairs(found)]


def capacity(found: Sequence[Landscape]) -> list[str]:
    sentences = []
    for main in main_of(found):
        same = [one for one in found if (one.pair, one.ground, one.settings) == (main.pair, main.ground, main.settings) and one.choices]
        same.sort(key=lambda one: one.k)
        if same:
            sizes = "; ".join(f"{one.k} layers, best of {len(one.choices)}: {percent(one.means[one.best])}" for one in same)
            sentences.append(f"{pair_text(*main.pair)}, {training_text(main.settings)}: {sizes}; the teacher with {main.layers}: "
                        f"{percent(main.one['teacher']['accuracy'])}.")
    return sentences


def gap(run: dict) -> tuple[float, float] | None:
    """Return (training, validation) cross-entropy at the end of a run, in nats; None where it trained without labels or has no curve.

    Training: with dropout, over the last steps. Validation: at the last evaluation, without.
    """
    last = [point["losses"]["cross_entropy"] for point in run["curve"]
            if "cross_entropy" in point["losses"] and point["step"] > (1 - END) * run["steps"]]
    validation = [point["val_loss"] for point in run["curve"] if point.get("val_loss") is not None]
    return (float(np.mean(last)), validation[-1]) if last and validation else None


def fitting(found: Sequence[Landscape]) -> list[str]:
    sentences = []
    for main in main_of(found):
        parts = []
        ranked = [choice for choice in main.means if choice != UNTRAINED]
        for choice in dict.fromkeys([*ranked[:1], *ranked[-1:], *([UNTRAINED] if UNTRAINED in main.means else [])]):
            gaps = [both for run in main.runs[choice] if (both := gap(run))]
            if gaps:
                training, validation = np.mean(gaps, axis=0)
                both = f"{training:.2f} in training, {validation:.2f} on validation ({validation - training:+z.2f})"
                parts.append(f"{name_of(choice, main.layers)}: {both}")
        known = main.one["teacher"].get("train_accuracy")
        if known is not None:
            held_out = f"{percent(main.one['teacher']['accuracy'])} on {main.one['split']}"
            parts.append(f"the teacher itself: {percent(known)} right on its training data, {held_out}")
        if parts:
            sentences.append(f"{pair_text(*main.pair)}, cross-entropy in nats at the end: {'; '.join(parts)}.")
    return sentences


def task(found: Sequence[Landscape]) -> list[str]:
    """Name the best choice of each task of one teacher, and say how many pairs of choices stand in the same order."""
    for main in main_of(found):
        compared, shared = over_tasks(main, found)
        if shared:
            return [best_text(compared), *shared_texts(shared)]
    return []
