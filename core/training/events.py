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


def reported(name: str, work: Callable) -> Iterator[Event]:
    """Events of `work(progress)`, which reports by calling progress(done, text); returns what it returns."""
    reports: queue.Queue[Event] = queue.Queue()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, lambda done, text: reports.put(stage(name, text, done)))
        while not (future.done() and reports.empty()):
            try:
                yield reports.get(timeout=0.1)
            except queue.Empty:
                continue
        return future.result()
