"""The learner's answers on the page "What went wrong?", in the store: a reload keeps them, and an answer is given once."""

import time

from core.store import facts
from core.views.wrong.case_study import LOG, LONGEST, NAMES, TABLE

QUESTIONS = (TABLE.name, LOG.name, NAMES.name)


def _key(learner: str, question: str) -> str:
    return f"wrong/{learner}/{question}"


def answers(learner: str) -> dict[str, dict]:
    """Return what was committed, by question. LabError when the store cannot be read."""
    found = {question: facts.get(_key(learner, question)) for question in QUESTIONS}
    return {question: value for question, value in found.items() if isinstance(value, dict)}


def commit(learner: str, question: str, answer: dict) -> None:
    """Keep an answer; the first one stays. Texts are cut to LONGEST characters."""
    if question not in QUESTIONS:
        raise ValueError(question)
    if facts.get(_key(learner, question)) is None:
        facts.put(_key(learner, question), {name: str(value)[:LONGEST] for name, value in answer.items()} | {"at": time.time()})


def keep_job(learner: str, job_id: int) -> None:
    """Remember the learner's last hunt, so that a reload finds it again."""
    facts.put(_key(learner, "hunt"), job_id)


def kept_job(learner: str) -> int | None:
    return facts.get(_key(learner, "hunt"))
