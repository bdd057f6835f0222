"""How a teacher answers a task's check examples: whether that fits, and whether its classes stand in the wrong order."""

import math

import numpy as np
import torch
from scipy import special
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from core.data.address import map_text, with_option
from core.data.task import Task
from core.errors import LabError
from core.models.teachers import Teacher
from core.training.fit import keep

GAIN = 0.15  # of accuracy: by how much another order of the classes has to do better
LEVEL = 0.01  # of the test that it does, over all orders there are
ABOVE = 3  # standard errors above always naming the most frequent class: what another order has to reach
SURE = 2  # standard errors above it: what the teacher has to reach
ELSE = "fine-tune it on this task or choose another teacher"


def with_answers(teacher: Teacher, task: Task, logits: Tensor) -> dict:
    """Return teacher.fit with what the answers to the check examples show, and keep it. logits: (N, C) of task.split("check").

    More figures: teacher_accuracy and majority (0 to 1), examples. The test split is not looked at. LabError where the answers are not finite.
    """
    finite_logits(teacher, logits, "check")
    truth, predicted = np.array(task.split("check").labels), logits.argmax(1).numpy()
    figures = {"teacher_accuracy": float((predicted == truth).mean()), "majority": task.split("check").majority(), "examples": len(truth)}
    said = _warnings(teacher, task, truth, predicted, **figures)
    found = teacher.fit | {"figures": teacher.fit["figures"] | figures, "warnings": [*teacher.fit["warnings"], *said]}
    keep(teacher, task, found)
    return found


def finite_logits(teacher: Teacher, logits: Tensor, split: str) -> None:
    """Raise LabError where a teacher's answers, (N, C), are not finite numbers."""
    broken = int((~torch.isfinite(logits)).any(1).sum())
    if broken:
        raise LabError(f"The answers of {teacher.name} to {broken:,} of {len(logits):,} {split} texts are NaN or infinite, although its weights are "
                       "not: numbers grow too large within it; choose fp32 (LAYER_LAB_PRECISION=fp32) or another teacher.")


def _warnings(
    teacher: Teacher, task: Task, truth: np.ndarray, predicted: np.ndarray, teacher_accuracy: float, majority: float, examples: int
) -> list[dict]:
    gets = f"{teacher.name} gets {100 * teacher_accuracy:.1f} % of {examples} check examples right"
    if len(set(predicted.tolist())) == 1:
        always = f"{teacher.name} names the class {task.labels[predicted[0]]} for each of {examples} check examples"
        return [{"kind": "one-class", "sentence": f"{always}, so it has nothing to teach here; {ELSE}."}]
    order = better_order(truth, predicted, len(task.labels), majority)
    if order is not None:
        reached = 100 * float((np.argsort(order)[predicted] == truth).mean())
        said = f"{gets}; with its classes in another order it would get {reached:.1f} %, so they seem to be named wrongly."
        return [{"kind": "classes", "sentence": f"{said} {_way(teacher, task, order)}"}]
    error = math.sqrt(teacher_accuracy * (1 - teacher_accuracy) / examples)
    if teacher_accuracy <= majority or teacher_accuracy - majority < SURE * error:
        said = f"{gets}, not clearly more than always naming the most frequent class ({100 * majority:.1f} %)"
        return [{"kind": "chance", "sentence": f"{said}, so it has little to teach here; {ELSE}."}]
    return []


def better_order(truth: np.ndarray, predicted: np.ndarray, classes: int, majority: float) -> list[int] | None:
    """Return, for each class of the task, the class that the teacher names in its place, where that would raise its accuracy sharply; else None.

    truth, predicted: (N,) classes. The best order is an assignment on the confusion matrix (Kuhn 1955, "The Hungarian method for the
    assignment problem"). Sharply: by GAIN at least; significant in a sign test of the examples that change, with Bonferroni's correction
    for all orders; and clearly above always naming the most frequent class.
    """
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (truth, predicted), 1)
    order = linear_sum_assignment(confusion, maximize=True)[1]
    now, then = predicted == truth, np.argsort(order)[predicted] == truth
    won, lost, reached, n = int((then & ~now).sum()), int((now & ~then).sum()), float(then.mean()), len(truth)
    if won - lost < GAIN * n or reached - majority <= ABOVE * math.sqrt(reached * (1 - reached) / n):
        return None
    log_p = float(special.log_ndtr(-(won - lost) / math.sqrt(won + lost))) + math.lgamma(classes + 1)
    return order.tolist() if log_p < math.log(LEVEL) else None


def _way(teacher: Teacher, task: Task, order: list[int]) -> str:
    """Say which label map would do it. Where the data hold numbers it names them, else it numbers the teacher's classes."""
    theirs = [(teacher.order or range(len(order)))[place] for place in order]  # the teacher's own class of each of the task's
    names = teacher.model.config.id2label
    value = map_text(task.classes, [str(names[i]) for i in range(len(names))], theirs)
    if task.mapped:
        return f"Write labels={value} in the task's address in place of its labels."
    return f"Write the task as {with_option(task.name, 'labels', value)}."
