"""The run store's database: one SQLite file in WAL mode, which several processes read and write."""

import contextlib
import json
import math
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import LabError
from core.home import home

BUSY_SECONDS = 20.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL, at REAL NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_id ON runs (id, status);
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, run_id TEXT, payload TEXT NOT NULL, learner TEXT,
    status TEXT NOT NULL DEFAULT 'queued', reason TEXT, created REAL NOT NULL, started REAL, ended REAL,
    worker TEXT, cancel INTEGER NOT NULL DEFAULT 0, run_row INTEGER);
CREATE INDEX IF NOT EXISTS jobs_status ON jobs (status, id);
CREATE TABLE IF NOT EXISTS events (
    job INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL, data TEXT NOT NULL, PRIMARY KEY (job, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workers (
    id TEXT PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL, device TEXT NOT NULL, started REAL NOT NULL, heartbeat REAL NOT NULL);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, at REAL NOT NULL, value TEXT NOT NULL);
"""


def store_path() -> Path:
    return home() / "store.sqlite"


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """WAL mode, which stays with the file once set. Setting it does not wait for other processes as other statements do."""
    end = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)


@contextlib.contextmanager
def connect() -> Iterator[sqlite3.Connection]:
    """A connection in autocommit mode, closed at the end. SQLite's errors become one sentence each.

    A connection a call costs about a millisecond and survives a store that is deleted while the program runs.
    """
    path = store_path()
    try:
        connection = _open(path)
    except sqlite3.Error as error:
        raise LabError(explain_sqlite(error, path)) from error
    try:
        yield connection
    except sqlite3.Error as error:
        raise LabError(explain_sqlite(error, path)) from error
    finally:
        connection.close()


@contextlib.contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """A connection inside one write transaction: all of it happens, or none."""
    with connect() as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def explain_sqlite(error: sqlite3.Error, path: Path) -> str:
    text = str(error)
    if "full" in text:
        return f"The disk that holds the run store {path} is full; free some space and try again. Finished runs are safe."
    if "image is malformed" in text or "not a database" in text:
        return f"The run store {path} is damaged; move it away to start a new one."
    if "locked" in text:
        return f"The run store {path} has been busy for too long; close other programs that use it and try again."
    if "readonly" in text or "unable to open" in text:
        return f"The run store {path} cannot be written; set LAYER_LAB_HOME to a folder you can write."
    return f"The run store {path} answered: {text}."


def to_json(value) -> str:
    """JSON as SQLite and every other reader takes it: a number that is not finite (a loss that diverged) becomes null."""
    return json.dumps(_finite(value), separators=(",", ":"), allow_nan=False)


def _finite(value):
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def now() -> float:
    """Seconds since the epoch, as stored."""
    return time.time()
