"""How a teacher's answer to one text forms from layer to layer: forward passes only."""

from core.training.events import Event


def events(job, stop):
    """Yield the class probabilities after every layer. payload: {teacher, task, first, second}, and where asked for {student: a key, attention}."""
    from core.studies.inside.forming import forming

    wanted = job.payload
    yield Event("answer", forming(wanted["teacher"], wanted["task"], wanted["first"], wanted.get("second"),
                                  student=wanted.get("student"), attention=wanted.get("attention", False)))
    yield Event("finished")
