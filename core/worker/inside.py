"""Two kinds of job: what each of a teacher's layers does, measured and kept; and how its answer to one text forms from layer to layer."""

import time

from core.errors import LabError
from core.store import jobs
from core.worker.control import Attention


def inside(job: jobs.Job, attention: Attention):
    """Measure a teacher's layers anew; the scores are kept in core/store/layer_scores.py. payload: {teacher, task}. It can be stopped."""
    from core.studies.inside.measure import measure
    from core.worker.handlers import Ended

    began = time.monotonic()
    for event in measure(job.payload["teacher"], job.payload["task"], again=True):
        if event.kind == "finished":
            return Ended("finished", seconds=time.monotonic() - began)
        attention.emit(event.kind, event.data)
        if attention.stop():
            return Ended("stopped", attention.reason)
    raise LabError("The measurement ended without scores; measure again.")


def forming(job: jobs.Job, attention: Attention):
    """The class probabilities after every layer for one text, or one pair; the answer is an event. payload: {teacher, task, first, second}."""
    from core.studies.ask import forming as form
    from core.worker.handlers import Ended

    jobs.emit(job.id, "answer", form(job.payload["teacher"], job.payload["task"], job.payload["first"], job.payload.get("second")))
    return Ended("finished")
