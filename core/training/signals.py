"""What the teacher says about the examples of a split, computed once and kept, or live.

A kept signal is keyed by the teacher's weights, the tokenised split, what is asked and the dtype, and is looked up by
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
from core.models.first_token import first_token_only
from core.models.teachers import Teacher
from core.training.batch import Signal
from core.training.device import Device

SIGNAL_BATCH = 64
LARGEST = 4 << 30  # bytes of hidden states that are kept for one split; a larger signal is computed live


@dataclass(frozen=True)
class Ask:
    """What is wanted of the teacher. hidden: teacher layers (1-based). cls_only: their first token alone, all that Patient KD reads."""

    logits: bool = True
    hidden: tuple[int, ...] = ()
    cls_only: bool = False

    def parts(self) -> list[str]:
        place = "cls" if self.cls_only else "tokens"
        return ["logits"] * self.logits + [f"hidden-{layer}-{place}" for layer in sorted(set(self.hidden))]


class LiveSignals:
    """The teacher is run on every batch."""

    def __init__(self, teacher: Teacher, ask: Ask, device: Device):
        self.model, self.ask, self.device = teacher.model.to(device.torch), ask, device
        self.cut = ask.cls_only or teacher.layers not in ask.hidden

    @torch.no_grad()
    def __call__(self, batch: Batch) -> Signal:
        """batch on the device -> its signal on the device."""
        with first_token_only(self.model, self.cut), self.device.context():
            out = self.model(**batch.model_inputs(), output_hidden_states=bool(self.ask.hidden))
        hidden = {layer: out.hidden_states[layer] for layer in self.ask.hidden}
        return Signal(out.logits.float() if self.ask.logits else None, hidden)


class CachedSignals:
    """Kept signals of one split, gathered by example index. logits: (N, C). hidden: layer -> (N, D) or (tokens, D)."""

    def __init__(self, split: EncodedSplit, ask: Ask, tensors: dict[str, Tensor], device: Device):
        self.split, self.ask, self.device = split, ask, device
        self.logits = tensors["logits"].to(device.torch) if ask.logits else None
        place = "cls" if ask.cls_only else "tokens"
        self.hidden = {layer: tensors[f"hidden-{layer}-{place}"] for layer in ask.hidden}

    def __call__(self, batch: Batch) -> Signal:
        """batch on the device -> its signal on the device; hidden states are (B, T, D), zero at the padding."""
        index = batch.index
        hidden = {layer: self._gather(kept, batch) for layer, kept in self.hidden.items()}
        return Signal(self.logits[index] if self.logits is not None else None, hidden)

    def _gather(self, kept: Tensor, batch: Batch) -> Tensor:
        index = batch.index.to(kept.device)
        if self.ask.cls_only:
            return kept[index].unsqueeze(1).to(self.device.torch)
        width = batch.input_ids.shape[1]
        within = torch.arange(width)
        mask = within < self.split.lengths[index].unsqueeze(1)  # (B, T)
        rows = (self.split.offsets[index].unsqueeze(1) + within).masked_fill(~mask, 0)
        gathered = kept[rows] * mask.unsqueeze(2)
        return gathered.to(self.device.torch, non_blocking=True)


def size(split: EncodedSplit, ask: Ask, width: int) -> int:
    """Bytes the hidden states take when kept in fp32."""
    rows = len(split) if ask.cls_only else int(split.offsets[-1])
    return len(set(ask.hidden)) * rows * width * 4


def prepare(teacher: Teacher, split: EncodedSplit, ask: Ask, device: Device, cache: bool = True) -> Iterator:
    """Yields the share done (0 to 1) while missing signals are computed, and at last the signals: a callable Batch -> Signal."""
    if not cache or size(split, ask, _width(teacher)) > LARGEST:
        yield LiveSignals(teacher, ask, device)
        return
    tensors, missing = {}, []
    for part in ask.parts():
        kept = bundled_logits(teacher, split) if part == "logits" else None
        if kept is None:
            kept = _read(_path(teacher, split, part, device))
        if kept is None:
            missing.append(part)
        else:
            tensors[part] = kept
    if missing:
        yield 0.0
        yield from compute(teacher, split, missing, device, tensors)
        for part in missing:
            _write(_path(teacher, split, part, device), tensors[part])
    yield CachedSignals(split, ask, tensors, device)


def _width(teacher: Teacher) -> int:
    return getattr(teacher.model.config, "hidden_size", None) or teacher.model.config.dim


@torch.no_grad()
def compute(teacher: Teacher, split: EncodedSplit, parts: list[str], device: Device, out: dict[str, Tensor]) -> Iterator[float]:
    """Run the teacher over the split once; fills `out` with the asked parts on the CPU."""
    model = teacher.model.to(device.torch)
    layers = {int(part.split("-")[1]): part for part in parts if part != "logits"}
    cut = not any(part.endswith("tokens") for layer, part in layers.items() if layer == teacher.layers)
    kept_dtype = torch.float32 if device.autocast is None else device.autocast
    for part in parts:
        if part == "logits":
            out[part] = torch.empty(len(split), model.config.num_labels)
        else:
            out[part] = torch.empty(len(split) if part.endswith("cls") else int(split.offsets[-1]), _width(teacher), dtype=kept_dtype)
    order = sequential(split.lengths, SIGNAL_BATCH)
    for n, indices in enumerate(order):
        batch = split.batch(indices).to(device.torch)
        with first_token_only(model, cut), device.context():
            result = model(**batch.model_inputs(), output_hidden_states=bool(layers))
        if "logits" in parts:
            out["logits"][indices] = result.logits.float().cpu()
        for layer, part in layers.items():
            states = result.hidden_states[layer].to("cpu", kept_dtype)
            if part.endswith("cls"):
                out[part][indices] = states[:, 0]
            else:
                mask = batch.attention_mask.bool().cpu()
                rows = split.offsets[indices].unsqueeze(1) + torch.arange(states.shape[1])
                out[part][rows[mask]] = states[mask]
        yield (n + 1) / len(order)


def _path(teacher: Teacher, split: EncodedSplit, part: str, device: Device) -> Path:
    key = hashlib.sha256(f"{teacher.hash}/{split.hash}/{part}/{device.dtype}".encode()).hexdigest()[:24]
    return folder("cache", "signals") / f"{key}.safetensors"


def bundled_logits(teacher: Teacher, split: EncodedSplit) -> Tensor | None:
    """Logits shipped beside the teacher's weights (fp16), when they were made with these weights on this split."""
    path = teacher.folder / "logits.safetensors"
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            if (file.metadata() or {}).get("teacher") != teacher.hash or split.hash not in file.keys():  # noqa: SIM118
                return None
            return file.get_tensor(split.hash).float()
    except SafetensorError:
        return None  # computed anew instead


def _read(path: Path) -> Tensor | None:
    """The kept tensor, None when there is none or it is damaged."""
    try:
        with safe_open(path, "pt") as file:
            return file.get_tensor("signal")
    except FileNotFoundError:
        return None
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
    """Mean entropy of softmax(logits / T) in nats; logits (N, C). ln C is uniform, near 0 means hardly more than labels."""
    p = torch.softmax(logits.double() / temperature, dim=1)
    return float(-(p * p.clamp_min(1e-300).log()).sum(1).mean()) if math.prod(p.shape) else 0.0
