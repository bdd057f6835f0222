"""What a run shows, what it does not, and how sure that is: all findings, in the order in which they are read."""

from collections.abc import Iterable

from core.findings.evidence import Evidence, gather
from core.findings.explanation.capacity import capacity
from core.findings.explanation.comparisons import verdicts
from core.findings.explanation.counterfactual import one_swap
from core.findings.explanation.fitting import calibration, fitting
from core.findings.explanation.forecast import forecast
from core.findings.explanation.learning import learning
from core.findings.explanation.phenomena import phenomena
from core.findings.explanation.prediction import Prediction, named_before, predicted
from core.findings.explanation.rank import about_choice, standing
from core.findings.explanation.seeding import seeding
from core.findings.finding import Finding, write
from core.store.saved import Truth

FOLD = 120  # words a reader sees first


def explain(
    run: dict, saved: Iterable[dict], truth: Truth | None = None, prediction: Prediction | None = None, inside: dict | None = None
) -> list[Finding]:
    """The findings about one run (a record; see the design, "A run as JSON"), the most important first.

    saved: records to compare with; those of other weights, data, budget or settings are left out by themselves. truth: of the run's own
    split (core.store.saved.truth), for test-set noise paired by example; without it a wider bound is used, and named. inside: what was
    measured of the teacher's layers on this task (core.store.layer_scores.read). The chance that
    any "better", "worse", "more" or "less" between equals stands in the whole explanation is at most 5 % (core/statistics/holm.py).
    """
    return told(gather(run, saved, truth, inside), prediction)


def told(evidence: Evidence, prediction: Prediction | None = None) -> list[Finding]:
    """`explain` of what was gathered."""
    run = evidence.run
    judged = verdicts(evidence, named_before(evidence, prediction) if prediction else None)
    first = learning(evidence, judged)
    said = predicted(evidence, judged, prediction) if prediction else []
    if run["status"] != "finished" or first.figures["mistake"]:
        return [first, nothing_compared(evidence), *said]
    place, *references = standing(evidence, judged)
    return [
        first, place, *said, *forecast(evidence), *references, *one_swap(evidence, judged), *phenomena(evidence, judged),
        *seeding(evidence, judged), *capacity(evidence, judged), *fitting(evidence), *calibration(evidence),
    ]


def nothing_compared(evidence: Evidence) -> Finding:
    template = "A run like this says nothing about its layers, so it is compared with no other choice."
    return write("standing", template, about_choice(evidence), [evidence.run["id"]], "unknown", "saved runs of the same choice, in the landscape")


def words_in(sentence: str) -> int:
    """Words and numbers; a percent sign standing by itself is neither."""
    return sum(any(sign.isalnum() for sign in word) for word in sentence.split())


def above_the_fold(findings: list[Finding], words: int = FOLD) -> int:
    """How many of the findings, from the first on, fit into this many words; at least one."""
    total = 0
    for i, finding in enumerate(findings):
        total += words_in(finding.sentence)
        if total > words and i:
            return i
    return len(findings)
