"""What teachers, tasks, layer choices, budgets and groups are called in sentences."""

import re

from core.models.catalogue import TEACHERS
from core.recipe import preset_label, preset_of
from core.recipe.tuning import parse_teacher


def short_name(name: str) -> str:
    """Return the name of a teacher or task for a narrow place: a file or folder by its last name, all else as it is."""
    path = name.removeprefix("file:").partition("?")[0] if name.startswith("file:") else name
    if name.startswith("file:") or path.startswith(("/", "~", "./", "../", "upload/")) or "\\" in path:
        paths = path.split(",") if name.startswith("file:") else [path]
        return ",".join(one.replace("\\", "/").rstrip("/").rpartition("/")[2] for one in paths) or name
    return re.sub(r"(?<=[?&]labels=)[^&]*", "…", name)


def pair_lines(teacher: str, task: str) -> tuple[str, str]:
    """Return a name in two lines: ('MiniLM-L6, teacher seed 1', 'on composed-nli')."""
    name, details = teacher_parts(teacher, "teacher seed")
    return ", ".join([name, *details]), f"on {short_name(task)}"


def pair_text(teacher: str, task: str) -> str:
    """Return a name in one line: 'MiniLM-L6, teacher seed 1, on composed-nli'."""
    first, second = pair_lines(teacher, task)
    return f"{first}{',' if teacher_parts(teacher)[1] else ''} {second}"


def teacher_parts(teacher: str, seed: str = "seed") -> tuple[str, list[str]]:
    """Return a teacher's name, and how it was fine-tuned where that is not the usual: ('MiniLM-L6', ['seed 1', '2 epochs', 'rate 3e-05'])."""
    named = parse_teacher(teacher)
    details = [f"{seed} {named.seed}"] if named.seed else []
    details += [] if named.epochs is None else [f"{named.epochs} epoch{'s' if named.epochs != 1 else ''}"]
    details += [] if named.rate is None else [f"rate {named.rate:g}"]
    return TEACHERS[named.base].title if named.base in TEACHERS else short_name(named.base), details


def choice_name(choice: tuple[int, ...], teacher_layers: int) -> str:
    """Return 'layers 1, 3, 5 (odd layers)'; 'untrained layers' for the control, which names none."""
    if not choice:
        return "untrained layers"
    name = preset_of(choice, teacher_layers)
    text = f"layer{'s' if len(choice) > 1 else ''} {', '.join(map(str, choice))}"
    return f"{text} ({preset_label(name, len(choice), teacher_layers)})" if name else text


def budget_name(record: dict) -> str:
    """Return '240 steps' or '3 epochs'."""
    budget = record["recipe"]["budget"]
    number, unit = (budget["epochs"], "epoch") if budget.get("epochs") else (budget["steps"], "step")
    return f"{number} {unit}{'s' if number != 1 else ''}"


def group_title(name: str) -> str:
    """Return the name of a group for sentences: 'phenomenon:role_swap' -> 'role swap'."""
    return name.removeprefix("phenomenon:").removeprefix("class:").replace(":", ": ").replace("_", " ")
