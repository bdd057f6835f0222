"""At most three findings on a run, a sentence each, in everyday words: the same verdicts as in the full explanation, with fewer figures."""

from collections.abc import Iterable

from core.findings.finding import Finding, write
from core.findings.why.measured import KIND as MEASURED
from core.findings.why.own_reason import UNTESTABLE
from core.findings.why.why import Why
from core.findings.why.wording import gone, layers_named
from core.statistics.verdict import EQUAL, HIGHER, LOWER, UNKNOWN, WITHIN

MOST = 3
AS_COPIED = "No weight moved in training, so this is the student as it was copied, not a trained one."
MISTAKES = {
    "rate-zero": AS_COPIED, "stale-optimizer": AS_COPIED, "stale-schedule": AS_COPIED, "frozen": AS_COPIED,
    "frozen-parts": "Parts of the student did not move in training, so this is no result of training all of it.",
    "embeddings-not-copied": "The student's embeddings were not copied from the teacher, so its layers read input they were not made for.",
    "other-layers": "The layers copied are {copied:layers}, not {wanted:layers}: this is no result of the layers asked for.",
    "shuffled-labels": "The training labels look shuffled: the teacher agrees with only {teacher_train_accuracy:percent} of them.",
    "teacher-not-tuned": "The teacher itself gets only {teacher_accuracy:percent} right: it has nothing to teach here.",
    "rate-too-high": "The learning rate looks far too high: {accuracy:percent} are right, one answer for everything would get {majority:percent}.",
}
ON_PURPOSE = "This run was made with a mistake on purpose."


def story(findings: Iterable[Finding], why: Why) -> tuple[list[Finding], list[Finding]]:
    """Return the reasons and what else there is to say, three sentences in all at most; what went wrong comes before all else.

    findings: of the whole explanation (core/findings/explanation/explain.py).
    """
    by_kind: dict[str, Finding] = {}
    for one in findings:
        by_kind.setdefault(one.kind, one)
    wrong = trouble(by_kind["learning"])
    reasons = why_story(why)[: MOST - len(wrong)]
    rest = wrong or [*behind_the_teacher(by_kind.get("phenomena")), *among_choices(by_kind.get("standing"))]
    return reasons, rest[: MOST - len(reasons)]


def shortened(one: Finding, template: str, **more) -> Finding:
    """Return the finding in other words."""
    return write(one.kind, template, one.figures | more, one.runs, one.strength, one.more)


def trouble(learning: Finding) -> list[Finding]:
    """Return what went wrong with the run, if anything: a mistake, a collapse, or nothing learned."""
    figures = learning.figures
    if figures["mistake"]:
        return [shortened(learning, MISTAKES.get(figures["mistake"], ON_PURPOSE))]
    if figures["collapsed"]:
        return [shortened(learning, "The run collapsed: it gives one answer to nearly everything, which another run may not do.")]
    if figures["majority"] is None:
        return []
    if figures.get("majority_verdict") != HIGHER:
        return [shortened(learning, "The student is not shown to have learned the task: one answer for everything would get {majority:percent}.")]
    if figures["start_word"] == LOWER:
        return [shortened(learning, "The student had {initial:percent} before its first step: training took that away.")]
    return []


def why_story(why: Why) -> list[Finding]:
    """Return one or two sentences on why the student gets what it gets."""
    first = why.findings[0]
    measured = [bridged(one) for one in why.findings if one.kind == MEASURED and one.strength == "likely"]
    if why.seen is None:
        return [first, *measured]
    if why.seen.loss.word != LOWER:
        return [no_loss(first, why.seen.loss.word)]
    return [loss(first, why), *measured]


def no_loss(first: Finding, word: str) -> Finding:
    said = {
        WITHIN: "Trained in full, these layers end within {far:points} of the teacher: hardly anything is lost.",
        HIGHER: "Trained in full, these layers lose nothing against the teacher.",
        UNKNOWN: "Trained in full, these layers reach {mean:percent}, the teacher {teacher:percent}: too few runs to call that a loss.",
    }
    return shortened(first, said[word])


def loss(first: Finding, why: Why) -> Finding:
    """Name the seam that goes with the loss, or say that none stands out."""
    seams = why.seen.seams
    if len(seams) == 1:
        return shortened(first, f"{gone(seams[0].seam)}: that alone costs {{lost:points}}, even after full training.")
    if any(one.closed is None for one in seams):
        return shortened(first, "In full runs these layers reach {mean:percent}, {lost:points} below the teacher.")
    if "closed" in first.figures:
        (one,) = [one.seam for one in seams if list(one.seam.missing) == first.figures["missing"]]
        back = ("it", "both", "all of them")[min(one.length, 3) - 1]
        return shortened(first, f"{gone(one)}: with {back} back, students get {{closed:points}} more, which is most of what is lost.")
    ends = {HIGHER: "each makes up for part of the others", LOWER: "it takes several of them"}
    end = ends.get(why.seen.excess.word, "the runs are too few to tell which counts most")
    return shortened(first, f"In full runs these layers lose {{lost:points}}, and no single gap explains it: {end}.")


def bridged(one: Finding) -> Finding:
    """Say what a gap costs the teacher itself."""
    missing = layers_named(one.figures["missing"])
    them = "them" if len(one.figures["missing"]) > 1 else "it"
    start = f"The teacher itself falls from {{teacher:percent}} to {{left:percent}} without {missing}"
    return shortened(one, f"{start}, even with a simple bridge in place of {them}; training may mend some of that.")


def behind_the_teacher(one: Finding | None) -> list[Finding]:
    """Name the kind of example on which the student falls furthest behind; nothing where none is shown to be lower."""
    if one is None or "best" in one.figures or not one.figures["lost"]:
        return []
    return [shortened(one, "It falls furthest behind the teacher on {group_worst}: {worst_difference:points} fewer right answers.")]


def among_choices(one: Finding | None) -> list[Finding]:
    """Say where the choice stands among those saved with the same budget."""
    if one is None or "others" not in one.figures:
        return []
    figures = one.figures
    if not figures["better_than"] and not figures["worse_than"]:
        near = f"within {100 * EQUAL:g} points of {{alike}} of {{others}} other choices of its size"
        if not figures["alike"]:
            return [shortened(one, "The saved runs are too few to tell it from the {others} other choices of its size.")]
        rest = "; for the rest the runs are too few to tell" if figures["untold"] else ""
        return [shortened(one, f"It is {near}{rest}.")]
    said = [f"clearly {word} than {{{name}}}" for word, name in (("better", "better_than"), ("worse", "worse_than")) if figures[name]]
    rest = "" if figures["better_than"] + figures["worse_than"] == figures["others"] else "; the runs do not tell it from the rest"
    return [shortened(one, f"Of {{others}} other choices with the same budget, it is {' and '.join(said)}{rest}.")]


def prediction_story(one: Finding) -> str:
    """Return what a prediction was worth, a sentence or two."""
    figures = one.figures
    if "miss" in figures:
        how = "right, as near as chance allows" if figures["right"] else f"{{miss:points}} too {'high' if figures['miss'] > 0 else 'low'}"
        said = f"You predicted {{predicted:whole}}; it reached {{accuracy:percent}}: {how}."
    elif "right" in figures:
        place = "{first_place}" if figures["first_place"] == figures["last_place"] else "{first_place} to {last_place}"
        said = f"You predicted place {{predicted_rank}}: {'right' if figures['right'] else 'not right'}, it stands at place {place} of {{choices}}."
    else:
        return one.sentence
    if "class_median" in figures:
        said += f" The middle of what {{class_size}} others predicted is {'{class_median:whole}' if 'miss' in figures else 'place {class_median:g}'}."
    return write(one.kind, said, figures).sentence


def reason_story(one: Finding) -> str:
    """Return whether the saved runs support the learner's own reason, a sentence."""
    judged = one.figures.get("judged", UNTESTABLE)
    end = "cannot be tested with the saved runs" if judged == UNTESTABLE else f"is {judged} by the saved runs"
    return write(one.kind, f"Your reason, that {{reason}}, {end}.", one.figures).sentence
