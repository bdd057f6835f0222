"""What a visitor from another machine may name: the catalogue, hub ids, uploads and the folder LAYER_LAB_DATA; no other path of this machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from core.data import files, probes
from core.errors import LabError
from core.home import data_folder, uploaded
from core.models.catalogue import TEACHERS, is_hub_id, local_folder
from core.recipe.tuning import split_teacher

HINT = "upload it on the page Your data, or ask whoever runs Layer Lab to put it into the folder LAYER_LAB_DATA"


def refusal(teacher: str = "", task: str = "") -> str:
    """Return why a visitor from another machine may not use these names, one sentence; '' where they may. '': not asked about."""
    if task and not _task_within(task):
        return f"From another machine, a task reaches no file of this server by its path; {HINT}."
    if teacher and not _teacher_within(split_teacher(teacher)[0]):
        return f"From another machine, a teacher reaches no folder of this server by its path; {HINT}."
    return ""


def within(query: Mapping[str, Sequence[str]]) -> tuple[dict[str, Sequence[str]], list[str]]:
    """Return a link without the teacher and the task that a visitor from another machine may not use, and a sentence for each."""
    kept, problems = dict(query), []
    for key in ("teacher", "task"):
        said = next(filter(None, (refusal(**{key: value.strip()}) for value in query.get(key, ()))), "")
        if said:
            del kept[key]
            problems.append(said)
    return kept, problems


def _task_within(task: str) -> bool:
    probe, colon, whole = task.partition(":")
    if colon and probe in probes.PROBES:
        return _task_within(whole)
    if not task.startswith("file:"):
        return True  # a name of the catalogue, or a hub's
    try:
        spec = files.parse(task)
    except LabError:
        return True  # nothing is read by such a name
    return all(map(_path_within, {spec.path, *spec.several}))


def _path_within(path: str) -> bool:
    """Return whether a path reaches an upload or the data folder alone; what is said of a path elsewhere does not depend on what is there."""
    if uploaded(path):
        return True
    data = data_folder()
    forms = [Path(form) for form in (unquote(path), path)]
    try:
        if any(form.is_absolute() or ".." in form.parts or str(form).startswith("~") for form in forms):
            return data is not None and all(form.is_absolute() and form.resolve().is_relative_to(data) for form in forms)
    except (OSError, ValueError, RuntimeError):
        return False
    found = files.located(path)
    return found is None or (data is not None and found.is_relative_to(data))


def _teacher_within(base: str) -> bool:
    if base in TEACHERS or uploaded(base):
        return True
    if local_folder(base) is None:
        return is_hub_id(base)
    data = data_folder()
    return data is not None and Path(base).expanduser().resolve().is_relative_to(data)
