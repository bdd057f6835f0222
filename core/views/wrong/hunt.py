"""The hunt: a mistake's runs beside the correct ones, live from a job's events or from the records, and what may be said of them."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.findings.diagnose import SYMPTOMS, alarms, counts, diagnose, figures_alone, from_records
from core.findings.finding import Finding
from core.recipe import Recipe
from core.store.saved import FOLDER, read
from core.studies.mistakes.catalogue import MISTAKES, Mistake
from core.studies.mistakes.plan import of_choices, recipes_of
from core.views.common.progress import axis_top
from core.views.common.text import budget_text, layers_text, percent
from core.views.wrong.case_study import title
from core.views.wrong.guess import shown_by

CORRECT, MISTAKEN = "correct", "mistaken"
SIDES = {CORRECT: "Correct", MISTAKEN: "With the mistake"}
STUDY = FOLDER / "mistakes" / "minilm-l6--composed-nli.jsonl"  # of `python -m core mistakes --seeds 10`


@dataclass
class Side:
    """The runs of one side. names: of the lines. accuracies, losses: rows {"step", "value", "line"}. teacher: its own accuracy, None while
    unknown. records: of the runs that have ended."""

    names: tuple[str, ...]
    accuracies: list[dict] = field(default_factory=list)
    losses: list[dict] = field(default_factory=list)
    teacher: float | None = None
    records: list[dict] = field(default_factory=list)


@dataclass(frozen=True)
class Hunt:
    """sides: by CORRECT and MISTAKEN. total: steps of a run. loss: where both loss axes end. whole: whether every run has ended."""

    sides: dict[str, Side]
    total: int
    loss: float

    @property
    def whole(self) -> bool:
        return all(len(side.records) == len(side.names) for side in self.sides.values())


def payload(name: str, teacher: str, task: str, layers: int) -> dict:
    """Return what the worker is asked for: a distill job's recipe, and the mistake's name. LabError where the teacher is too small for it."""
    return recipes_of(name, teacher, task, layers)[0].to_dict() | {"mistake": name}


def recipes(asked: dict, layers: int) -> list[Recipe]:
    """Return the recipes of a job of this payload, in the order of its runs."""
    recipe = Recipe.from_dict({name: value for name, value in asked.items() if name != "mistake"})
    return of_choices(asked["mistake"], recipe, layers)


def hunt_sides(events: Sequence[dict], made: Sequence[Recipe], record: Callable[[int], dict | None]) -> Hunt:
    """Return both sides from the job's events. record: the run kept in a row of the store. made: the recipes, as `recipes` gives them."""
    names = tuple(layers_text(recipe.layers) for recipe in made)
    sides = {name: Side(names) for name in SIDES}
    for n in sorted({event["run"] for event in events if "run" in event}):
        mine = [event for event in events if event.get("run") == n]
        side, line = sides[mine[0]["side"]], names[(n - 1) % len(names)]
        row = next((event["row"] for event in mine if event["kind"] == "made"), None)
        kept = record(row) if row is not None else None
        if kept is not None:
            side.records.append(kept)
            side.teacher = kept["teacher"]["accuracy"]
            _draw(side, line, kept["curve"])
        else:
            _draw(side, line, _points(mine))
            prepared = next((event for event in mine if event["kind"] == "prepared"), None)
            side.teacher = prepared["teacher"]["accuracy"] if prepared else side.teacher
    losses = [row["value"] for side in sides.values() for row in side.losses]
    return Hunt(sides, made[0].budget.steps or 1, axis_top(losses))


def _points(events: Sequence[dict]) -> list[dict]:
    """Return a curve as a record has it, of the events so far."""
    prepared = next((event for event in events if event["kind"] == "prepared"), None)
    points = [{"step": 0, "loss": None, "val_accuracy": (prepared.get("curve") or {}).get("initial")}] if prepared else []
    points += [{"step": event["step"], "loss": event["loss"], "val_accuracy": None} for event in events if event["kind"] == "step"]
    return points + [{"step": event["step"], "loss": None, "val_accuracy": event["val_accuracy"]} for event in events if event["kind"] == "evaluated"]


def _draw(side: Side, line: str, curve: Sequence[dict]) -> None:
    for name, rows in (("val_accuracy", side.accuracies), ("loss", side.losses)):
        rows += [{"step": point["step"], "value": point[name], "line": line} for point in curve if point.get(name) is not None]


def current_run_text(events: Sequence[dict]) -> str:
    """Say which run it is: 'Run 2 of 2, with the mistake'; '' before the first."""
    last = next((event for event in reversed(events) if "run" in event), None)
    return f"Run {last['run']} of {last['runs']}, {SIDES[last['side']].lower()}" if last else ""


def norms(found: Hunt) -> list[dict]:
    """Return {"part", "side", "norm"} of the last run of either side, from the input to the output."""
    return [
        {"part": f"layer {part}" if part.isdigit() else part, "side": name, "norm": norm}
        for name, side in found.sides.items() for part, norm in side.records[-1]["update_norms"].items()
    ]


def finals(found: Hunt) -> list[dict]:
    """Return a row a run: what was asked for, what seeded the student, and what came out."""
    rows = []
    for name, side in found.sides.items():
        for record in side.records:
            copied = record.get("audit", {}).get("layers")
            rows.append({
                "run": SIDES[name], "layers asked for": layers_text(record["recipe"]["layers"]),
                "layers copied": "not recorded" if copied is None else ", ".join("?" if layer is None else str(layer) for layer in copied),
                "teacher": percent(record["teacher"]["accuracy"]), "before the first step": percent(record["initial"]["accuracy"]),
                "after the last": percent(record["final"]["accuracy"]), "reported": percent(record.get("reported", record["final"]["accuracy"])),
            })
    return rows


@dataclass(frozen=True)
class Conclusions:
    """verdict: one sentence on what the figures alone gave away. alone: findings from the figures; recorded: those that need more. alike:
    which mistakes these figures cannot tell apart, '' where there is one at most. correct: a sentence on the correct side. holds: what a guess
    should have been. alarms: classes of figures that the mistaken side's raise."""

    verdict: str
    alone: list[Finding]
    recorded: list[Finding]
    alike: str
    correct: str
    holds: str
    alarms: frozenset[str]


def conclusions(name: str, found: Hunt) -> Conclusions:
    """Say what `diagnose` makes of the runs of a hunt that is whole."""
    table = from_records(found.sides[MISTAKEN].records)
    alone = [finding for finding in diagnose(figures_alone(table)) if finding.kind != "noise"]
    recorded = [finding for finding in diagnose(table) if finding.kind == "recorded"]
    false = [finding for record in found.sides[CORRECT].records for finding in alarms(diagnose(record))]
    shown = alarms(alone)
    each = MISTAKES[name]
    if each.look and each.look in {finding.kind for finding in shown}:
        verdict = f"The figures alone give it away: {SYMPTOMS[each.look].title}."
    elif shown:
        verdict = f"The figures look like another mistake: {', '.join(SYMPTOMS[finding.kind].title for finding in shown)}."
    elif any(name in finding.figures["mistakes"] for finding in alone if finding.kind in SYMPTOMS):
        verdict = "The figures are consistent with it, and with much else."
        verdict += " What the run recorded decides." if recorded else f" It would take {each.proof}."
    elif recorded:
        verdict = "The figures alone show nothing of it; what the run recorded does."
    else:
        verdict = f"Neither the figures nor the record show it. It would take {each.proof}."
    correct = "The correct run beside it raises no alarm." if not false else f"The correct run raises an alarm too: {false[0].sentence}"
    raised = frozenset(finding.kind for finding in shown)
    return Conclusions(verdict, alone, recorded, alike(each), correct, shown_by(each.look, raised), raised)


def alike(each: Mistake) -> str:
    """Name the mistakes that figures per epoch cannot tell apart."""
    if each.look is None:
        hidden = [title(name) for name, other in MISTAKES.items() if other.look is None and other is not each]
        return f"It leaves no signature of its own in figures per epoch; nor do these: {'; '.join(hidden)}."
    look = SYMPTOMS[each.look]
    others = [title(name) for name in look.members if name != each.name] + list(look.others)
    if not others:
        return ""
    return f"Figures per epoch cannot tell it from: {'; '.join(others)}. {look.apart}"


@functools.cache
def _counted(path: Path) -> tuple[dict, str] | None:
    """Return the counts, and the budget of the study's runs in words; None where there is no study. The file comes with the program."""
    cases = read(path)
    return (counts(cases), budget_text(cases[0]["runs"][0]["recipe"]["budget"])) if cases else None


def study_text(name: str, path: Path = STUDY) -> str:
    """Say how often the figures alone gave a mistake away in the saved study; '' where nothing is saved, or where the mistake has no signature."""
    found = _counted(path)
    if found is None or not MISTAKES[name].look:
        return ""
    counted, budget = found
    mine, right = counted[name], counted["correct runs"]
    return (f"In the saved study ({budget} a run), the figures alone named what it looks like, and nothing else, in {mine['named']} of {mine['of']} "
            f"seeds; of {right['of']} correct runs {right['false']} raised an alarm.")
