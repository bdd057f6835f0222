"""Labels alone: what the seeded student learns without distillation."""

from core.objectives.declarations import Bundle

BUNDLE = Bundle(
    name="cross-entropy", title="Labels only, no teacher", order=8,
    line="What the seeded student learns without any distillation: the comparison for all others.",
    source="the usual loss of a classifier",
    weights={"cross_entropy": 1.0},
)
