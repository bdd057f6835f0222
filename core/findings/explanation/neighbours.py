"""The saved neighbours of a choice: with one other layer, one layer more or one fewer."""

from core.findings.evidence import Evidence, swapped
from core.findings.explanation.comparisons import Verdict, settling
from core.findings.finding import Finding, write
from core.statistics.noise import mean_accuracy

SWAPS, SIZES = "the neighbours of this choice in the landscape", "choices of other sizes in the landscape"  # where to look next


def one_swap(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Name the neighbours that would gain and lose most; one sentence each where the gap exceeds noise, one for both where neither does."""
    near = [other for other in evidence.others if swapped(evidence.choice, other)]
    if not near or verdicts["choice", near[0]].word == "unknown":
        return []
    gain = min(near, key=lambda choice: verdicts["choice", choice].comparison.difference)
    loss = max(near, key=lambda choice: verdicts["choice", choice].comparison.difference)
    ends = ((gain, "lower", "gain most: {gain:points} more"), (loss, "higher", "lose most: {gain:points} less"))
    beyond = [(choice, what) for choice, word, what in ends if verdicts["choice", choice].word == word]
    findings = [swap_finding(evidence, verdicts, choice, len(near), what) for choice, what in beyond]
    if not findings:
        figures, runs = swap_figures(evidence, verdicts, gain, len(near))
        template = "No saved swap of one layer is clearly better or worse. The highest of {neighbours}, {swap}, is a tie"
        if len(near) == 1:
            template = "The one saved swap of one layer, {swap}, is a tie"
        findings.append(write("swap", template + settling(figures, verdicts["choice", gain]), figures, runs, "tie", SWAPS))
    return findings


def swap_figures(evidence: Evidence, verdicts: dict[tuple, Verdict], other, near: int) -> tuple[dict, list[str]]:
    out, into = swapped(evidence.choice, other)
    verdict = verdicts["choice", other]
    figures = {
        "out": out, "into": into, "swap": f"layer {into} for layer {out}", "swap_layers": list(other),
        "neighbours": near, "gain": -verdict.comparison.difference, "swap_mean": mean_accuracy(evidence.others[other]),
    }
    return figures | verdict.figures("swap"), list(verdict.comparison.runs)


def swap_finding(evidence: Evidence, verdicts: dict[tuple, Verdict], other, near: int, what: str) -> Finding:
    figures, runs = swap_figures(evidence, verdicts, other, near)
    template = f"Of {{neighbours}} saved swaps of one layer, {{swap}} would {what}."
    if near == 1:
        template = f"The one saved swap of one layer, {{swap}}, would {what.replace(' most', '')}."
    return write("swap", template, figures, runs, "clear", SWAPS)


def capacity(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Compare with the best of the saved choices with one layer more, and with one fewer: one sentence each."""
    found = []
    for k, change in ((evidence.k + 1, "more"), (evidence.k - 1, "fewer")):
        same = {key[1]: verdict for key, verdict in verdicts.items() if key[0] == "size" and len(key[1]) == k}
        found += [size_finding(evidence, same, change)] if same else []
    return found


def size_finding(evidence: Evidence, same: dict, change: str) -> Finding:
    choice = min(same, key=lambda one: same[one].comparison.difference)  # the one that this choice falls furthest behind
    verdict = same[choice]
    figures = {
        "size_layers": list(choice), "saved": len(same), "size_mean": mean_accuracy(evidence.sizes[len(choice)][choice]),
        "gain": -verdict.comparison.difference, "change": change,
    } | verdict.figures("size")
    template = "One layer {change} ({size_layers:layers}) "
    if verdict.word == "unknown":
        template, strength = template + "averages {size_mean:percent}; the noise between seeds is unknown, so the gap is not judged.", "unknown"
    elif verdict.word == "tie":
        end = "room for more layers is not shown to be what it lacks." if change == "more" else "the layer is not shown to be needed."
        template, strength = template + "averages {size_mean:percent}, a tie: " + end, "tie"
    else:
        template += "averages {size_mean:percent}, {gain:points} " + ("more" if verdict.word == "lower" else "less") + "."
        strength = "clear"
    return write("capacity", template, figures, verdict.comparison.runs, strength, SIZES)
