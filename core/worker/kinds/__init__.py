"""The kinds of job, one file each. Torch is imported only while one runs.

Each is a generator `events(job, stop)`, and all follow one protocol. It yields core.training.events.Event:

- turn: control may go elsewhere, such as to a waiting request; nothing is stored;
- made {…, record}: one of several records; the runner stores it and emits the event with its row and id in the record's place;
- measured {record}: the record that `finished` will hold; the runner stores it at once, since what comes between may be killed;
- paused: the job gives the device up and waits to be claimed again; it is the last event;
- finished {[record], …}: the job is done; a record of its own closes it with the record's status; it is the last event;
- every other event is stored for the pages as it is.

A kind whose requests are answered faster several at once has `together(jobs)` too: it yields each job with its one event, which ends it, or with the
LabError that says why there is none.

`stop()` says whether the job has to end; a generator that ends without `finished` or `paused` was stopped.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence

from core.errors import LabError
from core.store.jobs import Job
from core.training.events import Event

_FILES = {file.name: importlib.import_module(f"{__name__}.{file.name}") for file in pkgutil.iter_modules(__path__)}
KINDS: dict[str, Callable[[Job, Callable[[], bool]], Iterator[Event]]] = {name: file.events for name, file in _FILES.items()}
TOGETHER: dict[str, Callable[[Sequence[Job]], Iterator[tuple[Job, Event | LabError]]]] = {
    name: file.together for name, file in _FILES.items() if hasattr(file, "together")
}
