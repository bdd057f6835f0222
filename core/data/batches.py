"""Tokenised once, kept flat, padded only when a batch is put together."""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.data.task import Split, Task
from core.home import folder

CHUNK = 10_000  # examples tokenised at a time, so that a large task does not hold all its Python lists at once
POOL = 50  # batches sorted by length together: enough that neighbours are alike, few enough that batches stay random


@dataclass
class Batch:
    """B examples padded to the longest, T tokens.

    input_ids, attention_mask: (B, T) int64. token_type_ids: (B, T) or None. labels: (B,) int64.
    index: (B,) int64, the examples' positions in their split.
    """

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor | None
    labels: Tensor
    index: Tensor

    def model_inputs(self) -> dict[str, Tensor]:
        inputs = {"input_ids": self.input_ids, "attention_mask": self.attention_mask}
        if self.token_type_ids is not None:
            inputs["token_type_ids"] = self.token_type_ids
        return inputs

    @property
    def tokens(self) -> int:
        """Return how many tokens are not padding."""
        return int(self.attention_mask.sum())

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device; itself when it is there."""
        if device.type == "cpu":
            return self
        return Batch(**{name: None if tensor is None else tensor.to(device) for name, tensor in vars(self).items()})


@dataclass(frozen=True, eq=False)
class EncodedSplit:
    """N tokenised examples, laid end to end.

    ids: (tokens,) int32. types: (tokens,) int8, or None where the model has none. offsets: (N + 1,) int64, example i is
    ids[offsets[i]:offsets[i + 1]]. labels: (N,) int64. pad_id: the token that fills a batch up.
    """

    ids: Tensor
    types: Tensor | None
    offsets: Tensor
    labels: Tensor
    pad_id: int = 0

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def lengths(self) -> Tensor:
        """Return (N,) int64, tokens of each example."""
        return self.offsets.diff()

    @cached_property
    def hash(self) -> str:
        """Return the sha256 of ids, offsets and types: the part of a signal's cache key that says what the teacher read."""
        digest = hashlib.sha256()
        for tensor in (self.ids, self.offsets, self.types):
            digest.update(b"|" if tensor is None else tensor.numpy().tobytes() + b"|")
        return digest.hexdigest()

    def take(self, indices: Tensor) -> "EncodedSplit":
        """Return the examples at these positions, (M,) int64, in this order, as a split of their own."""
        length = self.lengths[indices]
        offsets = torch.cat([torch.zeros(1, dtype=torch.int64), length.cumsum(0)])
        rows = torch.arange(int(offsets[-1])) + torch.repeat_interleave(self.offsets[indices] - offsets[:-1], length)
        types = None if self.types is None else self.types[rows]
        return EncodedSplit(self.ids[rows], types, offsets, self.labels[indices], self.pad_id)

    def batch(self, indices) -> Batch:
        """Return these examples, in this order, padded on the right to the longest of them. indices: (B,), at least one."""
        index = torch.as_tensor(indices, dtype=torch.int64)
        start = self.offsets[index]
        length = self.offsets[index + 1] - start
        column = torch.arange(int(length.max()))
        mask = column < length[:, None]  # (B, T)
        position = (start[:, None] + column).clamp_(max=len(self.ids) - 1)  # past an example's end: anything, it is filled below
        ids = self.ids[position].to(torch.int64).masked_fill_(~mask, self.pad_id)
        types = None if self.types is None else self.types[position].to(torch.int64).masked_fill_(~mask, 0)
        return Batch(ids, mask.to(torch.int64), types, self.labels[index], index)


def encode(task: Task, tokenizer) -> dict[str, EncodedSplit]:
    """Return the task's splits "train", "validation" and "test" tokenised, from the cache where they were tokenised before.

    tokenizer: a fast tokenizer of transformers. Longer inputs are cut to the task's max_length, or the tokenizer's own where
    that is less; pairs by their longer text first. Token types are kept only where the tokenizer's model_input_names list
    them. The cache, a safetensors file below LAYER_LAB_HOME, holds each split's hash; a file that does not match is rebuilt.
    """
    length = min(task.max_length, tokenizer.model_max_length)
    path = folder("cache", "tokens") / f"{task.hash}-{tokenizer_hash(tokenizer)}-{length}.safetensors"
    texts = {"train": task.train, "validation": task.validation, "test": task.test}
    pad_id = tokenizer.pad_token_id or 0
    splits = _kept(path, texts, pad_id)
    if splits is None:
        splits = {name: _tokenised(split, tokenizer, length, pad_id) for name, split in texts.items()}
        _keep(path, splits)
    return splits


def tokenizer_hash(tokenizer) -> str:
    """Return 16 hex digits of the sha256 of all that decides a tokenizer's output; what earlier calls left set in it does not count."""
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    state["truncation"] = state["padding"] = None
    state = [state, sorted(tokenizer.model_input_names), tokenizer.truncation_side, tokenizer.pad_token_id]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]


def bucketed(lengths: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    """Return one epoch of training batches, each a tensor of indices: every example exactly once, in batches of like length.

    Examples are shuffled, cut into pools of 50 batches, sorted by length within a pool, cut into batches, and the batches
    shuffled; the generator alone decides. All batches but one have batch_size examples.
    """
    batches = []
    for pool in torch.randperm(len(lengths), generator=generator).split(POOL * batch_size):
        batches += pool[lengths[pool].argsort(stable=True)].split(batch_size)
    return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]


def sequential(lengths: Tensor, batch_size: int) -> list[Tensor]:
    """Return batches for evaluation, longest examples first (a batch that does not fit into memory fails at once)."""
    return list(lengths.argsort(descending=True, stable=True).split(batch_size))


def _tokenised(split: Split, tokenizer, length: int, pad_id: int) -> EncodedSplit:
    with_types = "token_type_ids" in tokenizer.model_input_names
    ids, types, lengths = [], [], []
    for start in range(0, len(split), CHUNK):
        pairs = [list(column[start : start + CHUNK]) for column in (split.first, split.second) if column is not None]
        found = tokenizer(*pairs, truncation=True, max_length=length, return_attention_mask=False, return_token_type_ids=with_types)
        lengths += map(len, found["input_ids"])
        ids.append(np.concatenate([np.asarray(row, dtype=np.int32) for row in found["input_ids"]]))
        if with_types:
            types.append(np.concatenate([np.asarray(row, dtype=np.int8) for row in found["token_type_ids"]]))
    offsets = torch.from_numpy(np.cumsum([0, *lengths], dtype=np.int64))
    flat = lambda parts, kind: torch.from_numpy(np.concatenate([np.empty(0, kind), *parts]))
    labels = torch.tensor(split.labels, dtype=torch.int64)
    return EncodedSplit(flat(ids, np.int32), flat(types, np.int8) if with_types else None, offsets, labels, pad_id)


def _keep(path: Path, splits: dict[str, EncodedSplit]) -> None:
    tensors = {f"{name}.{part}": getattr(split, part) for name, split in splits.items() for part in ("ids", "types", "offsets")}
    tensors = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        save_file(tensors, f"{scratch}/tokens", metadata={name: split.hash for name, split in splits.items()})
        os.replace(f"{scratch}/tokens", path)


def _kept(path: Path, texts: dict[str, Split], pad_id: int) -> dict[str, EncodedSplit] | None:
    """Return the splits in a cache file; None when it is missing or any byte of it is not what was written."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            hashes, there = file.metadata() or {}, set(file.keys())
            splits = {}
            for name, split in texts.items():
                types = file.get_tensor(f"{name}.types") if f"{name}.types" in there else None
                tensors = file.get_tensor(f"{name}.ids"), types, file.get_tensor(f"{name}.offsets")
                splits[name] = EncodedSplit(*tensors, torch.tensor(split.labels, dtype=torch.int64), pad_id)
    except (SafetensorError, OSError):
        return None
    intact = all(hashes.get(name) == split.hash and len(split.offsets) == len(split) + 1 for name, split in splits.items())
    return splits if intact else None
