"""A gap in a teacher tried at once: forward passes only."""

from core.training.events import Event


def events(job, stop):
    """Yield what the teacher answers then. payload: {teacher, task, layers, bridged, first, second}; the texts may be None."""
    from core.studies.seams.live import try_gap

    wanted = job.payload
    yield Event("answer", try_gap(wanted["teacher"], wanted["task"], wanted["layers"], wanted["bridged"], wanted.get("first"), wanted.get("second")))
    yield Event("finished")
