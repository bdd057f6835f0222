"""Answers, truths and marks in words."""

from core.classroom.lesson import NEAR, RIGHT, TOO_FEW, WRONG, Question, marked


def unit_of(question: Question) -> str:
    """Return what stands behind a number of this question."""
    return " %" if question.kind == "predict" else ""


def number_text(value: float) -> str:
    """Return a number with at most one decimal, as lessons show their figures."""
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{value:.0f}"


def answer_text(question: Question, answer: object) -> str:
    """Return an answer as it is read: '84.2 %', an option, a text."""
    return f"{number_text(answer)}{unit_of(question)}" if isinstance(answer, (int, float)) else str(answer)


def truth_text(question: Question) -> str:
    """Return the sentence of the reveal, plain text; '' where a question has no answer."""
    if question.answer is None:
        return ""
    if question.answer == TOO_FEW:
        return "The answer: too few runs to tell."
    if isinstance(question.answer, (list, tuple)):
        return f"The answer: {' or '.join(map(str, question.answer))}; they are equal within the margin."
    number = isinstance(question.answer, (int, float))
    margin = f", and answers within {number_text(question.within)} count as equal" if number and question.within else ""
    return f"The answer: {answer_text(question, question.answer)}{margin}."


def mark_text(question: Question, answer: object) -> str:
    """Return what the mark of an answer says to the learner, plain text."""
    if question.answer == TOO_FEW:
        return "You saw that there are too few runs to tell." if answer == TOO_FEW else "This question gives no point and takes none."
    return {
        RIGHT: "Your answer is right.", NEAR: "Your answer is equal to it within the margin.",
        WRONG: "Your answer was another one. Why? That is worth a question.",
    }.get(marked(question, answer), "This answer is not marked: talk about it.")
