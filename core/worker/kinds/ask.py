"""A teacher's answer about a text: forward passes only."""

from core.training.events import Event


def events(job, stop):
    """Yield the answer. payload: {teacher, task, first, second}."""
    from core.studies.ask import ask

    wanted = job.payload
    yield Event("answer", ask(wanted["teacher"], wanted["task"], wanted["first"], wanted.get("second")))
    yield Event("finished")
