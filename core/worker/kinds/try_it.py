"""What a kept student, its teacher and its start say of a text: forward passes only."""

from core.training.events import Event


def events(job, stop):
    """Yield the answer. payload: {students: keys, first, second}."""
    from core.studies.trying import try_students

    wanted = job.payload
    yield Event("answer", try_students(wanted["students"], wanted["first"], wanted.get("second")))
    yield Event("finished")
