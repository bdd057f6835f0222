"""A lesson: steps with a page, a link, a text and a question, read from a TOML file or from JSON, and how an answer is marked.

A file names figures of saved runs instead of typing them: `{name}` in a text, `choice` and `choices` in a question. core/findings/lesson_figures.py
looks them up; a lesson as it is read here still has the names.
"""

import dataclasses
import functools
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.classroom import fields
from core.classroom.controls import CONTROLS, HIDEABLE, PAGES
from core.classroom.question import EQUAL, KINDS, NEAR, OPEN, PLACEHOLDER, QUESTION, RIGHT, TOO_FEW, WRONG, Question, given, marked, sound
from core.errors import LabError

__all__ = [
    "EQUAL", "KINDS", "NEAR", "OPEN", "RIGHT", "TOO_FEW", "WRONG", "Lesson", "Question", "Step", "built_in", "from_dict", "given", "marked", "read",
    "to_dict",
]
FOLDER = Path(__file__).parent / "lessons"
MOST_STEPS, LARGEST_FILE = 40, 64_000


@dataclass(frozen=True)
class Step:
    """minutes: planned. text: Markdown. page: of PAGES, '' for none, opened with `link` and what it hides and locks."""

    title: str
    minutes: float
    text: str = ""
    page: str = ""
    link: dict[str, str] = field(default_factory=dict)
    hide: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()
    question: Question | None = None


@dataclass(frozen=True)
class Lesson:
    """about: a sentence for the list of lessons. figures: by name, what texts name in braces; empty once they are looked up."""

    title: str
    steps: tuple[Step, ...]
    about: str = ""
    figures: dict[str, dict] = field(default_factory=dict)

    @property
    def minutes(self) -> float:
        return sum(step.minutes for step in self.steps)


LESSON = {"title": fields.text(80, empty=False), "about": fields.text(200), "figures": fields.table,
          "step": lambda value: fields.listed(value, MOST_STEPS)}
STEP: dict[str, fields.Check] = {
    "title": fields.text(80, empty=False), "minutes": fields.number(0, 600), "text": fields.text(4000), "page": fields.one_of(PAGES),
    "link": fields.link, "hide": fields.names(HIDEABLE), "lock": fields.names(CONTROLS), "question": fields.table,
}
NEEDED = {"": ("title", "step"), "step": ("title", "minutes"), "question": ("kind", "text")}


def read(text: str) -> Lesson:
    """Read a lesson's TOML. LabError: one sentence that names the line, the step and the field."""
    if len(text.encode()) > LARGEST_FILE:
        raise LabError(f"The file is larger than a lesson can be ({LARGEST_FILE // 1000} kB); split it into two lessons.")
    try:
        values = tomllib.loads(text.removeprefix("\N{BOM}").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        where = f"Line {found[2]}" if found and found[2] else "The end of the file"
        raise LabError(f"{where} is not TOML: {(found[1] if found else str(error)).rstrip('.')}.") from None
    return _lesson(values, lambda step, name: _line(text, step, name))


def from_dict(values: Mapping) -> Lesson:
    """Return the lesson that `to_dict` wrote. LabError as for `read`, without the line."""
    return _lesson(dict(values), lambda step, name: None, QUESTION | {"runs": fields.texts(100, 80), "answer": lambda value: value})


def to_dict(lesson: Lesson) -> dict:
    """Return the lesson as JSON values, without what is empty."""
    def kept(one) -> dict:
        return {item.name: value for item in dataclasses.fields(one) if (value := getattr(one, item.name)) not in ("", (), {}, None)}

    steps = [kept(step) | ({"question": kept(step.question)} if step.question else {}) for step in lesson.steps]
    found = {key: value for key, value in kept(lesson).items() if key != "steps"}
    return found | {"step": steps}


@functools.cache
def built_in() -> dict[str, str]:
    """Return the text of every lesson that comes with the program, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.toml"))}


def _lesson(values: dict, line: Callable, question: dict[str, fields.Check] = QUESTION) -> Lesson:
    found = _checked(values, LESSON, "", "the lesson", lambda name: line(0, name))
    if not found["step"]:
        raise LabError("The lesson has no step; begin each with a line [[step]].")
    figures = {}
    for name, value in found.get("figures", {}).items():
        try:
            if not re.fullmatch("[a-z][a-z0-9_]{0,39}", name):
                raise LabError("must have a name of small letters, digits and _")
            figures[name] = fields.figure(value)
        except LabError as error:
            raise LabError(f"{_at(line(0, name))}The figure {name!r:.40} {error}.") from None
    steps = tuple(_step(value, number, line, question) for number, value in enumerate(found["step"], 1))
    lesson = Lesson(found["title"], steps, found.get("about", ""), figures)
    for number, step in enumerate(steps, 1):
        for name, text in texts_of(step):
            unknown = [one for one in PLACEHOLDER.findall(text) if one not in figures]
            if unknown and question is QUESTION:  # what was looked up may hold any sign
                where = f"{_at(line(number, name))}Step {number} ({step.title}), {name.replace('.', ' ')}"
                raise LabError(f"{where}: {{{unknown[0]:.40}}} is no figure of this lesson.")
    return lesson


def texts_of(step: Step) -> list[tuple[str, str]]:
    """Return every text of a step that can name figures, by the name of its field."""
    found = [("text", step.text)]
    if one := step.question:
        found += [("question.text", one.text), ("question.reveal", one.reveal), *(("question.options", option) for option in one.options)]
        found += [("question.answer", one.answer)] if isinstance(one.answer, str) else []
    return found


def _step(value: object, number: int, line: Callable, allowed: dict[str, fields.Check]) -> Step:
    title = value.get("title") if isinstance(value, dict) else None
    where = f"step {number} ({title:.40})" if isinstance(title, str) else f"step {number}"
    found = _checked(value, STEP, "step", where, lambda name: line(number, name))
    if found.get("page", "") == "lab":
        _try("link", lambda: fields.lab_link(found.get("link", {})), where, lambda name: line(number, name))
    if found.get("question"):
        at, where = lambda name: line(number, f"question.{name}"), f"{where}, question"
        one = Question(**_checked(found["question"], allowed, "question", where, at))
        found["question"] = sound(one, lambda name, check: _try(name, check, where, at)) if allowed is QUESTION else one
    return Step(**found)


def _checked(value: object, allowed: Mapping[str, fields.Check], kind: str, where: str, line: Callable[[str], int | None]) -> dict:
    """Return the checked fields of a table; LabError names the first wrong one."""
    if not isinstance(value, dict):
        raise LabError(f"{where[0].upper()}{where[1:]} is not a table of fields; begin it with a line [[step]].")
    for name in value:
        if name not in allowed:
            raise LabError(f"{_at(line(name))}{where[0].upper()}{where[1:]} has no field {name!r:.40}; it can have {', '.join(allowed)}.")
    missing = [name for name in NEEDED[kind] if name not in value]
    if missing:
        raise LabError(f"{_at(line(''))}{where[0].upper()}{where[1:]} lacks its {missing[0]}.")
    return {name: _try(name, lambda given=given, name=name: allowed[name](given), where, line) for name, given in value.items()}


def _try(name: str, check: Callable[[], object], where: str, line: Callable[[str], int | None]) -> object:
    try:
        return check()
    except LabError as error:
        raise LabError(f"{_at(line(name))}{where[0].upper()}{where[1:]}: {name} {error}.") from None


def _at(line: int | None) -> str:
    return f"Line {line}: " if line else ""


def _line(text: str, step: int, name: str) -> int | None:
    """Return the line of a field: the first that sets it after the step's own [[step]], or after its question's [step.question] where the name is
    "question.…"; that of the step where the field is not written."""
    seen, inner, start, question = 0, False, None, name.startswith("question.")
    sets = re.compile(rf"\s*(\"?{re.escape(name.removeprefix('question.'))}\"?\s*=|\[\s*step\.{re.escape(name)}\s*\])") if name else None
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*step\s*\]\]", line):
            seen, inner = seen + 1, False
            if seen > step:
                break
            start = number if seen == step else start
        elif seen == step and re.match(r"\s*\[\s*step\.question\s*\]", line):
            inner, start = True, number if question else start
        if seen == step and sets and inner >= question and sets.match(line):
            return number
    return start
