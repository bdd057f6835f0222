"""Capacity: the same choice with one layer more or one fewer, where saved."""

from core.findings.evidence import Evidence
from core.findings.explanation.comparisons import Verdict
from core.findings.finding import Finding, write
from core.statistics.noise import mean_accuracy

NEXT = "choices of other sizes in the landscape"


def capacity(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Compare with the best of the saved choices with one layer more, and with one fewer: one sentence each."""
    sizes = {key[1]: verdict for key, verdict in verdicts.items() if key[0] == "size"}
    found = []
    for k, change in ((evidence.k + 1, "more"), (evidence.k - 1, "fewer")):
        same = {choice: verdict for choice, verdict in sizes.items() if len(choice) == k}
        if same:
            found.append(size_finding(evidence, same, change))
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
    return write("capacity", template, figures, verdict.comparison.runs, strength, NEXT)
