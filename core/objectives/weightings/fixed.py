"""Every compared layer counts the same."""

from core.objectives.declarations import Weighting

WEIGHTING = Weighting(
    name="fixed", title="Fixed, equal", order=1,
    reading="Every compared layer counts the same throughout: the baseline.",
    formula=r"w_j=1",
    source="the average over layers that every objective here takes",
)
