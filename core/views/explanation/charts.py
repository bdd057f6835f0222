"""The rows of the small chart in a finding's card, where one helps."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.findings.evidence import Choice, Evidence, group_means, swapped
from core.findings.finding import Finding
from core.findings.names import choice_name, group_title
from core.statistics.distributions import wilson
from core.statistics.noise import mean_accuracy
from core.views.explanation.view import Explanation

MOST = 24  # rows; of more choices the first, the last and this one are drawn


@dataclass(frozen=True)
class Dots:
    """rows: of core.figures.interval_dots. note: what the marks mean."""

    rows: tuple[dict, ...]
    note: str


@dataclass(frozen=True)
class Groups:
    """rows: of core.figures.accuracy_bars, "teacher" being what is compared with. overall: accuracy on all examples."""

    rows: tuple[dict, ...]
    overall: float
    note: str


SEEDS = "Dots: means over seeds; bars: 95 % intervals from the pooled scatter between seeds alone. Blue: this choice."
EXAMPLES = "Bar: the 95 % interval that the number of examples allows."


def chart(found: Explanation, finding: Finding) -> Dots | Groups | None:
    """Return the chart of a finding; None where the sentence and its figures say it all."""
    made = MADE.get(finding.kind)
    return made(found.evidence, finding.figures) if made else None


def learning(evidence: Evidence, figures: dict) -> Dots | None:
    if evidence.run["final"]["loss"] is None:
        return None
    rows = [this_run(evidence), row("the teacher", figures["teacher_accuracy"], kind="teacher")]
    if figures["majority"] is not None:
        rows.append(row("always the most frequent label", figures["majority"], kind="level"))
    return Dots(tuple(rows), EXAMPLES)


def seeding(evidence: Evidence, figures: dict) -> Dots:
    interval = wilson(figures["initial"], len(evidence.run["predictions"]))
    rows = [this_run(evidence, "after training"), row("before the first step", figures["initial"], *interval)]
    if figures["majority"] is not None:
        rows.append(row("always the most frequent label", figures["majority"], kind="level"))
    return Dots(tuple(rows), EXAMPLES.replace("Bar: the", "Bars: the").replace("interval", "intervals"))


def standing(evidence: Evidence, figures: dict) -> Dots | None:
    means = [choice for choice in evidence.means if choice != evidence.choice]
    if not means:
        return None
    order = sorted([evidence.choice, *means], key=lambda choice: -mean_accuracy(evidence.twins[choice]))
    drawn = order
    if len(order) > MOST:
        ends = set(order[: MOST // 2] + order[-(MOST // 2):]) | {evidence.choice}
        drawn = [choice for choice in order if choice in ends]
    left_out = f" {len(order) - len(drawn)} choices between are left out." if len(drawn) < len(order) else ""
    return Dots(tuple(of_choice(evidence, choice) for choice in drawn), SEEDS + left_out)


def presets(evidence: Evidence, figures: dict) -> Dots:
    return choices(evidence, [choice for choice in evidence.presets().values() if choice in evidence.others])


def control(evidence: Evidence, figures: dict) -> Dots:
    return Dots((of_choice(evidence, evidence.choice), seeds("untrained layers", evidence.control, evidence)), SEEDS)


def swap(evidence: Evidence, figures: dict) -> Dots:
    return choices(evidence, [choice for choice in evidence.others if swapped(evidence.choice, choice)])


def capacity(evidence: Evidence, figures: dict) -> Dots:
    choice = tuple(figures["size_layers"])
    runs = evidence.sizes[len(choice)][choice]
    return Dots((of_choice(evidence, evidence.choice), row(choice_name(choice, evidence.teacher_layers), mean_accuracy(runs))), "Means over seeds.")


def forecast(evidence: Evidence, figures: dict) -> Dots | None:
    if "forecast" not in figures:
        return None
    rows = [row("this run, so far", evidence.run["final"]["accuracy"], kind="this"),
            row("its end, forecast", figures["forecast"], figures["low"], figures["high"])]
    if "full_mean" in figures:
        rows.append(row("its saved full runs", figures["full_mean"], kind="level"))
    return Dots(tuple(rows), "Bar: the 80 % interval of the forecast.")


def prediction(evidence: Evidence, figures: dict) -> Dots | None:
    if "miss" not in figures:
        return None
    rows = [this_run(evidence), row("you predicted", figures["predicted"], kind="level")]
    if "class_median" in figures:
        rows.append(row("middle of the others", figures["class_median"]))
    return Dots(tuple(rows), EXAMPLES)


def phenomena(evidence: Evidence, figures: dict) -> Groups | None:
    """Return groups in the order of the gap, the widest first."""
    own = group_means(evidence.own)
    if "best" in figures:
        others, who = group_means(evidence.others[tuple(figures["best_layers"])]), "the choice with the best mean"
    else:
        others, who = {name: (one["accuracy"], one["n"]) for name, one in (evidence.run["teacher"].get("groups") or {}).items()}, "the teacher"
    shared = sorted((name for name in own if name in others), key=lambda name: own[name][0] - others[name][0])
    rows = tuple({"name": group_title(name), "accuracy": own[name][0], "n": own[name][1], "teacher": others[name][0]} for name in shared)
    note = f"Bars: this choice, the widest gap first; orange ticks: {who}; dashed line: this choice on all examples."
    return Groups(rows, mean_accuracy(evidence.own), note) if rows else None


MADE = {
    "learning": learning, "seeding": seeding, "standing": standing, "presets": presets, "control": control, "swap": swap, "capacity": capacity,
    "forecast": forecast, "prediction": prediction, "phenomena": phenomena,
}


def choices(evidence: Evidence, others: Iterable[Choice]) -> Dots:
    """Draw this choice and those, best first."""
    order = sorted([evidence.choice, *others], key=lambda choice: -mean_accuracy(evidence.twins[choice]))
    return Dots(tuple(of_choice(evidence, choice) for choice in order), SEEDS)


def of_choice(evidence: Evidence, choice: Choice) -> dict:
    kind = "this" if choice == evidence.choice else "other"
    return seeds(choice_name(choice, evidence.teacher_layers).partition(" (")[0], evidence.twins[choice], evidence, kind)


def seeds(name: str, runs: list[dict], evidence: Evidence, kind: str = "other") -> dict:
    """Return the row of a mean over seeds, with the interval that the pooled noise gives it where that is known."""
    mean = mean_accuracy(runs)
    if not evidence.noise.known:
        return row(name, mean, kind=kind)
    half = evidence.noise.half_width(len(runs))
    return row(name, mean, max(0.0, mean - half), min(1.0, mean + half), kind)


def this_run(evidence: Evidence, name: str = "this run") -> dict:
    accuracy = evidence.run["final"]["accuracy"]
    return row(name, accuracy, *wilson(accuracy, len(evidence.run["predictions"])), "this")


def row(name: str, value: float, low: float | None = None, high: float | None = None, kind: str = "other") -> dict:
    return {"name": name, "value": value, "low": low, "high": high, "kind": kind}
