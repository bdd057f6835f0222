"""Asking for a hunt, and finding it again after a reload."""

from core.errors import LabError
from core.store import jobs
from core.views.wrong import answers as wrong_answers
from core.views.wrong import hunt as wrong_hunt
from pages.parts.common import machine
from pages.parts.common.learner import learner
from pages.parts.common.problems import reporting_problems


def current() -> jobs.Job | None:
    """This learner's last hunt; None when there is none, or it was deleted."""
    kept = wrong_answers.kept_job(learner())
    try:
        return jobs.get(kept) if kept is not None else None
    except LabError:
        return None


def start(name: str, teacher: str, task: str, layers: int) -> None:
    """In a callback."""
    with reporting_problems():
        payload = wrong_hunt.payload(name, teacher, task, layers)
        machine.ensure()
        wrong_answers.keep_job(learner(), jobs.submit("mistake", payload, learner=learner()).id)
