"""Soft targets, task loss and cosine of the last hidden states; weights from the authors' scripts.

Departures: distilled on the task, not in pre-training, so the task's cross-entropy stands where the paper has the masked-language-model loss; the
student is seeded from any chosen layers. The cosine is on the last layer's hidden states of all non-pad tokens, as in the paper's code.
"""

from core.objectives.declarations import Bundle

BUNDLE = Bundle(
    name="distilbert", title="DistilBERT: also the last hidden state", order=3,
    line="Mostly soft targets; the student's last hidden states are turned towards the teacher's.",
    source='Sanh, Debut, Chaumond and Wolf 2019, "DistilBERT", section 3 (the triple loss)',
    weights={"soft_targets": 5.0, "cross_entropy": 2.0, "hidden_cosine": 1.0}, temperature=2.0, hidden_layers="last",
)
