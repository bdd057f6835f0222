"""What a checkpoint's config.json says of the model: read by transformers, kept by content, so that a page need not load transformers for it."""

from __future__ import annotations

import dataclasses
import functools
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import LabError
from core.home import folder
from core.models.config_labels import class_names
from core.models.families import FAMILIES, family_titles
from core.models.folder import is_pointer, no_config, pointer
from core.models.names import has_head
from core.models.weights import ASSETS, file_hash, tensors

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120  # for loading transformers in a process of its own, which takes about 5
waiting: Callable[[], AbstractContextManager] = nullcontext  # what the app shows meanwhile, set by it
HEADS_ELSEWHERE = ("ForTokenClassification", "ForMultipleChoice")  # their head has the names of a text classifier's


@dataclass(frozen=True)
class ConfigFacts:
    """What a config.json says. Sizes are transformers' (its defaults where the file has none). labels: of the classes, in the order of the logits.

    architecture: the class that the weights were saved from, '' when it is not named. problem_type: transformers', '' when it is not named.
    notes: sentences on what it leaves open.
    """

    model_type: str
    layers: int
    hidden: int
    intermediate: int
    heads: int
    vocab: int
    positions: int
    labels: tuple[str, ...]
    architecture: str
    problem_type: str
    notes: tuple[str, ...] = ()


def facts(path: Path) -> ConfigFacts:
    """Return what the folder's config.json says; LabError when it is missing, broken or of another architecture.

    What was read is kept by the file's sha256. Where it is not and this process has not loaded transformers, another reads it, in about 5 seconds.
    """
    file = path / "config.json"
    if not file.is_file():
        raise LabError(no_config(path))
    try:
        found = _kept(sha256 := file_hash(file))
    except OSError as error:
        raise LabError(f"{file} cannot be read ({error.strerror}).") from error
    if found is None:
        found = _read(path) if "transformers" in sys.modules else _read_elsewhere(path)
        with suppress(OSError, LabError):  # a full disk: it is read again next time
            _place(sha256).write_text(json.dumps(found))
    if "problem" in found:
        raise _of(path, found["problem"])
    lists = {name: tuple(found["facts"][name]) for name in ("labels", "notes")}
    return ConfigFacts(**found["facts"] | lists)


def auto_config(path: Path) -> PreTrainedConfig:
    """Return transformers' config of the folder, with the class names as `facts` has them; no code of the folder runs. LabError as `facts`."""
    try:
        return _auto_config(*_checked(path)[:2])
    except LabError as error:
        raise _of(path, error) from error


def why_no_classifier(path: Path) -> str:
    """Return why the folder is no classifier of texts with one label each, a phrase to follow "it"; '' when it is one. LabError when it is broken."""
    told = facts(path)
    if told.architecture.endswith(HEADS_ELSEWHERE) or not has_head(tensors(path), FAMILIES[told.model_type]):
        return "has no classification head"
    if told.problem_type == "multi_label_classification":
        return "says yes or no to each class by itself (multi-label), where Layer Lab distils classifiers with one label a text"
    if told.problem_type == "regression" or len(told.labels) == 1:
        return "predicts a number (regression), where Layer Lab distils classifiers with one label a text"
    return ""


def _read(path: Path) -> dict:
    """Return what is kept of the folder's config.json: its facts, or the problem that it has."""
    try:
        raw, labels, notes = _checked(path)
        config = _auto_config(raw, labels)
    except LabError as error:
        return {"reader": _reader(), "problem": str(error)}
    family = FAMILIES[config.model_type]
    named = raw.get("architectures")
    told = ConfigFacts(
        config.model_type, getattr(config, family.layer_count), getattr(config, family.hidden), getattr(config, family.intermediate),
        getattr(config, family.heads), config.vocab_size, config.max_position_embeddings, labels,
        str(named[0]) if isinstance(named, list) and named else "", config.problem_type or "", tuple(notes),
    )
    return {"reader": _reader(), "facts": dataclasses.asdict(told)}


def _checked(path: Path) -> tuple[dict, tuple[str, ...], list[str]]:
    """Return the JSON of an encoder's config, its class names and notes. LabError, in which {file} and {name} stand for the folder's."""
    try:
        raw = json.loads((path / "config.json").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        raw = None
    if not isinstance(raw, dict):
        if is_pointer(path / "config.json"):
            raise LabError(pointer("{file}", "the config"))
        raise LabError("{file} cannot be read as JSON; save the model again.")
    kind = raw.get("model_type")
    if not kind:
        raise LabError(f'{{file}} does not say of which type the model is; add "model_type" to it, one of {", ".join(FAMILIES)}.')
    if kind not in FAMILIES:
        raise LabError(f"{{name}} is a {kind!r} model; Layer Lab takes {family_titles()} encoders.")
    if raw.get("quantization_config"):
        raise LabError("The weights beside {file} are quantised; save the model in fp32, fp16 or bf16.")
    if raw.get("is_decoder"):
        raise LabError("{file} says is_decoder, so each token sees only those before it, and the first, which the classifier reads, no text at all; "
                       'set "is_decoder" to false if the model was trained without it, or choose another model.')
    try:
        labels, notes = class_names(raw)
    except LabError as error:
        raise LabError(f"{{file}} does not say which class is which. {error}") from None
    if raw.get("auto_map"):
        notes.append(f"The teacher's config.json names code of its own (auto_map), which is not run; it is taken for a plain {FAMILIES[kind].title}.")
    return raw, labels, notes


def _auto_config(raw: dict, labels: tuple[str, ...]) -> PreTrainedConfig:
    from transformers import AutoConfig

    raw = {key: value for key, value in raw.items() if key not in ("auto_map", "num_labels")}
    raw |= {"id2label": dict(enumerate(labels)), "label2id": {name: number for number, name in enumerate(labels)}}
    try:
        return AutoConfig.for_model(**raw)
    except Exception as error:  # whatever a strange value leads to in transformers
        told = str(error).strip().splitlines() or [type(error).__name__]
        raise LabError(f"transformers cannot use {{file}} ({' '.join(told[-1].split())[:200]}); save the model again.") from error


def _of(path: Path, problem: object) -> LabError:
    """Return the error about this folder's config: what is kept of a config names no folder."""
    return LabError(str(problem).replace("{file}", str(path / "config.json")).replace("{name}", path.name))


def _read_elsewhere(path: Path) -> dict:
    """Read a config in a process of its own, so that this one stays without transformers."""
    command = [sys.executable, "-m", __name__, str(path.resolve())]
    try:
        with waiting():
            return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS).stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise LabError(f"{path / 'config.json'} could not be read now; try again, or see whether `python -c 'import transformers'` works.") from None


@functools.cache
def _reader() -> str:
    """Name what reads a config: other versions may say otherwise."""
    return f"2, transformers {version('transformers')}, {' '.join(FAMILIES)}"


def _place(sha256: str) -> Path:
    return folder("cache", "configs") / f"{sha256}.json"


def _kept(sha256: str) -> dict | None:
    """Return what was read of a config of this content, here or when the program was made; None when nothing was."""
    bundled = ASSETS / "configs" / f"{sha256}.json"
    if bundled.is_file():
        return json.loads(bundled.read_text())
    try:
        found = json.loads(_place(sha256).read_text())
    except (OSError, ValueError, LabError):
        return None
    return found if isinstance(found, dict) and found.get("reader") == _reader() else None


if __name__ == "__main__":
    print(json.dumps(_read(Path(sys.argv[1]))))
