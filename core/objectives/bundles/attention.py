"""Labels, soft targets and the teacher's attention maps, averaged over all student layers.

The paper has the attention term in the last layer alone; here it is at every student layer, beside the teacher layer that seeded it. The
sum is ours. Fixed equal weights of the layers: what an adaptive weighting is compared with.
"""

from core.objectives.declarations import Bundle

BUNDLE = Bundle(
    name="attention", title="Attention: also where each layer looks", order=5,
    line="Labels and soft targets, and each student layer looks where the teacher layer that seeded it looks.",
    source='Wang, Wei, Dong, Bao, Yang and Zhou 2020, "MiniLM", the attention term',
    weights={"cross_entropy": 0.5, "soft_targets": 0.5, "attention_kl": 1.0}, temperature=2.0,
)
