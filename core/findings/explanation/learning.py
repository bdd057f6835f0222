"""Is the student learning at all, and from seeding or from training? If not, which mistake does the record look like?"""

import math

from core.findings.evidence import Evidence
from core.findings.explanation.fitting import frequency_loss
from core.findings.finding import Finding, write
from core.recipe import Optimiser
from core.statistics.collapse import collapsed
from core.statistics.verdict import Verdict

FAR = 10  # times the default learning rate, from which on a rate counts as far too high where nothing was learnt
SURE, UNSURE = 4, 2  # standard errors of the teacher's lead over guessing
BELOW = 0.95  # of the loss of guessing by frequency: what a loss has to be under to count as below it
FROM_ZERO = "the curve from step zero"
NEXT = "What went wrong?: the mistakes and their curves"


def learning(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> Finding:
    """Write the first finding. Its figure `mistake` names what the run looks like, None where nothing is wrong with it."""
    run = evidence.run
    figures = learning_figures(run)
    against_majority = verdicts.get(("run", "majority"))
    if against_majority:
        figures |= against_majority.figures("majority")
    word, since_start = against_majority.word if against_majority else "unknown", verdicts["run", "initial"]
    figures |= since_start.figures("start") | {"start_word": since_start.word}
    mistake, template, strength = recognise_mistake(run, figures, word)
    figures["mistake"] = mistake
    if mistake is None:
        template, strength = without_mistake(figures, word)
    if run["status"] == "stopped":
        template += " It was stopped after {steps} of {steps_planned} steps and does not answer its recipe."
    return write("learning", template, figures, [run["id"]], strength, "the curves and the update norms of this run" if mistake is None else NEXT)


def learning_figures(run: dict) -> dict:
    """Return what the record holds about learning."""
    norms = run["update_norms"]
    asked = ("embeddings",) if run["recipe"]["optimiser"]["freeze_embeddings"] else ()
    still = [part for part, norm in norms.items() if norm == 0 and part not in asked]
    return {
        "accuracy": run["final"]["accuracy"], "majority": run.get("majority"), "n": len(run["predictions"]), "split": run["split"],
        "teacher_accuracy": run["teacher"]["accuracy"], "teacher_train_accuracy": run["teacher"].get("train_accuracy"),
        "initial": run["initial"]["accuracy"], "collapsed": collapsed(run),
        "initial_loss": run["initial"]["loss"], "loss": run["final"]["loss"], "chance_loss": frequency_loss(run),
        "steps": run["steps"], "steps_planned": run["steps_planned"], "learning_rate": run["recipe"]["optimiser"]["learning_rate"],
        "default_rate": Optimiser().learning_rate, "rate_ratio": run["recipe"]["optimiser"]["learning_rate"] / Optimiser().learning_rate,
        "made_with": run.get("mistake"), "moved": math.sqrt(sum((norm or 0.0) ** 2 for norm in norms.values())),
        "still": [f"layer {part}" if part.isdigit() else part for part in still], "still_layers": [int(part) for part in still if part.isdigit()],
    }


def recognise_mistake(run: dict, figures: dict, word: str) -> tuple[str | None, str, str]:
    """Return (mistake, template, strength). What the record proves comes before what its figures merely look like."""
    audit, still = run.get("audit") or {}, "no weight moved in {steps} steps, and " + AS_SEEDED
    if figures["moved"] == 0 and figures["learning_rate"] == 0:
        return "rate-zero", "The learning rate is {learning_rate:g}: " + still, "clear"
    if figures["moved"] == 0 and audit.get("optimizer_holds") == 0:
        return "stale-optimizer", "The optimizer held none of this student's weights: " + still, "clear"
    if figures["moved"] == 0 and audit.get("peak_rate") == 0:
        return "stale-schedule", "The schedule had run out, with a rate of zero at every step: " + still, "clear"
    if figures["moved"] == 0:
        return "frozen", "The student was frozen: at a learning rate of {learning_rate:g} " + still, "clear"
    if figures["still"]:
        return "frozen-parts", "Parts of the student did not move in {steps} steps: {still:names}. The result is not one of training them.", "clear"
    if not run["recipe"]["seeding"]["copy_embeddings"] or audit.get("embeddings") is False:
        return "embeddings-not-copied", (
            "The student's embeddings were drawn anew, not copied from the teacher, so its layers read input they were not made for; "
            "it gets {accuracy:percent} of {n} {split} examples right, the teacher {teacher_accuracy:percent}."
        ), "clear"
    if seeded_otherwise(run, figures):
        return "other-layers", "The layers copied are {copied:layers}, not {wanted:layers}: the result is not one of the layers asked for.", "clear"
    lead, training = teacher_lead(figures), figures["teacher_train_accuracy"]
    halfway = None if lead is None else (figures["teacher_accuracy"] + figures["majority"]) / 2  # half of the lead over guessing
    if None not in (lead, training) and lead > SURE and training < halfway:  # at home on the held-out labels, lost on the training labels
        return "shuffled-labels", (
            "The training labels look shuffled: the teacher agrees with {teacher_train_accuracy:percent} of them, but with "
            "{teacher_accuracy:percent} of the {n} {split} labels. The student gets {accuracy:percent} right."
        ), "likely"
    if lead is not None and lead < UNSURE:
        return "teacher-not-tuned", (
            "The teacher itself gets {teacher_accuracy:percent} of {n} {split} examples right, not clearly above always naming the most frequent "
            "label ({majority:percent}): it has nothing to teach here. The student gets {accuracy:percent}."
        ), "likely"
    if word != "higher" and figures["rate_ratio"] >= FAR:
        return "rate-too-high", (
            "The learning rate of {learning_rate:g}, {rate_ratio:g} times the default, looks far too high: the weights moved by {moved:.1f}, yet "
            "{accuracy:percent} of {n} {split} examples are right, where always naming the most frequent label gives {majority:percent}."
        ), "likely"
    if run.get("mistake"):
        return run["mistake"], (
            "This run was made with a mistake on purpose ({made_with}): {accuracy:percent} of {n} {split} examples are right, the teacher gets "
            "{teacher_accuracy:percent}."
        ), "clear"
    return None, "", ""


AS_SEEDED = (
    "what is measured is the student as it was seeded: {accuracy:percent} of {n} {split} examples right, "
    "where always naming the most frequent label gives {majority:percent}."
)


def seeded_otherwise(run: dict, figures: dict) -> bool:
    """Return whether the record shows other layers copied than asked for; adds both to the figures."""
    copied, wanted = (run.get("audit") or {}).get("layers"), run["recipe"]["layers"]
    if copied is None or None in copied or run["recipe"]["seeding"]["untrained_layers"] or list(copied) == list(wanted):
        return False
    figures |= {"copied": list(copied), "wanted": list(wanted)}
    return True


def teacher_lead(figures: dict) -> float | None:
    """Return the teacher's lead over guessing on the held-out examples, in standard errors; None where there is no majority to compare with."""
    if figures["majority"] is None:
        return None
    accuracy = figures["teacher_accuracy"]
    error = math.sqrt(accuracy * (1 - accuracy) / figures["n"])
    return (accuracy - figures["majority"]) / error if error else math.inf


def without_mistake(figures: dict, word: str) -> tuple[str, str]:
    """Return template and strength where no mistake shows."""
    if figures["collapsed"]:
        return (
            "The run collapsed: it names one class for nearly every example, so that {accuracy:percent} of {n} {split} examples are right, where "
            "always naming the most frequent label gives {majority:percent}. Other seeds of the same choice may not."
        ), "clear"
    if word == "higher" and figures["start_word"] == "higher":
        return (
            "The student learns: {accuracy:percent} of {n} {split} examples are right, where always naming the most frequent label gives "
            "{majority:percent} and the teacher gets {teacher_accuracy:percent}."
        ), "clear"
    if figures["majority"] is None:
        return "The student gets {accuracy:percent} of {n} {split} examples right, the teacher {teacher_accuracy:percent}.", "unknown"
    if word == "higher":
        text = "{accuracy:percent} of {n} {split} examples are right, more than always naming the most frequent label ({majority:percent}), but "
        if figures["start_word"] == "lower":
            return text + "the student had {initial:percent} before its first step: training took that away.", "clear"
        return text + "the student had {initial:percent} before its first step: that training added to it is not shown.", "likely"
    below = "clearly below" if word == "lower" else "not clearly above"
    text = "The student is not shown to have learnt the task: {accuracy:percent} of {n} {split} examples are right, "
    text += below + " always naming the most frequent label ({majority:percent}). "
    if figures["loss"] < BELOW * figures["chance_loss"]:
        text += "Its loss of {loss:.2f} nats is below the {chance_loss:.2f} of guessing by frequency, so its probabilities say something already."
        return text, "likely"
    return text + (
        "Its loss ({initial_loss:.2f} nats before, {loss:.2f} after) is not far below the {chance_loss:.2f} of guessing by frequency: too few "
        "steps, a learning rate too high or too low, or labels that do not belong to the examples would look like this."
    ), "likely"


def seeding(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Report accuracy before the first step, and what training added; the lead over always naming the most frequent label is shared out."""
    run = evidence.run
    majority, before, after = run.get("majority"), run["initial"]["accuracy"], run["final"]["accuracy"]
    gained = verdicts["run", "initial"]
    figures = {"initial": before, "accuracy": after, "majority": majority} | gained.figures("trained")
    template = "Before the first step the student had {initial:percent}"
    template += " (always naming the most frequent label: {majority:percent})" if majority is not None else ""
    if gained.word in ("within", "unknown"):
        template += "; that training changed this is not shown ({accuracy:percent} after)."
        return [write("seeding", template, figures, [run["id"]], gained.word, FROM_ZERO)]
    if majority is not None and gained.word == "higher" and verdicts["run", "majority"].word != "higher":
        template += "; after training it has {accuracy:percent}, not clearly more than that guess."
        return [write("seeding", template, figures, [run["id"]], "unknown", FROM_ZERO)]
    template += "; training " + ("added" if gained.word == "higher" else "took away") + " {trained_difference:points}"
    if majority is not None and verdicts["run", "seeded"].word == "higher" and after > before:
        figures["seeded_share"] = (before - majority) / (after - majority)
        template += ", so {seeded_share:whole} of its lead over guessing was there from the seeding alone"
    return [write("seeding", template + ".", figures, [run["id"]], "clear", FROM_ZERO)]
