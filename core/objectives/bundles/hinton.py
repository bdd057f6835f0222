"""Labels and soft targets, half and half.

The paper writes the soft term as a cross-entropy, which differs from the KL divergence by the teacher's entropy, a constant without
gradient. The weights are ours.
"""

from core.objectives.declarations import Bundle

BUNDLE = Bundle(
    name="hinton", title="Hinton: soft targets and labels", order=1,
    line="Learn from the labels and from the teacher's softened probabilities, half and half.",
    source='Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network", section 2',
    weights={"cross_entropy": 0.5, "soft_targets": 0.5}, temperature=2.0,
)
