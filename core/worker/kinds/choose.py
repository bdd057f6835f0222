"""Layers chosen by algorithm; the ranking is kept in core/store/layer_scores.py."""

import time

from core.recipe import Recipe
from core.training.events import Event, reported, stage

REPORT_SECONDS = 0.3  # between two events with the same text


def events(job, stop):
    """Yield how far the chooser is, and its pick. payload: {teacher, task, method, k}."""
    from core.studies.choosers.choose import choose

    wanted = job.payload
    recipe = Recipe(wanted["teacher"], wanted["task"], (1,))
    yield stage("preparing", "Loading the teacher and the task")
    work = reported("choosing", lambda progress: choose(wanted["method"], recipe, wanted["k"], again=True, progress=progress))
    document = yield from _thinned(work, stop)
    if document is None:
        return
    yield Event("chosen", {"layers": document["choices"][0]["layers"], "seconds": document["seconds"]})
    yield Event("finished")


def _thinned(work, stop):
    """Yield the work's events, turns in the place of those that say the same a moment later; return what it returns, None when stopped."""
    text, at = "", float("-inf")
    while not stop():
        try:
            event = next(work)
        except StopIteration as ended:
            return ended.value
        if event.data["text"] != text or time.monotonic() - at > REPORT_SECONDS:
            text, at = event.data["text"], time.monotonic()
            yield event
        else:
            yield Event("turn")
    work.close()
