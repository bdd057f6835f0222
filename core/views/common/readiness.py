"""Whether a teacher can be distilled on a task, and what is missing."""

from dataclasses import dataclass
from pathlib import Path

from core.data import hub, reviews, sick
from core.data.address import bare
from core.data.catalogue import info_of, known_classes, load
from core.errors import LabError
from core.findings.names import short_name
from core.models import catalogue as teachers
from core.models.config import facts
from core.models.labels import UnmatchedLabels
from core.recipe.tuning import split_teacher
from core.views.common.choice import task_content, teacher_status


@dataclass(frozen=True)
class Readiness:
    """ready: Run may be pressed. layers: of the teacher, None while unknown. needs: what is missing, sentences, empty when ready.

    can_tune: fine-tuning is offered. problem: what is wrong, one sentence, for which tuning is no cure.
    """

    ready: bool
    layers: int | None
    needs: tuple[str, ...] = ()
    can_tune: bool = False
    problem: str = ""
    parameters: tuple[int, int] | None = None  # of one layer, of all else; from the sizes in its configuration
    weights: str | None = None  # the key of the teacher that a run would use
    data: str | None = None  # the hash of the task that a run would use; None while it is unknown
    unmatched: UnmatchedLabels | None = None  # the teacher has as many classes as the task, and which is which has to be said


def readiness(teacher: str, task: str) -> Readiness:
    problem = task_problem(task)
    if problem:
        return Readiness(False, teachers_layers(teacher), problem=problem)
    try:
        status = teacher_status(teacher, task)
    except LabError as error:
        return Readiness(False, teachers_layers(teacher), can_tune="fine-tune" in str(error), problem=str(error))
    sizes = _sizes(status)
    if status.ready:
        return Readiness(True, status.layers, parameters=sizes, weights=status.key, data=task_content(task).hash)
    if status.unmatched:
        return Readiness(False, status.layers, (status.needs,), can_tune=True, parameters=sizes, unmatched=status.unmatched)
    needs = status.needs.replace(task, short_name(task)).replace(teacher, short_name(teacher))
    return Readiness(False, status.layers, tuple(filter(None, (needs, task_needs(task)))), can_tune=True, parameters=sizes)


def task_problem(task: str) -> str:
    """Return what is wrong with a task's name or, for a file, with what it names, one sentence; '' when nothing is known to be."""
    try:
        if task.startswith("file:"):
            load(task)
        elif task.startswith("hub:"):
            hub.parse(task), hub.options(task)
        elif info_of(task):
            known_classes(task)
        else:
            return f"There is no task {task[:80]!r}; choose one from the list, or write file:PATH?text=COLUMN&label=COLUMN or hub:OWNER/NAME?… ."
    except LabError as error:
        return str(error)
    return ""


def teachers_layers(teacher: str) -> int | None:
    """Return a catalogue teacher's layers, read or not."""
    info = teachers.TEACHERS.get(split_teacher(teacher)[0])
    return info.layers if info else None


def task_needs(task: str) -> str:
    """Return what a task still needs beforehand, one sentence; '' when nothing."""
    info = info_of(task)
    if info is None or info.needs.startswith("nothing"):
        return ""
    try:
        here = {"sick": sick.path, "reviews": reviews.located}.get(bare(task), lambda: None)()
    except LabError:
        here = None
    return "" if here else f"The task needs {info.needs}."


def _sizes(status) -> tuple[int, int] | None:
    """Weights and biases of one encoder layer, and of all else: embeddings with their norm, and the layer before the classifier."""
    h, i, v = status.hidden, status.intermediate, status.vocab
    if not (h and i and v):
        return None
    attention, feed_forward, norms = 4 * h * h + 4 * h, 2 * h * i + h + i, 4 * h
    return attention + feed_forward + norms, (v + _positions(status.folder) + 2) * h + 2 * h + h * h + h


def _positions(folder: Path | None) -> int:
    """Rows of the position table; 0 while the configuration is not there."""
    try:
        return facts(folder).positions if folder else 0
    except LabError:
        return 0


def size_parts(state: Readiness, k: int) -> list[str]:
    """Return how large a student of k layers is, and how fast, in words; its parameters only while the teacher's sizes are known."""
    parts = [f"**{k}** of {state.layers} layers"]
    if state.parameters:
        layer, rest = state.parameters
        student, teacher = rest + k * layer, rest + state.layers * layer
        if teacher >= 1e5:
            parts.append(f"**{student / 1e6:.1f}** of {teacher / 1e6:.1f} M parameters ({100 * student / teacher:.0f} %)")
        parts.append(f"about **{state.layers / k:.1f}×** as fast")
    return parts
