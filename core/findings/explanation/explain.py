"""What a run shows, what it does not, and how sure that is: all findings, in the order in which they are read."""

import itertools
from collections.abc import Iterable

from core.findings.evidence import Evidence, gather
from core.findings.explanation.comparisons import verdicts
from core.findings.explanation.fitting import calibration, fitting
from core.findings.explanation.forecast import forecast
from core.findings.explanation.learning import learning, seeding
from core.findings.explanation.not_finite import not_finite
from core.findings.explanation.phenomena import phenomena
from core.findings.explanation.prediction import Prediction, prediction_findings, rank_comparisons
from core.findings.explanation.rank import capacity, choice_figures, one_swap, rank_findings
from core.findings.finding import Finding, write
from core.store.records import finite
from core.store.saved import Truth

FOLD = 120  # words a reader sees first


def explain(
    run: dict, saved: Iterable[dict], truth: Truth | None = None, prediction: Prediction | None = None, inside: dict | None = None
) -> list[Finding]:
    """Return the findings about one run (a record; see the design, "A run as JSON"), the most important first.

    saved: records to compare with; those of other weights, data, budget or settings are left out. truth: the labels of the run's own split
    (core.store.saved.truth), for test-set noise paired by example; without it a wider bound is used, and named. inside: measurements of the teacher's
    layers on this task (core.store.layer_scores.read). The chance that any "better", "worse", "more" or "less" between equals stands in the whole
    explanation is at most 5 % (core/statistics/holm.py)."""
    return explain_evidence(gather(run, saved, truth, inside), prediction)


def explain_evidence(evidence: Evidence, prediction: Prediction | None = None) -> list[Finding]:
    """Explain a run from the evidence that was gathered."""
    run = evidence.run
    if not finite(run):
        return [not_finite(run)]
    judged = verdicts(evidence, rank_comparisons(evidence, prediction) if prediction else None)
    first = learning(evidence, judged)
    said = prediction_findings(evidence, judged, prediction) if prediction else []
    if run["status"] != "finished" or first.figures["mistake"]:
        template = "A run like this says nothing about its layers, so it is compared with no other choice."
        more = "saved runs of the same choice, in the landscape"
        return [first, write("standing", template, choice_figures(evidence), [run["id"]], "unknown", more), *said]
    place, *references = rank_findings(evidence, judged)
    return [
        first, place, *said, *forecast(evidence), *references, *one_swap(evidence, judged), *phenomena(evidence, judged),
        *seeding(evidence, judged), *capacity(evidence, judged), *fitting(evidence), *calibration(evidence),
    ]


def count_words(sentence: str) -> int:
    """Count words and numbers; a percent sign standing by itself is neither."""
    return sum(any(sign.isalnum() for sign in word) for word in sentence.split())


def above_the_fold(findings: list[Finding], words: int = FOLD) -> int:
    """Return how many of the findings, from the first on, fit into this many words; at least one."""
    totals = itertools.accumulate(count_words(finding.sentence) for finding in findings)
    return max(1, sum(total <= words for total in totals))
