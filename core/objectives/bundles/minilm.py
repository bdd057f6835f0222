"""Labels, soft targets and the relations between queries, keys and values in the last layer.

Relations between values were introduced by Wang et al. 2020, "MiniLM", beside the attention maps themselves (loss attention_kl).
Departures:
- distilled on the task, with labels and soft targets beside the relations; the papers distil in pre-training on relations alone and
  fine-tune afterwards. Relations alone would leave the last feed-forward block, the pooler and the head untrained;
- as many relation heads as attention heads; v2 splits and joins heads to another number;
- the student is seeded from the teacher's layers; there is no teacher assistant;
- the divergence is averaged over heads and over all non-pad tokens of the batch, where the papers average within each example first;
- the last student layer meets the teacher's last layer; v2 also examines other layers of the teacher.
"""

from core.objectives.declarations import Bundle

BUNDLE = Bundle(
    name="minilm", title="MiniLM: also relations in the last layer", order=7,
    line="Labels and soft targets, and in the last layer queries, keys and values are as alike among themselves as the teacher's.",
    source='Wang, Bao, Huang, Dong and Wei 2021, "MiniLMv2: Multi-Head Self-Attention Relation Distillation"',
    weights={"cross_entropy": 0.5, "soft_targets": 0.5, "query_relation": 1.0, "key_relation": 1.0, "value_relation": 1.0},
    temperature=2.0, match="uniform", hidden_layers="last",
)
