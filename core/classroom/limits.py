"""How much a class takes: lengths of texts, numbers of rows, and how often one learner or one address may try.

The counts of tries live in the memory of this server: they are of the last minutes and guard this process; what bounds the rows is the store itself.
"""

import threading
import time
import unicodedata
from collections import deque

from core.errors import LabError

MOST_MEMBERS = 200  # of a class
MOST_CLASSES = 50  # open on one server
TITLE, NICKNAME, TEXT = 80, 20, 280  # characters
LONGEST_DAYS = 366  # that a class is kept
MOST_KEPT = 20_000  # learners and addresses whose tries are counted

# by what is tried: (times, seconds) for one learner, and for one address. A whole class may share an address: a room behind one router.
TRIES = {
    "code": ((10, 60.0), (60, 600.0)),  # codes that no class has
    "key": ((10, 60.0), (30, 600.0)),  # keys that do not fit
    "join": ((10, 60.0), (400, 600.0)),
    "answer": ((30, 60.0), (3000, 60.0)),
    "make": ((5, 600.0), (20, 600.0)),
}
SAID = {
    "code": "Too many codes were tried that no class has; wait a minute, and read the code from the projector again.",
    "key": "Too many keys were tried that do not fit; wait a minute and copy the key again.",
    "join": "Somebody joined too often from here; wait a minute and try again.",
    "answer": "You answered very often within a minute; wait a moment. Your last answer is kept.",
    "make": "Many classes were made from here just now; wait ten minutes, or delete one.",
}

_lock = threading.Lock()
_tries: dict[tuple[str, str, str], deque] = {}


def check(what: str, learner: str, address: str | None = None) -> None:
    """Raise LabError where a learner or an address has used up its tries. what: a key of TRIES."""
    with _lock:
        if any(len(times) >= most for times, most in _counted(what, learner, address)):
            raise LabError(SAID[what])


def note(what: str, learner: str, address: str | None = None) -> None:
    """Count one try."""
    with _lock:
        for times, most in _counted(what, learner, address):
            times.append(time.monotonic())
            while len(times) > most:
                times.popleft()


def spend(what: str, learner: str, address: str | None = None) -> None:
    """Count one try, or raise LabError where there is none left."""
    check(what, learner, address)
    note(what, learner, address)


def forget() -> None:
    """Start all counts anew, as a new server does."""
    with _lock:
        _tries.clear()


def _counted(what: str, learner: str, address: str | None) -> list[tuple[deque, int]]:
    """Return the times that still count of this learner and address, each with how many there may be."""
    found, now = [], time.monotonic()
    for kind, who, (most, seconds) in zip(("learner", "address"), (learner, address), TRIES[what]):
        if who is None:
            continue
        key = (what, kind, who.partition(".")[0] if kind == "learner" else who)
        if key not in _tries and len(_tries) >= MOST_KEPT:
            _tries.pop(next(iter(_tries)))  # the one that was counted first
        times = _tries.setdefault(key, deque())
        while times and times[0] < now - seconds:
            times.popleft()
        found.append((times, most))
    return found


def one_line(text: object, most: int) -> str:
    """Return a text as one line of at most so many characters, without signs that cannot be seen or turn the direction of writing."""
    seen = "".join(" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", str(text)[: 20 * most]))
    return " ".join("".join(sign for sign in seen if unicodedata.category(sign)[0] != "C").split())[:most].strip()
