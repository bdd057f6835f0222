"""Kept signals of one split: flat tensors without padding, gathered for a batch by example index."""

import torch
from torch import Tensor

from core.data.batches import Batch, EncodedSplit
from core.training.batch import Signal, Vectors
from core.training.device import Device
from core.training.signals.request import VECTORS, SignalRequest


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
        index = batch.index.to(kept.device)
        place = torch.arange(batch.input_ids.shape[1])
        length = self.split.lengths[index][:, None, None]  # (B, 1, 1)
        mask = (place[:, None] < length) & (place[None, :] < length)  # (B, T, T)
        rows = (self.squares[index][:, None, None] + place[:, None] * length + place[None, :]).masked_fill(~mask, 0)
        gathered = kept[rows] * mask.unsqueeze(3)
        return gathered.permute(0, 3, 1, 2).to(self.device.torch, non_blocking=True)

    def _tokens(self, kept: Tensor, batch: Batch) -> Tensor:
        """(tokens, D) -> (B, T, D)."""
        index = batch.index.to(kept.device)
        width = batch.input_ids.shape[1]
        within = torch.arange(width)
        mask = within < self.split.lengths[index].unsqueeze(1)  # (B, T)
        rows = (self.split.offsets[index].unsqueeze(1) + within).masked_fill(~mask, 0)
        gathered = kept[rows] * mask.unsqueeze(2)
        return gathered.to(self.device.torch, non_blocking=True)


def square_offsets(split: EncodedSplit) -> Tensor:
    """(N + 1,) int64: where each example's t x t pairs of tokens begin when those of all examples lie end to end."""
    return torch.cat([torch.zeros(1, dtype=torch.int64), split.lengths.square().cumsum(0)])
