"""Does the built-in task say anything about real ones? Its ranking of layer choices beside theirs, with what chance and noise allow."""

import numpy as np

from core.statistics.agreement import Choice, bootstrap, icc, kendall_tau, relabelling_null, sum_of_layers

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


def transfer(built_in: dict[Choice, list[float]], real: dict[Choice, list[float]], layers: int) -> dict:
    """Compute Kendall's tau between the two rankings, with a 95 % bootstrap interval over choices, beside: its null from all relabellings
    of the teacher's layers, its noise ceiling (the geometric mean of the two tasks' tau between seeds), and the tau that the
    trivial predictor, sum of layer numbers, reaches with the real task. advantage: tau minus that, with its interval;
    verdict: higher or lower where the interval leaves 0 out, else unknown.
    """
    choices = sorted(set(built_in) & set(real))
    a = {choice: float(np.mean(built_in[choice])) for choice in choices}
    b = {choice: float(np.mean(real[choice])) for choice in choices}
    x, y = (np.array([means[choice] for choice in choices]) for means in (a, b))
    simple = np.array([sum_of_layers(choice) for choice in choices])
    tau = kendall_tau(x, y)
    lead = lambda rows: kendall_tau(x[rows], y[rows]) - kendall_tau(simple[rows], y[rows])
    low, high = bootstrap(lead, len(choices))
    null = relabelling_null(a, b, layers)
    ceilings = [separation(scores).get("tau_between_seeds") for scores in (built_in, real)]
    return {
        "choices": len(choices), "tau": tau, "interval": bootstrap(lambda rows: kendall_tau(x[rows], y[rows]), len(choices)),
        "null_mean": float(null.mean()), "null_95": float(np.quantile(null, 0.95)), "null_share_at_least": float(np.mean(null >= tau - 1e-12)),
        "ceiling": float(np.sqrt(ceilings[0] * ceilings[1])) if None not in ceilings and min(ceilings) > 0 else None,
        "trivial": kendall_tau(simple, y), "trivial_built_in": kendall_tau(simple, x),
        "advantage": tau - kendall_tau(simple, y), "advantage_interval": (low, high),
        "verdict": "higher" if low > 0 else "lower" if high < 0 else "unknown",
    }
