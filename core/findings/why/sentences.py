"""The one or two sentences on why a student of these layers gets what it gets. Nothing is said to cost or to bring anything for sure unless that was
tested and stands out."""

from core.findings.finding import Finding, write
from core.findings.names import choice_name
from core.findings.why.at_seams import AtSeam, Pair, Seen
from core.findings.why.students import Students
from core.findings.why.wording import gone, layers_named, listed
from core.statistics.verdict import HIGHER, LOWER, UNKNOWN, WITHIN

KIND = "why"
NO_REASON = "No single reason stands out"
TRAINED = "Trained fully, the student of {choice} reaches {mean:percent}"
MOST = 0.5  # of all that is lost, for one of several seams to be named as the reason


def reason(students: Students, seen: Seen) -> list[Finding]:
    """Return what is lost against the teacher and which seam goes with it, the other seams left as they are: one or two findings."""
    figures = {
        "choice": choice_name(students.own, students.layers), "layers": list(students.own), "mean": students.mean(students.own),
        "teacher": students.mean(students.whole), "runs": len(students.runs(students.own)), "lost": -seen.loss.comparison.difference,
        "seams": len(seen.seams),
    } | seen.loss.figures("loss")
    if seen.loss.word != LOWER:
        return [no_loss(students, seen, figures)]
    if len(seen.seams) == 1:
        return one_seam(students, seen.seams[0], figures)
    if any(one.closed is None for one in seen.seams):
        template = f"{TRAINED}, {{lost:points}} below the teacher ({{teacher:percent}})."
        return [write(KIND, template, figures, ids(students), "clear"), *same_size(students, seen)]
    return several(students, seen, figures)


def no_loss(students: Students, seen: Seen, figures: dict) -> Finding:
    """Say that nothing is shown to be lost, so that there is nothing to give a reason for."""
    start = f"{TRAINED}, the teacher {{teacher:percent}}"
    if seen.loss.word == WITHIN:
        figures["far"] = seen.loss.far
        template = f"{start}. The two lie within {{far:points}} of each other: there is hardly a loss to explain."
        return write(KIND, template, figures, ids(students), "within")
    if seen.loss.word == HIGHER:
        return write(KIND, f"{start}. Nothing is lost, so there is no loss to explain.", figures, ids(students), "clear")
    template = f"{start}. {NO_REASON}: these runs are too few to tell so small a loss from chance."
    return write(KIND, template, figures, ids(students), "unknown")


def one_seam(students: Students, one: AtSeam, figures: dict) -> list[Finding]:
    """Name the only seam, which is the whole difference from the teacher."""
    figures["missing"] = list(one.seam.missing)
    template = f"{gone(one.seam)}, and nothing else: that costs {{lost:points}} ({{mean:percent}} against the teacher's {{teacher:percent}})."
    return [write(KIND, template, figures, ids(students), "clear"), *within(students, one)]


def several(students: Students, seen: Seen, figures: dict) -> list[Finding]:
    """Name the one seam of several that goes with most of the loss, or say that none stands out."""
    closed = [one.closed for one in seen.seams]
    runs = ids(students, closed)
    figures |= {"summed": sum(step.gain for step in closed)} | seen.excess.figures("excess")
    best = max(range(len(closed)), key=lambda i: closed[i].gain)
    leads = all(seen.lead[best, j].word == HIGHER for j in range(len(closed)) if j != best)
    if closed[best].helps and leads and closed[best].gain >= MOST * figures["lost"]:
        one = seen.seams[best]
        figures |= {"missing": list(one.seam.missing), "closed": closed[best].gain, "closed_mean": closed[best].mean}
        others = [other for other in seen.seams if other is not one]
        figures["next"] = max(other.closed.gain for other in others)
        them, back = (("it", "it"), ("them", "both"), ("them", "all of them"))[min(one.seam.length, 3) - 1]
        rest = "Any other missing layers back bring {next:tenth} at most, clearly less."
        if len(others) == 1:
            name = layers_named(others[0].seam.missing)
            rest = f"{name[0].upper()}{name[1:]} back {'brings' if others[0].seam.length == 1 else 'bring'} {{next:tenth}}, clearly less."
        template = f"{gone(one.seam)}, and most of the loss goes with {them}. With {back} back, students get {{closed:points}} more "
        template += f"({{closed_mean:percent}} instead of {{mean:percent}}). {rest}"
        return [write(KIND, template, figures, runs, "clear"), *within(students, one)]
    brings = listed(figures, "closed", [(layers_named(one.seam.missing), one.closed.gain) for one in seen.seams])
    end = {
        HIGHER: "Added up, that is clearly more than is lost: each makes up for part of the others.",
        LOWER: "Added up, that is clearly less than is lost: it takes several of them.",
    }.get(seen.excess.word, "These runs are too few to tell which counts most.")
    template = f"{TRAINED}, {{lost:points}} below the teacher. {NO_REASON}: {brings}. {end}"
    return [write(KIND, template, figures, runs, "clear" if seen.excess.clear else "unknown")]


def within(students: Students, one: AtSeam) -> list[Finding]:
    """Say what a single one of a seam's missing layers brings back, and whether one does another's work."""
    if one.seam.length == 1 or not one.back:
        return []
    stand_ins = [pair for pair in one.pairs if pair.stands_in]
    if stand_ins:
        return [stand_in(students, one, stand_ins)]
    helping = [step for step in one.back if step.helps]
    figures = {"back": [step.back[0] for step in one.back], "helping": [step.back[0] for step in helping]}
    if not helping:
        figures["top"] = max(step.gain for step in one.back)
        template = "These runs are too few to tell which of them counts most. One of them put back alone brings {top:points} at most."
        return [write(KIND, template, figures, ids(students, one.back), "unknown")]
    brings = listed(figures, "gain", [(layers_named(step.back), step.gain) for step in helping])
    template = f"Of these, {brings}."
    return [write(KIND, template, figures, ids(students, helping), "clear")]


def stand_in(students: Students, one: AtSeam, pairs: list[Pair]) -> Finding:
    """Say that one of two layers does for both. Of several pairs the one that brings most, or, where every two of the seam do so, all of them."""
    if len(one.pairs) == len(pairs) > 1:
        figures = {"back": list(one.seam.missing), "low": min(step.gain for step in one.back), "high": max(step.gain for step in one.back)}
        template = "Any one of them, put back alone, brings {low:tenth} to {high:points}: one can stand in for another."
        return write(KIND, template, figures, ids(students, one.back), "clear")
    pair = max(pairs, key=lambda found: found.both.gain)
    figures = {"a": pair.layers[0], "b": pair.layers[1], "gain_a": pair.first.gain, "gain_b": pair.second.gain, "both": pair.both.gain}
    figures |= pair.overlap.figures("overlap")
    if all(found.word == HIGHER for found in pair.alone):
        figures |= {"alone_a": pair.alone[0].comparison.difference, "alone_b": pair.alone[1].comparison.difference}
        template = "To lose layer {a} alone costs {alone_a:points}, layer {b} alone {alone_b:tenth}, both {both:tenth}: one stands in for the other."
    else:
        template = "Layer {a} put back alone brings {gain_a:points}, layer {b} alone {gain_b:tenth}, both {both:tenth}: one stands in for the other."
    return write(KIND, template, figures, ids(students, [pair.first, pair.second, pair.both]), "clear")


def same_size(students: Students, seen: Seen) -> list[Finding]:
    """Name the best student of the same size that has one of the missing layers back."""
    swaps = [step for one in seen.seams for step in one.swapped]
    if not swaps:
        return []
    best = max(swaps, key=lambda step: step.mean)
    figures = {"swap": list(best.choice), "back": best.back[0], "out": best.given_up[0], "swap_mean": best.mean, "gain": best.gain}
    figures |= best.verdict.figures("swap")
    template = "At the same size, with one missing layer back, the student of {swap:layers} gets most (layer {back} instead of {out}): "
    template += "{swap_mean:percent}. "
    if best.verdict.word == WITHIN:
        figures["far"] = best.verdict.far
    template += {
        HIGHER: "That is {gain:points} more.", LOWER: "That is {gain:points} less than this choice.",
        WITHIN: "The two lie within {far:points} of each other.", UNKNOWN: "These runs are too few to tell the two apart.",
    }[best.verdict.word]
    return [write(KIND, template, figures, ids(students, [best]), {WITHIN: "within", UNKNOWN: "unknown"}.get(best.verdict.word, "clear"))]


def ids(students: Students, steps=()) -> list[str]:
    """Return the runs of this choice and of the steps."""
    return [run["id"] for choice in (students.own, *(step.choice for step in steps)) for run in students.runs(choice)]
