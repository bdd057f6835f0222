"""The landscape seen from other sides: before training, by layer, by group, by size, over short runs and over tasks."""

from collections.abc import Sequence

import numpy as np

from core.figures.choice_colour import choice_colour
from core.figures.heat_maps import most_group_rows
from core.findings.evidence import UNTRAINED, Choice, group_means
from core.findings.finding import p_value
from core.findings.landscape import Landscape, judged, short_run_truth
from core.findings.names import group_title, pair_text
from core.recipe import preset_label, preset_of
from core.statistics.agreement import kendall_tau
from core.statistics.short_runs import ShortRunTruth
from core.views.common.saved_options import training_text
from core.views.common.text import layers_text, percent
from core.views.landscape.view import name_of


def label_of(choice: Choice, layers: int) -> str:
    """What stands beside a point: a preset's name, '' for most choices."""
    if not choice:
        return "untrained"
    name = preset_of(choice, layers)
    return preset_label(name, len(choice)).removeprefix("the ").partition(",")[0] if name else ""


def before_after(one: Landscape) -> tuple[list[dict], float | None]:
    """Rows for the figure, and Kendall's tau between the two accuracies over all choices but the control; None when that is constant."""
    before = {choice: float(np.mean([run["initial"]["accuracy"] for run in runs])) for choice, runs in one.runs.items()}
    rows = [
        {"name": name_of(choice, one.layers), "before": before[choice], "after": after, "colour": choice_colour(choice, one.layers),
         "label": label_of(choice, one.layers)}
        for choice, after in one.means.items()
    ]
    ranked = [choice for choice in one.means if choice != UNTRAINED]
    tau = kendall_tau([before[choice] for choice in ranked], [one.means[choice] for choice in ranked]) if len(ranked) > 1 else float("nan")
    return rows, tau if tau == tau else None


def seeding_text(one: Landscape) -> str:
    """What the accuracy before the first step says, in words."""
    rows, tau = before_after(one)
    values = [row["before"] for row in rows]
    told = f"Before the first step the students reach {percent(min(values))} to {percent(max(values))}"
    majority = one.one.get("majority")
    if majority is not None:
        told += f"; always naming the most frequent class reaches {percent(majority)}"
    told += f". After training: {percent(min(row['after'] for row in rows))} to {percent(max(row['after'] for row in rows))}."
    if tau is not None:
        told += f" Kendall's tau between the two orders of choices is {tau:.2f}: 1 is the same order, 0 is no relation."
    return told


def effects_text(one: Landscape) -> list[str]:
    """How far the effects of single layers go, in sentences."""
    told = []
    if one.fit:
        told.append(
            f"Single layers foretell a seed that was held out with R² {one.fit.additive:.2f}; knowing every choice's true mean would give "
            f"{one.fit.ceiling:.2f}, the ceiling that seed noise sets."
        )
    else:
        told.append("With one seed a choice the model cannot be tested on another seed, so no R² is given.")
    block = one.pair_block
    if block:
        clear = "Which layers stand together matters" if block.p <= 0.05 else "It is not shown that it matters which layers stand together"
        told.append(
            f"{clear}: all pairs of layers as one block explain {percent(block.share, 0)} of what single layers leave "
            f"({percent(block.expected, 0)} by chance; permutation test, p is {p_value(block.p)})."
        )
    else:
        told.append("Pairs of layers cannot be tested here: they would fit these choices exactly, or there are too few choices.")
    return told


def groups(one: Landscape) -> tuple[list[str], list[str], list[dict]]:
    """(rows, groups, cells) of the heat map: the teacher where it is known by group, then the choices, best first."""
    tables = {choice: {name: share for name, (share, _) in group_means(one.runs[choice]).items()} for choice in one.means}
    names = list(next(iter(tables.values())))
    named = {("untrained" if choice == UNTRAINED else layers_text(choice)): table for choice, table in tables.items()}
    most = most_group_rows(len(names))
    if len(named) > most:
        kept = list(named)[: most // 2] + list(named)[-(most // 2):]
        named = {name: named[name] for name in kept}
    teacher = {name: group["accuracy"] for name, group in (one.one["teacher"].get("groups") or {}).items() if name in names}
    rows = ({"teacher": teacher} if len(teacher) == len(names) else {}) | named
    titles = {name: group_title(name) for name in names}
    cells = [{"row": row, "group": titles[name], "accuracy": table[name]} for row, table in rows.items() for name in names]
    return list(rows), list(titles.values()), cells


def short_runs(one: Landscape, found: Sequence[Landscape]) -> list[tuple[str, int, ShortRunTruth]]:
    """(budget, seeds, truth) of every other budget against the full runs."""
    full, *others = judged(one, found) or [None]
    seeds = lambda short: min(len(short.runs[choice]) for choice in short.choices)
    return [(training_text(short.settings), seeds(short), short_run_truth(short, full)) for short in others]


def short_run_rows(made: Sequence[tuple[str, int, ShortRunTruth]]) -> list[dict]:
    return [
        {"name": budget, "tau": truth.tau, "low": truth.interval[0], "high": truth.interval[1], "ceiling": truth.ceiling,
         "trivial": truth.trivial_tau}
        for budget, _, truth in made
    ]


def short_run_table(made: Sequence[tuple[str, int, ShortRunTruth]]) -> list[dict]:
    """The same in words and numbers, with the agreement on pairs."""
    span = lambda interval, form: f"{form(interval[0])} to {form(interval[1])}"
    tau = lambda value: f"{value:.2f}"
    share = lambda value: percent(value, 0)
    return [
        {"budget": budget, "seeds": seeds, "choices": truth.choices, "tau with the full runs": f"{tau(truth.tau)} ({span(truth.interval, tau)})",
         "noise ceiling": tau(truth.ceiling), "tau of the sum of layers": tau(truth.trivial_tau), "pairs that tie": share(truth.ties),
         "other pairs in the same order": "–" if truth.agreement is None else f"{share(truth.agreement)} ({span(truth.agreement_interval, share)})",
         "by the sum of layers": share(truth.trivial_agreement)}
        for budget, seeds, truth in made
    ]


def basis(ones: Sequence[Landscape]) -> str:
    """What the resampling behind an interval over these landscapes holds."""
    told = "seeds and test examples resampled"
    for noise, known in (("seeds", [one.ranking.seeds for one in ones]), ("test examples", [one.ranking.examples for one in ones])):
        if not all(known):
            missing = ", ".join(f"{pair_text(*one.pair)}, {training_text(one.settings)}" for one, there in zip(ones, known, strict=True) if not there)
            told += f"; not the {noise} of {missing}, of which too little is known, so that noise is understated"
    return told
