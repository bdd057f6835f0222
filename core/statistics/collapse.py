"""A run that collapsed: it names one class for nearly everything, and is no better than doing so from the start."""

from collections import Counter

from core.statistics.distributions import Z_95
from core.statistics.testset import share_variance

SHARE = 0.95  # of the examples, from which on a run counts as naming one class


def collapsed(record: dict) -> bool:
    """Return whether the run names one class for at least SHARE of the examples and lies within noise of always naming the most frequent one."""
    predictions, majority = record["predictions"], record.get("majority")
    if not predictions or majority is None:
        return False
    accuracy, n = record["final"]["accuracy"], len(predictions)
    noise = Z_95 * (share_variance(accuracy, n) + share_variance(majority, n)) ** 0.5  # as of two samples, which is on the wide side
    return Counter(predictions).most_common(1)[0][1] >= SHARE * n and accuracy - majority <= noise


def collapsed_text(count: int, runs: int) -> str:
    """Return '1 of 3 runs collapsed'; '' for none."""
    return f"{count} of {runs} runs collapsed" if count and runs > 1 else "collapsed" if count else ""
