"""What a learner takes away from homework: questions, answers and what came out, as HTML and as JSON."""

import json

from core.classroom.homework import Work
from core.classroom.in_words import answer_text, true_answer
from core.classroom.lesson import NEAR, OPEN, RIGHT, WRONG, Lesson, marked
from core.classroom.report import NOTHING_MARKED, day, moment, recipe
from core.classroom.report_html import page, section, table

MARKS = {RIGHT: "right", NEAR: "as good as right", WRONG: "not right", OPEN: "not marked"}


def files(lesson: Lesson, work: Work, name: str = "") -> dict[str, bytes]:
    """Return the files by name. lesson: with its figures in place. name: what the learner wants to stand on them; it is not kept."""
    return {"my-work.html": html(lesson, work, name).encode(), "my-work.json": as_json(lesson, work, name).encode()}


def html(lesson: Lesson, work: Work, name: str) -> str:
    sections = []
    for number, step in enumerate(lesson.steps):
        if question := step.question:
            there = work.answers.get(number)
            rows = [["Question", question.text], ["My answer", answer_text(question, there.answer) if there else "none yet"]]
            if there:
                rows += [["Answer", true_answer(question) or NOTHING_MARKED], ["So it was", MARKS[marked(question, there.answer)]]]
                rows += [["Why", question.reveal]] if question.reveal else []
            sections.append(section(f"{number + 1}. {step.title}", table(rows)))
    last = max((one.at for one in work.answers.values()), default=None)
    said = f"{said_of(lesson, work)}{f' Last answer on {day(last)}.' if last else ''}"
    return page(lesson.title, f"{' '.join(name.split())[:80]}: {said}" if name.strip() else said, sections)


def said_of(lesson: Lesson, work: Work) -> str:
    """Say how far the work is."""
    asked = [number for number, step in enumerate(lesson.steps) if step.question]
    marks = [marked(lesson.steps[number].question, work.answers[number].answer) for number in asked if number in work.answers]
    can = [mark for mark in marks if mark != OPEN]
    right = f" Right so far: {sum(mark in (RIGHT, NEAR) for mark in can)} of {len(can)} that can be marked." if can else ""
    return f"{len(marks)} of {len(asked)} questions are answered.{right}"


def as_json(lesson: Lesson, work: Work, name: str) -> str:
    steps = []
    for number, step in enumerate(lesson.steps):
        if (question := step.question) and (there := work.answers.get(number)):
            steps.append({
                "step": number + 1, "title": step.title, "question": question.text, "kind": question.kind, "my_answer": there.answer,
                "answer": question.answer, "within": question.within, "mark": marked(question, there.answer), "recipe": recipe(question) or None,
                "runs": list(question.runs), "at": moment(there.at),
            })
    return json.dumps({"lesson": lesson.title, "key": work.key, "name": name.strip()[:80], "answers": steps}, indent=1, ensure_ascii=False) + "\n"
