"""What the host does. Every function but `create` takes the key and checks it in the same transaction: without it nothing of a class changes."""

import contextlib
import datetime
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, replace
from urllib.parse import urlsplit

from core.classroom import keys, limits, local_disk, states, store, watch
from core.classroom.codes import new_code
from core.classroom.lesson import Lesson, to_dict
from core.classroom.store import Class
from core.errors import LabError
from core.store.database import connect, now, to_json, transaction

NOT_THE_KEY = "This is not the key of this class; copy it whole, as it was shown when the class was made."
MOVED = "The class has moved on since this page was drawn. Look at it again, then press."
LONGEST_ADDRESS = 200  # characters


def create(title: str, lesson: Lesson, last_day: datetime.date, learner: str, address: str | None = None) -> tuple[Class, str]:
    """Make a class and return it with its key, which is nowhere else. last_day: at its end the class and all of it are deleted.

    learner, address: who asks, for the limit. LabError where the title is empty, the day is over or too far, or there are too many classes.
    """
    local_disk.require()
    title = limits.one_line(title, limits.TITLE)
    if not title:
        raise LabError("A class has a title; type one.")
    if not lesson.steps:
        raise LabError("This lesson has no steps; choose another.")
    ends = end_of(last_day)
    limits.spend("make", learner, address)
    key, kept = keys.new_key()
    with transaction() as db:
        if db.execute("SELECT COUNT(*) FROM classes").fetchone()[0] >= limits.MOST_CLASSES:
            raise LabError(f"This server keeps {limits.MOST_CLASSES} classes already; delete one first.")
        values = (title, kept, to_json(to_dict(lesson)), 0, states.WAITING, 1, 0, store.Settings().to_json(), now(), ends)
        for _ in range(100):
            with contextlib.suppress(sqlite3.IntegrityError):  # another class has this code
                made = db.execute("INSERT INTO classes (code, title, key_hash, lesson, step, state, version, activity, settings, created, ends) "
                                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (new_code(), *values)).lastrowid
                break
    watch.look_again()
    return store.get(made), key


def end_of(day: datetime.date) -> float:
    """Return the last moment of a day, on this machine's clock, in seconds since the epoch. LabError where it is over or more than a year away."""
    today = datetime.date.today()
    if day < today or (day - today).days > limits.LONGEST_DAYS:
        raise LabError("A class is kept until today or any day of the year to come; choose another day.")
    return datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time()).timestamp()


def enter(code: str | None, key: str | None, learner: str, address: str | None = None) -> Class:
    """Return the class that this code and key open. LabError where they do not, or after too many tries."""
    limits.check("key", learner, address)
    found = store.by_code(code)
    if found is None or not holds(found.id, key):
        limits.note("key", learner, address)
        raise LabError("No class has this code and this key; copy both again.")
    return found


def holds(class_id: int, key: str | None) -> bool:
    """Return whether this is the key of the class, and the class is still there."""
    with connect() as db:
        row = db.execute("SELECT key_hash FROM classes WHERE id = ? AND ends > ?", (class_id, now())).fetchone()
    return row is not None and keys.fits(key, row["key_hash"])


def act(class_id: int, key: str | None, action: str, seen: tuple[int, str]) -> Class:
    """Take an action of `states.ACTIONS`. seen: step and state that the host saw: a second click, or one on an old page, moves nothing.

    LabError where the key does not fit, the class has moved on, or the action is none of this state.
    """
    with _changing(class_id, key) as (db, found):
        if (found.step, found.state) != tuple(seen):
            raise LabError(MOVED)
        last = len(found.lesson.steps) - 1
        if action not in states.allowed(found.state, found.question is not None, found.step == 0, found.step == last):
            raise LabError("This cannot be done now. Look at the class again, then press.")
        if action in states.MOVES:
            db.execute("UPDATE classes SET state = ? WHERE id = ?", (states.MOVES[action][found.state], class_id))
        else:
            step = found.step + (1 if action == states.ON else -1)
            left = dict(found.settings.states) | {str(found.step): found.state}
            db.execute("UPDATE classes SET step = ?, state = ?, settings = ? WHERE id = ?",
                       (step, left.get(str(step), states.WAITING), replace(found.settings, states=left).to_json(), class_id))
    return store.get(class_id)


def change(class_id: int, key: str | None, **values: object) -> Class:
    """Change settings: nicknames, joining (both booleans), address (of the server, '' to find it again), last_day (a date). LabError as `act`."""
    with _changing(class_id, key) as (db, found):
        if "last_day" in values:
            db.execute("UPDATE classes SET ends = ? WHERE id = ?", (end_of(values.pop("last_day")), class_id))
        if "address" in values:
            values["address"] = read_address(values["address"])
        settings = store.Settings(**(asdict(found.settings) | values))
        db.execute("UPDATE classes SET settings = ? WHERE id = ?", (settings.to_json(), class_id))
    return store.get(class_id)


def rename(class_id: int, key: str | None, number: int, nickname: str) -> None:
    """Give a member another nickname. number: the member's. LabError as `act`, and where nothing of the name can be seen."""
    name = limits.one_line(nickname, limits.NICKNAME)
    if not name:
        raise LabError("A nickname has at least one sign that can be seen.")
    with _changing(class_id, key) as (db, _):
        db.execute("UPDATE members SET nickname = ? WHERE class = ? AND rowid = ?", (name, class_id, number))


def remove(class_id: int, key: str | None, number: int, removed: bool = True) -> None:
    """Take a member out of the class, whose answers then count no more, or let the member in again. LabError as `act`."""
    with _changing(class_id, key) as (db, _):
        db.execute("UPDATE members SET hidden = ? WHERE class = ? AND rowid = ?", (int(removed), class_id, number))


def show(class_id: int, key: str | None, number: int, step: int, shown: bool = True) -> None:
    """Show a member's free text of a step on the board, or hide it again. LabError as `act`."""
    with _changing(class_id, key) as (db, _):
        db.execute("UPDATE answers SET shown = ? WHERE class = ? AND step = ? AND learner = "
                   "(SELECT learner FROM members WHERE class = ? AND rowid = ?)", (int(shown), class_id, step, class_id, number))


def delete(class_id: int, key: str | None) -> None:
    """Delete a class with its members and answers. LabError as `act`."""
    with _changing(class_id, key) as (db, _):
        for table, column in (("answers", "class"), ("members", "class"), ("classes", "id")):
            db.execute(f"DELETE FROM {table} WHERE {column} = ?", (class_id,))


def read_address(text: object) -> str:
    """Return the server's address, as somebody typed it, without a slash at its end; '' for none. LabError where it is no address of the web."""
    address = "".join(str(text or "").split())
    if not address:
        return ""
    if "://" not in address:
        address = f"http://{address}"
    try:
        url = urlsplit(address)
        sound = url.scheme in ("http", "https") and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        sound = False
    if not sound or len(address) > LONGEST_ADDRESS or url.query or url.fragment or url.username or not address.isprintable():
        raise LabError("This is no address that a browser opens; type it as http://192.168.0.12:8501 or https://lab.example.org.")
    return address.rstrip("/")


@contextlib.contextmanager
def _changing(class_id: int, key: str | None) -> Iterator[tuple[sqlite3.Connection, Class]]:
    """Yield a transaction and the class in it, whose version it counts up; LabError where the key does not fit or the class is gone."""
    with transaction() as db:
        row = db.execute("SELECT * FROM classes WHERE id = ? AND ends > ?", (class_id, now())).fetchone()
        if row is None:
            raise store.Gone
        if not keys.fits(key, row["key_hash"]):
            raise LabError(NOT_THE_KEY)
        db.execute("UPDATE classes SET version = version + 1 WHERE id = ?", (class_id,))
        yield db, store.to_class(row)
    watch.look_again()
