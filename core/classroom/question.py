"""A question of a lesson: its kinds, what an answer may be, and how it is marked."""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass

from core.classroom import fields
from core.errors import LabError

KINDS = {
    "predict": "a choice's accuracy in percent", "winner": "one of several choices", "reason": "a reason", "table": "what is wrong here",
    "number": "a number", "text": "free text",
}
OF_OPTIONS, OF_NUMBERS = ("winner", "reason", "table"), ("predict", "number")
TOO_FEW = "too few runs to tell"  # as an answer it gives and takes no point
EQUAL = "no difference that matters"
RIGHT, NEAR, WRONG, OPEN = "right", "near", "wrong", "open"
LONGEST_ANSWER = 500
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
SHOWN = 0.05  # figures are shown with one decimal: a number as near as this is the same
QUESTION: dict[str, fields.Check] = {
    "kind": fields.one_of(KINDS), "text": fields.text(1000, empty=False), "options": fields.texts(fields.MOST_CHOICES, 120), "answer": fields.answer,
    "within": fields.number(0, 1e6), "choice": fields.choice, "choices": fields.choices, "source": fields.text(200), "reveal": fields.text(1000),
}


@dataclass(frozen=True)
class Question:
    """kind: of KINDS. answer: a number, an option, several options that are equally right, TOO_FEW, or None where nothing is marked. within: how far
    off a number still counts as equal. choice: whose accuracy is asked for. choices: what the first options are. source: where the answer comes from.

    reveal: said with the answer. runs: ids of the runs that it rests on."""

    kind: str
    text: str
    options: tuple[str, ...] = ()
    answer: float | str | tuple[str, ...] | None = None
    within: float | None = None
    choice: dict | None = None
    choices: tuple[dict, ...] = ()
    source: str = ""
    reveal: str = ""
    runs: tuple[str, ...] = ()


def given(question: Question, value: object) -> float | str:
    """Return an answer as it is kept. LabError where it is none to this question."""
    if question.kind in OF_OPTIONS:
        if value not in question.options:
            raise LabError("That is none of the answers; choose one of them.")
        return value
    if question.kind in OF_NUMBERS:
        low, high = (0, 100) if question.kind == "predict" else (-1e6, 1e6)
        return fields_number(value, low, high)
    if not isinstance(value, str) or not value.strip():
        raise LabError("The answer is empty; write a word or a sentence.")
    if len(value) > LONGEST_ANSWER:
        raise LabError(f"The answer has {len(value)} characters; the most is {LONGEST_ANSWER}.")
    return value.strip()


def fields_number(value: object, low: float, high: float) -> float:
    try:
        return fields.number(low, high)(value)
    except LabError as error:
        raise LabError(f"The answer {error}.") from None


def marked(question: Question, answer: object) -> str:
    """Return RIGHT, NEAR (equal within the margin, or one of several that are equally good), WRONG, or OPEN: it cannot be marked."""
    truth = question.answer
    if truth is None or truth == TOO_FEW or answer is None or answer == TOO_FEW or question.kind == "text":
        return OPEN
    if question.kind in OF_NUMBERS:
        if isinstance(truth, str) or isinstance(answer, str | bool) or question.within is None:
            return OPEN
        miss = abs(answer - truth)
        return RIGHT if miss <= SHOWN else NEAR if miss <= question.within + 1e-9 else WRONG
    if answer not in question.options:
        return OPEN
    if isinstance(truth, tuple | list):
        return NEAR if answer in truth else WRONG
    return RIGHT if answer == truth else WRONG


def sound(one: Question, attempt: Callable) -> Question:
    """Check that the fields of a question fit each other; the options of choices without any are their layers."""
    def refuse(sentence: str) -> Callable:
        def check() -> None:
            raise LabError(sentence)

        return check

    if one.choices and not one.options:
        one = dataclasses.replace(one, options=(*(",".join(map(str, each["layers"])) for each in one.choices), EQUAL, TOO_FEW))
    if one.kind in OF_OPTIONS and len(one.options) < 2:
        attempt("options", refuse("needs at least two texts for this kind of question"))
    if one.kind not in OF_OPTIONS and one.options:
        attempt("options", refuse(f"belongs to the kinds {', '.join(OF_OPTIONS)}, not to {one.kind}"))
    if one.choice and one.kind != "predict":
        attempt("choice", refuse("belongs to the kind predict"))
    if one.choices and (one.kind != "winner" or not 2 <= len(one.choices) <= len(one.options)):
        attempt("choices", refuse("belongs to the kind winner, with at least two of them and an option for each"))
    if one.kind == "predict" and not one.choice:
        attempt("choice", refuse("is missing: whose accuracy is to be predicted"))
    if one.answer is not None and (one.choice or one.choices):
        attempt("answer", refuse("is looked up in the saved runs, so leave it out"))
    answers = set(one.answer if isinstance(one.answer, tuple) else [one.answer])
    if one.kind in OF_OPTIONS and one.answer is not None and not answers <= {*one.options, TOO_FEW}:
        attempt("answer", refuse("must be one of the options, word for word"))
    if one.kind == "number" and isinstance(one.answer, str) and not PLACEHOLDER.fullmatch(one.answer):
        attempt("answer", refuse("must be a number, or a figure's name in braces"))
    if one.kind == "number" and isinstance(one.answer, int | float) and one.within is None:
        attempt("within", refuse("is missing: how far off the answer still counts"))
    if one.kind == "text" and one.answer is not None:
        attempt("answer", refuse("cannot be marked for a free text, so leave it out"))
    return one
