"""Running the entries of a comparison: what is there, what waits or trains, and all the missing ones queued together."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import LabError
from core.findings.versus import Pair, Side, pairs
from core.recipe import Recipe
from core.store import jobs, records
from core.store.saved import saved_runs, truth
from core.views.common.progress import Progress, progress
from core.views.common.recipe_runs import answer
from core.views.compare.results import PlacedEntry, finished_sides, place_entries
from core.views.race import curves as race_curves
from core.views.race.curves import RunCurves
from pages.parts.common import machine, watch
from pages.parts.common.landscapes import files_stamp
from pages.parts.common.learner import learner
from pages.parts.common.problems import reporting_problems
from pages.parts.compare import state as compare_state

JOBS = "compare_jobs"  # in the session: recipe id -> the job that this session asked for


@dataclass(frozen=True)
class State:
    """Of an entry: its job where one was asked for, None otherwise. now: of a job that waits or trains. reason: why the last one ended without
    a run, '' where it did not. events: of a job that trains or has trained."""

    job: jobs.Job | None
    now: Progress | None
    reason: str = ""
    events: Sequence[dict] = ()

    @property
    def active(self) -> bool:
        return self.job is not None and not self.job.over


def entries_with_runs(entries: Sequence[Recipe]) -> list[PlacedEntry]:
    """Return the entries with the finished runs that answer them. LabError when the store cannot be read."""
    rows = {record["row"] for record in records.of_learner(learner())}
    found = [answer(entry) for entry in entries]
    return place_entries(entries, found, rows)


def versus(shown: Sequence[PlacedEntry]) -> tuple[list[Side], list[Pair]]:
    """Return the finished entries and every pair of them, tested once and again when a run or a file of saved runs changes."""
    finished = tuple((one.letter, one.recipe.id, one.record.get("row"), one.record.get("file")) for one in shown if one.record is not None)
    return _versus(finished, files_stamp(), list(shown))


@st.cache_resource(max_entries=32, show_spinner=False)
def _versus(finished: tuple, files: tuple, _shown: list[PlacedEntry]) -> tuple[list[Side], list[Pair]]:
    if not finished:
        return [], []
    recipe = _shown[0].recipe
    found = finished_sides(_shown, saved_runs(recipe.teacher, recipe.task))
    return found, pairs(found, truth)


def states(shown: Sequence[PlacedEntry]) -> list[State]:
    """Return a run that is asked for again although a saved one answers it shows its job too."""
    waiting = {job.run_id: job for job in jobs.queue() if job.kind == "distill" and watch.is_watching(job.id)}
    return [state(one, waiting) for one in shown]


def state(one: PlacedEntry, waiting: dict) -> State:
    job, asked = waiting.get(one.recipe.id), st.session_state.get(JOBS, {})
    if job is None and one.recipe.id in asked:
        with contextlib.suppress(LabError):
            job = jobs.get(asked[one.recipe.id])
    if job is None:
        return State(None, None)
    if job.status == "queued":
        queue = watch.queue_state(job)
        return State(job, Progress(queue.text() if queue else "Waiting", 0.0))
    events = watch.since_last_start(jobs.events(job.id))
    if job.over:
        return State(job, None, "" if job.status == "finished" else job.reason or "It ended without a result.", events)
    return State(job, progress(job.status, events, now=jobs.now()), events=events)


def live_view(shown: Sequence[PlacedEntry], found_states: Sequence[State]) -> RunCurves | None:
    """Return the curves of the jobs asked for here, while one of them waits or trains: those of the budget that trains now, or trained last."""
    begun = [(one, state) for one, state in zip(shown, found_states, strict=True) if state.events]
    if not begun or not any(one.active for one in found_states):
        return None
    latest = max(begun, key=lambda pair: pair[1].events[-1]["at"])
    alike = [pair for pair in begun if pair[0].recipe.budget == latest[0].recipe.budget]
    events = [event | {"runner": n} for n, (_, state) in enumerate(alike) for event in state.events]
    return race_curves.curves_of_events(events, [one.recipe.to_dict() for one, _ in alike], line_names([one for one, _ in alike]))


def line_names(shown: Sequence[PlacedEntry]) -> tuple[str, ...]:
    """Names of lines: each entry's letter and what tells it from the others."""
    return race_curves.names([one.recipe.to_dict() for one in shown], [one.letter for one in shown])


def stamp(found: Sequence[State]) -> list:
    """Return what a page was drawn for: it is drawn again as a whole when this has changed."""
    return [(one.job.id, one.job.status) if one.job else None for one in found]


def missing(shown: Sequence[PlacedEntry], found_states: Sequence[State]) -> list[Recipe]:
    """Return what has no run and is not on its way."""
    return [one.recipe for one, state in zip(shown, found_states, strict=True) if one.record is None and not state.active]


def run_all(entries: Sequence[Recipe]) -> None:
    """Handle a callback: queue them in their order; where the line is full, say how many are in it."""
    compare_state.show_note("")
    asked = st.session_state.setdefault(JOBS, {})
    queued = 0
    try:
        machine.ensure()
        for entry in entries:
            asked[entry.id] = watch.ask_for(entry).id
            queued += 1
    except LabError as error:
        st.session_state.compare_note = f"{queued} of {len(entries)} queued. {error} Then press Run all again for the others."


def stop_all(active: Sequence[int]) -> None:
    """Handle a callback: give up every job of the comparison."""
    compare_state.show_note("")
    with reporting_problems("compare_note"):
        st.session_state.compare_note = " ".join(filter(None, (watch.stop(job) for job in active)))
