"""What a teacher is besides its weights: hashes of all that decides what it answers to a task's texts."""

import functools
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.models.config import facts
from core.models.weights import file_hash, read_card

TOKENIZER_FILES = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt",
    "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
)
SAYS_NOTHING = ("transformers_version", "_name_or_path", "name_or_path", "torch_dtype", "dtype")  # keys that differ between saves of one model
PIN = "identity.json"  # beside the weights: {"contents"}, as a teacher was when it was made, or first seen


def identity(path: Path, weights: str, order: Sequence[int], max_length: int) -> str:
    """Return 16 hex digits of the sha256 of the folder's contents, the label order and the maximum length.

    path: the checkpoint's folder. weights: `whole_weights` of it. order: the teacher's class for each of the task's labels.
    max_length: the task's, in tokens. Equal identities answer alike; a signal, a score or a run is kept under it.
    """
    return _hash([contents(path, weights), list(order), max_length])


def contents(path: Path, weights: str) -> str:
    """Return 16 hex digits of the sha256 of the weights' hash, the config and the tokenizer's files of a checkpoint."""
    found = {name: (path / name, file_hash(path / name)) for name in ("config.json", *TOKENIZER_FILES) if (path / name).is_file()}
    config, about = (found.pop(name, None) for name in ("config.json", "tokenizer_config.json"))
    files = {name: sha256 for name, (_, sha256) in found.items()}
    return _hash([weights, files, *(_meaning(*one) if one else None for one in (config, about))])


def key_of(path: Path, weights: str, order: Sequence[int], one: str) -> str:
    """Return what runs and scores of a teacher are kept under, beside the data: the weights' hash alone where it is as it was made.

    Then records that name only the weights, as older ones do, are of this very teacher. Else they may not be: its identity is added.
    one: its identity.
    """
    untouched = list(order) == list(range(len(order))) and as_made(path, weights)
    return weights[:16] if untouched else f"{weights[:16]}-{one}"


def as_made(path: Path, weights: str) -> bool:
    """Return whether a fine-tuned teacher's folder is as the program left it: weights, config and tokenizer.

    Cards of earlier versions name the weights and the labels alone: where both agree, the folder is noted as it is at first sight.
    """
    card = read_card(path)
    if not card or card.get("sha256") != weights:
        return False
    now, then = contents(path, weights), card.get("contents") or pinned(path)
    if then is None and [name.lower() for name in facts(path).labels] == [str(name).lower() for name in card.get("labels") or ()]:
        pin(path, now)
        return True
    return now == then


def pinned(path: Path) -> str | None:
    """Return the contents that stand beside the weights; None where none do."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return json.loads((path / PIN).read_text())["contents"]
    return None


def pin(path: Path, found: str) -> None:
    """Note the contents beside the weights; a folder that cannot be written stays as it is."""
    with suppress(OSError):
        (path / PIN).write_text(json.dumps({"contents": found}) + "\n")


@functools.lru_cache(maxsize=64)
def _meaning(path: Path, sha256: str) -> str:
    """Return a JSON file in canonical form, without what says nothing about the model."""
    try:
        values = dict(json.loads(path.read_text()))
    except (ValueError, TypeError):
        return sha256  # whoever reads it says what is wrong with it
    return json.dumps({key: value for key, value in values.items() if key not in SAYS_NOTHING}, sort_keys=True)


def _hash(parts: list) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
