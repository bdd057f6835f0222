"""BERT: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding"."""

from core.models.family import bert_like


def classify(model, hidden):
    return model.classifier(model.dropout(model.bert.pooler(hidden)))


FAMILY = bert_like("bert", "BERT", 1, pooler=("bert.pooler.",), classify=classify)
