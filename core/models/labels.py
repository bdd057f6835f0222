"""Which of a teacher's classes is which of a task's labels."""

from core.errors import LabError


def label_order(names: list[str], labels: tuple[str, ...], teacher: str, notes: list[str]) -> list[int]:
    """Return the teacher's class for each of the task's labels; LabError when they do not match."""
    if len(names) != len(labels):
        raise LabError(f"{teacher} knows {len(names)} classes ({', '.join(names)}), the task has {len(labels)} ({', '.join(labels)}); "
                       "fine-tune a teacher on this task.")
    lower = [name.lower() for name in names]
    if all(name.startswith("label_") for name in lower):
        notes.append("The teacher's classes have no names; they are taken to be in the task's order.")
        return list(range(len(labels)))
    missing = [label for label in labels if label.lower() not in lower]
    if missing:
        raise LabError(f"{teacher} does not know the label {missing[0]!r} (it knows {', '.join(names)}); fine-tune a teacher on this task.")
    return [lower.index(label.lower()) for label in labels]
