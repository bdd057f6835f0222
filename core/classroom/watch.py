"""One read of all classes a second for the whole server: every session asks here whether its class has changed, and only then reads it."""

import threading
import time

from core.classroom import store
from core.errors import LabError
from core.store.database import store_path

SECONDS = 1.0  # that what was read serves everybody


class Watcher:
    """What was read last, when, and of which store. reads: how often the store was asked."""

    def __init__(self):
        self.lock = threading.Lock()
        self.read, self.at, self.of, self.reads = {}, 0.0, None, 0

    def pulse(self, class_id: int) -> tuple[int, int] | None:
        """Return version and activity of a class, at most a second old; None where it is gone. A store that does not answer changes nothing."""
        with self.lock:
            place = store_path()
            if place != self.of or time.monotonic() - self.at >= SECONDS:
                try:
                    self.read = store.pulses()
                except LabError:  # whoever then reads the class itself says what is wrong
                    self.read = self.read if place == self.of else {}
                self.at, self.of, self.reads = time.monotonic(), place, self.reads + 1
            return self.read.get(class_id)

    def look_again(self) -> None:
        """Have the next one who asks read the store: something was changed by this very process."""
        self.of = None


_watcher = Watcher()
pulse, look_again = _watcher.pulse, _watcher.look_again
