"""How a teacher's answer to one text forms from layer to layer: forward passes only."""

from core.training.events import Event


def events(job, stop):
    """Yield the class probabilities after every layer. payload: {teacher, task, first, second}."""
    from core.studies.ask import forming

    wanted = job.payload
    yield Event("answer", forming(wanted["teacher"], wanted["task"], wanted["first"], wanted.get("second")))
    yield Event("finished")
