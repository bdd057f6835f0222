"""The study of seams (core/studies/seams/) in sentences. Where the words depend on how a figure turned out, the figure chooses them."""

from collections.abc import Sequence

from core.findings.seams.tables import change, number, p_value, points, span, title
from core.statistics.holm import LEVEL

STEPS = "240"  # of the run that the sentence on forecasts is about; the table has the others


def sentences(study: dict) -> list[str]:
    """Return what the tables come to, in their order."""
    return [*descriptions(study), neighbours(study), *standing_in(study), carried_over(study), forecasting(study)]


def listed(parts: Sequence[str]) -> str:
    """Return 'a, b and c'; 'none' for nothing."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else "none"


def _rows(table: dict) -> dict[str, dict]:
    return {row["name"]: row for row in table["rows"]}


def _three(study: dict) -> list[dict]:
    """Return the samples of the size that was measured on every task."""
    return [one for one in study["samples"] if one["k"] == study["samples"][0]["k"]]


def descriptions(study: dict) -> list[str]:
    """What tells most, and what is simplest."""
    three, overall = _three(study), study["overall"]
    told = lambda name, what="r_squared": ", ".join(number(_rows(one)[name][what]) for one in three)
    seams = [(one["name"], _rows(one)["seams"]) for one in study["samples"]]
    beyond = [name for name, row in seams if row["layers_p"] <= LEVEL and row["beside_layers"]["difference"] > 0]
    same = "it is also the best" if overall["best"] == overall["simplest"] else f"the best is {title(overall['best'])}"
    return [
        f"R² on left-out choices of three layers, on {listed([one['name'] for one in three])}: single layers, which the Landscape draws, "
        f"{told('layers')}; seams {told('seams')}; flags {told('flags')}; single layers and flags, added after the others had been seen, "
        f"{told('layers-flags')}.",
        f"A seam that no other choice has cannot be known without the choice. Among the {three[0]['shared']} choices whose every seam some other has "
        f"too: single layers {told('layers', 'shared')}; seams {told('seams', 'shared')}; flags {told('flags', 'shared')}; single layers and flags "
        f"{told('layers-flags', 'shared')}.",
        f"Seams tell more than single layers, and by more than chance would give if single layers were all that matters, on {len(beyond)} of "
        f"{len(seams)} samples: {listed(beyond)}.",
        f"Over the {len(three)} samples of three layers together, the simplest description within one standard error of the best is: "
        f"{title(overall['simplest'])}; {same}.",
    ]


def neighbours(study: dict) -> str:
    """Whether it matters that layers are neighbours."""
    share = lambda name: ", ".join(p_value(_rows(one)[name]["relabelled_p"]) for one in _three(study))
    return (
        "Does it matter that layers are neighbours? The share of all ways to rename the teacher's layers with which as much is told, on the same "
        f"samples: seams {share('seams')}; flags {share('flags')}; single layers and flags {share('layers-flags')}. One flag alone cannot show it: "
        "one in three pairs of layers are neighbours."
    )


def standing_in(study: dict) -> list[str]:
    """Which two layers cost more together than alone."""
    alone, means = ([row for row in study["stand_in"] if (row["added"] is None) == averaged] for averaged in (False, True))
    near, far = ([row for row in means if row["neighbours"] == kind] for kind in (True, False))
    clear = lambda rows: len([row for row in rows if row["beyond"]["interval"][0] > 0])
    cost = lambda found: f"{points(found['value'])} ({span(found['interval'], points)})"
    top = max(alone, key=lambda row: row["beyond"]["value"])
    others, (first, second) = [row for row in alone if row is not top], top["gone"]
    return [
        f"Without layer {first} a student loses {cost(top['alone'][0])} points, without layer {second} {cost(top['alone'][1])}, without both "
        f"{cost(top['both'])}: {cost(top['beyond'])} more than the sum; costs that add up in logits would come to {points(top['added'])}. Such an "
        f"excess is clear for {clear(others) or 'none'} of the {len(others)} other pairs while nothing else is missing; the largest is "
        f"{points(max(row['beyond']['value'] for row in others))}.",
        f"With other layers missing too, as the mean over the settings, it is clear for {clear(near)} of {len(near)} pairs of neighbours and for "
        f"{clear(far)} of {len(far)} other pairs: there the more is gone, the more each further layer costs.",
    ]


def carried_over(study: dict) -> str:
    """How far what is fitted elsewhere ranks the choices."""
    first = study["samples"][0]["name"]
    said = [f"{row['predicted']} {number(row['seams']['tau'])} ({first}'s own accuracies {number(row['tau'])})"
            for row in study["transfer"] if row["fitted"] == first]
    (three,) = [found for found in study["sizes"] if found["k"] == 3]
    seams, summed = _rows(three)["seams"], three["summed"]
    return (
        f"Seams fitted on {first} rank other samples with tau: {listed(said)}. Fitted on its other sizes they rank its three layers with "
        f"{number(seams['tau'])} ({span(seams['interval'])}). Single-seam students summed, nothing fitted: {number(summed['tau'])} "
        f"({span(summed['interval'])}), r {number(summed['r'])}, {points(summed['bias'])} points too high."
    )


def forecasting(study: dict) -> str:
    """Whether a live run adds anything."""
    found = study["forecast"]
    gain = lambda one: f"{change(one['value'])} ({span(one['interval'], change)})"

    def part(name: str) -> str:
        row = _rows(found)[name]
        return (
            f"{title(name)} alone {points(row['score']['error'])}, with the run {points(row['both'][STEPS]['error'])}, which is a gain of "
            f"{gain(row['both_over_score'][STEPS])} by the run and of {gain(row['both_over_run'][STEPS])} by the description"
        )

    return (
        f"Where a full run ends, a run of {STEPS} steps forecasts with a mean miss of {points(found['runs'][STEPS]['error'])} points. Descriptions "
        f"fitted on the {found['full_runs']} full runs of other sizes: {part('seams')}; {part('layers-flags')}."
    )
