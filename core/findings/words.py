"""The words for a gap that was tested and does not stand out: no wider than so many points, or too few runs to tell."""

from core.findings.finding import points
from core.statistics.noise import LEAST_DF, MOST, POWER, SeedNoise
from core.statistics.verdict import UNKNOWN, WITHIN, Verdict

TOO_FEW = "too few runs to tell"


def no_wider(figures: dict, verdict: Verdict) -> str:
    """Return 'lie within 2.3 points of each other', as a template; adds the far end of the interval to the figures."""
    figures["within_far"] = verdict.far
    return "lie within {within_far:points} of each other"


def few(figures: dict, verdict: Verdict) -> str:
    """Return 'too few runs to tell (...).', as a template that ends a sentence, with the gap that would have been found and the seeds that would
    settle this one; adds both to the figures."""
    return f"{TOO_FEW} ({wanted(figures, verdict)})."


def wanted(figures: dict, verdict: Verdict) -> str:
    """Return 'such runs find a gap of 9.1 points in 80 % of cases; this one, 4.2 points, needs 5 seeds of each', as a template."""
    figures |= {
        "settle_gap": abs(verdict.comparison.difference), "settle_power": POWER, "settle_most": MOST, "settle_seeds": verdict.seeds,
        "found_gap": verdict.findable, "gap_low": verdict.interval[0], "gap_high": verdict.interval[1],
    }
    found = "such runs find no gap, however wide," if verdict.findable is None else "such runs find a gap of {found_gap:points}"
    seeds = "would need more than {settle_most}" if verdict.seeds is None else "needs {settle_seeds}"
    return f"{found} in {{settle_power:whole}} of cases; this one, {{settle_gap:points}}, {seeds} seeds of each"


def no_noise(figures: dict, average: SeedNoise) -> str:
    """Return why a gap was not tested, as a template that ends a clause."""
    figures |= {"least_df": LEAST_DF, "df": average.df}
    if average.known:
        return f"{TOO_FEW}, since one run of a choice does not show how far its seeds scatter"
    return f"{TOO_FEW}, since hardly any choice with these settings was repeated with other seeds"


def cell(verdict: Verdict) -> str:
    """Return a cell of a table: 'higher', 'lower', 'within 2.3 points' or 'too few runs to tell'."""
    return {WITHIN: f"within {points(verdict.far)}", UNKNOWN: TOO_FEW}.get(verdict.word, verdict.word)
