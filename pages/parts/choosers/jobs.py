"""Start a chooser or a run in stages from the page, and follow it."""

import streamlit as st

from core.errors import LabError
from core.recipe import Recipe
from core.store import jobs
from core.studies.stages.staged import Staged
from core.views.common.progress import progress
from core.views.common.text import plain
from pages.parts.common import live, machine
from pages.parts.common.follow import redraw_on_change
from pages.parts.common.learner import learner
from pages.parts.common.page_jobs import current_job, events_of, remember_job
from pages.parts.common.problems import reporting_problems


def start_chooser(teacher: str, task: str, method: str, k: int) -> None:
    _start("choose", {"teacher": teacher, "task": task, "method": method, "k": k})


def start_stages(method: str, recipe: Recipe) -> None:
    _start("stages", {"method": method, "recipe": recipe.to_dict(), "remove": 1}, lambda: Staged(method, recipe).id)


def _start(kind: str, payload: dict, run_id=lambda: None) -> None:
    """Put a job into the queue, in a callback."""
    with reporting_problems():
        named = run_id()
        machine.ensure()
        remember_job(jobs.submit(kind, payload, run_id=named, learner=learner()))


def show(kind: str, draw=lambda job, events: None) -> None:
    """Draw, inside a fragment, how far the job is; draw(job, events) while it runs. The page is drawn again when its status has changed."""
    try:
        job = current_job(kind)
        if job is None:
            return
        redraw_on_change(f"drawn_{kind}", job)
        if job.over:
            if job.status == "failed":
                st.error(plain(job.reason or "It failed without a reason."), icon=":material/error:")
            elif job.status == "stopped":
                st.info(plain(job.reason or "Stopped."), icon=":material/stop:")
            return
        machine.keep_running()
        events = events_of(job.id)
        live.progress_bar(progress(job.status, events, jobs.position(job.id), jobs.now()))
        draw(job, events)
    except LabError as error:
        st.error(plain(error))
