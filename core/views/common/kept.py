"""What is kept of students and how large it is, in words and rows."""

from collections.abc import Sequence
from datetime import datetime

from core.store import archive, students
from core.store.students import Student
from core.views.common.text import size_text
from core.views.lab.trying import student_title


def kept_text() -> str:
    """Return '3 students kept: 70 MB of 2.0 GB. The oldest that are not pinned go first.'; '' while there are none.

    LabError for a limit that is none.
    """
    count, taken, most = len(students.files()), students.taken(), students.limit()
    if not count:
        return ""
    return f"{count} student{'s' * (count != 1)} kept: {size_text(taken)} of {size_text(most)}. The oldest that are not pinned go first."


def archive_text() -> str:
    """Return how large one file with all of this home is, before it is written: '3 students, 1 teacher and 2 tables: 118 MB.'"""
    found = archive.size()
    parts = [f"{n} {name}{'s' * (n != 1)}" for n, name in ((found.students, "student"), (found.teachers, "teacher"), (found.tables, "table")) if n]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
    return f"{listed}, with every run and map: {size_text(found.bytes)}." if parts else "Every run and map: a small file."


def rows(kept: Sequence[Student]) -> list[tuple[str, str, str, str, str]]:
    """Return run, student, MB, when it was kept and whether it is pinned, newest first."""
    when = lambda one: datetime.fromtimestamp(one.at).strftime("%Y-%m-%d %H:%M")
    return [(one.record["id"], student_title(one), f"{one.size / 1e6:.1f}", when(one), "pinned" if one.pinned else "") for one in kept]
