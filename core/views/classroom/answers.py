"""The true answer and the marks of a class's question in sentences."""

from core.classroom.in_words import true_answer
from core.classroom.lesson import NEAR, RIGHT, TOO_FEW, WRONG, Question, marked


def truth_text(question: Question) -> str:
    """Return the sentence of the reveal, plain text; '' where a question has no answer."""
    return f"The answer: {true_answer(question)}." if question.answer is not None else ""


def mark_text(question: Question, answer: object) -> str:
    """Return what the mark of an answer says to the learner, plain text."""
    if question.answer == TOO_FEW:
        return "You saw that there are too few runs to tell." if answer == TOO_FEW else "This question gives no point and takes none."
    return {
        RIGHT: "Your answer is right.", NEAR: "Your answer is equal to it within the margin.",
        WRONG: "Your answer was another one. Why? That is worth a question.",
    }.get(marked(question, answer), "This answer is not marked: talk about it.")
