"""Seeding versus training: how much of the result was there before the first step."""

from core.findings.evidence import Evidence
from core.findings.explanation.comparisons import Verdict
from core.findings.finding import Finding, write


def seeding(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Report accuracy before the first step, and what training added; the lead over always naming the most frequent label is shared out."""
    run = evidence.run
    majority, before, after = run.get("majority"), run["initial"]["accuracy"], run["final"]["accuracy"]
    gained = verdicts["run", "initial"]
    figures = {"initial": before, "accuracy": after, "majority": majority} | gained.figures("trained")
    template = "Before the first step the student had {initial:percent}"
    template += " (always naming the most frequent label: {majority:percent})" if majority is not None else ""
    if gained.word == "tie":
        template += "; that training changed this is not shown ({accuracy:percent} after)."
        return [write("seeding", template, figures, [run["id"]], "tie", NEXT)]
    if majority is not None and gained.word == "higher" and verdicts["run", "majority"].word != "higher":
        template += "; after training it has {accuracy:percent}, not clearly more than that guess."
        return [write("seeding", template, figures, [run["id"]], "tie", NEXT)]
    template += "; training " + ("added" if gained.word == "higher" else "took away") + " {trained_difference:points}"
    if majority is not None and verdicts["run", "seeded"].word == "higher" and after > before:
        figures["seeded_share"] = (before - majority) / (after - majority)
        template += ", so {seeded_share:whole} of its lead over guessing was there from the seeding alone"
    return [write("seeding", template + ".", figures, [run["id"]], "clear", NEXT)]


NEXT = "the curve from step zero"
