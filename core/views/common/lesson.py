"""What a lesson's link hides or locks: `hide=budget,seed&lock=task,layers`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.classroom.controls import CONTROLS, NEVER_HIDDEN

KEYS = ("hide", "lock")


@dataclass(frozen=True)
class Lesson:
    """hide, lock: names of CONTROLS. A hidden prediction counts as skipped; a locked one cannot be skipped."""

    hide: frozenset[str] = frozenset()
    lock: frozenset[str] = frozenset()

    def shows(self, control: str) -> bool:
        return control not in self.hide

    def locks(self, control: str) -> bool:
        return control in self.lock


def read_lesson(query: Mapping[str, Sequence[str]]) -> tuple[Lesson, list[str]]:
    """Return the lesson that a link describes, and a sentence for each name that was dropped."""
    found, problems = {}, []
    for key in KEYS:
        names = [name.strip() for text in query.get(key, ()) for name in text.split(",") if name.strip()]
        allowed = [name for name in CONTROLS if key == "lock" or name not in NEVER_HIDDEN]
        unknown = [name for name in names if name not in allowed]
        if unknown:
            more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
            problems.append(f"The link's {key} names {unknown[0][:60]!r}{more}, which is dropped; it can name {', '.join(allowed)}.")
        found[key] = frozenset(names) & set(allowed)
    return Lesson(**found), problems


def lesson_query(lesson: Lesson) -> dict[str, str]:
    """Return the link's values; none where nothing is hidden or locked."""
    named = {"hide": lesson.hide, "lock": lesson.lock}
    return {key: ",".join(name for name in CONTROLS if name in names) for key, names in named.items() if names}
