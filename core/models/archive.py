"""A model uploaded as a zip: its list of files is judged before anything is unpacked, and the files before anything is loaded.

Only the files that Layer Lab reads are taken, by their bare names; pickles and code never touch the disk. Whether weights and config belong
together is decided when the model is loaded, by transformers' own report (core/models/loading_report.py).
"""

import json
import math
import re
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.data.uploads import place, zips
from core.errors import LabError
from core.models.config import facts
from core.models.fetch import WANTED, slim_config
from core.models.folder import conversion
from core.models.identity import TOKENIZER_FILES, contents
from core.models.weights import INDEX, SINGLE, tensors, weight_files, weights_hash

MODEL_MB = 500  # of the zip, and of what it grows to
TEXT_MB = 40  # of a file beside the weights
MOST_FILES = 500
LARGEST = 1_000_000  # a size in config.json: vocabularies have a fifth of it
SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors", re.ASCII)
WEIGHTS_ELSEWHERE = re.compile(r".*\.(bin|pt|pth|ckpt|pkl|pickle|h5|msgpack|onnx)")
PLACES = ("tokenizer_file", "vocab_file", "merges_file", "auto_map", "name_or_path")  # keys of a tokenizer's settings that name files or code
CHUNK = 1 << 20


@dataclass(frozen=True)
class Kept:
    """name: by which the model is chosen, upload/KEY/NAME. left_out: files of the zip that Layer Lab does not read. size: bytes that it takes."""

    name: str
    left_out: tuple[str, ...]
    size: int


def keep_model(name: str, file: BinaryIO, size: int) -> Kept:
    """Check an uploaded zip of a model folder and keep the model. size: bytes of the zip. LabError, one sentence, for anything wrong with it."""
    name = place.safe_name(name)
    if size > MODEL_MB * 1e6:
        raise LabError(f"{name} takes {size / 1e6:,.1f} MB, and a model's zip may take {MODEL_MB} MB; choose a smaller model, or save it in fp16.")
    with zips.opened(file, name, "a zip archive of a model's folder; zip the folder anew") as archive:
        entries = _judged(archive, name)
        wanted, left_out = _wanted(entries, name)
        grown = sum(entry.file_size for entry in wanted.values())
        title = name.removesuffix(".zip") or "model"
        with place.scratch(grown) as scratch:
            part = scratch / title
            part.mkdir()
            for plain, entry in wanted.items():
                _take(archive, entry, part / plain, name)
            key = _checked(part, title)
            return Kept(place.settle(part, key, title), left_out, grown)


def _judged(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """Return the archive's files. LabError where the list itself is not that of an honest model folder."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise LabError(f"{name} holds {len(entries):,} files, where a model has a dozen; zip the model's folder alone.")
    for entry in entries:
        shown = f"{name} holds {place.shown(entry.filename)}"
        parts = PurePosixPath(entry.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or re.match(r"[A-Za-z]:", entry.filename) or entry.orig_filename != entry.filename:
            raise LabError(f"{shown}, a path that leads out of its folder, so nothing of it is unpacked; zip the model's folder anew.")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise LabError(f"{shown}, which is a link or no plain file, so nothing of it is unpacked; put the file itself into the zip.")
        if entry.flag_bits & 0x1:
            raise LabError(f"{name} is locked by a password; zip the model's folder without one.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise LabError(f"{shown}, packed by a method that is not read here; zip the model's folder in the usual way (deflate).")
    if (grown := sum(entry.file_size for entry in entries)) > MODEL_MB * 1e6:
        raise LabError(f"{name} grows to {grown / 1e6:,.0f} MB when it is unpacked, and a model may take {MODEL_MB} MB; leave out what is not the "
                       "model, such as checkpoints and optimizer states.")
    return entries


def _wanted(entries: list[zipfile.ZipInfo], name: str) -> tuple[dict[str, zipfile.ZipInfo], tuple[str, ...]]:
    """Return what is to be unpacked, by bare name, and the names of what is left out. LabError unless one folder holds config and weights."""
    folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for entry in entries:
        folder, _, plain = entry.filename.replace("\\", "/").rpartition("/")
        if folders.setdefault(folder, {}).setdefault(plain, entry) is not entry:
            raise LabError(f"{name} holds {place.shown(entry.filename)} twice; zip the model's folder anew.")
    models = [folder for folder, files in folders.items() if "config.json" in files and (SINGLE in files or INDEX in files)]
    if len(models) > 1:
        raise LabError(f"{name} holds {len(models)} models, in {' and '.join(place.shown(folder or '.') for folder in sorted(models)[:2])}; "
                       "zip one of them.")
    if not models:
        raise _no_model(folders, name)
    there = folders[models[0]]
    known = {plain for plain in there if plain in WANTED or plain in TOKENIZER_FILES or SHARD.fullmatch(plain)}
    for plain in known:
        if not plain.endswith(".safetensors") and there[plain].file_size > TEXT_MB * 1e6:
            raise LabError(f"{plain} in {name} grows to {there[plain].file_size / 1e6:,.0f} MB, and a file beside the weights may take {TEXT_MB} MB.")
    return {plain: there[plain] for plain in sorted(known)}, tuple(entry.filename for entry in entries if entry not in [there[p] for p in known])


def _no_model(folders: dict[str, dict[str, zipfile.ZipInfo]], name: str) -> LabError:
    files = {plain for inside in folders.values() for plain in inside}
    if any(WEIGHTS_ELSEWHERE.fullmatch(plain) for plain in files) and not any(plain.endswith(".safetensors") for plain in files):
        return LabError(f"The weights in {name} are no safetensors but a pickle or of another framework, which Layer Lab does not read. For "
                        f"pytorch_model.bin this converts them: {conversion('model')}")
    lacks = "config.json" if "config.json" not in files else SINGLE
    return LabError(f"{name} lacks {lacks}; zip a folder saved with save_pretrained, which holds config.json, {SINGLE} and the tokenizer's files.")


def _take(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, name: str) -> None:
    """Unpack one file, and no more of it than its entry says."""
    left = entry.file_size
    with archive.open(entry) as source, target.open("xb") as out:
        while block := source.read(CHUNK):
            left -= len(block)
            if left < 0:
                raise LabError(f"{place.shown(entry.filename)} in {name} is larger than the archive says; zip the model's folder anew.")
            out.write(block)


def _checked(part: Path, title: str) -> str:
    """Return the key of an unpacked model. LabError for config, tokenizer settings or weights that are broken; it names the title, not the folder."""
    try:
        slim_config(part)
        _slim_tokenizer(part / "tokenizer_config.json")
        told = facts(part)
        _sizes(json.loads((part / "config.json").read_text()), title)
        weight_files(part)
        held, called_for = sum(map(math.prod, tensors(part).values())), told.vocab * told.hidden + told.layers * 4 * told.hidden**2
        if called_for > 4 * held + LARGEST:
            raise LabError(f"The config.json of {title} calls for {called_for:,} weights, and its files hold {held:,}; zip the folder "
                           "as it was saved.")
        return contents(part, weights_hash(part))
    except LabError as error:
        raise LabError(str(error).replace(f"{part}/", "").replace(str(part), title)) from error


def _sizes(config: dict, title: str) -> None:
    large = next((key for key, value in config.items() if isinstance(value, int | float) and abs(value) > LARGEST), None)
    if large:
        raise LabError(f"The config.json of {title} says {place.shown(large)} is {config[large]:,}, and no size may be over {LARGEST:,}; "
                       "put it right.")


def _slim_tokenizer(file: Path) -> None:
    """Drop from the tokenizer's settings what could name files elsewhere or code."""
    if not file.is_file():
        return
    try:
        told = dict(json.loads(file.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, TypeError, RecursionError):
        raise LabError("tokenizer_config.json cannot be read as JSON; save the tokenizer again.") from None
    file.write_text(json.dumps({key: value for key, value in told.items() if key not in PLACES}, indent=1))
