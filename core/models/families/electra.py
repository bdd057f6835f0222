"""ELECTRA: Clark et al. 2020, "ELECTRA: Pre-training Text Encoders as Discriminators Rather Than Generators"."""

from core.models.family import bert_like

FAMILY = bert_like("electra", "ELECTRA", 5, "electra.embeddings_project.")
