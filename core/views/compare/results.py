"""What the Compare page draws of its finished entries: metrics, curves on one scale, groups and their runs as a CSV file."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.choice_colour import choice_colour
from core.findings.evidence import choice_of, group_means
from core.findings.finding import points as plain_points
from core.findings.names import group_title
from core.findings.versus import Pair, Side, sides
from core.recipe import Recipe
from core.views.common.export import csv_text
from core.views.common.progress import teacher_level
from core.views.common.saved_options import training_text
from core.views.common.text import layers_text, percent, points
from core.views.compare.entries import LETTERS, title
from core.views.race.curves import RunCurves, curves_of_records

SAVED, MINE, ELSEWHERE = "saved with the program", "your own run", "made here for another learner"


@dataclass(frozen=True)
class PlacedEntry:
    """An entry and its place among the four. record: its finished run, None while there is none. source: where that comes from."""

    letter: str
    recipe: Recipe
    record: dict | None
    source: str = ""


def place_entries(entries: Sequence[Recipe], records: Sequence[dict | None], own_rows: set[int]) -> list[PlacedEntry]:
    """records: the run that answers each entry. own_rows: rows of the store that are this learner's."""
    return [PlacedEntry(letter, entry, record, source(record, own_rows)) for letter, entry, record in zip(LETTERS, entries, records, strict=False)]


def source(record: dict | None, own_rows: set[int]) -> str:
    if record is None:
        return ""
    if record.get("file"):
        return SAVED
    return MINE if record.get("row") in own_rows else ELSEWHERE


def finished_sides(shown: Sequence[PlacedEntry], records: Sequence[dict]) -> list[Side]:
    """Return the finished entries. records: saved runs that may stand beside them."""
    names = distinct_names(shown)
    return sides([(names[one.letter], one.record) for one in shown if one.record is not None], records)


def distinct_names(shown: Sequence[PlacedEntry]) -> dict[str, str]:
    """letter -> name, with all that tells the entries apart; the seed only where nothing else does, since every seed of an entry counts."""
    known = [(title(one.recipe), one.recipe.objective.name, training_text(one.recipe.to_dict())) for one in shown]
    differ = [n for n in range(3) if len({parts[n] for parts in known}) > 1]
    names = {}
    for one, parts in zip(shown, known, strict=True):
        told = [parts[n] for n in differ]
        told += [f"seed {one.recipe.seed}"] if known.count(parts) > 1 else []
        names[one.letter] = f"{one.letter} ({'; '.join(told or [parts[0]])})"
    return names


def colours(found: Sequence[Side]) -> list[str]:
    return [choice_colour(choice_of(side.run), side.run["teacher"]["layers"]) for side in found]


def summary(found: Sequence[Pair]) -> str:
    """'Of 6 pairs, 2 differ beyond noise, 1 is within a few points, for 3 the runs are too few to tell.'"""
    words = [pair.word for pair in found]
    differ, alike, untold = words.count("higher") + words.count("lower"), words.count("within"), words.count("unknown")
    same = len(words) - differ - alike - untold
    if len(words) == 1:
        if differ:
            return "The two differ beyond noise."
        apart = f"The two lie within {plain_points(found[0].verdict.far)} of each other." if alike else ""
        return apart or ("The two differ in the seed alone." if same else "Too few runs to tell the two apart.")
    parts = [f"{differ} differ{'s' if differ == 1 else ''} beyond noise"]
    parts += [f"{alike} {'is' if alike == 1 else 'are'} within a few points of each other"] if alike else []
    parts += [f"for {untold} the runs are too few to tell"] if untold else []
    parts += [f"{same} differ{'s' if same == 1 else ''} in the seed alone"] if same else []
    return f"Of {len(words)} pairs, {', '.join(parts)}."


METRICS = {  # name -> figure of a side
    "accuracy, mean over seeds": lambda side: side.mean,
    "accuracy of this run": lambda side: side.run["final"]["accuracy"],
    "before training": lambda side: side.run["initial"]["accuracy"],
    "loss": lambda side: side.run["final"]["loss"],
    "macro F1": lambda side: side.run["final"].get("macro_f1"),
    "agreement with the teacher": lambda side: side.run["final"].get("agreement"),
    "parameters": lambda side: (side.run.get("parameters") or {}).get("student"),
    "tokens a second": lambda side: side.run.get("tokens_per_second"),
    "seconds": lambda side: side.run.get("seconds"),
}
SMALLER_FIRST = ("loss", "parameters", "seconds")
FORMS = {"loss": "{:.3f}", "macro F1": "{:.3f}", "parameters": "{:,.0f}", "tokens a second": "{:,.0f}", "seconds": "{:,.0f}"}


def form(metric: str, value: float | None) -> str:
    if value is None:
        return "–"
    return FORMS[metric].format(value) if metric in FORMS else percent(value)


def ordered(found: Sequence[Side], metric: str) -> list[Side]:
    """Best first; what was not measured comes last."""
    value = METRICS[metric]
    sign = 1 if metric in SMALLER_FIRST else -1
    return sorted(found, key=lambda side: (value(side) is None, sign * (value(side) or 0.0)))


def table(found: Sequence[Side], metric: str) -> list[dict]:
    """Return a row an entry, every figure as text."""
    rows = []
    for side in ordered(found, metric):
        interval = side.interval
        row = {"entry": side.name, "seeds": str(len(side.own))}
        if any(one.collapsed for one in found):
            row["collapsed runs"] = str(side.collapsed)
        row["95 % interval over seeds"] = "unknown" if interval is None else f"{percent(interval[0])} to {percent(interval[1])}"
        rows.append(row | {name: form(name, value(side)) for name, value in METRICS.items()})
    return rows


def noise_text(found: Sequence[Side]) -> str:
    """Return what the intervals rest on."""
    known = {side.average.sd for side in found if side.noise.known}
    splits = sorted({f"{len(side.run['predictions'])} {side.run['split']} examples" for side in found})
    told = f"Accuracy on {' or '.join(splits)}."
    if known:
        spreads = " or ".join(points(sd).lstrip("+") for sd in sorted(known))
        told += f" Intervals: of the mean over seeds, from the entry's own seeds; their SD is {spreads} on average over saved choices like it."
    if any(not side.noise.known for side in found):
        told += " Where the interval is unknown, too few runs with these settings were saved."
    return told


def multiples(found: Sequence[Side]) -> tuple[RunCurves, float, dict[str, float | None]]:
    """Return the curves of all entries on one scale, the start of their accuracy axis, and the teacher's accuracy by entry."""
    drawn = curves_of_records([side.run for side in found], called=[side.name for side in found])
    low = int(10 * min((row["value"] for row in drawn.accuracies), default=0.0)) / 10
    return drawn, low, {side.name: teacher_level(side.run) for side in found}


def groups(found: Sequence[Side]) -> tuple[list[str], list[str], list[dict]]:
    """(rows, groups, cells) of the heat map: the teacher where it is known by group, then the entries; groups that all have."""
    tables = {side.name: {name: share for name, (share, _) in group_means(list(side.own)).items()} for side in found}
    names = [name for name in next(iter(tables.values()), {}) if all(name in one for one in tables.values())]
    teacher = {name: group["accuracy"] for name, group in (found[0].run["teacher"].get("groups") or {}).items()} if found else {}
    if len({side.run["split"] for side in found}) == 1 and names and all(name in teacher for name in names):
        tables = {"teacher": teacher} | tables
    titles = {name: group_title(name) for name in names}
    cells = [{"row": row, "group": titles[name], "accuracy": one[name]} for row, one in tables.items() for name in names]
    return list(tables) if names else [], list(titles.values()), cells


CSV_COLUMNS = (
    "entry", "teacher", "task", "layers", "objective", "training", "seed", "split", "before", "accuracy", "loss", "macro_f1", "agreement",
    "teacher_accuracy", "parameters", "tokens_per_second", "seconds", "id", "from",
)


def as_csv(found: Sequence[Side]) -> str:
    """Return every run of every entry, one a row: the entry's own first, then the saved ones of other seeds."""
    rows = []
    for side in found:
        for run in side.own:
            recipe, final = run["recipe"], run["final"]
            rows.append(run | {
                "entry": side.name, "teacher": recipe["teacher"], "task": recipe["task"], "objective": recipe["objective"]["name"],
                "layers": layers_text(recipe["layers"]) if choice_of(run) else "untrained", "training": training_text(recipe),
                "seed": recipe["seed"], "before": run["initial"]["accuracy"], "accuracy": final["accuracy"], "loss": final["loss"],
                "macro_f1": final.get("macro_f1"), "agreement": final.get("agreement"), "teacher_accuracy": run["teacher"]["accuracy"],
                "parameters": (run.get("parameters") or {}).get("student"), "from": run.get("file") or "made here",
            })
    return csv_text(rows, CSV_COLUMNS)
