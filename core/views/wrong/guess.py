"""What the learner guesses of a hunt before the page tells: whether the figures alone give the mistake away. An answer is given once."""

from core.findings.diagnose import SYMPTOMS
from core.store import facts

NAMED, ELSEWHERE, NOTHING = "named", "elsewhere", "nothing"
TEXT = "Do the figures alone give the mistake away?"
OPTIONS = {
    NAMED: "Yes, they look like this mistake",
    ELSEWHERE: "Something is wrong with them, but they point to another mistake",
    NOTHING: "No, they look like those of a correct run",
}


def shown_by(look: str | None, alarms: set[str]) -> str:
    """Return what holds. look: the mistake's class of figures, None without one. alarms: the classes that the figures raise."""
    return NAMED if look in alarms else ELSEWHERE if alarms else NOTHING


def reply(option: str, holds: str, alarms: set[str]) -> str:
    """Say whether a guess holds."""
    seen = ", ".join(SYMPTOMS[kind].title for kind in sorted(alarms))
    truth = {NAMED: f"they show it: {seen}", ELSEWHERE: f"they point elsewhere: {seen}", NOTHING: "they show nothing out of the ordinary"}[holds]
    return f"You guessed right: {truth}." if option == holds else f"Not this time: {truth}."


def _key(learner: str, job_id: int) -> str:
    return f"wrong/{learner}/guess/{job_id}"


def commit(learner: str, job_id: int, option: str) -> None:
    """Keep a guess; the first one stays."""
    if option in OPTIONS and facts.get(_key(learner, job_id)) is None:
        facts.put(_key(learner, job_id), option)


def made(learner: str, job_id: int) -> str | None:
    """Return what was guessed; LabError when the store cannot be read."""
    found = facts.get(_key(learner, job_id))
    return found if found in OPTIONS else None
