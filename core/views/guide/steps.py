"""The five steps of the guided start: their place in the link, the terms that each explains, and the controls of the Lab that it sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.views.common.choice import KEYS, Choice
from core.views.common.lesson import Lesson

KEY = "guide"
LEADS, WINS = (1, 3, 6), (3, 4, 5)  # the two students that the guide follows: one leads early, the other wins in full
BUILT_IN = {"teacher": "minilm-l6", "task": "composed-nli"}


@dataclass(frozen=True)
class Step:
    """idea: the new idea, a term of the glossary; '' for a step that adds none. terms: those of the glossary that are met beside it.

    sets: fields of the choice that the step sets, where the lesson leaves them free.
    """

    title: str
    idea: str
    terms: tuple[str, ...]
    sets: Mapping[str, object]


STEPS = (
    Step("What a teacher is", "teacher", ("layer", "head", "probe"), BUILT_IN),
    Step("What a student is", "student", ("seeding", "seam"), {"layers": LEADS}),
    Step("What the student learns from", "soft targets", ("temperature", "loss"), {"objective": "hinton"}),
    Step("Predict first", "", ("accuracy",), {"budget": "240", "seed": 0}),
    Step("Run, and see how it ends", "", ("short run", "full run"), {}),
)


def read_step(query: Mapping[str, Sequence[str]]) -> tuple[int | None, list[str]]:
    """Return the step that a link opens, 1 to 5, None where it opens none; and a sentence for a value that was dropped."""
    value = (query.get(KEY) or [""])[-1].strip()
    if not value:
        return None, []
    if value.isascii() and value.isdigit() and 1 <= int(value) <= len(STEPS):
        return int(value), []
    return None, [f"The link's {KEY} {value[:60]!r} is dropped; it can be a step from 1 to {len(STEPS)}."]


def step_query(number: int | None) -> dict[str, str]:
    return {KEY: str(number)} if number else {}


def set_by(number: int, choice: Choice, lesson: Lesson) -> dict[str, object]:
    """Return the fields of the choice that this step changes: none that the lesson hides or locks, and no layers of the two it follows."""
    free = lambda field: lesson.shows(field) and not lesson.locks(field)
    wanted = {field: value for field, value in STEPS[number - 1].sets.items() if free(field) and getattr(choice, field) != value}
    if choice.layers in (LEADS, WINS):
        wanted.pop("layers", None)
    return wanted


def opened(number: int, choice: Choice, lesson: Lesson, query: Mapping[str, Sequence[str]]) -> Choice:
    """Return the choice that a link to a step opens with: what it names stands, else what the steps so far have set."""
    if set(query) & set(KEYS):
        return choice
    for step in range(1, number + 1):
        choice = replace(choice, **set_by(step, choice, lesson))
    return choice


def of_the_guide(choice: Choice) -> bool:
    """Return whether the choice is of the teacher and task that the guide's saved pictures are of."""
    return all(getattr(choice, field) == value for field, value in BUILT_IN.items())
