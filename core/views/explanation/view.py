"""The explanation of a run, ready to be drawn: which findings stand first, how sure each is, where each leads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.findings.evidence import Evidence, gather, settings_of
from core.findings.explanation.explain import FOLD, count_words, explain_evidence
from core.findings.explanation.not_finite import NOT_FINITE
from core.findings.explanation.prediction import Prediction
from core.findings.finding import Finding
from core.findings.known_runs import where_from
from core.store.saved import Truth
from core.views.common import saved_options as offered
from core.views.common.text import layers_text

TITLES = {
    "learning": "Is it learning?", "standing": "Among the saved choices", "prediction": "Your prediction", "forecast": "If it were trained fully",
    "ranking": "Do short runs rank?", "presets": "Against the presets", "control": "Against untrained layers", "swap": "One layer swapped",
    "seeding": "Seeding or training?", "fitting": "Over- or underfitting", "calibration": "Calibration",
}


@dataclass(frozen=True)
class Mark:
    """A strength: its word, an icon of its own shape (a Material symbol), and what it means."""

    word: str
    icon: str
    meaning: str


MARKS = {
    "clear": Mark("clear", ":material/check_circle:", "tested, and beyond the noise; or proved by the record"),
    "likely": Mark("likely", ":material/change_history:", "measured, but not tested or only in part"),
    "within": Mark("within", ":material/drag_handle:", "tested, and no more than the named points apart"),
    "unknown": Mark("cannot be told", ":material/question_mark:", "what was asked cannot be said: too few runs, or too few examples"),
}

MARKS_IN_SHORT = " · ".join(f"{MARKS[name].icon} {meaning}" for name, meaning in {
    "clear": "tested, and more than chance", "likely": "measured, not tested", "within": "tested, and about equal",
    "unknown": "too few runs to tell",
}.items())


@dataclass(frozen=True)
class Next:
    """Where to look next. detail: one of the Lab's details of this run; else page: a file of pages/; view: the landscape's, where it is one."""

    label: str
    page: str = ""
    view: str = ""
    detail: str = ""


LANDSCAPE = "pages/landscape.py"
NEXT = {
    "standing": Next("Every saved choice, in the landscape", LANDSCAPE, "Choices"),
    "presets": Next("Every saved choice, in the landscape", LANDSCAPE, "Choices"),
    "control": Next("The control beside every choice, in the landscape", LANDSCAPE, "Choices"),
    "swap": Next("What each layer does, over all choices", LANDSCAPE, "Layer effects"),
    "capacity": Next("Size and accuracy, in the landscape", LANDSCAPE, "Size and speed"),
    "forecast": Next("Short runs against full runs, in the landscape", LANDSCAPE, "Other budgets"),
    "ranking": Next("Short runs against full runs, in the landscape", LANDSCAPE, "Other budgets"),
    "seeding": Next("Before and after training, for every choice", LANDSCAPE, "Before and after"),
    "fitting": Next("The record of this run, with its curve", detail="record"),
    "calibration": Next("Which classes it confuses", detail="confusion"),
    "prediction": Next("This run beside others", detail="against"),
}


@dataclass(frozen=True)
class Explanation:
    """What was found, and what it was found from."""

    evidence: Evidence
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Card:
    """One finding. id: of its own among the cards of a run."""

    id: str
    title: str
    finding: Finding
    mark: Mark
    next: Next


def explanation(record: dict, saved: Iterable[dict], truth: Truth | None, prediction: Prediction | None, inside: dict | None) -> Explanation:
    """Return the findings about a run (core/findings/explanation/explain.py)."""
    evidence = gather(record, saved, truth, inside)
    return Explanation(evidence, tuple(explain_evidence(evidence, prediction)))


def cards(found: Explanation, opened: Callable[[int], bool]) -> tuple[list[Card], list[Card]]:
    """Return the cards (above the fold, below it). opened: whether figures of students of k layers may be seen; findings on other sizes show them.

    The prediction stands below: its sentence is at the head of the result already.
    """
    made = [
        Card(f"{place}_{one.kind}", title(one), one, MARKS[one.strength], following(one)) for place, one in enumerate(found.findings)
        if one.kind != "capacity" or opened(len(one.figures["size_layers"]))
    ]
    first: list[Card] = []
    for one in made:
        if one.finding.kind != "prediction":
            if first and sum(map(words, first)) + words(one) > FOLD:
                break
            first.append(one)
    return first, [one for one in made if one not in first]


def words(one: Card) -> int:
    """Return what of a card above the fold is read: title, strength and sentence."""
    return sum(map(count_words, (one.title, one.mark.word, one.finding.sentence)))


def hidden(found: Explanation, opened: Callable[[int], bool]) -> list[int]:
    """Return sizes of which something is found that may not be seen yet."""
    sizes = {len(one.figures["size_layers"]) for one in found.findings if one.kind == "capacity"}
    return sorted(k for k in sizes if not opened(k))


def title(finding: Finding) -> str:
    if finding.kind == "capacity":
        return f"One layer {finding.figures['change']}"
    if finding.kind == "phenomena":
        return "Beside the best choice" if "best" in finding.figures else "Beside the teacher"
    return TITLES[finding.kind]


def following(finding: Finding) -> Next:
    """Say where to look next after a finding."""
    figures = finding.figures
    if finding.kind == "learning" and figures["mistake"] == NOT_FINITE:
        return Next("The record of this run", detail="record")
    if finding.kind == "learning":
        return Next("The mistakes and their curves", "pages/wrong.py") if figures["mistake"] else Next("How far each part moved", detail="norms")
    if finding.kind == "phenomena":
        if "suggested_layer" in figures:
            return Next("What each layer of the teacher knows", "pages/inside.py")
        by_group = Next("By phenomenon, for every choice", LANDSCAPE, "By phenomenon")
        return by_group if "best" in figures else Next("Accuracy by group", detail="groups")
    return NEXT[finding.kind]


def asked_of_landscape(record: dict, view: str) -> dict:
    """Return the landscape's options that show the runs that this one was compared with."""
    settings = settings_of(record)
    return {"view": view, "objective": offered.objective_text(settings), "training": offered.training_text(settings),
            "k": len(record["recipe"]["layers"])}


def run_rows(found: Explanation, finding: Finding) -> list[dict]:
    """Return the runs that a finding rests on."""
    known = {run["id"]: run for run in (*found.evidence.related, found.evidence.run)}
    runs = [known[run_id] for run_id in finding.runs if run_id in known]
    return [
        {"run": run["id"], "layers": layers_text(run["recipe"]["layers"]), "untrained": run["recipe"]["seeding"]["untrained_layers"],
         "seed": run["recipe"]["seed"], "accuracy": 100 * run["final"]["accuracy"], "file": where_from(run)} for run in runs
    ]
