"""The study of seams (core/studies/seams/) in tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.studies.seams.descriptions import DESCRIPTIONS


@dataclass(frozen=True)
class Table:
    """name: for the file that shows it. title: a line above it. below: a sentence or two under it, or ''."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: str = ""


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:z.2f}"


def points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:z.1f}"


def span(found: Sequence[float] | None, write: Callable[[float], str] = number) -> str:
    return "-" if found is None else " to ".join(map(write, found))


def change(value: float) -> str:
    """Return a difference of accuracies in points, with its sign."""
    return f"{100 * value:+z.1f}"


def beside(found: dict | None) -> str:
    """Return a difference of two R² with its interval."""
    signed = lambda value: f"{value:+z.2f}"
    return "-" if found is None else f"{signed(found['difference'])} ({span(found['interval'], signed)})"


def title(name: str) -> str:
    return DESCRIPTIONS[name].title if name in DESCRIPTIONS else name


def layers(choice: Sequence[int]) -> str:
    return ",".join(map(str, choice))


def p_value(p: float | None) -> str:
    return "-" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


NAMES = ("worth", "tests", "residuals", "sizes", "transfer", "flags", "stand-in", "forecast", "gains")


def tables(study: dict) -> list[Table]:
    """Return every table of the study, as NAMES has them. study: as core/studies/seams/report.py gives it."""
    every = worth, tests, residuals, sizes, transfer, flags, stand_in, forecast, gains
    return [table(study) for table in every]


def worth(study: dict) -> Table:
    """R² on left-out choices, by description and sample."""
    samples, overall = study["samples"], study["overall"]
    first = [one for one in samples if one["k"] == samples[0]["k"]]  # of the one size that was measured on every task
    others = [one for one in samples if one["k"] != samples[0]["k"]]
    mark = lambda text, one, name: f"{text} ●" if one["simplest"] == name else text

    def cells(found: list[dict], n: int, name: str) -> list[str]:
        return [mark(f"{number(one['rows'][n]['r_squared'])} ({number(one['rows'][n]['permuted'])})", one, name) for one in found]

    rows = [
        (title(name), str(samples[0]["rows"][n]["features"]), *cells(first, n, name), mark(number(overall["rows"][n]["r_squared"]), overall, name),
         *cells(others, n, name))
        for n, name in enumerate(DESCRIPTIONS)
    ]
    ceilings = [[number(one["ceiling"]) for one in some] for some in (first, others)]
    return Table(
        "worth", "R² on left-out choices (in brackets what shuffled accuracies reach in one of twenty)",
        ("description", "numbers", *(one["name"] for one in first), f"mean of the {len(first)}", *(one["name"] for one in others)),
        (*rows, ("noise ceiling", "", *ceilings[0], "", *ceilings[1])),
        "0 is the mean of the other choices. ● the simplest description within one standard error of the best. The noise ceiling is what the true "
        "means would reach, were they known; one seed does not show it.",
    )


def tests(study: dict) -> Table:
    """Every description on each sample: its seeds, what chance reaches, and how it stands beside single layers and the best."""
    def row(sample: dict, one: dict) -> tuple[str, ...]:
        same = one["relabelled"] is None or one["relabelled_p"] == 1
        seeds = sorted({min(one["seeds"]), max(one["seeds"])})
        return (
            sample["name"], title(one["name"]), number(one["r_squared"]), number(one["shared"]), span(seeds), p_value(one["permuted_p"]),
            "-" if same else f"{number(one['relabelled'])}, {p_value(one['relabelled_p'])}", beside(one["beside_layers"]), p_value(one["layers_p"]),
            "best" if one["beside_best"] is None else beside(one["beside_best"]), f"{layers(one['worst']['choice'])}: {change(one['worst']['miss'])}",
        )

    return Table(
        "tests", "Each description on each sample",
        ("sample", "description", "R²", "seams seen", "seed by seed", "p, shuffled", "renamed: 95 %, p", "less single layers", 
         "p, single layers are all", "less the best", "furthest off, points"),
        tuple(row(sample, one) for sample in study["samples"] for one in sample["rows"][1:]),
        "Seams seen: among the choices whose every seam some other choice has too. Shuffled: the accuracies among the choices. Renamed: the "
        "teacher's layers, in every order, which asks whether it matters that layers are neighbours; what is told from sets of layers alone stays "
        "the same. Single layers are all: what they leave is shuffled. The intervals are over choices (a jackknife, on the wide side): how far a "
        "difference hangs on single choices. Furthest off: the choice that is forecast worst, left out, and by how much too high.",
    )


def residuals(study: dict) -> Table:
    """The choices that the best description gets most wrong."""
    def row(sample: dict, one: dict) -> tuple[str, ...]:
        noise = "-" if one["noise"] is None else f"± {points(one['noise'])}"
        accuracies = points(one["accuracy"]), points(one["predicted"]), change(one["miss"])
        return sample["name"], title(sample["best"]), layers(one["choice"]), *accuracies, noise, ", ".join(one["only_here"]) or "-"

    return Table(
        "residuals", "What the best description gets most wrong, left out",
        ("sample", "best description", "choice", "accuracy", "predicted", "miss", "95 % of its seeds", "seams that no other choice has"),
        tuple(row(sample, one) for sample in study["samples"] for one in sample["worst"]),
    )


def sizes(study: dict) -> Table:
    """How far the full runs of other sizes rank one size."""
    def row(k: int, name: str, one: dict) -> tuple[str, ...]:
        fitted = [number(one.get(each)) for each in ("relabelled", "r_squared", "all_sizes")]
        return str(k), name, number(one["tau"]), span(one["interval"]), fitted[0], fitted[1], points(one["off"]), change(one["bias"]), fitted[2]

    rows = []
    for found in study["sizes"]:
        rows += [row(found["k"], title(one["name"]), one) for one in found["rows"][1:]]
        rows.append(row(found["k"], f"single-seam students summed, {found['summed']['choices']} choices", found["summed"]))
    return Table(
        "sizes", "Fitted on the full runs of all other sizes, judged on this one (built-in task)",
        ("layers", "description", "tau", "95 %", "renamed, 95 %", "R²", "off by, points", "too high by, points", "R², all sizes, choice left out"),
        tuple(rows),
        "The number of missing layers stands beside every description. A single-seam student has one seam and nothing else changed: its loss is the "
        "cost of the seam, and nothing is fitted.",
    )


def transfer(study: dict) -> Table:
    """How far what is fitted on one sample ranks another."""
    names = [name for name in DESCRIPTIONS if name in study["transfer"][0]]
    cell = lambda one: f"{number(one['tau'])} ({span(one['interval'])})"
    return Table(
        "transfer", "Fitted on one task or teacher, ranking another: tau (95 %)",
        ("fitted on", "ranks", "by its own accuracies", *map(title, names)),
        tuple((row["fitted"], row["predicted"], number(row["tau"]), *(cell(row[name]) for name in names)) for row in study["transfer"]),
    )


def flags(study: dict) -> Table:
    """What each flag is worth, by sample."""
    count = len(next(iter(study["flags"].values())))
    return Table(
        "flags", "What each flag is worth beside the others, in logits of accuracy above chance",
        ("both gone", *(f"{n} and {n + 1}" for n in range(1, count + 1))),
        tuple((name, *map(number, found)) for name, found in study["flags"].items()),
    )


def stand_in(study: dict) -> Table:
    """Two layers lost alone and together."""
    cost = lambda found: f"{points(found['value'])} ({span(found['interval'], points)})"

    def row(one: dict) -> tuple[str, ...]:
        besides = f"mean of {one['settings']} settings" if one["added"] is None else "nothing"
        costs = map(cost, (*one["alone"], one["both"], one["beyond"]))
        return " and ".join(map(str, one["gone"])), "yes" if one["neighbours"] else "", besides, *costs, points(one["added"])

    return Table(
        "stand-in", "Points of accuracy lost without two layers (built-in task)",
        ("layers", "neighbours", "missing besides", "the first alone", "the second alone", "both", "both less the sum", "both, if logits added up"),
        tuple(map(row, study["stand_in"])),
        "In brackets 95 % by the choices' own seeds and the test examples. The layers beside the two are kept, so that all other seams are the same.",
    )


def forecast(study: dict) -> Table:
    """What forecasts of full runs miss."""
    found = study["forecast"]
    cell = lambda one: f"{points(one['error'])} ({number(one['r_squared'])})"
    runs = [("none", "-", cell(found["mean"]), *map(cell, found["runs"].values()))]
    return Table(
        "forecast", "Where a full run of three layers ends: mean miss in points (R²), each choice left out",
        (f"fitted on {found['full_runs']} full runs of other sizes", "as it is", "set straight on the other choices",
         *(f"and the choice's own {steps} steps" for steps in found["runs"])),
        (*runs, *((title(row["name"]), cell(row["untouched"]), cell(row["score"]), *map(cell, row["both"].values())) for row in found["rows"][1:])),
    )


def gains(study: dict) -> Table:
    """By how much one forecast misses less than another."""
    found = study["forecast"]
    cell = lambda one: f"{change(one['value'])} ({span(one['interval'], change)})"
    which = "score_over_run", "both_over_score", "both_over_run"
    return Table(
        "gains", "By how many points the first misses less than the second, choice by choice (95 % over choices)",
        ("description", "steps", "description over run", "both over description", "both over run"),
        tuple((title(row["name"]), steps, *(cell(row[name][steps]) for name in which)) for row in found["rows"][1:] for steps in found["runs"]),
    )
