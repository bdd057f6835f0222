"""The last layer computed for the first token alone, where nothing else of it is read.

A sequence classifier reads only the first token of its last layer: the other tokens still give keys and values there, but
their queries, attention outputs and feed-forward outputs go nowhere. Leaving them out is the same mathematics, forward and
backward (dropout draws fewer numbers, so a seed gives other masks), and saves ten of the twelve hidden² products of that layer.
"""

import contextlib
import types
from collections.abc import Callable, Iterator

import torch.nn.functional as F
from torch import Tensor, nn
from transformers import PreTrainedModel

from core.models.families import family_of, head_count, layers
from core.models.family import Family


def cut_last_layer(model: PreTrainedModel) -> None:
    """From now on the model's last layer gives (B, 1, D). Its weights and their names stay as they are; never copy it then."""
    layer = layers(model)[-1]
    layer.forward = types.MethodType(_forward_for(family_of(model), head_count(model)), layer)


def restore_last_layer(model: PreTrainedModel) -> None:
    del layers(model)[-1].forward


def is_cut(model: PreTrainedModel) -> bool:
    return "forward" in vars(layers(model)[-1])


@contextlib.contextmanager
def first_token_only(model: PreTrainedModel, wanted: bool = True) -> Iterator[None]:
    """Within, the last layer is cut; afterwards the model is as before."""
    if not wanted or is_cut(model):
        yield
        return
    cut_last_layer(model)
    try:
        yield
    finally:
        restore_last_layer(model)


Projections = tuple[nn.Linear, nn.Linear, nn.Linear]


def attend(first: Tensor, hidden: Tensor, projections: Projections, heads: int, mask: Tensor | None, dropout: float) -> Tensor:
    """Compute multi-head attention of the first token over all. first: (B, 1, D). hidden: (B, T, D). mask: broadcasts to (B, H, 1, T),
    added to the scores or, as bool, True where attended. Returns (B, 1, D). Vaswani et al. 2017, "Attention Is All You Need", equation 1.
    """
    query, key, value = (
        linear(x).unflatten(-1, (heads, -1)).transpose(1, 2) for linear, x in zip(projections, (first, hidden, hidden))
    )
    if mask is not None and mask.is_floating_point():
        mask = mask.to(query.dtype)  # under autocast the products are in a smaller dtype than the mask
    return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout).transpose(1, 2).flatten(2)


def _forward_for(family: Family, heads: int) -> Callable:
    """Return the forward pass of a cut layer. Its masks are (B, 1, T, T) or (B, 1, 1, T), of which the first query's row is taken."""

    def forward(self, hidden_states: Tensor, attention_mask: Tensor | None = None, position_bias: Tensor | None = None, *_, **__):
        first = hidden_states[:, :1]
        mask = None if attention_mask is None else attention_mask[..., :1, :]
        if family.position_bias and position_bias is not None:
            bias = position_bias[..., :1, :]
            mask = bias if mask is None else bias + mask
        dropout = self.get_submodule(family.attention_dropout)
        projections = tuple(self.get_submodule(path) for path in family.projections)
        context = attend(first, hidden_states, projections, heads, mask, dropout.p if dropout.training else 0.0)
        return family.finish(self, context, first)

    return forward
