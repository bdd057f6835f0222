"""A small lesson and a class on it, for the tests of classes."""

import datetime

from core.classroom import host, part
from core.classroom.lesson import Lesson, Question, Step
from core.classroom.store import Class

LAB = Question("predict", "What does the student from layers 2, 4, 6 get?", answer=84.2, within=1.0, choice={"layers": [2, 4, 6]},
               source="saved runs", reveal="It keeps nearly all of the teacher.")
WINNER = Question("winner", "Which wins?", options=("1,2,3", "2,4,6", "too few runs to tell"), answer="2,4,6")
TOO_FEW = Question("winner", "And with 600 pairs?", options=("1,2,3", "1,4,5", "too few runs to tell"), answer="too few runs to tell")
TEXT = Question("text", "What would you try next?")
NUMBER = Question("number", "How many points does it lose?", answer=-2.2, within=0.5)
LESSON = Lesson("A short lesson", (
    Step("Welcome", 5, text="Join, and *look around*."),
    Step("A prediction", 5, text="Think first.", page="lab", link={"layers": "2,4,6"}, hide=("seed",), lock=("task",), question=LAB),
    Step("Four students", 5, question=WINNER),
    Step("Few examples", 5, page="wrong", question=TOO_FEW),
    Step("Onwards", 5, question=TEXT),
    Step("A number", 5, question=NUMBER),
))
TOMORROW = datetime.date.today() + datetime.timedelta(days=1)


def made(title: str = "Tuesday", who: str = "host") -> tuple[Class, str]:
    """Make a class; return it and its key."""
    return host.create(title, LESSON, TOMORROW, who)


def do(found: Class, key: str, *actions: str) -> Class:
    """Take these actions one after the other, as a host who always looks first."""
    for action in actions:
        found = host.act(found.id, key, action, (found.step, found.state))
    return found


def joined(found: Class, count: int, first: int = 0) -> list[str]:
    """Have so many learners join; return their ids."""
    learners = [f"{n:032x}" for n in range(first + 1, first + count + 1)]
    for n, learner in enumerate(learners, first + 1):
        part.join(found.code, f"Learner {n}", learner)
    return learners


def answered(found: Class, learner: str, value: object, **more) -> None:
    part.answer(found.id, learner, (found.step, found.state), value, **more)
