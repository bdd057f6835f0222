"""The run store's database: one SQLite file in WAL mode, which several processes read and write."""

import contextlib
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import LabError
from core.home import home

BUSY_SECONDS = 20.0
ROOM = 1 << 16  # bytes: what SQLite's side files take

MIGRATIONS = (
    (
        """CREATE TABLE IF NOT EXISTS runs (
            row INTEGER PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL, at REAL NOT NULL, record TEXT NOT NULL)""",
        "CREATE INDEX IF NOT EXISTS runs_id ON runs (id, status)",
        """CREATE TABLE IF NOT EXISTS jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, run_id TEXT, payload TEXT NOT NULL, learner TEXT,
            status TEXT NOT NULL DEFAULT 'queued', reason TEXT, created REAL NOT NULL, started REAL, ended REAL,
            worker TEXT, cancel INTEGER NOT NULL DEFAULT 0, run_row INTEGER)""",
        "CREATE INDEX IF NOT EXISTS jobs_status ON jobs (status, id)",
        """CREATE TABLE IF NOT EXISTS events (
            job INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL, data TEXT NOT NULL,
            PRIMARY KEY (job, n)) WITHOUT ROWID""",
        """CREATE TABLE IF NOT EXISTS workers (
            id TEXT PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL, device TEXT NOT NULL, started REAL NOT NULL, heartbeat REAL NOT NULL)""",
        "CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, at REAL NOT NULL, value TEXT NOT NULL)",
    ),
    (
        # who waits for a job, since when, and when they left it
        """CREATE TABLE watchers (
            job INTEGER NOT NULL, learner TEXT NOT NULL, since REAL NOT NULL, left REAL, PRIMARY KEY (job, learner)) WITHOUT ROWID""",
        "CREATE INDEX watchers_learner ON watchers (learner, job)",
        "INSERT INTO watchers (job, learner, since) SELECT id, learner, created FROM jobs WHERE learner IS NOT NULL",
        # a new store counts its jobs from the clock's milliseconds on: no number of a deleted store comes back
        """INSERT INTO sqlite_sequence (name, seq) SELECT 'jobs', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
            WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'jobs')""",
        """CREATE TABLE IF NOT EXISTS predictions (
            row INTEGER PRIMARY KEY, learner TEXT NOT NULL, at REAL NOT NULL, teacher TEXT NOT NULL, task TEXT NOT NULL, k INTEGER NOT NULL,
            recipe_id TEXT NOT NULL, layers TEXT NOT NULL, kind TEXT NOT NULL, value REAL, reason TEXT, UNIQUE (learner, recipe_id))""",
    ),
    ("ALTER TABLE jobs ADD COLUMN ground TEXT",),  # teacher and data when it was asked for
    (
        # maps: plans of many runs (core/store/maps.py), started: by whom last and when
        """CREATE TABLE IF NOT EXISTS maps (
            id TEXT PRIMARY KEY, plan TEXT NOT NULL, teacher TEXT NOT NULL, data TEXT NOT NULL, learner TEXT NOT NULL,
            status TEXT NOT NULL, reason TEXT, created REAL NOT NULL, started REAL NOT NULL, ended REAL)""",
    ),
    (
        # classes (core/classroom). version: of what learners see; activity: of what only the board shows. Deleted together once `ends` is over.
        """CREATE TABLE classes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE, title TEXT NOT NULL, key_hash TEXT NOT NULL, lesson TEXT NOT NULL,
            step INTEGER NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL, activity INTEGER NOT NULL, settings TEXT NOT NULL,
            created REAL NOT NULL, ends REAL NOT NULL)""",
        """CREATE TABLE members (
            class INTEGER NOT NULL REFERENCES classes, learner TEXT NOT NULL, nickname TEXT NOT NULL, hidden INTEGER NOT NULL DEFAULT 0,
            joined REAL NOT NULL, PRIMARY KEY (class, learner))""",
        "CREATE INDEX members_learner ON members (learner, class)",
        """CREATE TABLE answers (
            class INTEGER NOT NULL REFERENCES classes, step INTEGER NOT NULL, learner TEXT NOT NULL, round INTEGER NOT NULL, answer TEXT NOT NULL,
            reason TEXT, confidence INTEGER, shown INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL, PRIMARY KEY (class, step, learner, round))""",
    ),
)


def store_path() -> Path:
    return home() / "store.sqlite"


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _open_to_write(path)
    except sqlite3.OperationalError:
        log = path.with_name(f"{path.name}-wal")
        if not (path.is_file() and _disk_full(path)) or (log.is_file() and log.stat().st_size):
            raise
        # SQLite wants room for its side files even to read. Nobody writes now, so the store's one file is the whole of it.
        connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection


def _disk_full(path: Path) -> bool:
    return shutil.disk_usage(path.parent).free < ROOM


def _open_to_write(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        _migrate(connection, path)
    except (sqlite3.Error, LabError):
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the store to this program's schema, all of it or nothing. `user_version` counts the migrations that were made."""
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    with connection:  # commits, or rolls back
        made = _version(connection)  # another process may have been faster
        if made > len(MIGRATIONS):
            raise LabError(f"The run store {path} was made by a newer version of this program; update it, or set LAYER_LAB_HOME to another folder.")
        for migration in MIGRATIONS[made:]:
            for statement in migration:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set WAL mode, which stays with the file once set. Setting it does not wait for other processes as other statements do."""
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
    """Open a connection in autocommit mode, closed at the end. SQLite's errors become one sentence each.

    A connection a call costs about a millisecond and survives a store that is deleted while the program runs.
    """
    path = store_path()
    try:
        with contextlib.closing(_open(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise LabError(_explain(error, path)) from error


@contextlib.contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """Open a connection inside one write transaction: all of it happens, or none."""
    with connect() as connection:
        connection.execute("BEGIN IMMEDIATE")
        with connection:  # commits, or rolls back
            yield connection


def _explain(error: sqlite3.Error, path: Path) -> str:
    text = str(error)
    if "full" in text or (path.is_file() and _disk_full(path)):
        return f"The disk that holds the run store {path} is full; free some space and try again. Finished runs are safe."
    if "image is malformed" in text or "not a database" in text:
        return f"The run store {path} is damaged; move it away to start a new one."
    if "locked" in text:
        return f"The run store {path} has been busy for too long; close other programs that use it and try again."
    if "readonly" in text or "unable to open" in text:
        return f"The run store {path} cannot be written; set LAYER_LAB_HOME to a folder you can write."
    if "disk I/O" in text:
        return f"The run store {path} cannot be read or written (disk I/O error); see whether its disk is full or failing, and try again."
    return f"The run store {path} answered: {text}."


def plain_json(value):
    """Return the value as JSON gives it back; a number that is not finite (a loss that diverged) becomes None."""
    return json.loads(json.dumps(value), parse_constant=lambda _: None)


def to_json(value) -> str:
    """Write JSON as SQLite and every other reader takes it: null for a number that is not finite."""
    return json.dumps(plain_json(value), separators=(",", ":"), allow_nan=False)


def now() -> float:
    """Return seconds since the epoch, as stored."""
    return time.time()
