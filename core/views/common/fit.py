"""How a teacher and a task fit, as it was kept when they were last loaded together (core/training/fit.py): for pages, without a model."""

from dataclasses import dataclass

from core.errors import LabError
from core.store import layer_scores
from core.views.common.choice import task_content, teacher_status
from core.views.common.text import percent


@dataclass(frozen=True)
class Fit:
    """stops: why the two do not fit, one sentence, '' where they do. warnings: what weakens the figures. line: the figures, in words."""

    stops: str = ""
    warnings: tuple[str, ...] = ()
    line: str = ""


def kept_fit(teacher: str, task: str) -> Fit | None:
    """Return how they fit; None where they were not loaded together yet, or one of them cannot be read."""
    try:
        status = teacher_status(teacher, task)
        found = layer_scores.find(status.identity, task, "fit", task_content(task).hash) if status.ready and status.identity else None
    except LabError:
        return None
    return None if found is None else as_fit(found)


def as_fit(found: dict) -> Fit:
    """Return what is shown of a document, of a `prepared` event's "fit" or of a record's."""
    stops, warnings = found.get("stops") or {}, tuple(each["sentence"] for each in found["warnings"])
    return Fit(stops.get("sentence", ""), warnings, "" if stops else _line(found["figures"]))


def _line(figures: dict) -> str:
    said = f"The tokenizer does not know {percent(figures['unknown_words'])} of the words; {percent(figures['texts_cut'])} of the texts are cut, "
    said += f"at {figures['max_length']} tokens."
    if "teacher_accuracy" in figures:
        said += f" The teacher gets {percent(figures['teacher_accuracy'])} of {figures['examples']} check examples right; always naming the most "
        said += f"frequent class would get {percent(figures['majority'])}."
    return said
