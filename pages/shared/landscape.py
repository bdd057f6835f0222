"""Which saved runs the landscape page shows, as rows and in words. No Streamlit."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.figures.choice_colour import choice_colour
from core.figures.landscape import most_rows
from core.findings.evidence import UNTRAINED, Choice, choice_of, settings_of
from core.findings.landscape import AHEAD, BEHIND, TIE, UNKNOWN, Landscape, fullest
from core.models.catalogue import TEACHERS, slug
from core.recipe import BUNDLES, RUNGS, Budget, Optimiser, bundle
from core.recipe.tuning import split_teacher
from pages.shared import objectives
from pages.shared.choice import short_name
from pages.shared.text import choice_text, layers_text, percent, points

CONTROL = "untrained"
NOTES = {TIE: "tie with the best", BEHIND: "", AHEAD: "above the best", UNKNOWN: ""}


def pairs(found: Iterable[Landscape]) -> list[tuple[str, str]]:
    """Teachers and tasks with saved runs, those of most runs first."""
    runs: dict[tuple[str, str], int] = {}
    for one in found:
        runs[one.pair] = runs.get(one.pair, 0) + sum(map(len, one.runs.values()))
    return sorted(runs, key=lambda pair: (-runs[pair], pair))


def pair_text(teacher: str, task: str) -> str:
    base, seed = split_teacher(teacher)
    name = TEACHERS[base].title if base in TEACHERS else short_name(base)
    return f"{name}{f', teacher seed {seed}' if seed else ''} on {short_name(task)}"


def objective_text(settings: dict) -> str:
    """'Hinton: soft targets and labels', with what differs from the bundle of that name."""
    objective = settings["objective"]
    usual = json.loads(json.dumps(_plain(bundle(objective["name"])))) if objective["name"] in BUNDLES else {}
    changed = [f"{name.replace('_', ' ')} {layers_text(value) if isinstance(value, list) else value}"
               for name, value in objective.items() if name in ("temperature", "match", "hidden_layers") and value != usual.get(name, value)]
    return ", ".join([objectives.title(objective["name"]), *changed])


def _plain(objective) -> dict:
    return {"temperature": objective.temperature, "match": objective.match, "hidden_layers": objective.hidden_layers}


def training_text(settings: dict) -> str:
    """'3 epochs', '240 steps · learning rate 5e-05 · fresh head': the budget, and whatever is not as usual."""
    budget = Budget(**settings["budget"])
    told = [f"{budget.steps} steps" if budget.steps else f"{budget.epochs} epoch{'s' if budget.epochs != 1 else ''}"]
    if budget.rung == "full":
        told[0] += " (full)"
    if budget.examples:
        told.append(f"{budget.examples} examples")
    usual = Optimiser()
    told += [f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
             for name, value in settings["optimiser"].items() if value != getattr(usual, name)]
    told += ["fresh head"] * settings["seeding"]["fresh_head"] + ["fresh embeddings"] * (not settings["seeding"]["copy_embeddings"])
    return " · ".join(told)


@dataclass(frozen=True)
class Options:
    """What can be asked for among the runs of a teacher and task, and what is shown: one landscape, the rest following from it."""

    objectives: list[str]
    trainings: list[str]
    sizes: list[int]
    shown: Landscape


def options(found: Sequence[Landscape], objective: str | None, training: str | None, k: int | None) -> Options:
    """found: of one teacher and task, at least one. What is asked for and not there gives way to the fullest that is."""
    order = sorted(found, key=lambda one: (list(BUNDLES).index(name) if (name := one.settings["objective"]["name"]) in BUNDLES else 99, _length(one)))
    text = lambda one: (objective_text(one.settings), training_text(one.settings))
    names = list(dict.fromkeys(text(one)[0] for one in order))
    best = fullest(found)
    objective = objective if objective in names else text(best)[0]
    with_objective = [one for one in order if text(one)[0] == objective]
    trainings = list(dict.fromkeys(text(one)[1] for one in with_objective))
    training = training if training in trainings else text(fullest(with_objective))[1]
    left = [one for one in with_objective if text(one)[1] == training]
    sizes = sorted({one.k for one in left})
    shown = next((one for one in left if one.k == k), None) or fullest(left)
    return Options(names, trainings, sizes, shown)


def _length(one: Landscape) -> tuple:
    budget = one.settings["budget"]
    return budget["epochs"] or 0, budget["steps"] or 0, training_text(one.settings)


@dataclass(frozen=True)
class Row:
    """A choice. id: its layers, or CONTROL. mean: None where only the learner ran it. seeds, own: accuracies of single runs."""

    id: str
    choice: Choice
    name: str
    colour: str
    mean: float | None
    low: float | None
    high: float | None
    seeds: tuple[float, ...]
    own: tuple[float, ...]
    note: str

    def drawn(self) -> dict:
        """As `core.figures.landscape.choice_rows` takes it."""
        return {"id": self.id, "name": self.name, "layers": list(self.choice), "colour": self.colour, "mean": self.mean, "low": self.low,
                "high": self.high, "seeds": list(self.seeds), "own": list(self.own), "note": self.note}


def identity(choice: Choice) -> str:
    return ",".join(map(str, choice)) or CONTROL


def name_of(choice: Choice, layers: int) -> str:
    return choice_text(choice, layers) if choice else "untrained layers, the control"


def own_runs(one: Landscape, records: Iterable[dict]) -> dict[Choice, list[dict]]:
    """Those of the learner's runs that are of this landscape: the same weights, data, settings, size and split."""
    found: dict[Choice, list[dict]] = {}
    for record in records:
        ground = (record["teacher"].get("hash"), record["task_hash"])
        same = ground == one.ground and record["split"] == one.one["split"] and len(record["recipe"]["layers"]) == one.k
        if same and settings_of(record) == one.settings and not {"mistake", "staged"} & set(record):
            found.setdefault(choice_of(record), []).append(record)
    return found


def rows(one: Landscape, own: dict[Choice, list[dict]] | None = None, by: str = "accuracy") -> list[Row]:
    """A row a choice, best first; by: "accuracy" or "layers". The interval is that of the mean, from the seed SD pooled over choices."""
    own = own or {}
    made = []
    for choice in {**one.runs, **own}:
        runs = [run["final"]["accuracy"] for run in one.runs.get(choice, [])]
        mean = one.means[choice] if runs else None
        half = one.noise.half_width(len(runs)) if runs and one.noise.sd else None
        mine = tuple(run["final"]["accuracy"] for run in own.get(choice, []))
        note = NOTES.get(one.against_best.get(choice), "best" if runs else "yours only")
        if choice and list(choice) != sorted(set(choice)):
            note = f"order {layers_text(choice)}" + (f"; {note}" if note else "")
        span = (None, None) if half is None else (max(0.0, mean - half), min(1.0, mean + half))
        made.append(Row(identity(choice), choice, name_of(choice, one.layers), choice_colour(choice, one.layers), mean, *span, tuple(runs), mine,
                        note if choice else f"untrained{f'; {note}' if note else ''}"))
    if by == "layers":
        return sorted(made, key=lambda row: (row.choice == UNTRAINED, row.choice))
    return sorted(made, key=lambda row: (-(row.mean if row.mean is not None else float(np.mean(row.own))), row.choice))


def fitting(found: list[Row], layers: int) -> list[Row]:
    """As many rows as one chart holds: where there are more, the first and the last of them, and the learner's own."""
    seeds, own = max(len(row.seeds) for row in found), max(len(row.own) for row in found)
    most = most_rows(layers, seeds, own)
    if len(found) <= most:
        return found
    middle = found[most // 2 : len(found) - most // 2]
    kept = [row for row in middle if row.own][: most // 4]
    half = (most - len(kept)) // 2
    return sorted({id(row): row for row in (*found[:half], *kept, *found[-half:])}.values(), key=found.index)


def levels(one: Landscape, lowest: float) -> dict[str, float]:
    """Lines through all rows: the teacher, and always naming the most frequent class where that is not far below all rows."""
    found = {"teacher": float(one.one["teacher"]["accuracy"])}
    majority = one.one.get("majority")
    return found | ({"one class": majority} if majority is not None and majority > lowest - 0.05 else {})


def headline(one: Landscape) -> str:
    """What the landscape says, in two or three sentences."""
    ranked = {choice: mean for choice, mean in one.means.items() if choice in one.choices}
    others = len([choice for choice in one.means if choice != UNTRAINED]) - len(ranked)
    if not ranked:
        return f"Only the control, untrained layers, is saved: {percent(one.means[UNTRAINED])}."
    counts = [len(one.runs[choice]) for choice in ranked]
    seeds = f"{counts[0]} seed{'s' if counts[0] != 1 else ''} each" if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)} seeds each"
    orders = f", and {others} in another order" if others else ""
    what = f"{len(ranked)} choice{'s' if len(ranked) != 1 else ''} of {one.k} of {one.layers} layers, {seeds}{orders}."
    best, worst = one.best, min(ranked, key=ranked.get)
    high, low = ranked[best], ranked[worst]
    told = [what, f"Best mean: {name_of(best, one.layers)}, {percent(high)}; lowest: {name_of(worst, one.layers)}, {percent(low)}."]
    told.append(f"The teacher: {percent(one.one['teacher']['accuracy'])}.")
    verdicts = [one.against_best[choice] for choice in ranked if choice != best]
    if UNKNOWN in verdicts:
        told.append("Too few choices have been repeated with other seeds to say which gaps exceed noise.")
    elif verdicts:
        ties = verdicts.count(TIE)
        what = f"{ties} other choices tie" if ties > 1 else "One other choice ties" if ties else "No other choice ties"
        told.append(f"{what} with the best, as far as these seeds and test examples tell.")
    if one.against_best.get(UNTRAINED) in (TIE, AHEAD):
        told.append("The untrained control is not shown to be below it.")
    return " ".join(told)


def noise_text(one: Landscape) -> str:
    """How the intervals and ties were had."""
    n = len(one.one["predictions"])
    if one.noise.sd is None:
        return f"Accuracy on {n} {one.one['split']} examples; one seed a choice, so no interval can be given."
    tested = "paired by example" if one.known else "bounded by the predictions that differ"
    return (
        f"Accuracy on {n} {one.one['split']} examples. Bars: 95 % interval of the mean over seeds, from the SD between seeds pooled over "
        f"choices ({points(one.noise.sd).lstrip('+')}, {one.noise.df} degrees of freedom). Ties: seeds and test-set noise ({tested}) "
        "together, all comparisons with the best counted (Holm)."
    )


COLUMNS = (
    "teacher", "task", "objective", "training", "layers", "seed", "before", "accuracy", "macro_f1", "agreement", "teacher_accuracy", "majority",
    "split", "parameters", "tokens_per_second", "seconds", "device", "dtype", "id", "file",
)


def file_name(one: Landscape) -> str:
    return "--".join(map(slug, one.pair))


def table(found: Iterable[Landscape]) -> str:
    """Every run of the landscapes as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        for choice, runs in one.runs.items():
            for run in runs:
                environment, final = run["environment"], run["final"]
                values = {
                    "teacher": one.pair[0], "task": one.pair[1], "objective": objective_text(one.settings), "training": training_text(one.settings),
                    "layers": identity(choice), "seed": run["recipe"]["seed"], "before": run["initial"]["accuracy"], "accuracy": final["accuracy"],
                    "macro_f1": final.get("macro_f1"), "agreement": final.get("agreement"), "teacher_accuracy": run["teacher"]["accuracy"],
                    "majority": run.get("majority"), "parameters": run["parameters"]["student"], "device": environment["device"],
                    "dtype": environment.get("dtype"),
                }
                writer.writerow([values.get(name, run.get(name)) for name in COLUMNS])
    return out.getvalue()


def rung_of(settings: dict) -> str | None:
    """The ladder's name of the budget."""
    return next((name for name, budget in RUNGS.items() if budget == Budget(**settings["budget"])), None)
