"""Over- and underfitting, and whether the probabilities can be calibrated, from the losses that the record holds."""

import math

from core.findings.evidence import Evidence
from core.findings.finding import Finding, write
from core.statistics.distributions import wilson

NEXT = "the loss curves of this run"
RISE = 0.02  # nats above its lowest, or above training, that count as more where the noise between seeds is unknown


def fitting(evidence: Evidence) -> list[Finding]:
    """Compare training cross-entropy (batches with dropout, averaged since the evaluation before) beside the loss on held-out examples.

    None of it is tested against noise unless the twins give the noise of the held-out loss."""
    run = evidence.run
    points = [point for point in run["curve"] if point["val_loss"] is not None]
    trained = training_losses(run)
    if len(points) < 2 or not trained:
        return []
    low = min(points, key=lambda point: point["val_loss"])
    noise = evidence.noise_of(lambda one: one["final"]["loss"])
    figures = {
        "training_loss": trained[-1], "validation_loss": points[-1]["val_loss"], "lowest_loss": low["val_loss"], "lowest_step": low["step"],
        "rise": points[-1]["val_loss"] - low["val_loss"], "loss_sd": noise.sd, "gap": points[-1]["val_loss"] - trained[-1],
        "chance_loss": frequency_loss(run), "teacher_loss": run["teacher"]["loss"], "steps": run["steps"],
    }
    beyond = figures["rise"] > (2 * noise.sd if noise.known else RISE)
    if beyond and trained[-1] < trained[0]:
        template = (
            "Overfitting: held-out loss was lowest at step {lowest_step} ({lowest_loss:.2f} nats) and rose to {validation_loss:.2f}, "
            "while training cross-entropy fell to {training_loss:.2f}."
        )
    elif min(trained[-1], points[-1]["val_loss"]) > (figures["chance_loss"] + figures["teacher_loss"]) / 2:
        template = (
            "Underfitting: even in training, cross-entropy ends at {training_loss:.2f} nats, nearer to guessing by frequency ({chance_loss:.2f}) "
            "than to the teacher's held-out loss ({teacher_loss:.2f}); the student's own held-out loss is {validation_loss:.2f}."
        )
    elif figures["gap"] <= RISE:
        template = (
            "No sign of overfitting: held-out loss ends at {validation_loss:.2f} nats, training cross-entropy (with dropout) at {training_loss:.2f}"
        ) + ("; held-out loss was still falling." if low is points[-1] else ".")
    else:
        template = "Held-out loss ends {gap:.2f} nats above training cross-entropy ({validation_loss:.2f} against {training_loss:.2f})"
        template += " and was still falling." if low is points[-1] else "; it was lowest at step {lowest_step}."
    return [write("fitting", template, figures, [run["id"]], "likely", NEXT)]


def training_losses(run: dict) -> list[float]:
    """Return mean training cross-entropy up to each evaluation, since the one before; [] where the objective has no such part."""
    means, since = [], []
    for point in run["curve"]:
        value = (point.get("losses") or {}).get("cross_entropy")
        since += [] if value is None else [value]
        if point["val_loss"] is not None and since:
            means.append(sum(since) / len(since))
            since = []
    return means


def calibration(evidence: Evidence) -> list[Finding]:
    """Compare loss with accuracy: calibrated probabilities cannot have a higher loss than Fano's bound at their accuracy.

    With C classes and accuracy a a calibrated predictor's mean loss is at most h(a) + (1 - a) ln(C - 1) nats, h the binary entropy: its loss is the
    mean entropy of its probabilities, which Fano's inequality bounds for each largest probability, and the bound is concave. The bound is taken at
    the lower end of the accuracy's 95 % interval, where it is highest."""
    run = evidence.run
    final, classes, n = run["final"], len(run["labels"]), len(run["predictions"])
    if classes < 2 or final["loss"] is None:
        return []
    low, _ = wilson(final["accuracy"], n)
    figures = {"accuracy": final["accuracy"], "accuracy_low": low, "loss": final["loss"], "bound": fano(low, classes), "classes": classes}
    if figures["loss"] > figures["bound"]:
        template = (
            "Its probabilities do not match its accuracy: calibrated ones have a loss of at most {bound:.2f} nats at {accuracy:percent}, its own is "
            "{loss:.2f}; it is too sure where it is wrong, or too unsure where it is right."
        )
    else:
        template = (
            "A loss of {loss:.2f} nats at {accuracy:percent} is within what calibrated probabilities can have (at most {bound:.2f}): no sign of "
            "miscalibration, and no proof of calibration."
        )
    return [write("calibration", template, figures, [run["id"]], "likely", NEXT)]


def fano(accuracy: float, classes: int) -> float:
    """Return the bound at an accuracy, nats; ln C at and below 1 / C, which no calibrated predictor falls under."""
    accuracy = max(accuracy, 1 / classes)
    entropy = -sum(share * math.log(share) for share in (accuracy, 1 - accuracy) if share > 0)
    return entropy + (1 - accuracy) * math.log(classes - 1)


def frequency_loss(run: dict) -> float:
    """Return the loss of guessing by the split's label frequencies, nats."""
    rows = [sum(row) for row in run["final"]["confusion"]]
    return -sum(row / sum(rows) * math.log(row / sum(rows)) for row in rows if row)
