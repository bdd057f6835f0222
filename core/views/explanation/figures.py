"""The figures of a finding as a table: what each is called and how it is written."""

from core.findings.finding import Finding, p_value, percent, points, signed
from core.findings.names import group_title

POINTS = ("difference", "error", "sd", "miss", "gain", "effect", "width", "score", "from", "to", "far")  # ends of names of differences of shares
SIGNED = ("difference", "miss", "gain", "effect", "from", "to")
SHARES = (
    "accuracy", "majority", "mean", "low", "high", "level", "initial", "share", "predicted", "forecast", "agreement", "ties", "power", "before",
    "after", "sum",
)
NATS = ("loss", "bound", "rise", "gap")
OTHER = {"tau_low": ".2f", "tau_high": ".2f", "tau": ".2f", "tau_ceiling": ".2f", "tau_of_sums": ".2f", "learning_rate": "g", "default_rate": "g",
         "rate_ratio": "g", "moved": ".2f", "influence": ".2f", "influence_median": ".2f"}
NAMES = {
    "n": "examples", "k": "student layers", "p": "p", "p_holm": "p after Holm", "test_noise": "noise of the examples",
    "own_sd": "SD of this choice's own seeds", "used_sd": "SD it is tested with", "seed_sd": "SD between seeds, pooled over choices",
    "seed_df": "its degrees of freedom", "df": "degrees of freedom", "within_far": "far end of the interval",
    "found_gap": "gap they would have found",
    "gap_low": "the gap: from", "gap_high": "the gap: to", "settle_gap": "the gap that was seen", "alike": "within some points of",
    "untold": "too few runs to tell", "collapsed": "collapsed runs", "rest_mean": "mean of the other runs", "group_far": "far end of the intervals",
    "least_df": "degrees of freedom needed", "low": "interval from", "high": "interval to", "level": "level of the interval",
    "majority": "always the most frequent label", "chance_loss": "loss of guessing by frequency", "mistake": "mistake it looks like",
    "bound": "highest loss of calibrated probabilities", "settle_seeds": "seeds that would settle it", "own_hits": "inside their interval",
    "settle_most": "seeds tried at most", "settle_power": "chance to find it with them", "seeds": "runs of this choice",
    "seeded_share": "share of the lead from seeding alone",
}


def rows(finding: Finding) -> list[tuple[str, str]]:
    """Return (name, figure) in the order in which the finding keeps them; what is not known is left out."""
    names = {"class_median": "class_accuracy"} if "predicted" in finding.figures else {}  # else the middle of places
    return [
        (called(name), text(names.get(name, name), value)) for name, value in finding.figures.items()
        if value is not None and not (isinstance(value, list) and not value) and not name.endswith(("_words", "_word"))
    ]


def called(name: str) -> str:
    """Return the name of a figure: 'best_p_holm' -> 'best: p after Holm'."""
    if name in NAMES:
        return NAMES[name]
    for end in ("p_holm", "test_noise", "p"):
        if name.endswith(f"_{end}"):
            return f"{name.removesuffix(f'_{end}').replace('_', ' ')}: {NAMES[end]}"
    return name.replace("_", " ")


def text(name: str, value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return group_title(str(value)) if name.startswith("group_") else str(value)
    if name in OTHER:
        return format(value, OTHER[name])
    if name in ("found_gap", "settle_gap", "gap_low", "gap_high"):
        return points(value) if name.endswith("gap") else signed(value)
    last = name.rpartition("_")[2]
    if last == "p" or name.endswith("p_holm"):
        return p_value(value)
    if last in NATS or name == "loss_sd":
        return f"{value:.3f} nats"
    if last in POINTS:
        return signed(value) if last in SIGNED else points(value)
    if last in SHARES:
        return percent(value)
    return f"{value:.3g}"
