"""The classes of figures: within one, the figures cannot tell the mistakes apart."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Symptom:
    """title: in a few words. members: mistakes (core.studies.mistakes.catalogue) that give these figures. others: what else gives them, in words.
    apart: what has to be recorded to tell them apart. alarm: whether a correct run practically never looks like this."""

    title: str
    members: tuple[str, ...]
    others: tuple[str, ...] = ()
    apart: str = ""
    alarm: bool = True


SYMPTOMS: dict[str, Symptom] = {
    "not-updated": Symptom(
        "the student never changes", ("stale-optimizer", "stale-schedule"), ("a learning rate of zero", "frozen weights"),
        "Record the norm of the weight update, the learning rate and whether the optimizer holds the student's weights.",
    ),
    "same-accuracy": Symptom(
        "the accuracy never changes", ("stale-optimizer", "stale-schedule", "embeddings-not-copied", "teacher-not-tuned"),
        ("a learning rate of zero", "a student that moves and still names one class, which a correct but short run can do, too"),
        "The validation loss to four digits tells a student that moves from one that does not.", alarm=False,
    ),
    "all-alike": Symptom(
        "all strategies agree to the last digit", ("one-choice", "shared-student"),
        ("one student evaluated under several names",),
        "Record which teacher layer each student layer equals before the first step.",
    ),
    "one-student": Symptom(
        "each strategy starts where the one before it ended", ("shared-student",), (),
        "Record which teacher layer each student layer equals before the first step.",
    ),
    "averaged": Symptom("the reported figure is the mean of the epochs", ("epochs-averaged",)),
    "fresh-head": Symptom(
        "the loss stays at that of a fresh classifier", ("teacher-not-tuned",), ("a new classifier that was hardly trained, if at all",),
        "Record update norms and the teacher's own accuracy.", alarm=False,
    ),
    "at-chance": Symptom(
        "the accuracy does not leave chance", ("stale-optimizer", "stale-schedule", "embeddings-not-copied", "teacher-not-tuned"),
        ("too short a training", "a learning rate far off", "layers that are worth little at the start"),
        "Figures per epoch with the validation loss, update norms and the teacher's own accuracy.", alarm=False,
    ),
    "below-chance": Symptom(
        "the accuracy lies below chance", (), ("classes numbered otherwise than by the teacher's classifier", "a student that names a rare class"),
        "Record the confusion matrix.",
    ),
}
