"""Which job a session is looking at, its events so far, its place in the queue; asking for a run and giving it up."""

from dataclasses import dataclass

import streamlit as st

from core.errors import LabError
from core.recipe import Recipe
from core.store import jobs, maps, records
from core.store.forecast import Forecast, forecast
from core.views.common.recipe_runs import ground_text
from core.views.common.text import duration
from pages.parts.common.learner import learner


@dataclass(frozen=True)
class QueueState:
    """at: where a job stands in the queue. watchers: learners who wait for it."""

    at: Forecast
    watchers: int

    def text(self) -> str:
        """Return one sentence of plain text for a waiting learner."""
        place = "You are next" if self.at.ahead == 0 else f"{self.at.ahead} job{'s' if self.at.ahead != 1 else ''} before yours"
        start = f"; it starts in about {duration(self.at.starts)}" if self.at.starts else ""
        whole = f" The whole queue takes about {duration(self.at.all_done)}." if self.at.all_done else ""
        return f"{place}{start}.{whole}"


def submit(recipe: Recipe) -> jobs.Job:
    """Ask for a run, or join the same one that waits or runs already, and watch it. LabError in one sentence."""
    job = ask_for(recipe)
    st.session_state.run_job = job.id
    return job


def ask_for(recipe: Recipe) -> jobs.Job:
    """Ask for a run as `submit`, without watching it."""
    payload = recipe.to_dict()
    return jobs.submit("distill", payload, recipe.id, learner(), ground_text(payload))


def stop(job_id: int) -> str:
    """Give a job up: '' when that ends it, else a sentence that says who it goes on for."""
    if jobs.detach(job_id, learner()):
        return ""
    others = sum(map(maps.is_learner, jobs.watchers(job_id)))
    if not others:
        return "You left it; it goes on for a map of choices."
    return f"You left it; it goes on for {'another learner' if others == 1 else f'{others} other learners'}."


def is_watching(job_id: int) -> bool:
    """Return whether this learner waits for the job or watched it to its end."""
    return learner() in jobs.watchers(job_id)


def watched_run() -> jobs.Job | None:
    """Return the run this session started and has not left, else this learner's newest, found again after a reload."""
    try:
        if "run_job" in st.session_state:
            job = jobs.get(st.session_state.run_job) if st.session_state.run_job else None
            return job if job and (job.over or is_watching(job.id)) else None
        job = jobs.latest(learner())
    except LabError:
        st.session_state.run_job = None
        return None
    st.session_state.run_job = job.id if job else None
    return job


def preparation_job(teacher: str, task: str) -> jobs.Job | None:
    """Return the job that fetches this teacher or fine-tunes it on this task, whoever asked; else the session's last one for it."""

    def meant(job: jobs.Job) -> bool:
        same = job.payload.get("teacher") == teacher
        return same and (job.kind == "fetch" or (job.kind == "tune" and job.payload.get("task") == task))

    for job in jobs.queue():
        if meant(job):
            st.session_state.ready_job = job.id
            return job
    if st.session_state.get("ready_job"):
        job = jobs.get(st.session_state.ready_job)
        return job if meant(job) else None
    return None


def queue_state(job: jobs.Job) -> QueueState | None:
    """Return where a waiting or running job stands; None when it is over."""
    at = forecast(job.id)
    return None if at is None else QueueState(at, sum(map(maps.is_learner, jobs.watchers(job.id))))


def events(job_id: int, key: str = "events") -> list[dict]:
    """Return all events of the job, of its last attempt where it started again. key: of the session, where they are kept."""
    return since_last_start(events_so_far(key, job_id))


def events_so_far(key: str, job_id: int) -> list[dict]:
    """Return all events of the job; only those that are new are read from the store, the others are kept in the session under `key`."""
    known_id, known = st.session_state.get(key, (None, []))
    known = known if known_id == job_id else []
    known = known + jobs.events(job_id, known[-1]["n"] if known else 0)
    st.session_state[key] = (job_id, known)
    return known


def since_last_start(found: list[dict]) -> list[dict]:
    """Return a run that ran out of memory starts again: what it reported before is left out, the event that says so becomes its stage."""
    starts = [place for place, event in enumerate(found) if event["kind"] == "again"]
    if not starts:
        return found
    again = found[starts[-1]]
    return [again | {"kind": "stage", "stage": "preparing", "done": None}, *found[starts[-1] + 1 :]]


def record_of(job: jobs.Job) -> dict | None:
    return records.by_row(job.run_row) if job.run_row is not None else None


def ask(teacher: str, task: str, first: str, second: str | None = None) -> int:
    """Ask a teacher about a text or a pair; served between the steps of whatever trains. Returns the job's number, for `answer`."""
    payload = {"teacher": teacher, "task": task, "first": first, "second": second}
    return jobs.submit("ask", payload, learner=learner(), ground=ground_text(payload)).id


def answer(job_id: int) -> dict | None:
    """Return {"labels", "probabilities", "tokens", "cut"}; None while it is not there yet. LabError when the question failed."""
    job = jobs.get(job_id)
    if job.status in ("failed", "stopped"):
        raise LabError(job.reason or "The question was not answered; ask again.")
    return jobs.last_event(job_id, "answer") if job.over else None
