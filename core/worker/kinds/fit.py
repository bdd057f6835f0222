"""How a teacher fits a task that it has not learned yet: no training, and no forward pass."""

from core.training.events import Event


def events(job, stop):
    """Yield what was found as a `fit` event. payload: {teacher, task}."""
    from core.training.base_fit import base_fit

    yield Event("fit", base_fit(job.payload["teacher"], job.payload["task"]))
    yield Event("finished")
