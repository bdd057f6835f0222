"""What a kept student, its teacher and its start say of a text: forward passes only."""

from collections.abc import Iterator, Sequence

from core.errors import LabError
from core.store.jobs import Job
from core.training.events import Event


def events(job, stop):
    """Yield the answer. payload: {students: keys, first, second}."""
    _, answer = next(together([job]))
    if isinstance(answer, LabError):
        raise answer
    yield answer
    yield Event("finished")


def together(jobs: Sequence[Job]) -> Iterator[tuple[Job, Event | LabError]]:
    """Yield each job with its answer, or with why there is none, as they come."""
    from core.studies.trying import Question, try_together

    asked = [Question(tuple(job.payload["students"]), job.payload["first"], job.payload.get("second")) for job in jobs]
    for number, answer in try_together(asked):
        yield jobs[number], answer if isinstance(answer, LabError) else Event("answer", answer)
