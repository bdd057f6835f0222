"""Stopping a run where a test wants it stopped."""

from collections.abc import Callable, Iterator

from core.training.events import Event


def stopped_at(step: int, start: Callable[..., Iterator[Event]]) -> list[Event]:
    """Return the events of start(stop=...), stopped once one of them says that this many steps are made."""
    events: list[Event] = []
    for event in start(stop=lambda: any(seen.data.get("step", 0) >= step for seen in events)):
        events.append(event)
    return events
