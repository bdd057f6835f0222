"""Loading a teacher and its task, so that the next click on Run starts at once."""

from core.training.events import Event


def events(job, stop):
    """Yield how far the loading is. payload: {teacher, task}."""
    from core.training.loading import warm

    for event in warm(job.payload["teacher"], job.payload["task"]):
        yield event
        if stop():
            return
    yield Event("finished")
