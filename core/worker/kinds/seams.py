"""What each of a teacher's seams costs, measured anew; kept where core/store/seam_costs.py finds it."""

from core.worker.measuring import measuring


def events(job, stop):
    """Yield how far the measurement is. payload: {teacher, task}."""
    from core.studies.seams.measure import measure

    return measuring(measure(job.payload["teacher"], job.payload["task"], again=True), stop)
