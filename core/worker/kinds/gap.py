"""A gap in a teacher tried at once, cut and bridged: forward passes only."""

from core.training.events import Event


def events(job, stop):
    """Yield what the teacher answers then. payload: {teacher, task, layers, first, second}; the texts may be None."""
    from core.studies.seams.live import try_gap

    wanted = job.payload
    for event in try_gap(wanted["teacher"], wanted["task"], wanted["layers"], wanted.get("first"), wanted.get("second")):
        yield event
        if stop():
            return
    yield Event("finished")
