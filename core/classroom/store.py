"""Classes, members and answers as they lie in the store; everything is read here. What is over is not found any more, deleted or not yet."""

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from core.classroom.codes import read_code
from core.classroom.lesson import Lesson, Question, Step, from_dict
from core.errors import LabError
from core.store.database import connect, now, to_json


class Gone(LabError):
    """The class was deleted or is over. Any other LabError is of a store that may answer the next time."""

    def __init__(self):
        super().__init__("This class is no longer there: its host deleted it, or its last day is over.")


OPEN = "ends > ?"


@dataclass(frozen=True)
class Settings:
    """What the host has set. nicknames: shown on the board. joining: whether others may come in. address: of the server, '' as the host opened it.

    states: of steps that were left, by their numbers, so that going back finds them as they were.
    """

    nicknames: bool = False
    joining: bool = True
    address: str = ""
    states: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return to_json(asdict(self))


@dataclass(frozen=True)
class Class:
    """One class. step: index of the lesson's step, from 0. state: of its question. version: counts changes that learners see; activity: those that
    only the board shows. created, ends: seconds since the epoch."""

    id: int
    code: str
    title: str
    lesson: Lesson
    step: int
    state: str
    version: int
    activity: int
    settings: Settings
    created: float
    ends: float

    @property
    def now(self) -> Step:
        return self.lesson.steps[self.step]

    @property
    def question(self) -> Question | None:
        return self.now.question


@dataclass(frozen=True)
class Member:
    """One learner of a class. number: names the member where the learner's id is not to be seen. hidden: removed by the host."""

    number: int
    learner: str
    nickname: str
    hidden: bool
    joined: float


@dataclass(frozen=True)
class Answer:
    """One answer: the last of its learner in this vote. round: 1 the vote, 2 the revote. answer: an option, a number or a text.

    reason: of core.store.predictions.REASONS or None. confidence: 1 to 3 or None. shown: whether the host shows a free text. at: epoch seconds.
    """

    step: int
    learner: str
    round: int
    answer: object
    reason: str | None
    confidence: int | None
    shown: bool
    at: float


def get(class_id: int) -> Class:
    """Return a class. Gone, a LabError, where there is none."""
    found = _one("id = ?", class_id)
    if found is None:
        raise Gone
    return found


def by_code(code: str | None) -> Class | None:
    """Return the class of a code, as it was typed; None where none has it."""
    wanted = read_code(code)
    return _one("code = ?", wanted) if wanted else None


def of_learner(learner: str, code: str | None = None) -> Class | None:
    """Return the class that this browser joined last, at whatever seat, or the one of this code; None where it is in none that is still open."""
    wanted = read_code(code)
    more, values = (" AND c.code = ?", (wanted,)) if wanted else ("", ())
    return _one("id = (SELECT m.class FROM members m JOIN classes c ON c.id = m.class WHERE (m.learner = ? OR m.learner GLOB ?) AND c.ends > ?"
                f"{more} ORDER BY m.joined DESC LIMIT 1)", learner, f"{learner}.*", now(), *values)


def members(class_id: int) -> list[Member]:
    """Return the members of a class as they came, removed ones too."""
    with connect() as db:
        rows = db.execute("SELECT rowid AS number, * FROM members WHERE class = ? ORDER BY joined, rowid", (class_id,)).fetchall()
    return [_member(row) for row in rows]


def seats(class_id: int, learner: str) -> list[Member]:
    """Return the members who sit at this browser, as they came: learners who share a laptop have one each. learner: the browser's id."""
    with connect() as db:
        rows = db.execute("SELECT rowid AS number, * FROM members WHERE class = ? AND (learner = ? OR learner GLOB ?) ORDER BY joined, rowid",
                          (class_id, learner, f"{learner}.*")).fetchall()
    return [_member(row) for row in rows]


def answers_of(class_id: int, step: int | None = None, learner: str | None = None) -> list[Answer]:
    """Return the answers of a class in the order of steps, votes and times; of one step, or one member, where that is given."""
    more, values = "", [class_id]
    for name, value in (("step", step), ("learner", learner)):
        if value is not None:
            more, values = f"{more} AND {name} = ?", [*values, value]
    with connect() as db:
        rows = db.execute(f"SELECT * FROM answers WHERE class = ?{more} ORDER BY step, round, at, rowid", values).fetchall()
    return [
        Answer(row["step"], row["learner"], row["round"], json.loads(row["answer"]), row["reason"], row["confidence"], bool(row["shown"]), row["at"])
        for row in rows
    ]


def pulses() -> dict[int, tuple[int, int]]:
    """Return version and activity of every open class by its id: what core/classroom/watch.py reads once a second."""
    with connect() as db:
        rows = db.execute(f"SELECT id, version, activity FROM classes WHERE {OPEN}", (now(),)).fetchall()
    return {row["id"]: (row["version"], row["activity"]) for row in rows}


def to_class(row) -> Class:
    """Return a row of the table as a class."""
    known = {one.name for one in fields(Settings)}
    settings = Settings(**{name: value for name, value in json.loads(row["settings"]).items() if name in known})
    return Class(row["id"], row["code"], row["title"], _lesson(row["lesson"]), row["step"], row["state"], row["version"], row["activity"], settings,
                 row["created"], row["ends"])


@functools.lru_cache(maxsize=64)
def _lesson(text: str) -> Lesson:
    return from_dict(json.loads(text))


def _one(query: str, *values) -> Class | None:
    with connect() as db:
        row = db.execute(f"SELECT * FROM classes WHERE {query} AND {OPEN}", (*values, now())).fetchone()
    return to_class(row) if row else None


def _member(row) -> Member:
    return Member(row["number"], row["learner"], row["nickname"], bool(row["hidden"]), row["joined"])
