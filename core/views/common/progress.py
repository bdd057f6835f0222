"""What a job is doing, in words and shares, from its events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.figures.curves import PREDICTED, STUDENT, TEACHER
from core.objectives import LOSSES
from core.views.common.result import group_name
from core.views.common.text import duration, percent


@dataclass(frozen=True)
class Progress:
    """text: the stage. fraction: of this stage, 0 to 1. eta: time left in words, '' when unknown."""

    text: str
    fraction: float
    eta: str = ""


def progress(status: str, events: list[dict], place: int | None = None, now: float | None = None) -> Progress:
    """place: how many jobs are served first. now: seconds since the epoch, to count the time left down between two events."""
    if status == "queued":
        if not place:
            return Progress("Waiting for the training process", 0.0)
        return Progress(f"Waiting: {place} job{'s' if place != 1 else ''} before this one", 0.0)
    last = events[-1] if events else None
    if last is None:
        return Progress("Starting", 0.0)
    if last["kind"] == "stage":
        return Progress(last["text"], min(max(last.get("done") or 0.0, 0.0), 1.0))
    steps = [event for event in events if event["kind"] == "step"]
    if last["kind"] == "prepared" or not steps:
        return Progress("Ready, the first step comes", 0.0)
    step = steps[-1]
    if last["kind"] in ("kept", "not_kept", "finished") or (last["kind"] == "evaluated" and last["step"] >= step["of"]):
        return Progress("Finishing", 1.0)
    left = step.get("eta")
    if left is not None and now is not None:
        left = max(left - max(now - step["at"], 0.0), 0.0)
    return Progress(f"Training, step {step['step']} of {step['of']}", step["step"] / step["of"], duration(left))


def in_parts(parts: Mapping[str, float], status: str, events: list[dict], place: int | None, now: float) -> Progress:
    """Return the share of a whole measurement that is done and the time left. parts: the text of each of its stages -> its share of the time, in
    their order. place, now: as in `progress`."""
    known = progress(status, events, place, now)
    last = events[-1] if events else None
    if status != "running" or last is None or last.get("text") not in parts:
        return known
    texts = list(parts)
    part = texts.index(last["text"])
    done = sum(parts[text] for text in texts[:part]) + parts[last["text"]] * (last.get("done") or 0.0)
    first = next(event["at"] for event in events if event.get("text") in parts)
    spent = last["at"] - first
    left = max(spent * (1 - done) / done - (now - last["at"]), 1.0) if done > 0 and spent > 0 else None
    return Progress(f"{last['text']} ({part + 1} of {len(texts)})", done, duration(left))


@dataclass(frozen=True)
class Curves:
    """total: steps planned. parts: names of the loss lines. top: end of the loss axis. losses, accuracies: rows of core/figures/curves.

    title: of the accuracies, with the examples they are on. band: the name of the band among the accuracies, '' without one.
    predicted: whether the learner's prediction is among the accuracies. groups: rows of core/figures/strip, accuracy by kind of example.
    """

    total: int
    parts: tuple[str, ...]
    top: float
    losses: tuple[dict, ...]
    accuracies: tuple[dict, ...]
    title: str
    band: str = ""
    predicted: bool = False
    groups: tuple[dict, ...] = ()


def live_curves(events: list[dict], budget: dict | None = None) -> Curves | None:
    """From events; None before anything is known to draw. budget: the recipe's; None when a teacher is being fine-tuned."""
    prepared = next((event for event in events if event["kind"] == "prepared"), None)
    if prepared is None:
        return None
    steps = [{"step": e["step"], "loss": e["loss"], "losses": e.get("losses") or {}} for e in events if e["kind"] == "step"]
    judged = prepared.get("curve") or {}
    initial = judged.get("initial")
    accuracy = [(0, initial)] * (initial is not None) + [(e["step"], e["val_accuracy"]) for e in events if e["kind"] == "evaluated"]
    groups = [(e["step"], e.get("val_groups") or {}) for e in events if e["kind"] == "evaluated"]
    return replace(_curves(prepared["steps"], steps, accuracy, judged.get("teacher"), curve_title(budget)), groups=group_rows(groups))


def record_curves(record: dict) -> Curves:
    """Return the curves of a run that is over."""
    curve, budget = record["curve"], record["recipe"]["budget"]
    steps = [point for point in curve if point.get("loss") is not None]
    accuracy = [(point["step"], point["val_accuracy"]) for point in curve if point.get("val_accuracy") is not None]
    total = record.get("steps_planned") or max((point["step"] for point in curve), default=1)
    groups = [(point["step"], point.get("val_groups") or {}) for point in curve if point["step"] and point.get("val_accuracy") is not None]
    return replace(_curves(total, steps, accuracy, teacher_level(record), curve_title(budget)), groups=group_rows(groups))


def group_rows(evaluations: Sequence[tuple[int, Mapping[str, float]]]) -> tuple[dict, ...]:
    """Return rows of core/figures/strip from (step, accuracy by group): of phenomena where there are any, else of classes."""
    found, before = [], 0
    for place, (step, groups) in enumerate(evaluations, 1):
        last = place == len(evaluations)
        found += [
            {"group": name, "from": before, "step": step, "accuracy": value, "latest": percent(value, 0) if last else ""}
            for name, value in of_one_kind(groups).items()
        ]
        before = step
    return tuple(found)


def of_one_kind(groups: Mapping[str, float]) -> dict[str, float]:
    """Return accuracy by phenomenon, else by class, under the names that people read."""
    for kind in ("phenomenon:", "class:"):
        found = {group_name(name.removeprefix("class:")): value for name, value in groups.items() if name.startswith(kind)}
        if found:
            return found
    return {}


def teacher_level(record: dict) -> float | None:
    """Return the teacher's accuracy on the examples of the curve; an older full run knows it on their check part alone."""
    judged = record.get("check", {}).get("teacher") if record["recipe"]["budget"].get("epochs") else record["teacher"]
    return record["teacher"].get("curve_accuracy") or (judged or {}).get("accuracy")


def curve_title(budget: dict | None) -> str:
    """Return which examples a curve of this budget is on."""
    short = budget is not None and not budget.get("epochs")
    return "Accuracy, check examples" if short else "Accuracy, validation"


def with_band(curves: Curves, rows: Sequence[dict]) -> Curves:
    """Return the curves with a band behind them. rows: of one line, {"step", "low", "high", "line"}; empty for none."""
    return replace(curves, accuracies=(*curves.accuracies, *rows), band=rows[0]["line"]) if rows else curves


def with_prediction(curves: Curves, accuracy: float | None) -> Curves:
    """Return the curves with what the learner predicted, a fraction, as a level; None for no prediction."""
    if accuracy is None:
        return curves
    level = ({"step": step, "line": PREDICTED, "value": accuracy} for step in (0, curves.total))
    return replace(curves, accuracies=(*curves.accuracies, *level), predicted=True)


def line_names(curves: Curves) -> dict[str, str]:
    """Return what stands at the ends of the accuracies' lines: 'student 72 %', 'you said 60 %'."""
    last = {row["line"]: row["value"] for row in curves.accuracies if row.get("value") is not None}
    said = {STUDENT: "student", TEACHER: "teacher", PREDICTED: "you said"}
    names = {line: f"{said[line]} {percent(value, 0)}" for line, value in last.items()}
    return names | ({curves.band: curves.band} if curves.band else {})


def legend(loss: str) -> str:
    """Return a loss's name at the end of its curve; that of the record where it is declared no more."""
    return LOSSES[loss].label if loss in LOSSES else loss


def _curves(total: int, steps: list[dict], accuracy: list[tuple[int, float]], teacher: float | None, title: str) -> Curves:
    names = list(dict.fromkeys(name for point in steps for name in point["losses"]))
    main = legend(names[0]) if len(names) == 1 else "total"
    losses = [{"step": p["step"], "part": main, "value": p["loss"]} for p in steps]
    if len(names) > 1:
        losses += [{"step": p["step"], "part": legend(name), "value": value} for p in steps for name, value in p["losses"].items()]
    parts = tuple(dict.fromkeys(row["part"] for row in losses)) or (main,)
    accuracies = [{"step": step, "line": STUDENT, "value": value} for step, value in accuracy]
    if teacher is not None:
        accuracies += [{"step": step, "line": TEACHER, "value": teacher} for step in (0, total)]
    return Curves(total, parts, axis_top(row["value"] for row in losses), tuple(losses), tuple(accuracies), title)


def axis_top(values) -> float:
    """Return the end of an axis that holds the values: 1, 1.5, 2, 3, 5 or 8 times a power of ten, so that it rarely changes."""
    largest = max((value for value in values if value is not None and value == value and value < float("inf")), default=0.0)
    if largest <= 0:
        return 1.0
    scale = 1.0
    while scale > largest:
        scale /= 10
    while scale * 10 <= largest:
        scale *= 10
    return next(step * scale for step in (1, 1.5, 2, 3, 5, 8, 10) if step * scale >= largest)
