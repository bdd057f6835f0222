"""Which phenomena (or classes) a student lost or kept, and what that suggests about the layers left out."""

import statistics

import numpy as np

from core.findings.evidence import UNTRAINED, Evidence
from core.findings.finding import Finding, write
from core.findings.names import choice_name, group_title
from core.statistics.verdict import Verdict

NEXT = "accuracy by group, here and for every saved choice"


def phenomena(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Compare groups with the teacher and with the best other choice. Extremes are named in words of loss only where Holm leaves them."""
    found = []
    for against, judge in (("teacher", versus_teacher), ("best", versus_best)):
        groups = {key[2]: verdict for key, verdict in verdicts.items() if key[:2] == ("group", against)}
        if groups:
            found.append(judge(evidence, groups))
    return found


def clearly_lower(groups: dict[str, Verdict]) -> list[str]:
    """Return names of the groups that are clearly lower, the widest gap first."""
    return sorted((name for name, verdict in groups.items() if verdict.word == "lower"), key=lambda name: groups[name].comparison.difference)


def extremes(groups: dict[str, Verdict]) -> dict:
    """Return figures of the widest loss and of the group that came off best."""
    order = sorted(groups, key=lambda name: groups[name].comparison.difference)
    worst, kept, lost = order[0], order[-1], clearly_lower(groups)
    kind = {"phenomenon": "phenomena", "class": "classes"}.get(worst.partition(":")[0], "groups")
    return {
        "groups": len(groups), "kind": kind, "lost": len(lost), "lost_groups": [group_title(name) for name in lost],
        "group_worst": group_title(worst), "group_kept": group_title(kept),
    } | groups[worst].figures("worst") | groups[kept].figures("kept")


def versus_teacher(evidence: Evidence, groups: dict[str, Verdict]) -> Finding:
    figures = extremes(groups)
    if not figures["lost"]:
        template = "In this run no one of {groups} {kind} is shown to be lower than the teacher's. " + widest(figures, groups)
        strength = alike(groups)
    else:
        verb, strength, kept = "is" if figures["lost"] == 1 else "are", "clear", figures["kept_verdict"]
        template = f"In this run {{lost}} of {{groups}} {{kind}} {verb} clearly lower than the teacher's, most of all {{group_worst}} "
        template += "({worst_difference:points})"
        end = {"lower": "least of all", "higher": "clearly above the teacher on"}.get(kept, "no clear loss on")
        template += f"; {end} {{group_kept}}" + (" ({kept_difference:points})." if kept in ("lower", "higher") else ".")
    return write("phenomena", template, figures, [evidence.run["id"]], strength, NEXT)


def widest(figures: dict, groups: dict[str, Verdict]) -> str:
    """Say how wide the widest loss of one group can be, of those that do not stand out."""
    figures["group_far"] = max(verdict.far for verdict in groups.values())
    if alike(groups) == "within":
        return "All lie within {group_far:points}."
    return "The widest gap, {worst_difference:points} on {group_worst}, may be noise: too few runs and examples to tell."


def alike(groups: dict[str, Verdict]) -> str:
    return "within" if all(verdict.word == "within" for verdict in groups.values()) else "unknown"


def versus_best(evidence: Evidence, groups: dict[str, Verdict]) -> Finding:
    best = evidence.best
    figures = extremes(groups) | {"best": choice_name(best, evidence.teacher_layers), "best_layers": list(best), "k": evidence.k}
    runs = [run["id"] for run in (*evidence.own, *evidence.others[best])]
    template = "Against the choice with the best mean, {best}: "
    if not figures["lost"]:
        template += "on which of {groups} {kind} it falls behind is not shown. " + widest(figures, groups)
        return write("phenomena", template, figures, runs, alike(groups), NEXT)
    template += "the widest clear loss is on {group_worst}, {worst_difference:points}."
    if evidence.choice != UNTRAINED:
        template += suggestion(evidence, clearly_lower(groups)[0], figures)
    return write("phenomena", template, figures, runs, "clear", NEXT)


def suggestion(evidence: Evidence, group: str, figures: dict) -> str:
    """Name the layer of the best choice, left out here, that goes with most on this group over all saved choices: an association, and called so."""
    effects = {layer: layer_effect(evidence, group, layer) for layer in evidence.best if layer not in evidence.choice}
    effects = {layer: value for layer, value in effects.items() if value is not None and value > 0}
    if not effects:
        return " Over all saved choices none of the layers left out here goes with more on it, so no layer is suggested."
    layer = max(effects, key=effects.get)
    figures |= {"suggested_layer": layer, "layer_effect": effects[layer], "choices": len(evidence.means)}
    return (
        " Over {choices} saved choices, those with layer {suggested_layer}, left out here, average {layer_effect:points} more on it: "
        "a hint, no proof, that this layer matters for it."
    ) + layer_measurements(evidence.inside, group, layer, figures)


def layer_measurements(inside: dict | None, group: str, layer: int, figures: dict) -> str:
    """Say what was measured of that layer in the teacher itself: a linear probe of this group before and after it, else its Block Influence."""
    if inside is None:
        return ""
    probes = [inside["probes"][at]["groups"].get(group) for at in (layer - 1, layer)]
    if None not in probes:
        figures |= {"probe_before": probes[0]["accuracy"], "probe_after": probes[1]["accuracy"], "probe_n": probes[0]["n"]}
        return " In the teacher a linear probe gets {probe_before:percent} of it right before that layer and {probe_after:percent} after it."
    figures |= {"influence": inside["influence"][layer - 1], "influence_median": statistics.median(inside["influence"])}
    return " Block Influence of that layer in the teacher: {influence:.2f}, the median over layers {influence_median:.2f}."


def layer_effect(evidence: Evidence, group: str, layer: int) -> float | None:
    """Return mean of a group's accuracy over the saved choices with a layer, minus that over those without it."""
    means = {choice: found.get(group, (None,))[0] for choice, found in evidence.groups.items() if choice != UNTRAINED}
    have = [value for choice, value in means.items() if layer in choice and value is not None]
    lack = [value for choice, value in means.items() if layer not in choice and value is not None]
    return float(np.mean(have) - np.mean(lack)) if have and lack else None
