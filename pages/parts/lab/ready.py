"""The Lab's panel for a teacher that is not ready: what is missing, and the offer to fetch or fine-tune it."""

import streamlit as st

from core.errors import LabError
from core.store import jobs
from core.views.common.progress import live_curves, progress
from core.views.common.readiness import Readiness
from core.views.common.text import plain
from core.views.lab.times import tuning_time
from pages.parts.common import follow, live, state, watch
from pages.parts.common.problems import RUN, draw_problem, reporting_problems
from pages.parts.lab import label_form
from pages.parts.lab.run import stop


def draw(ready: Readiness) -> None:
    chosen = state.choice()
    if not ready.can_tune:
        return
    try:
        job = watch.preparation_job(chosen.teacher, chosen.task)
    except LabError as error:
        st.error(plain(error))
        return
    if ready.unmatched:
        label_form.draw(ready.unmatched)
        with st.expander("Its classes are others: fine-tune it on this task"):
            offer_tuning(ready, job)
    else:
        offer_tuning(ready, job)
    follow.draw_job(job, "drawn_ready", lambda: watch.preparation_job(state.choice().teacher, state.choice().task), ready_progress)


def offer_tuning(ready: Readiness, job: jobs.Job | None) -> None:
    chosen = state.choice()
    st.subheader("This teacher has to learn the task first", anchor=False)
    for sentence in ready.needs or (ready.problem,):
        st.markdown(plain(sentence))
    st.markdown(
        "Fine-tuning trains the whole teacher on the labels, once; it is then kept on this machine for every later run. "
        f"You can leave this page: it goes on. {tuning_time(chosen.teacher, chosen.task, ready.layers)}"
    )
    with st.container(horizontal=True):
        if job is not None and not job.over:
            st.button("Stop fine-tuning" if job.kind == "tune" else "Stop downloading", icon=":material/stop:", on_click=stop, args=(job.id,))
        else:
            st.button("Fine-tune this teacher", type="primary", icon=":material/model_training:", on_click=make_ready, args=("tune",))
            if ready.layers is None:
                st.button("Download only", icon=":material/download:", on_click=make_ready, args=("fetch",),
                          help="A checkpoint that already is a classifier for the task's labels needs no fine-tuning.")
    if not ready.unmatched:  # else the form draws it
        draw_problem(RUN)


def make_ready(kind: str) -> None:
    chosen = state.choice()
    payload = {"teacher": chosen.teacher} | ({"task": chosen.task, "seed": 0} if kind == "tune" else {})
    with reporting_problems(RUN):
        st.session_state.ready_job = follow.submit(kind, payload).id


def ready_progress(job: jobs.Job) -> None:
    """Inside a fragment: how far the download or fine-tuning is, or how it ended."""
    if job.over:
        live.draw_end(job, "It failed without a reason.")
        return
    events = watch.events(job.id)
    live.progress_bar(progress(job.status, events, jobs.position(job.id), jobs.now()))
    curves = live_curves(events)
    if curves:
        live.draw_curves(curves)
