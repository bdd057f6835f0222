"""What a run reports while it goes."""

import queue
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """kind and JSON-ready data.

    stage {stage, text, done}; prepared {steps, k, teacher_layers, train_examples, device, dtype, parameters, teacher, initial, fit};
    step {step, of, loss, losses, seconds, eta, tokens_per_second}; evaluated {step, val_accuracy, val_loss, seconds,
    moved: update norms by part, as in a record}; finished {record};
    measured {record}: the record that `finished` will hold, where the student is kept in between;
    kept {student}, not_kept {reason}: what became of the student;
    broke_off {reason}: a race's run that ended without a record;
    turn {}: the consumer may use the device for something else before it asks for the next event. Nobody stores or draws a turn.
    """

    kind: str
    data: dict = field(default_factory=dict)


TURN = Event("turn")


def stage(name: str, text: str, done: float | None = None) -> Event:
    """Return the event that says what is being done besides training, and how far it is (0 to 1, None when unknown)."""
    return Event("stage", {"stage": name, "text": text, "done": done})


def without_turns(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events that carry something."""
    return (event for event in events if event.kind != "turn")


def never() -> bool:
    """Return False: the `stop` of a run that nobody stops."""
    return False


def completed(events: Iterator):
    """Run a generator to its end at once; returns what it returns."""
    while True:
        try:
            next(events)
        except StopIteration as end:
            return end.value


def followed(steps: Iterator, text: str, name: str = "preparing") -> Iterator[Event]:
    """Yield a turn after every share done (0 to 1) and a stage event about every 2 %; returns what `steps` yields at last."""
    last = 0.0
    for value in steps:
        if not isinstance(value, float):
            return value
        if value == 0.0 or value - last > 0.02:
            last = value
            yield stage(name, text, value)
        yield TURN
    return None


class Closed(Exception):
    """Raised in the work of `reported` by its next report once the generator is closed."""


def reported(name: str, work: Callable) -> Iterator[Event]:
    """Yield a stage event for every call progress(done, text) of `work(progress)`; return what the work returns.

    The work runs in a thread of its own and stands still from each report until the next event is asked for, so the two never run at
    once. Closing the generator ends the work at that report.
    """
    made, go_on = queue.Queue(), queue.Queue()

    def progress(done: float | None, text: str) -> None:
        made.put(stage(name, text, done))
        if not go_on.get():
            raise Closed

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, progress)
        future.add_done_callback(lambda _: made.put(None))
        try:
            while (event := made.get()) is not None:
                yield event
                go_on.put(True)
        finally:
            go_on.put(False)
        return future.result()


class Clock:
    """Seconds of a run's own work: it runs within `with`, and while events are made, not while their consumer does something else."""

    def __init__(self):
        self._before, self._began = 0.0, None

    @property
    def seconds(self) -> float:
        return self._before + (0.0 if self._began is None else time.perf_counter() - self._began)

    def add(self, seconds: float) -> None:
        self._before += seconds

    def __enter__(self):
        self._began = time.perf_counter()

    def __exit__(self, *_):
        self._before, self._began = self.seconds, None

    def timed(self, events: Iterator) -> Iterator:
        """Yield the events while the clock runs; returns what they return."""
        while True:
            with self:
                try:
                    event = next(events)
                except StopIteration as end:
                    return end.value
            yield event
