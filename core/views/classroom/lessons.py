"""Lessons for pages: read and looked up, listed, and a step's page with its link."""

from collections.abc import Sequence
from dataclasses import replace

from core.classroom.lesson import Lesson, Step, built_in, read
from core.errors import LabError
from core.findings.landscape import Landscape
from core.findings.lesson_figures import looked_up


def opened(text: str, found: Sequence[Landscape]) -> Lesson:
    """Return the lesson of a TOML file with all its figures in place. LabError: one sentence that names the line, the step and the field."""
    return looked_up(read(text), found)


def titles() -> dict[str, str]:
    """Return the titles of the lessons that come with the program, by name, the longest lesson first."""
    lessons = {name: read(text) for name, text in built_in().items()}
    return {name: one.title for name, one in sorted(lessons.items(), key=lambda item: (-item[1].minutes, item[1].title))}


def built_in_text(name: str) -> str:
    """Return the file of a lesson that comes with the program. LabError for a name that none has."""
    found = built_in()
    if name not in found:
        raise LabError(f"There is no lesson {name[:40]!r}; there are {', '.join(found)}.")
    return found[name]


def query(step: Step) -> dict[str, str]:
    """Return what a step's page is opened with."""
    more = {"hide": step.hide, "lock": step.lock}
    return step.link | {key: ",".join(names) for key, names in more.items() if names}


def file(step: Step) -> str:
    """Return the file of a step's page; '' where the step has none."""
    return f"pages/{step.page}.py" if step.page else ""


def without_answers(lesson: Lesson) -> Lesson:
    """Return the lesson as learners may have it before anything is revealed."""
    hidden = lambda one: one and replace(one, answer=None, within=None, reveal="", source="", runs=())
    return replace(lesson, steps=tuple(replace(step, question=hidden(step.question)) for step in lesson.steps))
