"""Homework as pages show it: which lessons there are, how far each is, and what came of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.classroom import homework
from core.classroom.homework import Work
from core.classroom.in_words import true_answer
from core.classroom.lesson import NEAR, RIGHT, TOO_FEW, WRONG, Lesson, Question, built_in, marked, read
from core.errors import LabError
from core.views.classroom import lessons
from core.views.common.text import plain

MARKS = {
    RIGHT: ":material/check_circle: That is right.", NEAR: ":material/check_circle: That is as good as right: within the margin.",
    WRONG: ":material/cancel: That is not it.",
}


@dataclass(frozen=True)
class Card:
    """One lesson of the list. name: for the address. done: questions answered; of: questions there are."""

    name: str
    title: str
    about: str
    minutes: float
    done: int
    of: int
    own: bool = False


def cards(learner: str) -> list[Card]:
    """Return the lessons of the program, then the learner's own ones."""
    works = {one.key: one for one in homework.begun(learner)}
    found = []
    for name in lessons.titles():
        text = built_in()[name]
        found.append(_card(name, read(text), works.pop(homework.key_of(text), None)))
    for key, one in works.items():
        try:
            found.append(_card(key, read(one.text), one, own=True))
        except LabError:  # a lesson of an older version, whose form has changed
            continue
    return found


def _card(name: str, lesson: Lesson, work: Work | None, own: bool = False) -> Card:
    return Card(name, lesson.title, lesson.about, lesson.minutes, len(work.answers) if work else 0, len(asked(lesson)), own)


def asked(lesson: Lesson) -> list[int]:
    """Return the indices of the steps that have a question."""
    return [number for number, step in enumerate(lesson.steps) if step.question]


def text_of(name: str, learner: str) -> str:
    """Return the file of a lesson that an address names: one of the program, or one that this learner has begun. LabError for any other."""
    if name in built_in():
        return built_in()[name]
    there = homework.work(learner, name) if len(name) == 16 else None
    if there is None:
        raise LabError(f"There is no lesson {name[:40]!r} here; choose one of the list.")
    return there.text


def first_open(lesson: Lesson, work: Work | None) -> int:
    """Return the first step whose question is not answered; the first of all where every one is."""
    return next((number for number in asked(lesson) if not work or number not in work.answers), 0)


def step_title(lesson: Lesson, number: int, work: Work | None) -> str:
    """Return a step's title for a list: '2. The race (answered)'."""
    done = bool(work) and number in work.answers
    return f"{number + 1}. {lesson.steps[number].title}{' (answered)' if done else ''}"


def outcome(question: Question, answer: object) -> list[str]:
    """Return what is said once an answer is given, in Markdown: the mark, and the answer."""
    if question.answer is None:
        return ["Nothing is marked here."]
    if question.answer == TOO_FEW:
        mark = "You saw it." if answer == TOO_FEW else "These runs do not show that, nor that it is wrong."
    else:
        mark = MARKS.get(marked(question, answer), "This answer is not marked.")
    return [mark, truth(question)]


def truth(question: Question) -> str:
    """Return the answer in Markdown, with what it rests on."""
    return f"The answer: **{plain(true_answer(question))}**{f' ({plain(question.source)})' if question.source else ''}"


def steps_text(steps: Sequence, minutes: float) -> str:
    return f"{len(steps)} step{'s' if len(steps) != 1 else ''}, {minutes:g} minute{'s' if minutes != 1 else ''}"
