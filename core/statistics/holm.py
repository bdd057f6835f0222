"""One error rate for all comparisons of an explanation."""

from collections.abc import Sequence

LEVEL = 0.05  # chance of even one false "better" or "worse" in a whole explanation


def holm(p_values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return adjusted p-values, in the order given; compared with LEVEL they hold the family-wise error rate under any dependence.

    Holm 1979, "A simple sequentially rejective multiple test procedure", with weights (his section 4): in the order of p / w, each p / w is
    multiplied by the sum of the weights not yet passed, and never falls below one before it."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i] / weights[i])
    adjusted = [1.0] * len(p_values)
    left, least = float(sum(weights)), 0.0
    for i in order:
        least = max(least, min(1.0, left * p_values[i] / weights[i]))
        adjusted[i] = least
        left -= weights[i]
    return adjusted


def adjusted_together(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values adjusted by `holm` with equal weights; None, where a noise is unknown, stays None and does not count."""
    known = [p for p in p_values if p is not None]
    adjusted = iter(holm(known, [1.0] * len(known)))
    return [None if p is None else next(adjusted) for p in p_values]

