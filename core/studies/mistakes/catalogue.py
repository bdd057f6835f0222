"""The mistakes: what was written, why it is wrong, what it looks like in a table, and what alone would prove it. Torch-free.

Several of them stand in public solutions of one course assignment (core/studies/mistakes/cases.py); the others are as easily made.
"""

from dataclasses import dataclass

from core.errors import LabError

NO_SIGNATURE = "no signature"


@dataclass(frozen=True)
class Mistake:
    """name: as on the command line and in a record. written, wrong: what the code did, and why that is wrong.

    signature: what it looks like in figures per epoch, or NO_SIGNATURE. look: the class of figures (core.findings.diagnose.SYMPTOMS) it belongs to,
    None without a signature. proof: what has to be recorded to name this mistake and no other. here: how a live run of it departs from
    that, "" where it does not.
    presets: the layer choices that a run of it trains, in turn; one mistake spans them all. objective: the bundle it is shown on.
    """

    name: str
    title: str
    written: str
    wrong: str
    signature: str = NO_SIGNATURE
    look: str | None = None
    proof: str = ""
    here: str = ""
    presets: tuple[str, ...] = ("odd",)
    objective: str = "hinton"


FOUR = ("first-k", "last-k", "odd", "even")
STILL = (
    "Accuracy and validation loss are the same to the last digit at every evaluation, and the training loss moves by no more than "
    "dropout moves it."
)

MISTAKES: dict[str, Mistake] = {
    mistake.name: mistake
    for mistake in (
        Mistake(
            "stale-optimizer", "One optimizer for all students",
            "The optimizer is made once, over the parameters of another student, and then asked to train this one.",
            "step() changes the tensors that the optimizer was given. This student gets gradients and no update.",
            STILL, "not-updated", "the share of the student's weights that the optimizer holds (0), with update norms of 0",
            "The other student is a copy of this one.",
        ),
        Mistake(
            "stale-schedule", "One learning-rate schedule for all students",
            "The schedule goes on counting where the first student's training ended.",
            "By then the linear decay has brought the learning rate to 0, so every update is zero.",
            STILL, "not-updated", "the highest learning rate of the run (0), with update norms of 0",
        ),
        Mistake(
            "embeddings-not-copied", "Embeddings not copied",
            "Only the encoder's layers are copied; word, position and type embeddings start random.",
            "The copied layers were trained to read the teacher's embeddings, so what they know cannot be used.",
            proof="a comparison of the student's embeddings with the teacher's before the first step",
        ),
        Mistake(
            "teacher-not-tuned", "Teacher not fine-tuned",
            "The teacher is a pretrained encoder with a freshly drawn classifier.",
            "Its logits know nothing of the task, so the soft targets pull the student towards noise.",
            proof="the teacher's own accuracy, which lies at chance",
            here="The encoder stays the fine-tuned one; only its pooler and classifier are drawn anew.",
        ),
        Mistake(
            "odd-wraps", "Odd layers off by one",
            "Student layer i (from 0) takes teacher layer 2i - 1 (from 0); for i = 0 that is -1, which Python reads as the last.",
            "The layer nearest the output comes first, and the others are the even layers.",
            proof="the layers that were copied, in order",
        ),
        Mistake(
            "even-wraps", "Even layers wrapping around",
            "Teacher layer i (0, 2, 4, ...) goes to student position (i - 1) // 2; for i = 0 that is -1, which Python reads as the last.",
            "Teacher layer 1, nearest the input, ends on top of the student.",
            proof="the layers that were copied, in order", presets=("even",),
        ),
        Mistake(
            "one-choice", "One choice for all strategies",
            "The function that copies layers drops its argument, so every strategy copies the same layers.",
            "Differences between the strategies are differences between repeats of one run; with one seed there are none.",
            "With one seed, all strategies agree to the last digit. With a seed each, " + NO_SIGNATURE + ".",
            "all-alike", "the layers that were copied, in order", presets=FOUR,
        ),
        Mistake(
            "shared-student", "One student object for all strategies",
            "One model object is trained for each strategy in turn and never made anew.",
            "Each strategy goes on from the student that the strategy before it left.",
            "A strategy's evaluation before its first step equals the last evaluation of the strategy before it. Without the figures before "
            "the first step, " + NO_SIGNATURE + ".",
            "one-student", "a comparison of the student's layers with the teacher's before the first step", presets=FOUR,
        ),
        Mistake(
            "teacher-dropout", "Teacher in training mode",
            "The teacher is never put in evaluation mode.",
            "Dropout is on while it makes the targets, so they are noisy and change each time they are asked for.",
            proof="the teacher's mode, or two answers to one question",
        ),
        Mistake(
            "no-t-squared", "No T² in the soft-target loss",
            "The KL divergence at temperature T is not multiplied by T².",
            "Its gradient shrinks by T², so the labels outweigh the teacher by more than the weights say.",
            proof="the code of the loss",
        ),
        Mistake(
            "padding-in-loss", "Padding not masked in hidden-state losses",
            "The distance between hidden states is averaged over all positions of the batch, padding included.",
            "The student is taught to copy the teacher's states at tokens that mean nothing, and the loss depends on the batch's width.",
            proof="the code of the loss", objective="distilbert",
        ),
        Mistake(
            "epochs-averaged", "Accuracy averaged over epochs",
            "The accuracy reported is the mean over all epochs.",
            "It describes a student that never existed: it mixes the trained student with its own half-trained states.",
            "With the figures per epoch beside it, the reported figure is their mean and not the last of them.",
            "averaged", "the reported figure beside those of the epochs",
        ),
        Mistake(
            "best-epoch", "Best epoch picked on the split it is reported on",
            "The accuracy reported is the highest of all epochs, on the split that picked it.",
            "The highest of several noisy figures is too high; another split has to confirm it.",
            proof="which split picked the epoch",
        ),
    )
}


def mistakes(names: str) -> tuple[Mistake, ...]:
    """Return one, or several joined by '+', such as stale-optimizer+teacher-not-tuned. LabError for a name that is none."""
    asked = [name.strip() for name in names.split("+")]
    for name in asked:
        if name not in MISTAKES:
            raise LabError(f"There is no mistake {name!r}; choose one of {', '.join(MISTAKES)}.")
    return tuple(MISTAKES[name] for name in asked)
