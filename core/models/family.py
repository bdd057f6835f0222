"""The declaration of one family of encoders; every file in core/models/families makes one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def _classifier_on_hidden_states(model, hidden):
    return model.classifier(hidden)


@dataclass(frozen=True, kw_only=True)
class Family:
    """Where a sequence classifier of one model type keeps its parts, in transformers' names.

    model_type: transformers' name of the architecture. title: its name in sentences. order: its place among the families in them.
    layers: the module path of the list of layers. embeddings, pooler, head: prefixes of state-dict names. Relative-position tables and ELECTRA's
    projection belong to the embeddings, since one copy serves all layers; every weight after the last layer belongs to the pooler or the head.
    projections: the module paths, within a layer, of the query, key and value projections. attention_dropout: that of the dropout on the attention
    weights. backend: the attention backend that a teacher is loaded with.
    layer_count, heads, hidden, intermediate: config keys of the number of layers, of attention heads, and of the two widths.
    finish(layer, context, first): what a layer gives after its attention, from the heads' output (B, 1, D) and the layer's input (B, 1, D).
    classify(model, hidden): the logits (B, C) of pooler and head on hidden states (B, T, D).
    position_bias(model, queries): (1, H, T, T), what is added to the scores, and passed to every layer after the mask; None: nothing is.
    """

    model_type: str
    title: str
    layers: str
    embeddings: tuple[str, ...]
    head: tuple[str, ...]
    projections: tuple[str, str, str]
    attention_dropout: str
    finish: Callable[[Any, Any, Any], Any]
    order: int = 100
    pooler: tuple[str, ...] = ()
    classify: Callable[[Any, Any], Any] = _classifier_on_hidden_states
    position_bias: Callable[[Any, Any], Any] | None = None
    backend: str = "sdpa"
    layer_count: str = "num_hidden_layers"
    heads: str = "num_attention_heads"
    hidden: str = "hidden_size"
    intermediate: str = "intermediate_size"

    @property
    def backbone(self) -> str:
        """Return the attribute of the classifier that holds the encoder."""
        return self.layers.split(".", 1)[0]


def bert_like(model_type: str, title: str, order: int, *more_embeddings: str, **changes) -> Family:
    """Return the declaration of a family whose layers are BERT's; `changes` are further fields of Family."""
    return Family(
        model_type=model_type, title=title, order=order, layers=f"{model_type}.encoder.layer",
        embeddings=(f"{model_type}.embeddings.", *more_embeddings), head=("classifier.",),
        projections=("attention.self.query", "attention.self.key", "attention.self.value"), attention_dropout="attention.self.dropout",
        finish=_finish_bert_layer, **changes,
    )


def _finish_bert_layer(layer, context, first):
    return layer.feed_forward_chunk(layer.attention.output(context, first))
