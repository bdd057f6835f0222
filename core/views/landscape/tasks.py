"""Whether the best choice depends on the task: the same choices on other tasks and teachers."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from core.figures.choice_colour import choice_colour
from core.findings.landscape import Landscape, fullest, tau_between
from core.findings.names import pair_lines, pair_text
from core.views.landscape.view import identity, name_of


def comparable(one: Landscape, found: Iterable[Landscape]) -> list[Landscape]:
    """The landscape, and the one of every other teacher and task with as many layers, the same size, objective and settings.

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


def over_tasks(one: Landscape, found: Iterable[Landscape]) -> tuple[list[Landscape], list[dict]]:
    """The landscapes compared, and a row of `tau_chart` for each two of them that share enough choices."""
    compared = comparable(one, found)
    rows = []
    for a, b in combinations(compared, 2):
        shared = tau_between(a, b)
        if shared:
            choices, tau, (low, high), ceiling = shared
            rows.append({"name": f"{pair_text(*a.pair)}\n{pair_text(*b.pair)}", "choices": choices, "tau": tau, "low": low, "high": high,
                         "ceiling": ceiling, "trivial": None})
    return compared, rows


def ranks(compared: Sequence[Landscape]) -> tuple[list[dict], list[str], int]:
    """(rows, columns, ranks) of `rank_lines`, over the choices that all have."""
    common = sorted(set.intersection(*(set(one.choices) for one in compared)))
    rows = []
    for one in compared:
        order = sorted(common, key=lambda choice: (-one.means[choice], choice))
        rows += [{"id": identity(choice), "column": heading(one), "rank": rank, "colour": choice_colour(choice, one.layers)}
                 for rank, choice in enumerate(order, 1)]
    return rows, [heading(one) for one in compared], len(common)


def heading(one: Landscape) -> str:
    """In two lines, since columns stand close together."""
    return "\n".join(pair_lines(*one.pair))


def best_text(compared: Sequence[Landscape]) -> str:
    """The best mean of each, in a line."""
    return "Best means: " + "; ".join(f"{pair_text(*one.pair)}, {name_of(one.best, one.layers)}" for one in compared if one.choices) + "."
