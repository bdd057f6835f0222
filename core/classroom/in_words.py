"""A question's answers in words, the same for pages, board, report and homework."""

from core.classroom.question import Question


def unit_of(question: Question) -> str:
    """Return what stands behind a number of this question."""
    return " %" if question.kind == "predict" else ""


def number_text(value: float) -> str:
    """Return a number with at most one decimal, as lessons show their figures."""
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{value:.0f}"


def answer_text(question: Question, answer: object) -> str:
    """Return an answer as it is read: '84.2 %', an option, a text."""
    return f"{number_text(answer)}{unit_of(question)}" if isinstance(answer, (int, float)) else str(answer)


def true_answer(question: Question) -> str:
    """Return the true answer with its margin, without a full stop: '84.2 %, give or take 1'; '' where a question has none."""
    truth = question.answer
    if truth is None:
        return ""
    if isinstance(truth, (list, tuple)):
        return f"{' or '.join(map(str, truth))}; they are equal within the margin"
    number = isinstance(truth, (int, float))
    return answer_text(question, truth) + (f", give or take {number_text(question.within)}" if number and question.within else "")
