"""Labels, soft targets and the distance of normalised [CLS] states of the inner layers.

Departures: student layer j is matched to the teacher layer that seeded it unless the recipe says otherwise (the paper has PKD-Skip and
PKD-Last); the distance is averaged over layers, where the paper sums; the soft term carries T². As in the paper the last layer is left
out. The weights and T are searched in the paper, fixed here.
"""

from core.objectives.declarations import Bundle

BUNDLE = Bundle(
    name="patient", title="Patient: also the inner layers", order=4,
    line="Soft targets, and each student layer imitates the teacher layer that seeded it.",
    source='Sun, Cheng, Gan and Liu 2019, "Patient Knowledge Distillation for BERT Model Compression", equations 5-8',
    weights={"cross_entropy": 0.5, "soft_targets": 0.5, "hidden_pkd": 10.0}, temperature=5.0, hidden_layers="all-but-last",
)
