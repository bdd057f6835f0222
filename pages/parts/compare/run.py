"""Running the entries of a comparison: what is there, what waits or trains, and all the missing ones queued together."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import LabError
from core.store import jobs, records
from core.views.common.progress import Progress, progress
from core.views.common.recipe_runs import finished_run, teacher_hash
from core.views.compare.entries import Entry
from core.views.compare.results import PlacedEntry, place_entries
from core.views.race import curves as race_curves
from core.views.race.curves import RunCurves
from pages.parts.common import machine, watch
from pages.parts.common.learner import learner
from pages.parts.compare import state as compare_state

JOBS = "compare_jobs"  # in the session: recipe id -> the job that this session asked for


@dataclass(frozen=True)
class State:
    """Of an entry: its job where one was asked for, None otherwise. now: of a job that waits or trains. reason: why the last one ended without
    a run, '' where it did not. events: of a job that trains or has trained."""

    job: jobs.Job | None
    now: Progress | None
    reason: str = ""
    events: tuple[dict, ...] = ()

    @property
    def active(self) -> bool:
        return self.job is not None and not self.job.over


def entries_with_runs(entries: Sequence[Entry]) -> list[PlacedEntry]:
    """The entries with the finished runs that answer them. LabError when the store cannot be read."""
    rows = {record["row"] for record in records.of_learner(learner())}
    of = lambda recipe: finished_run(recipe.id, recipe.teacher, recipe.task, teacher_hash(recipe.teacher, recipe.task))
    return place_entries(entries, [of(entry.recipe) for entry in entries], rows)


def states(shown: Sequence[PlacedEntry]) -> list[State]:
    """A run that is asked for again although a saved one answers it shows its job too."""
    waiting = {job.run_id: job for job in jobs.queue() if job.kind == "distill" and watch.is_watching(job.id)}
    return [state(one, waiting) for one in shown]


def state(one: PlacedEntry, waiting: dict) -> State:
    job = waiting.get(one.entry.id)
    if job is None and one.entry.id in st.session_state.get(JOBS, {}):
        try:
            job = jobs.get(st.session_state[JOBS][one.entry.id])
        except LabError:
            return State(None, None)
    if job is None:
        return State(None, None)
    if job.over:
        return State(job, None, "" if job.status == "finished" else job.reason or "It ended without a result.", _events(job))
    queue = watch.queue_state(job)
    if job.status == "queued":
        return State(job, Progress(queue.text() if queue else "Waiting", 0.0))
    made = _events(job)
    return State(job, progress(job.status, list(made), now=jobs.now()), events=made)


def _events(job: jobs.Job) -> tuple[dict, ...]:
    return tuple(watch.since_last_start(jobs.events(job.id)))


def live_view(shown: Sequence[PlacedEntry], found_states: Sequence[State]) -> RunCurves | None:
    """The curves of the jobs asked for here, while one of them waits or trains: those of the budget that trains now, or trained last."""
    if not any(one.active for one in found_states):
        return None
    begun = [(one, state) for one, state in zip(shown, found_states, strict=True) if state.events]
    if not begun:
        return None
    latest = max(begun, key=lambda pair: pair[1].events[-1]["at"])
    alike = [pair for pair in begun if pair[0].entry.recipe.budget == latest[0].entry.recipe.budget]
    events = [event | {"runner": n} for n, (_, state) in enumerate(alike) for event in state.events]
    return race_curves.curves_of_events(events, [one.entry.recipe.to_dict() for one, _ in alike], line_names([one for one, _ in alike]))


def line_names(shown: Sequence[PlacedEntry]) -> tuple[str, ...]:
    """Names of lines: each entry's letter and what tells it from the others."""
    told = race_curves.names([one.entry.recipe.to_dict() for one in shown])
    return tuple(f"{one.letter}:{name.partition(':')[2]}" for one, name in zip(shown, told, strict=True))


def stamp(found: Sequence[State]) -> list:
    """What a page was drawn for: it is drawn again as a whole when this has changed."""
    return [(one.job.id, one.job.status) if one.job else None for one in found]


def missing(shown: Sequence[PlacedEntry], found_states: Sequence[State]) -> list[Entry]:
    """What has no run and is not on its way."""
    return [one.entry for one, state in zip(shown, found_states, strict=True) if one.record is None and not state.active]


def run_all(entries: Sequence[Entry]) -> None:
    """In a callback: queue them in their order; where the line is full, say how many are in it."""
    compare_state.show_note("")
    asked = st.session_state.setdefault(JOBS, {})
    queued = 0
    try:
        machine.ensure()
        for entry in entries:
            asked[entry.id] = jobs.submit("distill", entry.recipe.to_dict(), run_id=entry.id, learner=learner()).id
            queued += 1
    except LabError as error:
        st.session_state.compare_note = f"{queued} of {len(entries)} queued. {error} Then press Run all again for the others."


def stop_all(active: Sequence[int]) -> None:
    """In a callback: give up every job of the comparison."""
    compare_state.show_note("")
    try:
        st.session_state.compare_note = " ".join(filter(None, (watch.stop(job) for job in active)))
    except LabError as error:
        st.session_state.compare_note = str(error)
