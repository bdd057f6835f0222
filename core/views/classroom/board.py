"""The board of a class: who is in, how many have answered, and once the host reveals it, what they answered beside the truth."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.classroom import states
from core.classroom.in_words import answer_text
from core.classroom.lesson import NEAR, RIGHT, TOO_FEW, Question, marked
from core.classroom.store import Answer, Class, Member
from core.store.predictions import REASONS
from core.views.classroom.answers import truth_text
from core.views.classroom.words import REASON

BINS = 40  # stacks that an axis of numbers has room for
CLOSEST = 3  # nicknames that are told beside the closest answer


@dataclass(frozen=True)
class Board:
    """present: members who take part. names: of them, where the host shows nicknames. committed: who has answered in this vote; None outside one.

    dots: of core/figures/board.py, empty until the answers are revealed. domain: of numbers. truth: (value, margin) of a number. right: options that
    are. said: sentences, plain text. texts: (nickname or '', text) of free texts that the host shows.
    """

    present: int
    names: tuple[str, ...]
    committed: int | None
    dots: tuple[dict, ...] = ()
    domain: tuple[float, float] = (0.0, 100.0)
    truth: tuple[float, float] | None = None
    right: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def committed_text(self) -> str:
        """Return '12 of 28 have answered'."""
        return f"{self.committed} of {self.present} {'has' if self.committed == 1 else 'have'} answered"


def board(found: Class, members: Sequence[Member], answers: Sequence[Answer]) -> Board:
    """Return what the board shows now. answers: of the present step."""
    taking_part = {one.learner: one for one in members if not one.hidden}
    names = tuple(one.nickname for one in taking_part.values()) if found.settings.nicknames else ()
    counted = [one for one in answers if one.learner in taking_part and one.step == found.step]
    voting = states.ROUNDS.get(found.state)
    committed = sum(one.round == voting for one in counted) if voting else None
    question = found.question
    if question is None:
        return Board(len(taking_part), names, committed)
    texts = shown_texts(counted, taking_part, bool(names))
    if found.state != states.REVEALED:
        return Board(len(taking_part), names, committed, texts=texts)
    last = last_answers(counted)
    dots, domain = dots_of(question, last)
    return Board(len(taking_part), names, committed, dots, domain, truth_of(question), right_options(question),
                 tuple(said(question, counted, last, taking_part, bool(names))), texts)


def last_answers(answers: Sequence[Answer]) -> list[Answer]:
    """Return the last answer of every learner: the second vote's where there is one."""
    return list({one.learner: one for one in sorted(answers, key=lambda one: one.round)}.values())


def shown_texts(answers: Sequence[Answer], members: dict[str, Member], named: bool) -> tuple[tuple[str, str], ...]:
    """Return the free texts that the host shows, with nicknames where those are shown."""
    return tuple((members[one.learner].nickname if named else "", str(one.answer)) for one in last_answers(answers) if one.shown)


def dots_of(question: Question, answers: Sequence[Answer]) -> tuple[tuple[dict, ...], tuple[float, float]]:
    """Return a dot an answer, stacked in the order of reasons, and the axis that holds them and the truth."""
    order = list(REASONS)
    answers = sorted(answers, key=lambda one: order.index(one.reason) if one.reason in order else len(order))
    told = lambda one: answer_text(question, one.answer) + (f", since {REASONS[one.reason]}" if one.reason else "")
    dots, heights = [], Counter()
    if question.options:
        for one in answers:
            heights[one.answer] += 1
            dots.append({"option": one.answer, "n": heights[one.answer], "reason": REASON.get(one.reason, ""), "told": told(one)})
        return tuple(dots), (0.0, 100.0)
    if question.kind not in ("predict", "number"):
        return (), (0.0, 100.0)
    domain = domain_of(question, answers)
    width = (domain[1] - domain[0]) / BINS
    for one in answers:
        place = domain[0] + width * round((min(max(one.answer, domain[0]), domain[1]) - domain[0]) / width)
        heights[place] += 1
        dots.append({"x": place, "n": heights[place], "reason": REASON.get(one.reason, ""), "told": told(one)})
    return tuple(dots), domain


def domain_of(question: Question, answers: Sequence[Answer]) -> tuple[float, float]:
    """Return the ends of the axis: 0 to 100 for shares, else around the answers and the truth. One wild number does not hide the rest."""
    if question.kind == "predict":
        return 0.0, 100.0
    values = sorted(one.answer for one in answers)
    values = values[len(values) // 20 : len(values) - len(values) // 20]
    if truth := truth_of(question):
        values += [truth[0] - truth[1], truth[0] + truth[1]]
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.1 * (high - low) or 1.0
    return low - room, high + room


def truth_of(question: Question) -> tuple[float, float] | None:
    """Return the true number and how far off still counts as equal; None where there is none."""
    number = isinstance(question.answer, (int, float)) and question.kind in ("predict", "number")
    return (float(question.answer), float(question.within or 0.0)) if number else None


def right_options(question: Question) -> tuple[str, ...]:
    """Return the options that are right."""
    answers = question.answer if isinstance(question.answer, (list, tuple)) else (question.answer,)
    return tuple(option for option in question.options if option in answers)


def said(question: Question, counted: Sequence[Answer], last: Sequence[Answer], members: dict[str, Member], named: bool) -> list[str]:
    """Return the sentences of the reveal: the truth, how many had it in each vote, and who came closest."""
    found = [truth_text(question)] if truth_text(question) else []
    if question.answer == TOO_FEW:
        count = sum(one.answer == TOO_FEW for one in last)
        return [*found, f"{count} of {len(last)} said so. This question gives no point and takes none."]
    for number, name in ((1, "First vote"), (2, "Second vote")):
        votes = [one for one in counted if one.round == number]
        right = sum(marked(question, one.answer) in (RIGHT, NEAR) for one in votes)
        if votes and question.answer is not None:
            found.append(f"{name}: {right} of {len(votes)} right{', or equal within the margin' if question.within else ''}.")
    if (truth := truth_of(question)) and last:
        least = min(abs(one.answer - truth[0]) for one in last)
        closest = [one for one in last if abs(one.answer - truth[0]) == least]
        who = [members[one.learner].nickname for one in closest[:CLOSEST]] if named else []
        more = len(closest) - len(who)
        who += [f"{more} {'more' if who else 'learner'}{'s' if more > 1 and not who else ''}"] if more else []
        found.append(f"Closest: {answer_text(question, closest[0].answer)}, by {', '.join(who)}.")
    return found

