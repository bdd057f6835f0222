"""Where a short run would end if it were trained fully, and whether short runs of its budget rank choices as full ones do."""

import math
from dataclasses import dataclass

import numpy as np

from core.findings.evidence import UNTRAINED, Choice, Evidence, choice_of
from core.findings.finding import Finding, write
from core.findings.landscape import Landscape, full_runs_like
from core.findings.names import budget_name, choice_name
from core.statistics.agreement import sum_of_layers
from core.statistics.conformal import LEVEL, Check, Example, Forecaster, check
from core.statistics.noise import mean_accuracy
from core.statistics.ranking import short_run_truth
from core.statistics.testset import TestSet
from core.store.saved import truth

LEAST = 10  # choices saved both short and full, below which nothing is forecast
NEXT = "saved short runs against saved full runs, choice by choice"


@dataclass(frozen=True)
class ShortAndFull:
    """Choices saved both with this short budget and fully: choice -> runs, one a seed. The control is not among them."""

    short: dict[Choice, list[dict]]
    full: dict[Choice, list[dict]]

    def examples(self, features, without: Choice | None = None) -> list[Example]:
        """Return an example for each choice. features: run -> list of numbers."""
        return [
            Example(np.array([features(run) for run in runs], float), np.array([run["final"]["accuracy"] for run in self.full[choice]]))
            for choice, runs in self.short.items() if choice != without
        ]


def short_and_full(evidence: Evidence) -> ShortAndFull:
    """Return the short twins, this run and what diverged left out, and the full runs of the same choices."""
    usable = lambda run: run is not evidence.run and run["final"]["loss"] is not None
    short = {choice: list(filter(usable, runs)) for choice, runs in evidence.twins.items()}
    full = full_runs_like(evidence)
    both = sorted(choice for choice, runs in short.items() if runs and choice in full)
    return ShortAndFull({choice: short[choice] for choice in both}, {choice: full[choice] for choice in both})


def end_of_short_run(run: dict) -> list[float]:
    """Return what the forecast reads of a short run: its accuracy and its loss at the end."""
    return [run["final"]["accuracy"], run["final"]["loss"]]


BASELINES = {"mean": lambda run: [], "sum": lambda run: [sum_of_layers(choice_of(run))]}


def forecast(evidence: Evidence) -> list[Finding]:
    """Forecast the end of a short run, then say how far short runs of its budget rank choices. Nothing for a full run."""
    if evidence.run["recipe"]["budget"].get("epochs"):
        return []
    pairs = short_and_full(evidence)
    own = pairs.full.get(evidence.choice) or full_runs_like(evidence).get(evidence.choice, [])
    figures = {
        "budget": budget_name(evidence.run), "steps": evidence.run["steps_planned"], "choices": len(pairs.full), "level": LEVEL, "least": LEAST,
        "be": "is" if len(pairs.full) == 1 else "are",
        "choice": choice_name(evidence.choice, evidence.teacher_layers), "layers": list(evidence.choice), "k": evidence.k,
    }
    if own:
        figures |= {"full_mean": mean_accuracy(own), "full_runs": len(own), "runs_word": "run" if len(own) == 1 else "runs"}
    if len(pairs.full) < LEAST or evidence.choice == UNTRAINED:
        template = "Where this run would end if trained fully is unknown: "
        template += "forecasts are made for choices of teacher layers only." if evidence.choice == UNTRAINED else (
            "{least} choices of this size saved both with {budget} and in full are needed, and so far there {be} {choices}."
        )
        return [write("forecast", template + _saved(figures), figures, [run["id"] for run in own], "unknown", NEXT)]
    return [forecast_finding(evidence, pairs, figures), ranking_finding(evidence, pairs, figures)]


def forecast_finding(evidence: Evidence, pairs: ShortAndFull, figures: dict) -> Finding:
    """Give the forecast where it has been shown to hold and to say more than two simple guesses."""
    checks = {name: check(pairs.examples(features)) for name, features in {"own": end_of_short_run, **BASELINES}.items()}
    figures = figures | {f"{name}_{field}": getattr(one, field) for name, one in checks.items() for field in ("hits", "width", "score")}
    figures |= {"checked": checks["own"].choices, "coverage_low": checks["own"].interval[0], "coverage_high": checks["own"].interval[1]}
    runs = [run["id"] for found in (*pairs.short.values(), *pairs.full.values()) for run in found]
    problem = doubt(checks)
    forecaster = Forecaster(pairs.examples(end_of_short_run, without=evidence.choice))
    if problem or not math.isfinite(forecaster.half):
        template = "Where this run would end if trained fully is unknown: " + (problem or "too few choices are saved to bound the error") + "."
        return write("forecast", template + _saved(figures), figures, runs, "unknown", NEXT)
    centre = forecaster.centre(np.array(end_of_short_run(evidence.run)))
    figures |= {"forecast": centre, "low": max(0.0, centre - forecaster.half), "high": min(1.0, centre + forecaster.half)}
    figures["missed"] = "full_mean" in figures and not figures["low"] <= figures["full_mean"] <= figures["high"]
    span = "{forecast:percent} ({level:whole} interval {low:percent} to {high:percent}"
    kept = "with each of {checked} saved choices left out in turn, {own_hits} ended inside theirs"
    if figures["missed"]:
        template = (
            f"Trained fully, this choice reached {{full_mean:percent}} ({{full_runs}} saved {{runs_word}}). From the short run alone {span}) would "
            f"have been forecast, which misses it; {kept}."
        )
        return write("forecast", template, figures, runs, "likely", NEXT)
    return write("forecast", f"Trained fully, this run would end near {span}; {kept})." + _saved(figures), figures, runs, "likely", NEXT)


def doubt(checks: dict[str, Check]) -> str | None:
    """Return why the forecast is not given, as the end of a sentence; None where it is."""
    if not checks["own"].calibrated:
        return "left out in turn, {own_hits} of {checked} choices ended inside their {level:whole} interval"
    guesses = {"mean": "mean of all choices", "sum": "sum of the layer numbers"}
    beaten = (f"the short runs say no more than the {guess} does" for name, guess in guesses.items() if not checks["own"].beats(checks[name]))
    return next(beaten, None)


def _saved(figures: dict) -> str:
    """What this choice's own full runs reached; the forecast does not use them."""
    return " Its saved full {runs_word} ({full_runs}) reached {full_mean:percent}." if "full_mean" in figures else ""


def ranking_finding(evidence: Evidence, pairs: ShortAndFull, figures: dict) -> Finding:
    """Say how far short runs of this budget rank the choices as full runs do: the same figures as on the landscape."""
    of_split = {"check": pairs.short, "test": full_runs_like(evidence, control=True)}  # whole, since its pairs are all tested together
    short, full = (Landscape(runs, TestSet(truth(evidence.run["task_hash"], split))).ranking for split, runs in of_split.items())
    found = short_run_truth(short, full)
    runs = [run["id"] for some in (*pairs.short.values(), *pairs.full.values()) for run in some]
    if found is None or not math.isfinite(found.tau):
        return write("ranking", "With {budget} the saved choices look alike, so short runs rank nothing.", figures, runs, "unknown", NEXT)
    low, high = found.interval or (None, None)
    known = short.seeds and full.seeds
    figures = figures | {
        "tau": found.tau, "tau_low": low, "tau_high": high, "tau_level": 0.95, "tau_ceiling": found.ceiling, "tau_of_sums": found.trivial_tau,
        "agreement": found.agreement, "ties": found.ties, "pairs": found.pairs, "ranked": found.choices,
        "by_sum": found.trivial_agreement,
    }
    if found.agreement is None or known and found.agreement_interval[0] <= 0.5:
        text = "Short runs of {budget} are not shown to rank the {ranked} saved choices as full runs do."
        return write("ranking", text, figures, runs, "unknown", NEXT)
    if found.agreement <= found.trivial_agreement:
        text = "Short runs of {budget} rank the {ranked} saved choices no better than the sum of the layer numbers does, which needs no run."
        return write("ranking", text, figures, runs, "unknown", NEXT)
    template = (
        "Of the pairs of choices that full runs tell apart, short runs of {budget} put {agreement:whole} in the right order; the sum of the layer "
        "numbers, which needs no run, {by_sum:whole}."
    ) + ("" if known else " How much other seeds would change that is not known.")
    return write("ranking", template, figures, runs, "likely" if known else "unknown", NEXT)
