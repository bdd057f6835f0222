"""What the instructor takes away: one CSV for a spreadsheet or a learning platform, and one HTML report. Made from values, not from the store."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from core.classroom.in_words import true_answer
from core.classroom.lesson import NEAR, OPEN, RIGHT, Question, marked
from core.classroom.report_html import Bar, Dot, bars, dots, page, section, table
from core.store.predictions import REASONS

BEGINS_A_FORMULA = re.compile(r"(^|[;\t\r\n])([^\S\t\r\n]*)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
COLUMNS = ("learner", "step", "question", "vote", "answer", "right", "reason", "confidence", "recipe")
VOTES = {1: "first", 2: "second"}
CONFIDENCE = {1: "unsure", 2: "fairly sure", 3: "sure"}
BINS = 10
MOST_TEXTS = 200
NOTHING_MARKED = "open: nothing was marked"


def files(cls, members: Sequence, answers: Sequence, times: bool = False, landscape: Sequence[Dot] = ()) -> dict[str, bytes]:
    """Return the files by name. cls, members, answers: of core/classroom/store.py; members whom the host removed are left out with their answers.

    times: whether the CSV says when each answer came. landscape: the choices that the class ran, for the report."""
    names = called(members)
    kept = [one for one in answers if one.learner in names and one.step < len(cls.lesson.steps)]
    return {
        f"class-{cls.code}.csv": answers_csv(cls, names, kept, times).encode("utf-8-sig"),  # the mark lets a spreadsheet see that it is UTF-8
        f"class-{cls.code}.html": report(cls, names, kept, landscape).encode(),
    }


def called(members: Iterable) -> dict[str, str]:
    """Return each learner's nickname; the second of one name gets a number."""
    seen: Counter = Counter()
    found = {}
    for one in members:
        if not one.hidden:
            seen[one.nickname] += 1
            found[one.learner] = one.nickname if seen[one.nickname] == 1 else f"{one.nickname} ({seen[one.nickname]})"
    return found


def answers_csv(cls, names: dict[str, str], answers: Iterable, times: bool) -> str:
    """Return a row for each answer. right: 1 for right or equal within the margin, 0 for wrong, empty where nothing can be marked."""
    out = io.StringIO()
    write = csv.writer(out, quoting=csv.QUOTE_ALL).writerow
    write([*COLUMNS, *(["time"] if times else [])])
    for one in sorted(answers, key=lambda one: (one.step, one.round, names[one.learner].casefold())):
        step = cls.lesson.steps[one.step]
        question = step.question
        mark = marked(question, one.answer) if question else OPEN
        right = "" if mark == OPEN else int(mark in (RIGHT, NEAR))
        row = [names[one.learner], step.title, question.text if question else "", VOTES.get(one.round, one.round), one.answer, right,
               REASONS.get(one.reason, one.reason or ""), CONFIDENCE.get(one.confidence, ""), recipe(question)]
        write([cell(value) for value in [*row, *([moment(one.at)] if times else [])]])
    return out.getvalue()


def recipe(question: Question | None) -> str:
    """Return the id of the run that a question asks about; '' where it asks about none, or several."""
    return question.runs[0] if question and question.choice and question.runs else ""


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula, whichever sign it takes for the separator; numbers stay numbers."""
    return f"{value:.10g}" if isinstance(value, int | float) and not isinstance(value, bool) else BEGINS_A_FORMULA.sub(r"\1'\2", str(value))


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d %B %Y").lstrip("0")


def report(cls, names: dict[str, str], answers: Sequence, landscape: Sequence[Dot] = ()) -> str:
    """Return the HTML report: every question with its votes, the answer, and how many were right before and after talking. No nickname is in it."""
    sections = [
        section(f"{number}. {step.title}", *question_parts(step.question, [one for one in answers if one.step == number - 1], len(names)))
        for number, step in enumerate(cls.lesson.steps, 1) if step.question
    ]
    if landscape:
        sections.append(section("The choices that the class ran", dots(landscape)))
    said = f"{len(names)} took part on {day(cls.created)}. The class and its answers are deleted on {day(cls.ends)}."
    return page(cls.title or cls.lesson.title, said, sections)


def question_parts(one: Question, answers: Sequence, members: int) -> list[str]:
    """Return the parts of a question's section, as HTML."""
    votes = {vote: [answer for answer in answers if answer.round == vote] for vote in VOTES}
    parts = [table([["Question", one.text], ["Answer", true_answer(one) or NOTHING_MARKED], *([["Why", one.reveal]] if one.reveal else [])])]
    if not answers:
        return [*parts, table([["Answers", "none"]])]
    for vote, given in votes.items():
        if given:
            title = "First vote" if vote == 1 else "After talking"
            parts.append(bars(f"{title}: {len(given)} of {members}", counts(one, [answer.answer for answer in given], [a.shown for a in given])))
    if compared := gains(one, *votes.values()):
        parts.append(table([["Right", compared]]))
    reasons = Counter(REASONS.get(answer.reason, "") for answer in (votes[2] or votes[1]) if answer.reason)
    if reasons:
        parts.append(bars("Reasons given", [Bar(reason, number) for reason, number in reasons.most_common()]))
    return parts


def counts(one: Question, given: Sequence, shown: Sequence[bool]) -> list[Bar]:
    """Return what was answered how often: options, tenths of the range of numbers, or the free texts that the host has shown."""
    if one.options:
        found = Counter(given)
        return [Bar(option, found[option], marked(one, option) in (RIGHT, NEAR)) for option in one.options]
    if one.kind == "text":
        open_texts = [Bar(str(text), 1) for text, seen in zip(given, shown, strict=True) if seen][:MOST_TEXTS]
        hidden = len(given) - len(open_texts)
        return open_texts + ([Bar("texts that the host has not shown", hidden)] if hidden else [])
    numbers = [value for value in given if isinstance(value, int | float)]
    return tenths(numbers, one.answer if isinstance(one.answer, int | float) else None, one.kind == "predict")


def tenths(numbers: Sequence[float], truth: float | None, percent: bool) -> list[Bar]:
    """Return how many numbers lie in each tenth of their range; of percentages in each tenth from 0 to 100."""
    if not numbers:
        return []
    every = [*numbers, *([] if truth is None else [truth])]
    low, high = (0.0, 100.0) if percent else (min(every), max(every))
    width = (high - low) / BINS
    if not width:
        return [Bar(f"{low:g}", len(numbers), truth is not None)]
    place = lambda value: min(BINS - 1, int((value - low) / width))
    found, there = Counter(map(place, numbers)), None if truth is None else place(truth)
    return [Bar(f"{low + n * width:g} to {low + (n + 1) * width:g}", found[n], n == there) for n in range(BINS) if found[n] or n == there or percent]


def gains(one: Question, first: Sequence, second: Sequence) -> str:
    """Say how many were right in each vote, of those whose answers can be marked; '' where none can."""
    said = []
    for title, votes in (("first vote", first), ("after talking", second)):
        marks = [mark for answer in votes if (mark := marked(one, answer.answer)) != OPEN]
        if marks:
            said.append(f"{title}: {sum(mark in (RIGHT, NEAR) for mark in marks)} of {len(marks)}")
    return "; ".join(said)
