"""What a run reports while it goes."""

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """kind and JSON-ready data.

    stage {stage, text, done}; prepared {steps, k, teacher_layers, train_examples, device, dtype, parameters, teacher, initial};
    step {step, of, loss, losses, seconds, eta, tokens_per_second}; evaluated {step, val_accuracy, val_loss, seconds};
    turn {step}, before a step, where others may have the device (core.training.race); finished {record}.
    """

    kind: str
    data: dict = field(default_factory=dict)


def stage(name: str, text: str, done: float | None = None) -> Event:
    """What is being done besides training, and how far it is (0 to 1, None when unknown)."""
    return Event("stage", {"stage": name, "text": text, "done": done})


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
