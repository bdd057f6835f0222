"""What a run asks of its teacher, and what the teacher says about the examples of a split, computed once and kept, or live.

A kept signal is keyed by the teacher's identity, the tokenised split, what is asked and the dtype, and is looked up by
example index, so shuffling does not matter. It is computed in a fixed order, so it does not depend on which run asked first.
"""

import hashlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.data.batches import Batch, EncodedSplit, sequential
from core.errors import LabError
from core.home import folder
from core.models.attention import Vectors, caught
from core.models.families import head_count, hidden_size
from core.models.first_token import first_token_only
from core.models.teachers import Teacher
from core.objectives.declarations import ATTENTION_MAPS, RELATIONS
from core.recipe import Objective, attention_layers_used, hidden_layers_used
from core.training.device import Device
from core.training.losses import Signal

VECTORS = ("queries", "keys", "values")
SIGNAL_BATCH = 64
LARGEST = 4 << 30  # bytes of a split's hidden states and attention that are kept; a larger signal is computed live


@dataclass(frozen=True)
class SignalRequest:
    """What is wanted of the teacher. hidden: teacher layers (1-based). cls_only: their first token alone.

    scores: layers whose attention scores are wanted. vectors: layers whose queries, keys and values are wanted.
    """

    logits: bool = True
    hidden: tuple[int, ...] = ()
    cls_only: bool = False
    scores: tuple[int, ...] = ()
    vectors: tuple[int, ...] = ()

    def parts(self) -> list[str]:
        place = "cls" if self.cls_only else "tokens"
        hidden = [f"hidden-{layer}-{place}" for layer in sorted(set(self.hidden))]
        vectors = [f"{kind}-{layer}" for layer in sorted(set(self.vectors)) for kind in VECTORS]
        return ["logits"] * self.logits + hidden + [f"scores-{layer}" for layer in sorted(set(self.scores))] + vectors

    @property
    def attention(self) -> tuple[int, ...]:
        """The layers whose attention is asked for in any form."""
        return tuple(sorted({*self.scores, *self.vectors}))


def request_for(objective: Objective, matched: tuple[int, ...]) -> SignalRequest:
    """Return what an objective needs from the teacher. matched: teacher layer for each of the K student layers."""
    layers = lambda used: tuple(sorted({matched[j - 1] for j in used}))
    attention = layers(attention_layers_used(objective, len(matched)))
    return SignalRequest(
        True, layers(hidden_layers_used(objective, len(matched))), objective.first_token_only,
        attention if objective.needing(ATTENTION_MAPS) else (), attention if objective.needing(RELATIONS) else (),
    )


class LiveSignals:
    """The teacher is run on every batch."""

    def __init__(self, teacher: Teacher, wanted: SignalRequest, device: Device):
        self.model, self.wanted, self.device = teacher.model.to(device.torch), wanted, device
        self.cut = teacher.layers not in wanted.attention and (wanted.cls_only or teacher.layers not in wanted.hidden)

    @torch.no_grad()
    def __call__(self, batch: Batch) -> Signal:
        """batch on the device -> its signal on the device."""
        with first_token_only(self.model, self.cut), caught(self.model, self.wanted.attention) as vectors, self.device.context():
            out = self.model(**batch.model_inputs(), output_hidden_states=bool(self.wanted.hidden))
        hidden = {layer: out.hidden_states[layer] for layer in self.wanted.hidden}
        return Signal(out.logits.float() if self.wanted.logits else None, hidden, {layer: vectors[layer] for layer in self.wanted.attention})


class CachedSignals:
    """Kept signals of one split, gathered by example index.

    logits: (N, C). hidden: layer -> (N, D) or (tokens, D). scores: layer -> (Σ t², H), an example's t x t queries by keys, end to end.
    vectors: layer -> queries, keys and values, each (tokens, D). heads: H.
    """

    def __init__(self, split: EncodedSplit, wanted: SignalRequest, tensors: dict[str, Tensor], device: Device, heads: int = 1):
        self.split, self.wanted, self.device, self.heads = split, wanted, device, heads
        self.logits = tensors["logits"].to(device.torch) if wanted.logits else None
        place = "cls" if wanted.cls_only else "tokens"
        self.hidden = {layer: tensors[f"hidden-{layer}-{place}"] for layer in wanted.hidden}
        self.scores = {layer: tensors[f"scores-{layer}"] for layer in wanted.scores}
        self.vectors = {layer: [tensors[f"{kind}-{layer}"] for kind in VECTORS] for layer in wanted.vectors}
        self.squares = square_offsets(split) if wanted.scores else None

    def __call__(self, batch: Batch) -> Signal:
        """batch on the device -> its signal on the device; hidden states are (B, T, D) and attention (B, H, T, ·), zero at the padding."""
        index = batch.index
        hidden = {layer: self._first(kept, batch) if self.wanted.cls_only else self._tokens(kept, batch) for layer, kept in self.hidden.items()}
        attention = {layer: self._attention(layer, batch) for layer in self.wanted.attention}
        return Signal(self.logits[index] if self.logits is not None else None, hidden, attention)

    def _attention(self, layer: int, batch: Batch) -> Vectors:
        parts = [self._tokens(kept, batch).unflatten(-1, (self.heads, -1)).transpose(1, 2) for kept in self.vectors.get(layer, ())]
        kept = self._pairs(self.scores[layer], batch) if layer in self.scores else None
        return Vectors(*parts or (None, None, None), kept=kept)

    def _first(self, kept: Tensor, batch: Batch) -> Tensor:
        return kept[batch.index.to(kept.device)].unsqueeze(1).to(self.device.torch)

    def _pairs(self, kept: Tensor, batch: Batch) -> Tensor:
        """(Σ t², H) -> (B, H, T, T)."""
        rows, there = pair_rows(self.split, self.squares, batch.index.to(kept.device), batch.input_ids.shape[1])
        gathered = kept[rows.masked_fill(~there, 0)] * there.unsqueeze(3)
        return gathered.permute(0, 3, 1, 2).to(self.device.torch, non_blocking=True)

    def _tokens(self, kept: Tensor, batch: Batch) -> Tensor:
        """(tokens, D) -> (B, T, D)."""
        rows, there = token_rows(self.split, batch.index.to(kept.device), batch.input_ids.shape[1])
        return (kept[rows.masked_fill(~there, 0)] * there.unsqueeze(2)).to(self.device.torch, non_blocking=True)


def square_offsets(split: EncodedSplit) -> Tensor:
    """Return (N + 1,) int64: where each example's t x t pairs of tokens begin when those of all examples lie end to end."""
    return torch.cat([torch.zeros(1, dtype=torch.int64), split.lengths.square().cumsum(0)])


def token_rows(split: EncodedSplit, index: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Return where the tokens of these examples, (B,), lie when those of all examples lie end to end, and which are no padding: (B, T) each."""
    place = torch.arange(width)
    return split.offsets[index].unsqueeze(1) + place, place < split.lengths[index].unsqueeze(1)


def pair_rows(split: EncodedSplit, squares: Tensor, index: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Return the same of pairs of tokens, (B, T, T) each. squares: (N + 1,), of `square_offsets`."""
    place, length = torch.arange(width), split.lengths[index][:, None, None]
    return squares[index][:, None, None] + place[:, None] * length + place, (place[:, None] < length) & (place < length)


def size(split: EncodedSplit, wanted: SignalRequest, width: int, heads: int = 0) -> int:
    """Return the bytes that the hidden states and the attention take when kept in fp32."""
    tokens = int(split.offsets[-1])
    numbers = len(set(wanted.hidden)) * (len(split) if wanted.cls_only else tokens) * width
    numbers += len(set(wanted.vectors)) * len(VECTORS) * tokens * width
    numbers += len(set(wanted.scores)) * int(split.lengths.square().sum()) * heads
    return 4 * numbers


def prepare(teacher: Teacher, split: EncodedSplit, wanted: SignalRequest, device: Device, cache: bool = True) -> Iterator:
    """Yield the share done (0 to 1) while missing signals are computed, and at last the signals: a callable Batch -> Signal."""
    heads = head_count(teacher.model)
    if not cache or size(split, wanted, hidden_size(teacher.model), heads) > LARGEST:
        yield LiveSignals(teacher, wanted, device)
        return
    tensors, missing = {}, []
    for part in wanted.parts():
        tensors[part] = bundled_logits(teacher, split) if part == "logits" else None
        if tensors[part] is None:
            tensors[part] = _read(_path(teacher, split, part, device))
        if tensors[part] is None:
            missing.append(part)
    if missing:
        yield 0.0
        yield from compute(teacher, split, missing, device, tensors)
        for part in missing:
            _write(_path(teacher, split, part, device), tensors[part])
    yield CachedSignals(split, wanted, tensors, device, heads)


@torch.no_grad()
def compute(teacher: Teacher, split: EncodedSplit, parts: list[str], device: Device, out: dict[str, Tensor]) -> Iterator[float]:
    """Run the teacher over the split once; fill `out` with the asked parts on the CPU."""
    model = teacher.model.to(device.torch)
    named = {part: (part.split("-")[0], int(part.split("-")[1])) for part in parts if part != "logits"}  # part -> what, of which layer
    cut = not any(layer == teacher.layers and not part.endswith("cls") for part, (_, layer) in named.items())
    kept_dtype = torch.float32 if device.autocast is None else device.autocast
    squares = square_offsets(split)
    for part in parts:
        out[part] = _room(teacher, split, part, kept_dtype)
    attention = sorted({layer for kind, layer in named.values() if kind != "hidden"})
    order = sequential(split.lengths, SIGNAL_BATCH)
    for n, indices in enumerate(order):
        batch = split.batch(indices).to(device.torch)
        with first_token_only(model, cut), caught(model, attention) as vectors, device.context():
            result = model(**batch.model_inputs(), output_hidden_states=any(kind == "hidden" for kind, _ in named.values()))
        if "logits" in parts:
            out["logits"][indices] = result.logits.float().cpu()
        width = batch.input_ids.shape[1]
        for part, (kind, layer) in named.items():
            rows, there = pair_rows(split, squares, indices, width) if kind == "scores" else token_rows(split, indices, width)
            if kind == "scores":
                found = vectors[layer].scores().permute(0, 2, 3, 1)  # (B, T, T, H)
            elif kind == "hidden":
                found = result.hidden_states[layer]
            else:
                found = getattr(vectors[layer], kind).transpose(1, 2).flatten(2)
            found = found.to("cpu", kept_dtype)
            if part.endswith("cls"):
                out[part][indices] = found[:, 0]
            else:
                out[part][rows[there]] = found[there]
        yield (n + 1) / len(order)


def _room(teacher: Teacher, split: EncodedSplit, part: str, dtype: torch.dtype) -> Tensor:
    """An empty tensor for one part of what is asked."""
    if part == "logits":
        return torch.empty(len(split), teacher.model.config.num_labels)
    if part.startswith("scores"):
        return torch.empty(int(split.lengths.square().sum()), head_count(teacher.model), dtype=dtype)
    return torch.empty(len(split) if part.endswith("cls") else int(split.offsets[-1]), hidden_size(teacher.model), dtype=dtype)


def _path(teacher: Teacher, split: EncodedSplit, part: str, device: Device) -> Path:
    key = hashlib.sha256(f"{teacher.identity}/{split.hash}/{part}/{device.dtype}".encode()).hexdigest()[:24]
    return folder("cache", "signals") / f"{key}.safetensors"


def bundled_logits(teacher: Teacher, split: EncodedSplit) -> Tensor | None:
    """Return the logits shipped beside the teacher's weights (fp16), when they were made by this very teacher on this split.

    Those of a teacher whose config, tokenizer or label order is no longer what it was are not used.
    """
    if teacher.key != teacher.hash:
        return None
    path = teacher.folder / "logits.safetensors"
    try:
        with safe_open(path, "pt") as file:
            if (file.metadata() or {}).get("teacher") != teacher.hash or split.hash not in file.keys():  # noqa: SIM118
                return None
            return file.get_tensor(split.hash).float()
    except (FileNotFoundError, SafetensorError):
        return None  # computed anew instead


def _read(path: Path) -> Tensor | None:
    """The kept tensor, None when there is none or it is damaged."""
    try:
        with safe_open(path, "pt") as file:
            return file.get_tensor("signal")
    except (SafetensorError, OSError):
        path.unlink(missing_ok=True)
        return None


def _write(path: Path, tensor: Tensor) -> None:
    """Atomically: a reader sees a whole file or none."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        save_file({"signal": tensor.contiguous()}, part)
        part.replace(path)
    except (OSError, SafetensorError) as error:
        part.unlink(missing_ok=True)
        raise LabError(f"The teacher's signals cannot be kept in {path.parent} ({error}); free some disk space and try again.") from error


def entropy(logits: Tensor, temperature: float) -> float:
    """Return the mean entropy of softmax(logits / T) in nats; logits (N, C). ln C is uniform, near 0 means hardly more than labels."""
    p = torch.softmax(logits.double() / temperature, dim=1)
    return float(-(p * p.clamp_min(1e-300).log()).sum(1).mean()) if math.prod(p.shape) else 0.0
