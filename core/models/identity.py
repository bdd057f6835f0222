"""What a teacher is besides its weights: one hash of all that decides what it answers to a task's texts."""

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from core.models.weights import file_hash

TOKENIZER_FILES = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt",
    "spiece.model",
)
SAYS_NOTHING = ("transformers_version", "_name_or_path", "torch_dtype", "dtype")  # config keys that differ between saves of one model


def identity(path: Path, weights: str, order: Sequence[int], max_length: int) -> str:
    """Return 16 hex digits of the sha256 of the weights' hash, the config, the tokenizer's files, the label order and the maximum length.

    path: the checkpoint's folder. weights: `whole_weights` of it. order: the teacher's class for each of the task's labels.
    max_length: the task's, in tokens. Equal identities answer alike; a signal, a score or a run is kept under it.
    """
    files = {name: file_hash(path / name) for name in TOKENIZER_FILES if (path / name).is_file()}
    text = json.dumps([weights, _config(path / "config.json", file_hash(path / "config.json")), files, list(order), max_length], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.lru_cache(maxsize=64)
def _config(path: Path, sha256: str) -> str:
    """Return the config in canonical JSON, without what says nothing about the model."""
    config = json.loads(path.read_text())
    return json.dumps({key: value for key, value in config.items() if key not in SAYS_NOTHING}, sort_keys=True)
