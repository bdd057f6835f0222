"""Which saved runs the landscape page shows: as rows, in words, and all of them as a CSV file."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.figures.choice_colour import choice_colour
from core.figures.layer_rows import most_rows
from core.findings.evidence import UNTRAINED, Choice, choice_of, settings_of
from core.findings.landscape import BETTER, UNKNOWN, WORSE, Landscape
from core.findings.words import cell
from core.models.catalogue import slug
from core.statistics.collapse import collapsed_text
from core.store.ground import ground
from core.views.common.export import csv_text
from core.views.common.saved_options import objective_text, training_text
from core.views.common.text import choice_text, layers_text, percent, points

CONTROL = "untrained"
CSV_COLUMNS = (
    "teacher", "task", "objective", "training", "layers", "seed", "before", "accuracy", "macro_f1", "agreement", "teacher_accuracy", "majority",
    "split", "parameters", "tokens_per_second", "seconds", "device", "dtype", "id", "file",
)


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


def identity(choice: Choice) -> str:
    return ",".join(map(str, choice)) or CONTROL


def name_of(choice: Choice, layers: int) -> str:
    return choice_text(choice, layers) if choice else "untrained layers, the control"


def own_runs(one: Landscape, records: Iterable[dict]) -> dict[Choice, list[dict]]:
    """Return those of the learner's runs that are of this landscape: the same teacher, data, settings, size and split."""
    found: dict[Choice, list[dict]] = {}
    for record in records:
        same = ground(record) == one.ground and record["split"] == one.one["split"] and len(record["recipe"]["layers"]) == one.k
        if same and settings_of(record) == one.settings and not {"mistake", "staged"} & set(record):
            found.setdefault(choice_of(record), []).append(record)
    return found


def rows(one: Landscape, own: dict[Choice, list[dict]] | None = None, by: str = "accuracy") -> list[Row]:
    """Return a row a choice, best first; by: "accuracy" or "layers". The interval is that of the mean, from the noise of the choice's own seeds."""
    own = own or {}
    made = []
    for choice in {**one.runs, **own}:
        runs = [run["final"]["accuracy"] for run in one.runs.get(choice, [])]
        mean = one.means[choice] if runs else None
        span = one.interval(choice) if runs else None
        mine = tuple(run["final"]["accuracy"] for run in own.get(choice, []))
        note = note_of(one, choice) if runs else "yours only"
        if choice and list(choice) != sorted(set(choice)):
            note = f"order {layers_text(choice)}" + (f"; {note}" if note else "")
        low, high = span or (None, None)
        made.append(Row(identity(choice), choice, name_of(choice, one.layers), choice_colour(choice, one.layers), mean, low, high, tuple(runs), mine,
                        note if choice else f"untrained{f'; {note}' if note else ''}"))
    if by == "layers":
        return sorted(made, key=lambda row: (row.choice == UNTRAINED, row.choice))
    return sorted(made, key=lambda row: (-(row.mean if row.mean is not None else float(np.mean(row.own))), row.choice))


def note_of(one: Landscape, choice: Choice) -> str:
    """Return how a choice stands beside the best, and what collapsed: '1 of 3 runs collapsed; can be the best'."""
    said = collapsed_text(one.collapsed.get(choice, 0), len(one.runs[choice]))
    word = one.against_best.get(choice)
    if word is None:
        told = "highest mean"
    elif word == BETTER:
        told = "better than the best choice"
    elif word not in (WORSE, UNKNOWN):
        told = f"{cell(one.beside_best(choice))} of the best"
    else:
        told = "can be the best" if choice in one.can_be_best and one.noises[choice].known else ""
    return "; ".join(filter(None, (said, told)))


def fitting(found: list[Row], layers: int) -> list[Row]:
    """Return as many rows as one chart holds; where there are more, the first and the last of them, and the learner's own."""
    seeds, own = max(len(row.seeds) for row in found), max(len(row.own) for row in found)
    most = most_rows(layers, seeds, own)
    if len(found) <= most:
        return found
    middle = found[most // 2 : len(found) - most // 2]
    kept = [row for row in middle if row.own][: most // 4]
    half = (most - len(kept)) // 2
    return sorted({id(row): row for row in (*found[:half], *kept, *found[-half:])}.values(), key=found.index)


def levels(one: Landscape, lowest: float) -> dict[str, float]:
    """Return lines through all rows: the teacher, and always naming the most frequent class where that is not far below all rows."""
    found = {"teacher": float(one.one["teacher"]["accuracy"])}
    majority = one.one.get("majority")
    return found | ({"one class": majority} if majority is not None and majority > lowest - 0.05 else {})


def headline(one: Landscape) -> str:
    """Sum the landscape up in two or three sentences."""
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
    sentences = [what, f"Best mean: {name_of(best, one.layers)}, {percent(high)}; lowest: {name_of(worst, one.layers)}, {percent(low)}."]
    sentences.append(f"The teacher: {percent(one.one['teacher']['accuracy'])}.")
    sentences += place_sentences(one, ranked)
    if one.against_best.get(UNTRAINED, WORSE) != WORSE:
        sentences.append("The untrained control is not shown to be below it.")
    return " ".join(sentences)


def story_headline(one: Landscape) -> list[str]:
    """Return the same for the story, in short sentences."""
    ranked = {choice: mean for choice, mean in one.means.items() if choice in one.choices}
    if not ranked:
        return [f"Only untrained layers are saved: {percent(one.means[UNTRAINED])}."]
    worst, many = min(ranked, key=ranked.get), len(ranked)
    said = [f"Best: {name_of(one.best, one.layers)}, {percent(ranked[one.best])}.", f"Lowest: {name_of(worst, one.layers)}, "
            f"{percent(ranked[worst])}." if many > 1 else "", f"The teacher: {percent(one.one['teacher']['accuracy'])}."]
    if many > 1 and not one.noises[one.best].known:
        said.append("Too few runs to tell which choices are better: hardly any was repeated with other seeds.")
    elif many > 1:
        can = len(one.can_be_best)
        said.append(f"Taking chance into account, {can} of the {many} choices can be the best." if can > 1 else
                    f"It is ahead of all {many - 1} others by more than chance.")
    fell = sum(count for choice, count in one.collapsed.items() if choice != UNTRAINED)
    if fell:
        said.append(f"{fell} run{'s' if fell != 1 else ''} collapsed and named one label for nearly everything.")
    return [sentence for sentence in said if sentence]


def place_sentences(one: Landscape, ranked: Iterable[Choice]) -> list[str]:
    """Say how many choices are shown to be worse than the best and how many can be the best, and which runs collapsed."""
    others, found = [choice for choice in ranked if choice != one.best], []
    words = [one.against_best[choice] for choice in others]
    if others and not one.noises[one.best].known:
        found.append("Too few runs to tell which choices are better: hardly any was repeated with other seeds.")
    elif others:
        worse, can = words.count(WORSE), len(one.can_be_best)
        shown = f"{worse} of the {len(others)} others {'is' if worse == 1 else 'are'} shown to be worse"
        if len(others) == 1:
            shown = "The other is shown to be worse" if worse else "The other is not shown to be worse"
        found.append(f"{shown}; {can} choice{'s' if can != 1 else ''} can be the best, as far as these seeds and test examples tell.")
    fell = {choice: count for choice, count in one.collapsed.items() if choice != UNTRAINED}
    if fell:
        named = "; ".join(f"{name_of(choice, one.layers)}: {count} of {len(one.runs[choice])}" for choice, count in fell.items())
        found.append(f"Runs that collapsed, naming one class for nearly everything, count in their means ({named}).")
    return found


def noise_text(one: Landscape) -> str:
    """Say how the intervals and verdicts were computed."""
    n = len(one.one["predictions"])
    if one.noise.sd is None:
        return f"Accuracy on {n} {one.one['split']} examples; one seed a choice, so no interval can be given."
    tested = "paired by example" if one.known else "bounded by the predictions that differ"
    return (f"Accuracy on {n} {one.one['split']} examples. Bars: 95 % interval of the mean over seeds, from the choice's own seeds (SD between seeds "
            f"of one choice on average: {points(one.noise.sd).lstrip('+')}). Verdicts: seeds and test-set noise ({tested}) together, all pairs "
            "counted, since the best is found on the same runs.")


def csv_name(one: Landscape) -> str:
    return "--".join(map(slug, one.pair))


def csv_table(found: Iterable[Landscape]) -> str:
    """Return every run of the landscapes as CSV."""
    rows = []
    for one in found:
        for choice, runs in one.runs.items():
            for run in runs:
                environment, final = run["environment"], run["final"]
                rows.append(run | {
                    "teacher": one.pair[0], "task": one.pair[1], "objective": objective_text(one.settings), "training": training_text(one.settings),
                    "layers": identity(choice), "seed": run["recipe"]["seed"], "before": run["initial"]["accuracy"], "accuracy": final["accuracy"],
                    "macro_f1": final.get("macro_f1"), "agreement": final.get("agreement"), "teacher_accuracy": run["teacher"]["accuracy"],
                    "majority": run.get("majority"), "parameters": run["parameters"]["student"], "device": environment["device"],
                    "dtype": environment.get("dtype"),
                })
    return csv_text(rows, CSV_COLUMNS)
