"""Fetching a base checkpoint."""

from core.training.events import Event, reported


def events(job, stop):
    """Yield how far the download is. payload: {teacher}."""
    from core.models.fetch import fetch

    for event in reported("fetching", lambda progress: fetch(job.payload["teacher"], progress)):
        yield event
        if stop():
            return
    yield Event("finished")
