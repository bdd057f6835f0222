"""The landscape seen from other sides: before training, by layer, by group, by size, over short runs and over tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.figures.choice_colour import choice_colour
from core.figures.heat_maps import most_group_rows
from core.findings.evidence import UNTRAINED, Choice, group_means
from core.findings.finding import p_value
from core.findings.landscape import Landscape, fullest, judged, short_run_truth
from core.findings.names import group_title, pair_lines, pair_text
from core.findings.two_landscapes import SharedOrder, shared_order
from core.recipe import known_as, preset_label, preset_of
from core.statistics.agreement import kendall_tau
from core.statistics.ranking import Agreement, ShortRunTruth
from core.views.common.saved_options import training_text
from core.views.common.text import layers_text, percent
from core.views.landscape.view import identity, name_of


def label_of(choice: Choice, layers: int) -> str:
    """Return what stands beside a point: a preset's name, '' for most choices."""
    if not choice:
        return "untrained"
    name = preset_of(choice, layers)
    known = known_as(name, layers, len(choice))
    return f"{name} ({known})" if known else preset_label(name, len(choice)).removeprefix("the ").partition(",")[0] if name else ""


def before_after(one: Landscape) -> tuple[list[dict], float | None]:
    """Return rows for the figure, and Kendall's tau between the two accuracies over all choices but the control; None when that is constant."""
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
    """Say what the accuracy before the first step shows."""
    rows, tau = before_after(one)
    values = [row["before"] for row in rows]
    text = f"Before the first step the students reach {percent(min(values))} to {percent(max(values))}"
    majority = one.one.get("majority")
    if majority is not None:
        text += f"; always naming the most frequent class reaches {percent(majority)}"
    text += f". After training: {percent(min(row['after'] for row in rows))} to {percent(max(row['after'] for row in rows))}."
    if tau is not None:
        text += f" The two orders of choices agree by {tau:.2f}: 1 is the same order, 0 is no relation."
    return text


def neighbours_text(one: Landscape) -> str:
    """Say how far it tells a choice's accuracy which neighbours are both missing."""
    by_pairs = one.left_out[0]
    if by_pairs is None:
        return "Too few choices lack the same two neighbours, so these numbers cannot be tested on choices left out."
    return f"Each choice left out in turn, these numbers predict its accuracy with R² {by_pairs:.2f}: 1 is exact, 0 no better than the others' mean."


def layers_heading(one: Landscape) -> str:
    """Return the heading over the effects of single layers: whether they tell less is said where both were tested."""
    by_pairs, by_layers = one.left_out
    if by_pairs is None or by_layers is None:
        return "Layer by layer"
    tell = "tell less" if by_layers < by_pairs else "tell as much or more"
    return f"Layer by layer: single layers {tell} (R² {by_layers:.2f} against {by_pairs:.2f})"


def effects_text(one: Landscape) -> list[str]:
    """Say how far the effects of single layers go, in sentences."""
    sentences = []
    if one.fit:
        sentences.append(f"Single layers predict a seed that was held out with R² {one.fit.additive:.2f}; knowing every choice's true mean would "
                         f"give {one.fit.ceiling:.2f}, the ceiling that seed noise sets.")
    else:
        sentences.append("With one seed a choice the model cannot be tested on another seed, so no R² is given.")
    block = one.pair_block
    if block:
        clear = "Which layers stand together matters" if block.p <= 0.05 else "It is not shown that it matters which layers stand together"
        sentences.append(f"{clear}: all pairs of layers as one block explain {percent(block.share, 0)} of what single layers leave "
                         f"({percent(block.expected, 0)} by chance; permutation test, p is {p_value(block.p)}).")
    else:
        sentences.append("Pairs of layers cannot be tested here: they would fit these choices exactly, or there are too few choices.")
    return sentences


def groups(one: Landscape) -> tuple[list[str], list[str], list[dict]]:
    """Return (rows, groups, cells) of the heat map: the teacher where it is known by group, then the choices, best first."""
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
    """Return (budget, seeds, truth) of every other budget against the full runs."""
    full, *others = judged(one, found) or [None]
    seeds = lambda short: min(len(short.runs[choice]) for choice in short.choices)
    return [(training_text(short.settings), seeds(short), short_run_truth(short, full)) for short in others]


def short_run_rows(made: Sequence[tuple[str, int, ShortRunTruth]]) -> list[dict]:
    return [
        tau_row(budget, truth, truth.trivial_tau) for budget, _, truth in made
    ]


def tau_row(name: str, one: Agreement | ShortRunTruth, trivial: float | None = None) -> dict:
    """Return a row of `tau_chart`."""
    low, high = one.interval or (None, None)
    return {"name": name, "tau": one.tau, "low": low, "high": high, "ceiling": one.ceiling, "ceiling_low": one.ceiling_range[0],
            "ceiling_high": one.ceiling_range[1], "trivial": trivial}


def short_run_table(made: Sequence[tuple[str, int, ShortRunTruth]]) -> list[dict]:
    """Return the same in words and numbers, with the agreement on pairs."""
    span = lambda interval, form: f" ({form(interval[0])} to {form(interval[1])})" if interval else ""
    tau = lambda value: f"{value:.2f}"
    share = lambda value: percent(value, 0)
    return [
        {"budget": budget, "seeds": seeds, "choices": truth.choices, "tau with the full runs": f"{tau(truth.tau)}{span(truth.interval, tau)}",
         "noise ceiling": f"{tau(truth.ceiling)}{span(truth.ceiling_range, tau)}", "tau of the sum of layers": tau(truth.trivial_tau),
         "pairs not told apart": share(truth.ties),
         "other pairs in the same order": "–" if truth.agreement is None else f"{share(truth.agreement)}{span(truth.agreement_interval, share)}",
         "by the sum of layers": "–" if truth.trivial_agreement is None else share(truth.trivial_agreement)}
        for budget, seeds, truth in made
    ]


def basis(ones: Sequence[Landscape]) -> str:
    """Say what noise an interval over these landscapes holds."""
    few = [one for one in ones if not all(noise.known for noise in one.ranking.noises)]
    missing = ", ".join(f"{pair_text(*one.pair)}, {training_text(one.settings)}" for one in few)
    left_out = f"; not the noise of seeds of {missing}, since too little is known of it" if missing else ""
    return f"the noise of seeds, each choice's own, and of test examples{left_out}"


@dataclass(frozen=True)
class Size:
    """A student, or the teacher: parameters, non-pad tokens a second while training (None where unknown), accuracy."""

    name: str
    parameters: int
    speed: float | None
    accuracy: float
    colour: str
    label: str


def same_but_size(one: Landscape, found: Iterable[Landscape]) -> list[Landscape]:
    """Return the landscapes of every size of the same teacher, data and settings, this one among them."""
    return [other for other in found if (other.pair, other.ground, other.settings) == (one.pair, one.ground, one.settings)]


def sizes(one: Landscape, found: Iterable[Landscape]) -> list[Size]:
    """Return every choice of every size at the same settings, and the teacher."""
    made = []
    for other in same_but_size(one, found):
        for choice, mean in other.means.items():
            runs = other.runs[choice]
            speeds = [run["tokens_per_second"] for run in runs if run.get("tokens_per_second")]
            speed = float(np.median(speeds)) if speeds else None
            colour = choice_colour(choice, one.layers)
            made.append(Size(f"{name_of(choice, one.layers)}: {percent(mean)}", runs[0]["parameters"]["student"], speed, mean, colour, ""))
    teacher = one.one["teacher"]["accuracy"]
    made.append(Size(f"the teacher: {percent(teacher)}", one.one["parameters"]["teacher"], None, teacher, choice_colour((), one.layers), "teacher"))
    return made


def front(found: Sequence[Size], cost) -> set[int]:
    """Return places of those that none is better than at no higher cost, nor cheaper at no lower accuracy: the Pareto front."""
    better = lambda a, b: cost(a) <= cost(b) and a.accuracy >= b.accuracy and (cost(a) < cost(b) or a.accuracy > b.accuracy)
    return {i for i, one in enumerate(found) if not any(better(other, one) for other in found)}


def size_rows(found: Sequence[Size], field: str) -> list[dict]:
    """Return rows of the figure; field: "parameters" (in millions) or "speed"."""
    known = [one for one in found if getattr(one, field) is not None]
    cost = (lambda one: one.parameters) if field == "parameters" else (lambda one: -one.speed)
    on_front = front(known, cost)
    scale = 1e6 if field == "parameters" else 1.0
    return [
        {"name": one.name, "accuracy": one.accuracy, field: getattr(one, field) / scale, "colour": one.colour, "label": one.label,
         "front": i in on_front}
        for i, one in enumerate(known)
    ]


def comparable(one: Landscape, found: Iterable[Landscape]) -> list[Landscape]:
    """Return the landscape, and the one of every other teacher and task with as many layers, the same size, objective and settings.

    Budgets may differ: the one that shares most choices is taken, of equals the fullest.
    """
    others: dict[tuple, list[Landscape]] = {}
    settings = lambda other: {name: value for name, value in other.settings.items() if name != "budget"}
    for other in found:
        if other.pair != one.pair and (other.layers, other.k, settings(other)) == (one.layers, one.k, settings(one)):
            others.setdefault(other.pair, []).append(other)
    shares = lambda other: len(set(other.choices) & set(one.choices))
    most = lambda some: [other for other in some if shares(other) == max(map(shares, some))]
    return [one, *(fullest(most(some)) for some in others.values())]


def over_tasks(one: Landscape, found: Iterable[Landscape]) -> tuple[list[Landscape], list[SharedOrder]]:
    """Return the landscapes compared, and how far the orders of each two of them agree that share enough choices."""
    compared = comparable(one, found)
    return compared, [shared for a, b in combinations(compared, 2) if (shared := shared_order(a, b))]


def shared_rows(found: Sequence[SharedOrder]) -> list[dict]:
    """Return a row of `tau_chart` for each two landscapes that both tell pairs apart."""
    return [tau_row(f"{pair_text(*one.first.pair)}\n{pair_text(*one.second.pair)}", one.agreement) for one in found if one.agreement]


def ranks(compared: Sequence[Landscape]) -> tuple[list[dict], list[str], int]:
    """Return (rows, columns, ranks) of `rank_lines`, over the choices that all have."""
    common = sorted(set.intersection(*(set(one.choices) for one in compared)))
    rows = []
    for one in compared:
        order = sorted(common, key=lambda choice: (-one.means[choice], choice))
        rows += [{"id": identity(choice), "column": heading(one), "rank": rank, "colour": choice_colour(choice, one.layers)}
                 for rank, choice in enumerate(order, 1)]
    return rows, [heading(one) for one in compared], len(common)


def heading(one: Landscape) -> str:
    """Return the heading of a column in two lines, since columns stand close together."""
    return "\n".join(pair_lines(*one.pair))


def best_text(compared: Sequence[Landscape]) -> str:
    """Name the best mean of each, in a line."""
    return "Best means: " + "; ".join(f"{pair_text(*one.pair)}, {name_of(one.best, one.layers)}" for one in compared if one.choices) + "."
