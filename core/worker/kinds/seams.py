"""What each of a teacher's seams costs, measured anew; kept where core/store/seam_costs.py finds it."""

from core.training.events import Event


def events(job, stop):
    """Yield how far the measurement is. payload: {teacher, task}."""
    from core.studies.seams.measure import measure

    for event in measure(job.payload["teacher"], job.payload["task"], again=True):
        if event.kind == "finished":
            yield Event("finished")
            return
        yield event
        if stop():
            return
