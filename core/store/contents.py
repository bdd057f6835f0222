"""What a hub's data were when this machine last read them: pages may not load them, and have to know which runs were made with them."""

from contextlib import suppress

from core.data import hub
from core.data.task import Classes, Task
from core.errors import LabError
from core.store import facts


def remember(task: Task) -> None:
    """Keep classes, hash and maximum length of a task whose data come from a hub; a store that takes nothing keeps nothing."""
    if not _of_a_hub(task.name):
        return
    with suppress(LabError):
        classes = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(task.classes).items()}
        now = {"classes": classes, "hash": task.hash, "max_length": task.max_length, "files": _files(task.name)}
        if facts.get(_key(task.name)) != now:
            facts.put(_key(task.name), now)


def remembered(name: str) -> dict | None:
    """Return {"classes", "hash", "max_length"} of a hub's data; None where they were not read here, or a local copy has changed since."""
    found = facts.get(_key(name)) if _of_a_hub(name) else None
    if found is None or found.pop("files") != _files(name):
        return None
    return found | {"classes": Classes(**{name: tuple(value) if isinstance(value, list) else value for name, value in found["classes"].items()})}


def _of_a_hub(name: str) -> bool:
    return name.startswith("hub:") or name.partition("?")[0] in hub.KNOWN


def _files(name: str) -> list:
    """Path, time and size of every file of a local copy; of a download, which does not change, nothing."""
    return [[str(path), path.stat().st_mtime_ns, path.stat().st_size] for path in hub.sources(name)]


def _key(name: str) -> str:
    return f"content/{name}"
