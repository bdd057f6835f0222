"""Attention scores, hidden states and soft targets at every layer.

Departures from the paper and the authors' task_distill.py:
- one stage: all three terms from the first step; the paper first trains on the intermediate terms alone, then on the predictions;
- no general distillation before, no data augmentation; the student is seeded from the teacher's layers instead of pre-trained;
- no embedding term: the embeddings are copied;
- no learnt projection of hidden states: the sizes are equal;
- terms are averaged over layers, where the paper sums: at K layers each counts 1/K of the paper's weight;
- the scores' error is averaged over the keys of a query, then over all non-pad queries of the batch; the authors' code averages over
  all pairs of positions, padding with them, counted as zero;
- the scores are those before the mask, and with MPNet's relative positions where there are any.
As in the paper student layer j meets teacher layer j L / K, and no label is used.
"""

from core.objectives.declarations import Bundle

BUNDLE = Bundle(
    name="tinybert", title="TinyBERT: attention scores and hidden states", order=6,
    line="Every student layer imitates the attention scores and the hidden states of a teacher layer; no label is used.",
    source='Jiao et al. 2020, "TinyBERT: Distilling BERT for Natural Language Understanding"',
    weights={"attention_scores": 1.0, "hidden_mse": 1.0, "soft_targets": 1.0}, match="uniform",
)
