"""How teachers and tasks are called in sentences and narrow places."""

from core.models.catalogue import TEACHERS
from core.recipe.tuning import split_teacher


def short_name(name: str) -> str:
    """Return the name of a teacher or task for a narrow place: a file or folder by its last name, all else as it is."""
    path = name.removeprefix("file:").partition("?")[0] if name.startswith("file:") else name
    if name.startswith("file:") or path.startswith(("/", "~", "./", "../")) or "\\" in path:
        return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or name
    return name


def pair_lines(teacher: str, task: str) -> tuple[str, str]:
    """Return a name in two lines: ('MiniLM-L6, teacher seed 1', 'on composed-nli')."""
    base, seed = split_teacher(teacher)
    name = TEACHERS[base].title if base in TEACHERS else short_name(base)
    return f"{name}{f', teacher seed {seed}' if seed else ''}", f"on {short_name(task)}"


def pair_text(teacher: str, task: str) -> str:
    """Return a name in one line: 'MiniLM-L6, teacher seed 1, on composed-nli'."""
    first, second = pair_lines(teacher, task)
    return f"{first}{',' if split_teacher(teacher)[1] else ''} {second}"
