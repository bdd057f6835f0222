"""Stopping a run where a test wants it stopped."""

from collections.abc import Callable, Iterator

from core.store import jobs
from core.training.events import Event


def stopped_at(step: int, start: Callable[..., Iterator[Event]]) -> list[Event]:
    """Return the events of start(stop=...), stopped once one of them says that this many steps are made."""
    events: list[Event] = []
    for event in start(stop=lambda: any(seen.data.get("step", 0) >= step for seen in events)):
        events.append(event)
    return events


def cancel(job_id: int) -> None:
    """Stop a job for everybody, as when the last who watches it leaves."""
    for learner in jobs.watchers(job_id) or [""]:
        jobs.detach(job_id, learner)
