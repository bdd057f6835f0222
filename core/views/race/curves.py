"""The curves of runs that are drawn together, from a race's events or from records."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.choice_colour import choice_colour
from core.figures.style import SERIES
from core.recipe import BUNDLES, bundle
from core.views.common.progress import axis_top, curve_title, teacher_level
from core.views.common.text import layers_text, objective_title


@dataclass(frozen=True)
class RunCurves:
    """names, colours: of the lines, one a run. losses, accuracies: rows {"step", "value", "line"}. total: steps planned. top: end of the loss axis.

    teacher: its accuracy on the same examples, None while unknown. one_objective: whether the losses are of the same objective, and so
    comparable.
    """

    names: tuple[str, ...]
    colours: tuple[str, ...]
    losses: tuple[dict, ...]
    accuracies: tuple[dict, ...]
    total: int
    top: float
    teacher: float | None
    title: str
    one_objective: bool


def names(recipes: Sequence[dict], marks: Sequence[str] = "1234") -> tuple[str, ...]:
    """Return a line's name: its mark, its layers, and what else tells it from the others."""
    several_objectives = len({str(recipe["objective"]) for recipe in recipes}) > 1
    several_seeds = len({recipe["seed"] for recipe in recipes}) > 1
    found = []
    for mark, recipe in zip(marks, recipes, strict=False):
        untrained = recipe["seeding"]["untrained_layers"]
        parts = [f"{len(recipe['layers'])} untrained layers" if untrained else layers_text(recipe["layers"])]
        if several_objectives:
            parts.append(_objective(recipe["objective"]))
        if several_seeds:
            parts.append(f"seed {recipe['seed']}")
        found.append(f"{mark}: {', '.join(parts)}")
    return tuple(found)


def line_colours(recipes: Sequence[dict], teacher_layers: int | None) -> tuple[str, ...]:
    """Return the colour of each run's choice, the same as in every other figure; others where two have the same layers, or the teacher's are
    not known."""
    choices = [() if recipe["seeding"]["untrained_layers"] else tuple(recipe["layers"]) for recipe in recipes]
    if teacher_layers is None or len(set(choices)) < len(choices):
        return tuple(SERIES[: len(recipes)])
    return tuple(choice_colour(choice, teacher_layers) for choice in choices)


def _objective(objective: dict) -> str:
    known = next((name for name in BUNDLES if bundle(name).to_dict() == objective), None)
    return objective_title(known).split(":")[0] if known else "own objective"


def curves_of_events(events: Sequence[dict], recipes: Sequence[dict], called: Sequence[str] = ()) -> RunCurves | None:
    """Of a race, or of runs that train one after another; None before the first of them is prepared. called: names of the lines."""
    prepared = [event for event in events if event["kind"] == "prepared"]
    if not prepared:
        return None
    colours = line_colours(recipes, prepared[0].get("teacher_layers"))
    called = called or names(recipes)
    losses = [_row(called, e, e["loss"]) for e in events if e["kind"] == "step"]
    accuracies = [_row(called, e | {"step": 0}, e["curve"]["initial"]) for e in prepared if e.get("curve")]
    accuracies += [_row(called, e, e["val_accuracy"]) for e in events if e["kind"] == "evaluated"]
    return _view(recipes, called, colours, losses, accuracies, prepared[0]["steps"], (prepared[0].get("curve") or {}).get("teacher"),
                 axis_top(row["value"] for row in losses))


def broke_off(events: Sequence[dict], recipes: Sequence[dict]) -> list[str]:
    """Return a sentence for each run of a race that ended without a record because its figures were no longer finite."""
    called = names(recipes)
    return [f"Run {called[event['runner']]}. {event['reason']}" for event in events if event["kind"] == "broke_off"]


def curves_of_records(records: Sequence[dict], seconds: float = float("inf"), called: Sequence[str] = ()) -> RunCurves:
    """Of runs that are over, as far as they were after so many seconds of training each. The axes are those of the whole runs."""
    recipes = [record["recipe"] for record in records]
    called = called or names(recipes)
    played = [point | {"runner": n} for n, record in enumerate(records) for point in record["curve"] if point["seconds"] <= seconds]
    losses = [_row(called, point, point["loss"]) for point in played if point.get("loss") is not None]
    accuracies = [_row(called, point, point["val_accuracy"]) for point in played if point.get("val_accuracy") is not None]
    whole = [point.get("loss") for record in records for point in record["curve"]]
    total = max(record.get("steps_planned") or record["curve"][-1]["step"] for record in records)
    colours = line_colours(recipes, records[0]["teacher"].get("layers"))
    return _view(recipes, called, colours, losses, accuracies, total, teacher_level(records[0]), axis_top(whole))


def _view(recipes, called: Sequence[str], colours: Sequence[str], losses: list[dict], accuracies: list[dict], total: int, teacher: float | None,
          top: float) -> RunCurves:
    alike = len({str(recipe["objective"]) for recipe in recipes}) == 1
    return RunCurves(tuple(called), tuple(colours), tuple(losses), tuple(accuracies), total, top, teacher, curve_title(recipes[0]["budget"]), alike)


def _row(called: Sequence[str], event: dict, value: float | None) -> dict:
    return {"step": event["step"], "value": value, "line": called[event["runner"]]}
