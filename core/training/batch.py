"""What the losses see: a batch, what the student says of it and what the teacher says of it."""

from dataclasses import dataclass, field

from torch import Tensor

from core.data.batches import Batch
from core.models.attention import Vectors

__all__ = ["Batch", "Share", "Signal", "StudentOutput", "Vectors"]


@dataclass
class Signal:
    """What a teacher says of a batch, never with a gradient; live or cached, the losses cannot tell.

    logits: (B, C). hidden: teacher layer (1-based) -> (B, T, D), the output of that layer at every token. attention: teacher layer ->
    its scores, or its queries, keys and values.
    """

    logits: Tensor | None = None
    hidden: dict[int, Tensor] = field(default_factory=dict)
    attention: dict[int, Vectors] = field(default_factory=dict)


@dataclass
class StudentOutput:
    """logits: (B, C). hidden: student layer (1-based) -> (B, T, D). attention: student layer -> its queries, keys and values."""

    logits: Tensor
    hidden: dict[int, Tensor] = field(default_factory=dict)
    attention: dict[int, Vectors] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """How much of a whole batch a part of it is: the shares, from 0 to 1, of its examples and of its non-pad tokens."""

    examples: float
    tokens: float
