"""A run in stages: its methods in words, its curves, what each stage chose; and what the saved study of such runs and of attention says."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.curves import BEGINS
from core.findings.choosers.contrasts import Estimate, estimates, title
from core.objectives import WEIGHTINGS
from core.recipe import Objective, bundle, layers_compared
from core.store import saved
from core.studies.contrasts import EMPHASES, FILE, by_arm
from core.studies.stages.staged import FIRST_SHARE, PATIENCE, REPLACING
from core.views.common.progress import axis_top
from core.views.common.text import layers_text, percent

STAGED = {
    "shrinking": ("Progressive shrinking", "Start from all layers and take one away at a time, always the one whose absence hurts the student least "
                  f"as it stands. A stage ends when validation stops improving ({PATIENCE} evaluation). It chooses its layers itself."),
    "theseus": ("Module replacing (Theseus)", "Each student layer stands in for a block of the teacher with a probability that rises from "
                f"{REPLACING:.0%} to 100 % over the first {FIRST_SHARE:.0%} of the steps; then the student trains alone."),
    "two-stage": ("Two stages", f"Hidden states alone for {FIRST_SHARE:.0%} of the steps, then labels and soft targets."),
    "one-stage": ("One stage", "The chosen layers, all steps at once: what the others are compared with."),
}
SHOWN_WEIGHTINGS = sorted(WEIGHTINGS, key=lambda name: WEIGHTINGS[name].make is None)  # the baseline last

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Curves:
    """total: steps planned. accuracies: rows of core.figures.staged_curve. bounds: where stages after the first begin. emphasis:
    {"step", "value", "layer"} of the compared layers' weights, with their names and the top of their axis."""

    total: int
    accuracies: tuple[dict, ...]
    bounds: tuple[int, ...]
    emphasis: tuple[dict, ...] = ()
    names: tuple[str, ...] = ()
    top: float = 1.0


def objective(emphasis: str | None) -> Objective:
    """Return the objective: labels and soft targets; with an emphasis, attention maps too."""
    if emphasis is None:
        return bundle("hinton")
    attention = bundle("attention")
    return Objective(attention.name, attention.weights, attention.temperature, attention.match, attention.hidden_layers, emphasis)


def compared_names(recipe: dict) -> tuple[str, ...]:
    """Name the student layers that the objective compares, as "layer 1 (teacher's 2)"."""
    made = Objective(**{**recipe["objective"], "weights": tuple(recipe["objective"]["weights"].items())})
    layers = recipe["layers"]
    return tuple(f"layer {j} (teacher's {layers[j - 1]})" for j in layers_compared(made, len(layers)))


def curves_of_events(events: Sequence[dict], total: int, recipe: dict) -> Curves | None:
    """Return the curves of a running job from its events; None before anything is known to draw."""
    prepared = [event for event in events if event["kind"] == "prepared"]
    if not prepared:
        return None
    before = lambda event: event.get("steps_before", 0)
    first = prepared[0]
    points = [(before(first), first["curve"]["initial"])]
    points += [(event["step"] + before(event), event["val_accuracy"]) for event in events if event["kind"] == "evaluated"]
    weights = [(event["step"] + before(event), event["emphasis"]) for event in events if event["kind"] == "step" and event.get("emphasis")]
    return _curves(total, points, first["curve"]["teacher"], [before(event) for event in prepared[1:]], weights, recipe)


def curves_of_record(record: dict) -> Curves:
    """Return the curves of a staged run's record. Its curve is on the check part of validation; so is the teacher's level."""
    curve = record["curve"]
    points = [(point["step"], point["val_accuracy"]) for point in curve if point.get("val_accuracy") is not None]
    teacher = (record.get("check") or {}).get("teacher") or record["teacher"]
    bounds, steps = [], 0
    for part in record["stages"][:-1]:
        steps += part["steps"]
        bounds.append(steps)
    weights = [(point["step"], point["emphasis"]) for point in curve if point.get("emphasis")]
    return _curves(record["steps_planned"], points, teacher["accuracy"], bounds, weights, record["recipe"])


def _curves(total, points, teacher, bounds, weights, recipe) -> Curves:
    accuracies = [{"step": step, "value": value, "line": "student"} for step, value in points]
    accuracies += [{"step": step, "value": teacher, "line": "teacher"} for step in (0, total)] if teacher is not None else []
    accuracies += [{"step": step, "value": None, "line": BEGINS} for step in bounds]
    names = compared_names(recipe) if weights else ()
    emphasis = [{"step": step, "value": value, "layer": name} for step, values in weights for name, value in zip(names, values)]
    top = axis_top(row["value"] for row in emphasis) if emphasis else 1.0
    return Curves(total, tuple(accuracies), tuple(bounds), tuple(emphasis), names, top)


def stage_rows(record: dict) -> list[dict[str, str]]:
    """Return a row a stage: which layers it trained, why these, how it ended, and where it got."""
    ends = {"planned": "all planned steps", "improved no more": "validation stopped improving", "stopped": "stopped"}
    return [
        {"stage": f"{number}: {part['name']}", "layers": layers_text(part["layers"]), "why": reason(part["choice"]),
         "steps": f"{part['steps']} of {part['planned']}", "ended": ends.get(part["ended"], part["ended"]),
         "accuracy": percent(part["final"]["accuracy"])}
        for number, part in enumerate(record["stages"], 1)
    ]


def reason(choice: dict) -> str:
    """Say why a stage has these layers."""
    if choice.get("removed"):
        said = []
        for removal in choice["removed"]:
            losses = removal["losses"]
            others = [loss for layer, loss in losses.items() if layer != str(removal["layer"])]
            next_best = f", next lowest {min(others):.3f}" if others else ""
            said.append(f"without layer {removal['layer']} the loss is lowest: {losses[str(removal['layer'])]:.3f}{next_best}")
        return "; ".join(said)
    if choice.get("blocks"):
        return "stands in for " + ", ".join(f"{block[0]}–{block[-1]}" if len(block) > 1 else str(block[0]) for block in choice["blocks"])
    return "as chosen"


def result_text(record: dict) -> str:
    """Say what came out, in a sentence."""
    what = "stopped" if record["status"] == "stopped" else "finished"
    layers = layers_text(record["recipe"]["layers"])
    return (f"{STAGED[record['staged']['method']][0]} {what}: layers {layers}, {percent(record['final']['accuracy'])} on {record['split']} examples "
            f"after {record['steps']} steps (before the first step {percent(record['initial']['accuracy'])}, teacher "
            f"{percent(record['teacher']['accuracy'])}), {power_of_ten(record['training_flops'])} training FLOPs.")


def power_of_ten(value: float) -> str:
    """Return "1.2 × 10¹²"."""
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(SUPERSCRIPT)}"


@dataclass(frozen=True)
class Study:
    """found: every comparison that the saved runs allow. examples: of each arm the run with the lowest seed."""

    found: tuple[Estimate, ...] = ()
    examples: dict[str, dict] | None = None

    def example(self, method: str, emphasis: str | None) -> dict | None:
        """Return a saved run of this method, or of one stage with this emphasis, fixed ones at the bundle's scale."""
        arm = method if emphasis is None else "fixed-1" if emphasis == "fixed" else emphasis
        return (self.examples or {}).get(arm)


def read_study() -> Study:
    """Read the study; an empty one while none is saved."""
    path = saved.FOLDER / FILE.rpartition("/")[2]
    records = saved.read(path)
    if not records:
        return Study()
    examples = {arm: runs[min(runs)] for arm, runs in by_arm(records).items()}
    return Study(tuple(estimates(records, saved.truth(records[0]["task_hash"], "test"))), examples)


def study_rows(found: Study, attention: bool) -> list[dict[str, str]]:
    """Return a row a comparison, of the arms with attention or of those in stages."""
    belongs = lambda arm: (arm in EMPHASES or arm.startswith("fixed-")) == attention
    return [
        {"comparison": title(one.contrast), "points": f"{100 * one.comparison.difference:+z.1f}", "95 % interval": interval_text(one),
         "verdict": one.told, "training FLOPs": f"{one.flops:.2f} ×", "seeds": str(len(one.contrast.runs))}
        for one in found.found if belongs(one.contrast.arm)
    ]


def interval_text(one: Estimate) -> str:
    """Return the interval in points."""
    return "–" if one.interval is None else f"{100 * one.interval[0]:+z.1f} to {100 * one.interval[1]:+z.1f}"
