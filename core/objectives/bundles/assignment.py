"""The course assignment's objective: (CE + KL + cosine of logits) / 3 at T = 1.

Departures from the assignment's notebook: the KL divergence is averaged over the batch (sum over classes), as in Hinton et al. 2015, and
the cosine is a loss (one minus the cosine).
"""

from core.objectives.declarations import Bundle

BUNDLE = Bundle(
    name="assignment", title="Assignment: labels, soft targets, cosine", order=2,
    line="The course assignment's three losses, a third each, without softening.",
    source="the course assignment",
    weights={"cross_entropy": 1 / 3, "soft_targets": 1 / 3, "logit_cosine": 1 / 3},
)
