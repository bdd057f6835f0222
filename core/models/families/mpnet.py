"""MPNet: Song et al. 2020, "MPNet: Masked and Permuted Pre-training for Language Understanding"."""

from core.models.family import Family


def finish(layer, context, first):
    attended = layer.attention.LayerNorm(layer.attention.dropout(layer.attention.attn.o(context)) + first)
    return (layer.output(layer.intermediate(attended), attended),)


def position_bias(model, queries):
    """Compute the relative positions, one table for all layers."""
    return model.mpnet.encoder.compute_position_bias(queries[:1])


FAMILY = Family(
    model_type="mpnet", title="MPNet", order=3, layers="mpnet.encoder.layer",
    embeddings=("mpnet.embeddings.", "mpnet.encoder.relative_attention_bias."), head=("classifier.",),
    projections=("attention.attn.q", "attention.attn.k", "attention.attn.v"), attention_dropout="attention.attn.dropout",
    finish=finish, position_bias=position_bias, backend="eager",
)
