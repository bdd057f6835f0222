"""What the losses see: a batch, what the student says of it and what the teacher says of it."""

from dataclasses import dataclass, field

from torch import Tensor

from core.data.batches import Batch

__all__ = ["Batch", "Signal", "StudentOutput"]


@dataclass
class Signal:
    """What a teacher says of a batch, never with a gradient; live or cached, the losses cannot tell.

    logits: (B, C). hidden: teacher layer (1-based) -> (B, T, D), the output of that layer at every token.
    """

    logits: Tensor | None = None
    hidden: dict[int, Tensor] = field(default_factory=dict)


@dataclass
class StudentOutput:
    """logits: (B, C). hidden: student layer (1-based) -> (B, T, D)."""

    logits: Tensor
    hidden: dict[int, Tensor] = field(default_factory=dict)
