"""What each of a teacher's layers does, measured anew; the scores are kept in core/store/layer_scores.py."""

from core.training.events import Event


def events(job, stop):
    """Yield how far the measurement is. payload: {teacher, task}."""
    from core.studies.inside.measure import measure

    for event in measure(job.payload["teacher"], job.payload["task"], again=True):
        if event.kind == "finished":
            yield Event("finished")
            return
        yield event
        if stop():
            return
