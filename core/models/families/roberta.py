"""RoBERTa: Liu et al. 2019, "RoBERTa: A Robustly Optimized BERT Pretraining Approach"."""

from core.models.family import bert_like

FAMILY = bert_like("roberta", "RoBERTa", 2)
