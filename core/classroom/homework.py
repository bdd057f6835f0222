"""Homework: a lesson without a host. Each learner's answers are kept by the lesson's content, an answer once; what is kept can be deleted.

A learner's lesson of his own is kept with its text, so that it is still there after a reload.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.classroom.lesson import Lesson, given, read
from core.errors import LabError
from core.store import facts
from core.store.database import now

MOST_LESSONS = 30  # that one learner has begun


@dataclass(frozen=True)
class Given:
    """answer: an option, a number or a text. at: seconds since the epoch."""

    answer: float | str
    at: float


@dataclass(frozen=True)
class Work:
    """One learner's work on one lesson. text: the lesson's file. answers: by the step's index, from 0."""

    key: str
    text: str
    answers: Mapping[int, Given] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return read(self.text).title


def key_of(text: str) -> str:
    """Return what a lesson is called where answers are kept: a changed file is another lesson."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def work(learner: str, key: str) -> Work | None:
    """Return a learner's work on a lesson; None where it was not begun."""
    found = facts.get(_place(learner, key))
    if found is None:
        return None
    return Work(key, found["text"], {int(step): Given(one["answer"], one["at"]) for step, one in found["answers"].items()})


def begun(learner: str) -> list[Work]:
    """Return all that a learner has begun, the newest answer first."""
    prefix = _place(learner, "")
    found = [one for name in facts.keys(prefix) if (one := work(learner, name.removeprefix(prefix)))]
    return sorted(found, key=lambda one: -max((answer.at for answer in one.answers.values()), default=0.0))


def begin(learner: str, text: str) -> Work:
    """Keep a lesson as begun. LabError where it is none, or the learner has too many."""
    read(text)
    key = key_of(text)
    if there := work(learner, key):
        return there
    if len(facts.keys(_place(learner, ""))) >= MOST_LESSONS:
        raise LabError(f"You have begun {MOST_LESSONS} lessons; delete one that you no longer need.")
    facts.put(_place(learner, key), {"text": text, "answers": {}})
    return Work(key, text)


def answer(learner: str, text: str, step: int, value: object) -> Work:
    """Keep an answer, once. LabError where it is none to this question, or there is one already."""
    lesson, there = read(text), begin(learner, text)
    question = question_of(lesson, step)
    if step in there.answers:
        raise LabError("This question is answered already; the first answer stays.")
    kept = there.answers | {step: Given(given(question, value), now())}
    facts.put(_place(learner, there.key), {"text": text, "answers": {str(n): {"answer": one.answer, "at": one.at} for n, one in kept.items()}})
    return Work(there.key, text, kept)


def forget(learner: str, key: str) -> None:
    """Delete a learner's work on a lesson."""
    facts.delete(_place(learner, key))


def question_of(lesson: Lesson, step: int):
    """Return the question of a step. LabError where it has none."""
    found = lesson.steps[step].question if 0 <= step < len(lesson.steps) else None
    if found is None:
        raise LabError("This step has no question to answer.")
    return found


def _place(learner: str, key: str) -> str:
    return f"homework/{learner}/{key}"
