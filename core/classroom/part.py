"""What a learner does: join a class by its code and a nickname, and answer. Each is one transaction: thirty at once lose and double nothing."""

import sqlite3

from core.classroom import limits, states, store
from core.classroom.codes import read_code
from core.classroom.lesson import Question, given
from core.classroom.store import Class
from core.errors import LabError
from core.store.database import now, to_json, transaction
from core.store.predictions import REASONS

NO_CODE = "A code has four letters; read it from the projector."
UNKNOWN = "No class has this code now; look at the projector again."
CLOSED = "The answer came too late: this vote is closed. What you sent before is kept."
CONFIDENCE = {1: "a guess", 2: "fairly sure", 3: "sure"}


def join(code: str, nickname: str, learner: str, address: str | None = None) -> Class:
    """Make a learner a member of the class with this code; who is one already stays it under the old nickname.

    learner: the browser's id, for others at the same browser with `.2` and so on behind it. address: of the browser, where it is known.
    LabError where no class has the code, it is full or closed, nothing of the nickname can be seen, or after too many tries.
    """
    if read_code(code) is None:
        raise LabError(NO_CODE)
    found = find(code, learner, address)
    name = limits.one_line(nickname, limits.NICKNAME)
    if not name:
        raise LabError("Type a nickname with at least one sign that can be seen.")
    limits.spend("join", learner, address)
    with transaction() as db:
        row = db.execute("SELECT * FROM classes WHERE id = ? AND ends > ?", (found.id, now())).fetchone()
        if row is None:
            raise store.Gone
        known = [(one["learner"], one["nickname"].casefold()) for one in db.execute("SELECT * FROM members WHERE class = ?", (found.id,))]
        if learner in dict(known):
            return found
        if not store.to_class(row).settings.joining:
            raise LabError("The host has closed the door of this class; ask the host to open it.")
        if len(known) >= limits.MOST_MEMBERS:
            raise LabError(f"This class is full: it takes {limits.MOST_MEMBERS} learners.")
        db.execute("INSERT INTO members (class, learner, nickname, joined) VALUES (?, ?, ?, ?)",
                   (found.id, learner, _unlike(name, {name for _, name in known}), now()))
        db.execute("UPDATE classes SET activity = activity + 1 WHERE id = ?", (found.id,))
    return found


def find(code: str | None, learner: str, address: str | None = None) -> Class:
    """Return the class of a code. LabError where none has it, and after too many that none has."""
    limits.check("code", learner, address)
    found = store.by_code(code)
    if found is None:
        limits.note("code", learner, address)
        raise LabError(UNKNOWN)
    return found


def free_seat(class_id: int, learner: str) -> str:
    """Return the id for one more learner at this browser. learner: the browser's own id."""
    taken = {one.learner for one in store.seats(class_id, learner)}
    return next(seat for seat in (learner, *(f"{learner}.{n}" for n in range(2, limits.MOST_MEMBERS + 2))) if seat not in taken)


def answer(class_id: int, learner: str, seen: tuple[int, str], value: object, reason: str | None = None, confidence: int | None = None,
           address: str | None = None) -> None:
    """Keep an answer; a later one in the same vote takes its place. seen: step and state that the learner saw.

    value: one of the question's options, a number or a text. LabError where the learner is no member, the vote is closed, the value is no answer to
    this question, or after too many answers.
    """
    limits.spend("answer", learner, address)
    if reason is not None and reason not in REASONS:
        raise LabError("A reason is one from the list.")
    if confidence is not None and confidence not in CONFIDENCE:
        raise LabError("How sure you are is one from the list.")
    with transaction() as db:
        found = _voting(db, class_id, learner, tuple(seen))
        kept = read_answer(found.question, value)
        db.execute(
            "INSERT INTO answers (class, step, learner, round, answer, reason, confidence, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (class, step, learner, round) DO UPDATE SET answer = excluded.answer, reason = excluded.reason, "
            "confidence = excluded.confidence, shown = 0, at = excluded.at",
            (class_id, found.step, learner, states.ROUNDS[found.state], to_json(kept), reason, confidence, now()),
        )
        db.execute("UPDATE classes SET activity = activity + 1 WHERE id = ?", (class_id,))


def read_answer(question: Question, value: object) -> object:
    """Return an answer as it is kept: an option, a number, or one line of text. LabError where it is no answer to the question."""
    if question.kind == "text":
        value = limits.one_line(value or "", limits.TEXT)
    return given(question, value)


def _voting(db: sqlite3.Connection, class_id: int, learner: str, seen: tuple[int, str]) -> Class:
    """Return the class while this learner may answer what was seen; LabError otherwise."""
    row = db.execute("SELECT * FROM classes WHERE id = ? AND ends > ?", (class_id, now())).fetchone()
    if row is None:
        raise store.Gone
    member = db.execute("SELECT hidden FROM members WHERE class = ? AND learner = ?", (class_id, learner)).fetchone()
    if member is None:
        raise LabError("You are not in this class; join it with its code.")
    if member["hidden"]:
        raise LabError("The host has taken you out of this class; ask the host.")
    found = store.to_class(row)
    if (found.step, found.state) != seen or found.question is None or found.state not in states.ROUNDS:
        raise LabError(CLOSED)
    return found


def _unlike(name: str, taken: set[str]) -> str:
    """Return the name, with a number where another member has it."""
    if name.casefold() not in taken:
        return name
    return next(one for n in range(2, limits.MOST_MEMBERS + 2) if (one := f"{name[: limits.NICKNAME - 4]} {n}").casefold() not in taken)
