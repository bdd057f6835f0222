"""The last layer computed for the first token alone, where nothing else of it is read.

A sequence classifier reads only the first token of its last layer: the other tokens still give keys and values there, but
their queries, attention outputs and feed-forward outputs go nowhere. Leaving them out is the same mathematics, forward and
backward (dropout draws fewer numbers, so a seed gives other masks), and saves ten of the twelve hidden² products of that layer.
"""

import contextlib
import types
from collections.abc import Callable, Iterator

import torch.nn.functional as F
from torch import Tensor
from transformers import PreTrainedModel

from core.models.families import family_of, head_count, layers
from core.models.family import Family


def cut_last_layer(model: PreTrainedModel) -> None:
    """Make the model's last layer give (B, 1, D) from now on. Its weights and their names stay as they are; never copy it then."""
    layer = layers(model)[-1]
    layer.forward = types.MethodType(_forward_for(family_of(model), head_count(model)), layer)


def restore_last_layer(model: PreTrainedModel) -> None:
    del layers(model)[-1].forward


def is_cut(model: PreTrainedModel) -> bool:
    return "forward" in vars(layers(model)[-1])


@contextlib.contextmanager
def first_token_only(model: PreTrainedModel, wanted: bool = True) -> Iterator[None]:
    """Cut the last layer within; afterwards the model is as before."""
    if not wanted or is_cut(model):
        yield
        return
    cut_last_layer(model)
    try:
        yield
    finally:
        restore_last_layer(model)


def _forward_for(family: Family, heads: int) -> Callable:
    """Return the forward pass of a cut layer: multi-head attention of the first token over all, then the rest of the layer on it alone.

    Vaswani et al. 2017, "Attention Is All You Need", equation 1. Masks are (B, 1, T, T) or (B, 1, 1, T); the first query's row is taken.
    """

    def forward(self, hidden_states: Tensor, attention_mask: Tensor | None = None, position_bias: Tensor | None = None, *_, **__):
        first = hidden_states[:, :1]  # (B, 1, D)
        query, key, value = (
            self.get_submodule(path)(x).unflatten(-1, (heads, -1)).transpose(1, 2)
            for path, x in zip(family.projections, (first, hidden_states, hidden_states))
        )
        mask = None if attention_mask is None else attention_mask[..., :1, :]
        if family.position_bias and position_bias is not None:
            bias = position_bias[..., :1, :]
            mask = bias if mask is None else bias + mask
        if mask is not None and mask.is_floating_point():
            mask = mask.to(query.dtype)  # under autocast the products are in a smaller dtype than the mask
        dropout = self.get_submodule(family.attention_dropout)
        context = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout.p if dropout.training else 0.0)
        return family.finish(self, context.transpose(1, 2).flatten(2), first)

    return forward
