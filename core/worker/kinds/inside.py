"""What each of a teacher's layers does, measured anew; the scores are kept in core/store/layer_scores.py."""

from core.worker.measuring import measuring


def events(job, stop):
    """Yield how far the measurement is. payload: {teacher, task}."""
    from core.studies.inside.measure import measure

    return measuring(measure(job.payload["teacher"], job.payload["task"], again=True), stop)
