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

from core.models.families import family_of, layers


def cut_last_layer(model: PreTrainedModel) -> None:
    """From now on the model's last layer gives (B, 1, D). Its weights and their names stay as they are; never copy it then."""
    layer = layers(model)[-1]
    layer.forward = types.MethodType(FORWARDS[family_of(model).model_type], layer)


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
    """Multi-head attention of the first token over all. first: (B, 1, D). hidden: (B, T, D). mask: broadcasts to (B, H, 1, T), added
    to the scores or, as bool, True where attended. Returns (B, 1, D). Vaswani et al. 2017, "Attention Is All You Need", equation 1.
    """
    query, key, value = (
        linear(x).unflatten(-1, (heads, -1)).transpose(1, 2) for linear, x in zip(projections, (first, hidden, hidden))
    )
    if mask is not None and mask.is_floating_point():
        mask = mask.to(query.dtype)  # under autocast the products are in a smaller dtype than the mask
    return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout).transpose(1, 2).flatten(2)


def _row(mask: Tensor | None) -> Tensor | None:
    """The first query's row of a (B, 1, T, T) or (B, 1, 1, T) mask."""
    return None if mask is None else mask[..., :1, :]


def _dropout(module: nn.Dropout) -> float:
    return module.p if module.training else 0.0


def _bert(self, hidden_states: Tensor, attention_mask: Tensor | None = None, *_, **__) -> Tensor:
    attention = self.attention.self
    first = hidden_states[:, :1]
    projections = attention.query, attention.key, attention.value
    context = attend(first, hidden_states, projections, attention.num_attention_heads, _row(attention_mask), _dropout(attention.dropout))
    return self.feed_forward_chunk(self.attention.output(context, first))


def _mpnet(self, hidden_states: Tensor, attention_mask: Tensor | None = None, position_bias: Tensor | None = None, *_, **__) -> tuple[Tensor]:
    attention = self.attention.attn
    first, mask = hidden_states[:, :1], _row(attention_mask)
    if position_bias is not None:
        mask = position_bias[..., :1, :] if mask is None else position_bias[..., :1, :] + mask
    projections = attention.q, attention.k, attention.v
    context = attend(first, hidden_states, projections, attention.num_attention_heads, mask, _dropout(attention.dropout))
    attended = self.attention.LayerNorm(self.attention.dropout(attention.o(context)) + first)
    return (self.output(self.intermediate(attended), attended),)


def _distilbert(self, hidden_states: Tensor, attention_mask: Tensor | None = None, *_, **__) -> Tensor:
    attention = self.attention
    first = hidden_states[:, :1]
    projections = attention.q_lin, attention.k_lin, attention.v_lin
    context = attend(first, hidden_states, projections, attention.n_heads, _row(attention_mask), _dropout(attention.dropout))
    attended = self.sa_layer_norm(attention.out_lin(context) + first)
    return self.output_layer_norm(self.ffn(attended) + attended)


FORWARDS: dict[str, Callable] = {"bert": _bert, "roberta": _bert, "electra": _bert, "mpnet": _mpnet, "distilbert": _distilbert}
