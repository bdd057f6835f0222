"""How a finding is known: the test or the reading behind it, its inputs, and the formulas it uses."""

from dataclasses import dataclass

from core.findings.finding import Finding, fill
from core.statistics.holm import LEVEL


@dataclass(frozen=True)
class Method:
    """description: plain sentences. formulas: names in core.findings.formulas."""

    description: str
    formulas: tuple[str, ...]


TESTED = ("test", "choice_sd", "test_set_variance", "holm")
ALONE = ("accuracy", "test_set_variance", "holm")

# kind -> (what was done, the name of the verdict whose inputs are given, formulas)
METHODS: dict[str, tuple[str, str | None, tuple[str, ...]]] = {
    "learning": ("This run, as the one model it is, against always naming the most frequent label on the same examples.", "majority", ALONE),
    "standing": (
        "Every other saved choice of this size, budget and settings is compared with this one. The inputs for the best of them:", "best", TESTED,
    ),
    "presets": ("Each preset that is saved is compared with this choice; gap, noise and p-value of each are among the figures.", None, TESTED),
    "control": ("This choice against students with untrained layers and all else copied.", "control", TESTED),
    "swap": ("All saved choices that differ in one layer are compared with this one; the extremes are named after the correction.", "swap", TESTED),
    "capacity": ("All saved choices with one layer more, or one fewer, and the other layers the same.", "size", TESTED),
    "phenomena": (
        "Each group of examples is compared as if the two students had seen different ones, which is on the safe side. For the widest gap:",
        "worst", ("accuracy", "test", "choice_sd", "holm"),
    ),
    "seeding": ("The same student before the first step and after the last.", "trained", ALONE),
    "forecast": (
        "Least squares from a short run's accuracy and loss at its end to the mean accuracy of the choice's full runs; the interval comes from what "
        "was missed when each choice was left out, and the forecast is given only where it is narrower and scores better than two simple guesses.",
        None, ("interval_score",),
    ),
    "ranking": ("Kendall's tau between short and full means; its interval turns every pair that noise could turn.", None, ("tau",)),
    "fitting": ("Read off the curves: training cross-entropy since the evaluation before, and the loss on held-out examples.", None, ("loss",)),
    "calibration": (
        "The loss is compared with the highest that calibrated probabilities can have, at the lower end of the accuracy's interval.", None,
        ("fano", "loss"),
    ),
}
PREDICTION = {
    "accuracy": ("A predicted accuracy is right within the interval that the number of examples allows this run.", ("accuracy", "wilson")),
    "rank": ("A predicted place is right where the noise leaves the choice: its full runs are compared with those of every other choice.", TESTED),
}
PROVED = "Read off the record of this run: its settings, how far each part's weights moved, and what the training loop noted."
NOTHING = "Nothing was tested: what a test would need is not there."


def method_of(finding: Finding) -> Method:
    """Describe how a finding is known. ValueError for a kind that has no method."""
    figures = finding.figures
    if finding.kind == "prediction":
        description, formulas = PREDICTION["accuracy" if "predicted" in figures else "rank"]
        return Method(description, formulas)
    if finding.kind not in METHODS:
        raise ValueError(f"no method is written down for findings of kind {finding.kind!r}")
    if finding.kind == "learning" and figures["mistake"] and finding.strength == "clear":
        return Method(PROVED, ("update_norm", "accuracy"))
    description, name, formulas = METHODS[finding.kind]
    if name is not None:
        if figures.get(f"{name}_p") is None:
            return Method(NOTHING, ("accuracy", "seed_sd") if finding.kind == "standing" else ("accuracy",))
        description = f"{description} {inputs(figures, name)}"
    if finding.kind == "learning" and figures["mistake"]:
        description = f"{PROVED} {description}"
    return Method(description, formulas)


def inputs(figures: dict, name: str) -> str:
    """Describe what went into one comparison."""
    seeds = figures[f"{name}_seeds"]
    template = (
        f"gap {{{name}_difference:signed}}, standard error {{{name}_standard_error:points}} ({{{name}_seed_error:points}} from seeds, "
        f"{{{name}_test_error:points}} from the examples: {{{name}_test_noise}}); p {{{name}_p:p}}, {{{name}_p_holm:p}} once every comparison of "
        f"this explanation is counted (Holm). Up to {LEVEL:g} counts."
    )
    who = f"{seeds[0]} against {seeds[1]} runs: " if seeds[1] else "One model: " if seeds[0] == 1 else f"{seeds[0]} runs: "
    return who + fill(template, figures)
