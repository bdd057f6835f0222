"""Distillation of one recipe, as a generator of events: prepared, step, evaluated, finished, and turns."""

from collections.abc import Callable, Iterator

from core.recipe import Recipe
from core.training.events import Event, never
from core.training.overrides import CORRECT, Overrides
from core.training.session import Session
from core.training.student import ALL, Exact

__all__ = ["Exact", "distill"]


def distill(
    recipe: Recipe, stop: Callable[[], bool] = never, exact: Exact = ALL, overrides: Overrides = CORRECT, micro_batch: int | None = None,
    keep: bool = False,
) -> Iterator[Event]:
    """Seed a student, distil it, measure it. The last event is finished {record}; its status is stopped when `stop` returned True.

    Short runs (a budget in steps) are evaluated on the check part of validation; full runs on validation while they
    train and on the test split before and after. Raises LabError for what a user can mend. A run made otherwise than the recipe
    says (`overrides`) has its mistake's name, or its place in an experiment, in its record, and an id that is no recipe's, so that it
    never answers one.
    stop: asked at every turn. True before the event prepared: nothing more comes, no finished event either.
    micro_batch: the most examples computed at once on a device short of memory, noted in the record; the recipe stays the same.
    keep: the student is kept (core/store/students.py); the event before the last says so, or why not: kept {student}, not_kept {reason}. The one
    before it is measured {record}: whoever stores runs stores it then.
    """
    session = Session(recipe, exact, overrides, micro_batch, keep)
    for event in session.prepare():
        yield event
        if event.kind in ("turn", "stage") and stop():
            return
    yield from session.train(stop)
    yield from session.record()
