"""What the page "What went wrong?" asks and answers: steps, questions and what each answer is worth."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.findings.diagnose import Known, diagnose, read_table
from core.findings.diagnose.signs import chance, chance_interval, constant
from core.findings.finding import Finding
from core.studies.mistakes.cases import Case, cases
from core.studies.mistakes.catalogue import MISTAKES
from core.views.common.text import layers_text, percent

STEPS = {"table": "1 The table", "log": "2 The log", "hunt": "3 The hunt", "right": "4 Done right", "own": "Your own table"}
OWN = "own"  # a step of researchers
LONGEST = 500  # characters of a free answer
NEAR_INPUT, NEAR_OUTPUT = "nearest the input", "nearest the output"
ENDS = (NEAR_INPUT, NEAR_OUTPUT)


@dataclass(frozen=True)
class Question:
    """options: name -> what the learner may answer."""

    name: str
    text: str
    options: dict[str, str]


TABLE = Question("table", "What do you conclude from this table?", {
    "top": "The Top layers are the best to start from; the other students cannot learn",
    "odd": "The Odd layers are the worst: theirs is the highest training loss",
    "near": "Bottom, Odd and Even are about equally good starts, Top is a better one",
    "nothing": "Nothing about layers yet: three students may not have been trained at all",
})
LOG = Question("log", "Which of the four students took part in training?", {
    "all": "All four; three of them found nothing to learn",
    "some": "Top and Even, whose training losses are the lowest",
    "top": "Top alone; the three others never changed",
    "none": "None of them",
})
NAMES = Question("names", 'The table says "Top 6 Layers". Which are they?', {
    "1-6": "layers 1 to 6", "7-12": "layers 7 to 12", "unsaid": "the table does not say",
})
WAITS = {"log": (TABLE.name,), "hunt": (TABLE.name, LOG.name), "right": (TABLE.name, LOG.name)}  # answers that a step waits for


def step_of(value: str | None) -> str:
    """Return the step that a link names; the first one for any other text."""
    return value if value in STEPS else "table"


def waits_for(step: str, answers: Mapping[str, dict]) -> str | None:
    """Return the step whose question comes first; None where this one may be seen."""
    return next((name for name in WAITS.get(step, ()) if name not in answers), None)


def title(mistake: str) -> str:
    """Return a mistake's title inside a sentence."""
    text = MISTAKES[mistake].title
    return text[0].lower() + text[1:]


def case(name: str) -> Case:
    return next(one for one in cases() if one.name == name)


def published() -> list[dict]:
    """Return the assignment's table as it was published, a row a student."""
    titles = {"strategy": "Student layers", "train_loss": "Training loss", "val_loss": "Validation loss", "val_accuracy": "Validation accuracy"}
    return [{titles[name]: value for name, value in row.items()} for row in case_rows(case("assignment"))]


def log_rows(figure: str) -> list[dict]:
    """Return {"strategy", "epoch", "value"} of the assignment's log; what was not written down is left out."""
    return [{"strategy": row["strategy"], "epoch": int(row["epoch"]), "value": float(row[figure])}
            for row in case_rows(case("assignment-epochs")) if row["epoch"].isdigit() and row[figure]]


def log_values(figure: str) -> dict[str, list[float]]:
    """Return the figures of the assignment's log by student, epoch after epoch."""
    rows = log_rows(figure)
    return {name: [row["value"] for row in rows if row["strategy"] == name] for name in strategies()}


def log_table() -> list[dict]:
    """Return a row an epoch: of each student its training loss and validation accuracy."""
    names = strategies()
    losses, accuracies = ({(row["strategy"], row["epoch"]): row["value"] for row in log_rows(figure)} for figure in ("train_loss", "val_accuracy"))
    epochs = sorted({epoch for _, epoch in losses})
    return [
        {"epoch": str(epoch)} | {f"{_short(name)}: {what}": f"{values[name, epoch]:{form}}" for name in names
                                 for what, values, form in (("loss", losses, ".4f"), ("accuracy", accuracies, ".3f"))}
        for epoch in epochs
    ]


def strategies() -> list[str]:
    return list(case("assignment").layers)


def _short(name: str) -> str:
    return name.split()[0]


def table_answer(option: str) -> tuple[bool, list[str]]:
    """Return whether the answer holds, and why, from the table's own figures."""
    one = case("assignment")
    table = read_table(one.table, Known(**one.known))
    least, upper = chance(table.known), chance_interval(table.known)[1]
    low = [strategy for strategy in table.strategies if strategy.last <= upper]
    said = ", ".join(f"{_short(strategy.name)} {percent(strategy.last)}" for strategy in low)
    losses = {row["Student layers"]: float(row["Training loss"]) for row in published()}
    worst = max(losses, key=losses.get)
    reasons = [
        f"{said}: of {table.known.classes} classes guessing gets at least {percent(least)}, and on {table.known.examples} pairs now and then up to "
        f"{percent(upper)}. A student that learned nothing at all looks like this, whatever its layers.",
    ]
    if option == "odd":
        reasons.insert(0, f"{worst} has the highest training loss ({losses[worst]:.2f}), but the losses hold terms that ask the student to copy a "
                          "teacher, and the table does not say what that teacher knew; they do not measure how good a start the layers are.")
    if option == "top":
        reasons.insert(0, "This is what its author concluded.")
    if option == "near":
        reasons.insert(0, "Equal figures of students that may never have been trained say nothing about their layers.")
    return option == "nothing", reasons


def log_answer(option: str) -> tuple[bool, list[str]]:
    """Return whether the answer holds, and why, from the log's own figures."""
    values, losses = log_values("val_accuracy"), log_values("train_loss")
    still = [name for name in values if constant(values[name], 0.001)]
    moves = max(max(losses[name]) - min(losses[name]) for name in still)
    moved = [name for name in values if name not in still]
    falls = ", ".join(f"{_short(name)}'s falls from {losses[name][0]:.4f} to {losses[name][-1]:.4f}" for name in moved)
    reasons = [
        f"{', '.join(map(_short, still))}: the same accuracy in all {len(values[still[0]])} epochs, to the last digit, while the training loss moves "
        f"by at most {moves:.4f}. Dropout alone moves it that far; {falls}.",
        f"A student that is trained and learns nothing still changes: on {case('assignment').known['examples']} pairs some answers would flip.",
    ]
    return option == "top", reasons


def source(one: Case) -> str:
    """Return where a case is from, in sentences."""
    parts = re.split(r"[:;] ", one.source)
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)


def endpoints(brief: bool = False) -> str:
    """Judge Top's first and last accuracy, which were read as a trend. brief: in the words of the story."""
    accuracies = log_values("val_accuracy")[strategies()[0]]
    n, first, last = case("assignment").known["examples"], accuracies[0], accuracies[-1]
    error = (first * (1 - first) / n) ** 0.5
    best = accuracies.index(max(accuracies)) + 1
    if brief:
        return (f"And Top itself? It goes from {percent(first)} to {percent(last)}, which was read as an improvement. On {n} pairs, chance alone "
                f"moves an accuracy by up to {100 * 1.96 * error:.0f} points either way. The highest was epoch {best}'s, {percent(max(accuracies))}.")
    return (f"And Top itself? From {first:.3f} to {last:.3f}, read as an improvement: on {n} pairs one accuracy has a standard error of "
            f"{error:.3f}, and the highest was epoch {best}'s, {max(accuracies):.3f}. The table reports the mean of the epochs, "
            f"{published()[0]['Validation accuracy']}.")


def names_answer(low: str, high: str, which: str) -> tuple[bool, list[str]]:
    """Judge what the learner put at layer 1 and at layer 12, and took Top to be."""
    one = case("assignment")
    top, bottom = (one.layers[name] for name in strategies()[:2])
    ends = (low, high) == ENDS
    placed = "Layer 1 is nearest the input, layer 12 nearest the output." if ends else (
        "Turn them round: layer 1 reads the embeddings, so it is nearest the input; the classifier reads layer 12, nearest the output."
    )
    said = f"Its code copies layers {layers_text(top)} for Top, the ones nearest the input, and {layers_text(bottom)} for Bottom."
    more = "Most papers call the other end the top. The table alone does not say; so here both words always stand beside an end."
    return ends and which == "unsaid", [placed, said, more]


def read_from_code() -> list[dict]:
    """Return the mistakes that the assignment's code holds."""
    return [{"mistake": MISTAKES[name].title, "what the code did": MISTAKES[name].written, "in the figures": MISTAKES[name].signature}
            for name in case("assignment").made]


def diagnosis(one: Case, with_layers: bool = False) -> list[Finding]:
    return diagnose(one.table_with_layers() if with_layers else one.table, Known(**one.known))


def cohort() -> list[Case]:
    return [one for one in cases() if not one.name.startswith("assignment")]


def case_rows(one: Case) -> list[dict]:
    return list(csv.DictReader(one.table.split("\n")))


def case_truth(one: Case) -> list[str]:
    """Say what its code did, read from it."""
    copied = "; ".join(f"{name}: {layers_text(layers)}" for name, layers in one.layers.items())
    made = "; ".join(map(title, one.made)) or "none of the mistakes that this page knows"
    return [f"Layers that its code copied, from the input on: {copied}.", f"Mistakes in its code: {made}."]
