"""Does the built-in task say anything about real ones? Its ranking of layer choices beside theirs, with what chance and noise allow."""

import numpy as np

from core.findings.landscape import Landscape
from core.findings.two_landscapes import shared_order
from core.statistics.agreement import Choice, icc, kendall_tau, relabelling_null, sum_of_layers
from core.statistics.ranking import score_interval

TOP = 10


def by_choice(records: list[dict]) -> dict[Choice, list[float]]:
    """Return final accuracies by layer choice, in the order of their seeds."""
    found: dict[Choice, dict[int, float]] = {}
    for record in records:
        found.setdefault(tuple(record["recipe"]["layers"]), {})[record["recipe"]["seed"]] = record["final"]["accuracy"]
    return {choice: [scores[seed] for seed in sorted(scores)] for choice, scores in sorted(found.items())}


def separation(accuracies: dict[Choice, list[float]]) -> dict:
    """Measure how far apart the choices lie, and whether one run ranks them: spread, ICC over seeds, and ICC among the ten best."""
    means = {choice: float(np.mean(scores)) for choice, scores in accuracies.items()}
    order = sorted(means, key=means.get, reverse=True)
    seeds = min(map(len, accuracies.values()))
    out = {
        "choices": len(order), "seeds": seeds, "best": list(order[0]), "best_accuracy": means[order[0]],
        "worst": list(order[-1]), "worst_accuracy": means[order[-1]], "spread": means[order[0]] - means[order[-1]],
    }
    if seeds > 1:
        table = np.array([accuracies[choice][:seeds] for choice in order])
        out |= {
            "icc": icc(table), "icc_top": icc(table[:TOP]), "seed_sd": float(np.sqrt(table.var(axis=1, ddof=1).mean())),
            "tau_between_seeds": kendall_tau(table[:, 0], table[:, 1]),
        }
    return out


def transfer(built_in: Landscape, real: Landscape) -> dict | None:
    """Compare the two orders of choices as the Landscape page does: how many pairs each tells apart (told), both do (both), and those of them that
    stand in the same order (alike); Kendall's tau with its interval and ceiling, None where one of the two tells hardly a pair apart. None with
    fewer than four choices in common.

    Beside it the null of tau from all relabellings of the teacher's layers, and the tau of the trivial predictor, sum of layer numbers, with the
    real task, with its interval, and with the built-in one. Two taus with the same order are not independent, so no verdict is given on which is
    higher."""
    order = shared_order(built_in, real)
    if order is None:
        return None
    a, b = (one.ranking.take(order.choices) for one in (built_in, real))
    scores = [sum_of_layers(choice) for choice in order.choices]
    found = {
        "choices": len(order.choices), "pairs": order.pairs, "told": order.told, "both": order.both, "alike": order.alike,
        "tau": None, "interval": None, "ceiling": None, "ceiling_range": None, "trivial": kendall_tau(scores, b.means),
        "trivial_interval": score_interval(b, scores), "trivial_built_in": kendall_tau(scores, a.means),
    }
    if order.agreement is None:
        return found
    null = relabelling_null(*(dict(zip(order.choices, one.means)) for one in (a, b)), built_in.layers)
    return found | vars(order.agreement) | {
        "null_mean": float(null.mean()), "null_95": float(np.quantile(null, 0.95)),
        "null_share_at_least": float(np.mean(null >= order.agreement.tau - 1e-12)),
    }
