"""The rows of the small chart in a finding's card, where one helps."""

from dataclasses import dataclass

from core.findings.evidence import Choice, Evidence, choice_of, group_means, swapped
from core.findings.explanation.not_finite import NOT_FINITE
from core.findings.finding import Finding
from core.findings.names import choice_name, group_title
from core.statistics.distributions import wilson
from core.statistics.noise import mean_accuracy
from core.views.explanation.view import Explanation

MOST = 24  # rows of all choices; of more the first, the last and this one are drawn


@dataclass(frozen=True)
class Chart:
    """note: what the marks mean. rows: of core.figures.interval_dots; where there is an overall, accuracy on all examples, they are groups of
    examples for core.figures.accuracy_bars, "teacher" being what is compared with.
    """

    rows: list[dict]
    note: str
    overall: float | None = None


SEEDS = "Dots: means over seeds; bars: 95 % intervals from the scatter of the choice's own seeds alone. Blue: this choice."
EXAMPLES = "Bar: the 95 % interval that the number of examples allows."


def chart(found: Explanation, finding: Finding) -> Chart | None:
    """Return the chart of a finding; None where the sentence and its figures say it all."""
    made = MADE.get(finding.kind)
    return made(found.evidence, finding.figures) if made else None


def learning(evidence: Evidence, figures: dict) -> Chart | None:
    if figures["mistake"] == NOT_FINITE:
        return None
    rows = [this_run(evidence), row("the teacher", figures["teacher_accuracy"], kind="teacher"), *majority(figures)]
    return Chart(rows, EXAMPLES)


def seeding(evidence: Evidence, figures: dict) -> Chart:
    interval = wilson(figures["initial"], len(evidence.run["predictions"]))
    rows = [this_run(evidence, "after training"), row("before the first step", figures["initial"], *interval), *majority(figures)]
    return Chart(rows, EXAMPLES.replace("Bar: the", "Bars: the").replace("interval", "intervals"))


def majority(figures: dict) -> list[dict]:
    return [row("always the most frequent label", figures["majority"], kind="level")] if figures["majority"] is not None else []


def standing(evidence: Evidence, figures: dict) -> Chart | None:
    others = [choice for choice in evidence.means if choice != evidence.choice]
    return choices(evidence, others, MOST) if others else None


def control(evidence: Evidence, figures: dict) -> Chart:
    return Chart([of_choice(evidence, evidence.choice), seeds("untrained layers", evidence.control, evidence)], SEEDS)


def capacity(evidence: Evidence, figures: dict) -> Chart:
    choice = tuple(figures["size_layers"])
    runs = evidence.sizes[len(choice)][choice]
    rows = [of_choice(evidence, evidence.choice), row(choice_name(choice, evidence.teacher_layers), mean_accuracy(runs))]
    return Chart(rows, "Means over seeds.")


def forecast(evidence: Evidence, figures: dict) -> Chart | None:
    if "forecast" not in figures:
        return None
    rows = [row("this run, so far", evidence.run["final"]["accuracy"], kind="this"),
            row("its end, forecast", figures["forecast"], figures["low"], figures["high"])]
    if "full_mean" in figures:
        rows.append(row("its saved full runs", figures["full_mean"], kind="level"))
    return Chart(rows, "Bar: the 80 % interval of the forecast.")


def prediction(evidence: Evidence, figures: dict) -> Chart | None:
    if "miss" not in figures:
        return None
    rows = [this_run(evidence), row("you predicted", figures["predicted"], kind="level")]
    if "class_median" in figures:
        rows.append(row("middle of the others", figures["class_median"]))
    return Chart(rows, EXAMPLES)


def phenomena(evidence: Evidence, figures: dict) -> Chart | None:
    """Return groups in the order of the gap, the widest first."""
    own = group_means(evidence.own if "best" in figures else [evidence.run])
    if "best" in figures:
        others, who = group_means(evidence.others[tuple(figures["best_layers"])]), "the choice with the best mean"
    else:
        others, who = {name: (one["accuracy"], one["n"]) for name, one in (evidence.run["teacher"].get("groups") or {}).items()}, "the teacher"
    shared = sorted((name for name in own if name in others), key=lambda name: own[name][0] - others[name][0])
    rows = [{"name": group_title(name), "accuracy": own[name][0], "n": own[name][1], "teacher": others[name][0]} for name in shared]
    note = f"Bars: this choice, the widest gap first; orange ticks: {who}; dashed line: this choice on all examples."
    return Chart(rows, note, mean_accuracy(evidence.own if "best" in figures else [evidence.run])) if rows else None


MADE = {
    "learning": learning, "seeding": seeding, "standing": standing, "control": control, "capacity": capacity, "forecast": forecast,
    "prediction": prediction, "phenomena": phenomena,
    "presets": lambda evidence, _: choices(evidence, [choice for choice in evidence.presets().values() if choice in evidence.others]),
    "swap": lambda evidence, _: choices(evidence, [choice for choice in evidence.others if swapped(evidence.choice, choice)]),
}


def choices(evidence: Evidence, others: list[Choice], most: int | None = None) -> Chart:
    """Draw this choice and those, best first; of more than `most` this one and both ends."""
    order = sorted([evidence.choice, *others], key=lambda choice: -mean_accuracy(evidence.twins[choice]))
    between = [choice for choice in order[most // 2 : -(most // 2)] if choice != evidence.choice] if most and len(order) > most else []
    left_out = f" {len(between)} choices between are left out." if between else ""
    return Chart([of_choice(evidence, choice) for choice in order if choice not in between], SEEDS + left_out)


def of_choice(evidence: Evidence, choice: Choice) -> dict:
    kind = "this" if choice == evidence.choice else "other"
    return seeds(choice_name(choice, evidence.teacher_layers).partition(" (")[0], evidence.twins[choice], evidence, kind)


def seeds(name: str, runs: list[dict], evidence: Evidence, kind: str = "other") -> dict:
    """Return the row of a mean over seeds, with the interval that its own noise gives it where that is known."""
    low, high = evidence.interval(choice_of(runs[0])) or (None, None)
    return row(name, mean_accuracy(runs), low, high, kind)


def this_run(evidence: Evidence, name: str = "this run") -> dict:
    accuracy = evidence.run["final"]["accuracy"]
    return row(name, accuracy, *wilson(accuracy, len(evidence.run["predictions"])), "this")


def row(name: str, value: float, low: float | None = None, high: float | None = None, kind: str = "other") -> dict:
    return {"name": name, "value": value, "low": low, "high": high, "kind": kind}
