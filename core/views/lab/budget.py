"""The budget ladder as the page shows it."""

from core.recipe import RUNGS, rung
from core.views.common.text import duration


def rung_label(name: str, step_seconds: float | None, train_examples: int | None = None, batch: int = 32) -> str:
    """'240 steps · 48 s'; without a time while none was measured here."""
    budget = rung(name)
    steps = budget.steps or (budget.total_steps(train_examples, batch) if train_examples else None)
    what = f"{budget.steps} steps" if budget.steps else f"{name}, {budget.epochs} epochs"
    return f"{what} · {duration(step_seconds * steps)}" if step_seconds and steps else what


def rung_labels(step_seconds: float | None, train_examples: int | None = None) -> dict[str, str]:
    return {name: rung_label(name, step_seconds, train_examples) for name in RUNGS}


def timing_note(step_seconds: float | None) -> str:
    if step_seconds is None:
        return "Time not yet measured here; the first run of this teacher, task and size measures it."
    return "Times as measured here, without getting ready and evaluating."
