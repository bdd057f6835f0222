"""DistilBERT: Sanh et al. 2019, "DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter"."""

from core.models.family import Family


def finish(layer, context, first):
    attended = layer.sa_layer_norm(layer.attention.out_lin(context) + first)
    return layer.output_layer_norm(layer.ffn(attended) + attended)


def classify(model, hidden):
    return model.classifier(model.dropout(model.pre_classifier(hidden[:, 0]).relu()))


FAMILY = Family(
    model_type="distilbert", title="DistilBERT", order=4, layers="distilbert.transformer.layer",
    embeddings=("distilbert.embeddings.",), head=("pre_classifier.", "classifier."),
    projections=("attention.q_lin", "attention.k_lin", "attention.v_lin"), attention_dropout="attention.dropout",
    finish=finish, classify=classify, layer_count="n_layers", heads="n_heads", hidden="dim", intermediate="hidden_dim",
)
