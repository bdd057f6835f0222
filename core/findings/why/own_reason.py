"""The learner's own reason, judged by the saved full runs: supported, contradicted, or not testable here."""

from collections.abc import Callable

from core.findings.evidence import Evidence
from core.findings.explanation.prediction import ascending
from core.findings.finding import Finding, write
from core.findings.why.students import Students, students
from core.recipe import preset
from core.recipe.seams import seams
from core.statistics.noise import BOUND_DF, Comparison, joined
from core.statistics.testset import share_variance
from core.statistics.verdict import HIGHER, LOWER, WITHIN, judged_together
from core.store.predictions import REASONS

KIND = "own_reason"
SUPPORTED, CONTRADICTED, UNTESTABLE = "supported", "contradicted", "not testable here"
FEWEST = 2  # saved choices on each side of a comparison of averages


def judged(name: str, evidence: Evidence, opened: Callable[[int], bool]) -> Finding | None:
    """Judge a reason (a key of REASONS) by one comparison of saved full runs; None for a guess. opened: as in core/findings/why/why.py."""
    if name == "guess":
        return None
    figures = {"reason": REASONS[name]}
    full = students(evidence) if evidence.run["status"] == "finished" else None
    if full is None or not ascending(full.own):
        return untestable("no full runs of this choice are saved that would show it", figures)
    return JUDGES[name](evidence, full, figures, opened)


def untestable(because: str, figures: dict) -> Finding:
    return write(KIND, f"Your reason, that {{reason}}, is {UNTESTABLE}: {because}.", figures, (), "unknown")


def said(comparison: Comparison, figures: dict, evidence: str, for_it: str = HIGHER) -> Finding:
    """Write the verdict and what it rests on. evidence: a template of a sentence of its own, without its full stop. for_it: the verdict that supports
    the reason."""
    (verdict,) = judged_together([comparison])
    figures |= verdict.figures("reason") | {"gap": verdict.comparison.difference}
    start = "Your reason, that {reason}, is "
    if verdict.clear:
        word = SUPPORTED if verdict.word == for_it else CONTRADICTED
        return write(KIND, f"{start}{word}. {evidence}.", figures | {"judged": word}, comparison.runs, "clear")
    figures |= {"far": verdict.far} if verdict.word == WITHIN else {}
    end = "The two lie within {far:points} of each other" if verdict.word == WITHIN else "These runs are too few to tell the two apart"
    return write(KIND, f"{start}{UNTESTABLE}. {evidence}. {end}.", figures | {"judged": UNTESTABLE}, comparison.runs, "unknown")


def by_ends(evidence: Evidence, full: Students, figures: dict, opened, for_it: str) -> Finding:
    """Compare the layers nearest the input with as many nearest the output."""
    k = len(full.own)
    low, high = (preset(name, full.layers, k) for name in ("first-k", "last-k"))
    if low == high or not (full.runs(low) and full.runs(high)):
        return untestable("full runs of the layers nearest the input and of those nearest the output are not saved", figures)
    figures |= {"low": list(low), "high": list(high), "low_mean": full.mean(low), "high_mean": full.mean(high)}
    template = "The layers nearest the input ({low:layers}) reach {low_mean:percent}, those nearest the output ({high:layers}) {high_mean:percent}"
    return said(full.contrast({low: 1.0, high: -1.0}), figures, template, for_it)


def by_neighbours(evidence: Evidence, full: Students, figures: dict, opened, for_it: str) -> Finding:
    """Compare the choices of neighbours only with those that have the fewest neighbours."""
    touching = {choice: sum(b - a == 1 for a, b in zip(choice, choice[1:])) for choice in full.evidence.copied if ascending(choice)}
    k = len(full.own)
    blocks = [choice for choice, count in touching.items() if count == k - 1]
    apart = [choice for choice, count in touching.items() if count == min(touching.values())]
    if k == 1 or min(len(blocks), len(apart)) < FEWEST or set(blocks) & set(apart):
        return untestable("too few choices of this size are saved, or all have as many neighbours", figures)
    weights = dict.fromkeys(apart, 1 / len(apart)) | dict.fromkeys(blocks, -1 / len(blocks))
    average = lambda some: sum(map(full.mean, some)) / len(some)
    figures |= {"apart": len(apart), "blocks": len(blocks), "apart_mean": average(apart), "blocks_mean": average(blocks)}
    template = "The {apart} saved choices that spread most average {apart_mean:percent}, the {blocks} made of neighbours alone {blocks_mean:percent}"
    return said(full.contrast(weights), figures, template, for_it)


def by_budget(evidence: Evidence, full: Students, figures: dict, opened) -> Finding:
    """Compare this short run with the full runs of its choice."""
    if full.evidence is evidence:
        return untestable("this run had the full length, and no longer ones are compared", figures)
    run, own = evidence.run, full.runs(full.own)
    figures |= {"short": run["final"]["accuracy"], "full": full.mean(full.own), "runs": len(own)}
    noise, widening = full.noise(full.own), full.evidence.test.design_effect(own[0])
    sides = ((figures["short"], len(run["predictions"])), (figures["full"], len(own[0]["predictions"])))
    variance = widening * sum(share_variance(share, n) for share, n in sides)
    rest = {"n": (len(own), 1), "basis": "unpaired", "runs": tuple(one["id"] for one in (*own, run))}
    difference, parts = figures["full"] - figures["short"], [(noise.bound(len(own)) * (1 + 1 / len(own)), BOUND_DF)] if noise.known else []
    comparison = joined(difference, parts, variance, sides[0][1] - 1, **rest) if parts else Comparison(difference, (), variance, **rest)
    return said(comparison, figures, "Trained fully these layers reach {full:percent}, in this run {short:percent}")


def by_longest(evidence: Evidence, full: Students, figures: dict, opened) -> Finding:
    """Compare with the choices of the same size whose longest seam is shorter."""
    longest = lambda choice: max((seam.length for seam in seams(choice, full.layers)), default=0)
    own = longest(full.own)
    shorter = [choice for choice in full.evidence.copied if ascending(choice) and longest(choice) < own]
    if len(shorter) < FEWEST:
        return untestable("hardly any choice of this size has only shorter gaps", figures)
    figures |= {"others": len(shorter), "others_mean": sum(map(full.mean, shorter)) / len(shorter), "mean": full.mean(full.own), "longest": own}
    template = "The {others} choices of this size with shorter gaps average {others_mean:percent}, this one {mean:percent}"
    return said(full.contrast(dict.fromkeys(shorter, 1 / len(shorter)) | {full.own: -1.0}), figures, template)


def by_more(evidence: Evidence, full: Students, figures: dict, opened) -> Finding:
    """Compare with the choices that have one layer more."""
    k = len(full.own) + 1
    missing = [layer for layer in full.whole if layer not in full.own]
    more = [choice for layer in missing if full.there(choice := tuple(sorted((*full.own, layer))))]
    if more != [full.whole] and not opened(k):
        return untestable("what students with one layer more get shows once you have predicted one", figures)
    if not more:
        return untestable("no full runs with one layer more are saved", figures)
    figures |= {"more": len(more), "more_mean": sum(map(full.mean, more)) / len(more), "mean": full.mean(full.own)}
    template = "With one of its missing layers back it averages {more_mean:percent}, as it is {mean:percent}"
    return said(full.contrast(dict.fromkeys(more, 1 / len(more)) | {full.own: -1.0}), figures, template)


JUDGES: dict[str, Callable] = {
    "near-input": lambda *args: by_ends(*args, HIGHER), "near-output": lambda *args: by_ends(*args, LOWER),
    "spread": lambda *args: by_neighbours(*args, HIGHER), "neighbours": lambda *args: by_neighbours(*args, LOWER),
    "short": by_budget, "gap": by_longest, "few": by_more,
}
