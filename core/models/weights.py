"""The weights of a checkpoint folder, in one file or in shards: their names, their sha256, and whether they are those that its card names."""

import functools
import hashlib
import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from core.errors import LabError
from core.models.folder import adapter, is_pointer, no_weights, pointer

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
FLOATS = ("F64", "F32", "F16", "BF16")  # what a weight may be kept in; others are of quantised models
ASSETS = Path(__file__).resolve().parent.parent / "assets"


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, in hex; remembered while its size and time stay."""
    return _file_hash(path, *_stat(path))


def _stat(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


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


def has_weights(path: Path) -> bool:
    """Return whether the folder holds safetensors weights, whole or not."""
    return (path / SINGLE).is_file() or (path / INDEX).is_file()


def weight_files(path: Path) -> list[Path]:
    """Return the folder's model.safetensors, or the shards that its index names. LabError, with the way out, where they are not all there."""
    if (path / "adapter_config.json").is_file():
        raise LabError(adapter(path))
    if (path / SINGLE).is_file():
        return [path / SINGLE]
    if not (path / INDEX).is_file():
        raise LabError(no_weights(path, _mend(path)))
    names = shard_names(path)
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        raise LabError(f"The weights in {path} are not whole: {missing[0]} is missing ({len(missing)} of {len(names)} shards); {_mend(path)}.")
    return [path / name for name in names]


def shard_names(path: Path) -> list[str]:
    """Return the names of the files that a folder's index of shards names, in order. LabError when it cannot be read or names others than its own."""
    try:
        names = sorted(set(json.loads((path / INDEX).read_text())["weight_map"].values()))
        if all(name == Path(name).name and name.endswith(".safetensors") for name in names) and names:
            return names
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise LabError(f"{path / INDEX} cannot be read as the index of the model's shards; {_mend(path)}.")


def tensors(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of the weights in the folder's files, which are only glanced at. LabError when they are missing or cut off."""
    return {name: shape for file in weight_files(path) for name, shape in _header(file, *_stat(file)).items()}


@functools.lru_cache(maxsize=64)
def _header(file: Path, size: int, mtime: int) -> dict[str, tuple[int, ...]]:
    try:
        with safe_open(file, "np") as held:
            names = held.keys()
            slices = {name: held.get_slice(name) for name in names}
            kinds = {one.get_dtype() for name, one in slices.items() if name.endswith("weight")}
            shapes = {name: tuple(one.get_shape()) for name, one in slices.items()}
    except (SafetensorError, OSError) as error:
        if is_pointer(file):
            raise LabError(pointer(file, "the weights")) from error
        raise LabError(f"The weights {file} cannot be read (the file is cut off or damaged); {_mend(file.parent)}.") from error
    if kinds - set(FLOATS):
        raise LabError(f"The weights {file} are quantised ({', '.join(sorted(kinds - set(FLOATS)))}); save the model in fp32, fp16 or bf16.")
    return shapes


def stamp(path: Path) -> tuple:
    """Return what changes when the weights' files do: name, size and time of each. () when they are not there."""
    try:
        return tuple((file.name, *_stat(file)) for file in weight_files(path))
    except LabError:
        return ()


def weights_hash(path: Path) -> str:
    """Return the sha256 of the weights, in hex: that of the one file, or of the shards' sha256 in the order of their names."""
    try:
        hashes = [file_hash(file) for file in weight_files(path)]
    except OSError as error:
        raise LabError(f"The weights in {path} cannot be read ({error.strerror}).") from error
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def whole_weights(path: Path, teacher: str) -> str:
    """Return `weights_hash` of a fine-tuned teacher; LabError when its weights are missing or not those that its card names."""
    digest, expected = weights_hash(path), read_card(path).get("sha256")
    if expected and digest != expected:
        raise LabError(f"The weights of {teacher} ({path / SINGLE}) are damaged: their sha256 is not the recorded one; {_mend(path)}.")
    return digest


def _mend(path: Path) -> str:
    if ASSETS in path.parents:
        return "they came with the program, so restore the folder, for example with `git checkout core/assets`"
    return "restore the file, or fetch or fine-tune the teacher again"
