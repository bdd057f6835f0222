"""Jobs that only measure: what they find is kept by the measurement itself."""

from collections.abc import Callable, Iterator

from core.training.events import Event


def measuring(measured: Iterator[Event], stop: Callable[[], bool]) -> Iterator[Event]:
    """Yield how far a measurement is, till it is done or has to end."""
    for event in measured:
        if event.kind == "finished":
            yield Event("finished")
            return
        yield event
        if stop():
            return
