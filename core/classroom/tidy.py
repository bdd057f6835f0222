"""On its last day's end a class goes, with its members and answers: looked for when the server starts, and once an hour."""

import threading
import time

from core.errors import LabError
from core.store.database import connect, now, store_path, transaction

HOUR = 3600.0  # seconds
_started = threading.Lock()


def delete_ended() -> int:
    """Delete every class whose last day is over, and return how many there were."""
    if not store_path().is_file():
        return 0
    with connect() as db:  # most often there is nothing to write
        if not db.execute("SELECT 1 FROM classes WHERE ends <= ? LIMIT 1", (now(),)).fetchone():
            return 0
    with transaction() as db:
        over = "SELECT id FROM classes WHERE ends <= ?"
        when = (now(),)
        db.execute(f"DELETE FROM answers WHERE class IN ({over})", when)
        db.execute(f"DELETE FROM members WHERE class IN ({over})", when)
        return db.execute("DELETE FROM classes WHERE ends <= ?", when).rowcount


def start() -> None:
    """Delete now, and go on once an hour beside everything else; a second call in the same process does nothing."""
    if _started.acquire(blocking=False):
        threading.Thread(target=_go_on, daemon=True, name="classes that are over").start()


def _go_on() -> None:
    while True:
        try:
            delete_ended()
        except LabError:
            pass  # a page says what is wrong with the store; in an hour it may be mended
        time.sleep(HOUR)
