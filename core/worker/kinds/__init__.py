"""The kinds of job, one file each. Torch is imported only while one runs.

Each is a generator `events(job, stop)`, and all follow one protocol. It yields core.training.events.Event:

- turn: control may go elsewhere, such as to a waiting request; nothing is stored;
- made {…, record}: one of several records; the runner stores it and emits the event with its row and id in the record's place;
- measured {record}: the record that `finished` will hold; the runner stores it at once, since what comes between may be killed;
- paused: the job gives the device up and waits to be claimed again; it is the last event;
- finished {[record], …}: the job is done; a record of its own closes it with the record's status; it is the last event;
- every other event is stored for the pages as it is.

`stop()` says whether the job has to end; a generator that ends without `finished` or `paused` was stopped.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from core.store.jobs import Job
from core.training.events import Event

KINDS: dict[str, Callable[[Job, Callable[[], bool]], Iterator[Event]]] = {
    file.name: importlib.import_module(f"{__name__}.{file.name}").events for file in pkgutil.iter_modules(__path__)
}
