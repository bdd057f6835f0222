"""Using a table: how the chosen teacher fits it, how long it takes to learn it, and the learning itself."""

import streamlit as st

from core.errors import LabError
from core.findings.names import teacher_parts
from core.models.catalogue import base_here
from core.recipe.tuning import split_teacher
from core.store import jobs, uploads
from core.store.jobs import Job
from core.store.uploads import Upload
from core.views.common import level as levels
from core.views.common.choice import choice_query
from core.views.common.fit import as_fit, kept_fit
from core.views.common.readiness import Readiness, readiness
from core.views.common.text import plain
from pages.parts.common import fits, follow, state
from pages.parts.common.learner import learner
from pages.parts.common.problems import RUN, draw_problem, reporting_problems
from pages.parts.lab import ready as lab_ready

FIT = "yours_fit"  # key of the session: which pair was looked at, by which job
SAID_ABOVE = ("overlap", "two-labels", "absent")  # kinds of warnings about the data alone


def draw(upload: Upload, task: str) -> None:
    chosen = state.choice()
    st.subheader("4. The teacher that learns it", anchor=False)
    if chosen.task != task:
        st.markdown("The teacher in the sidebar learns these labels once; then its layers can seed students, as with every task.")
        st.button("Use this data", type="primary", icon=":material/check:", on_click=use, args=(upload, task))
        draw_problem(RUN)
        return
    into_address()
    name = ", ".join([teacher_parts(chosen.teacher)[0], *teacher_parts(chosen.teacher)[1]])
    st.markdown(f"**{plain(name)}** is the teacher. The sidebar has others, and under Teacher, above, you can bring your own.")
    ready = readiness(chosen.teacher, task)
    if ready.ready:
        fits.draw(kept_fit(chosen.teacher, task))
        st.success("This teacher has learned your task: choose layers and train students.", icon=":material/check_circle:")
        st.button("Open it in the Lab", type="primary", icon=":material/science:", on_click=state.open_in_lab)
        return
    if ready.problem and not ready.can_tune:
        st.error(plain(ready.problem))
        return
    look_at_fit(ready)
    lab_ready.draw(ready)


def use(upload: Upload, task: str) -> None:
    """Handle a callback: this table is the task from now on."""
    with reporting_problems(RUN):
        uploads.use(learner(), upload, task)
        state.change(task=task)


def into_address() -> None:
    """Put the choice into the page's address, so that a reload comes back to it."""
    wanted = {key: [value] for key, value in choice_query(state.choice()).items()}
    wanted |= {key: value for key, value in state.query().items() if key == levels.KEY}
    if state.query() != wanted:
        st.query_params.from_dict(wanted)
    st.session_state.address = wanted


def look_at_fit(ready: Readiness) -> None:
    """Ask once, for this teacher and task, how they fit, and draw the answer; nothing where the teacher's weights are not here yet."""
    chosen = state.choice()
    pair = (chosen.teacher, chosen.task)
    if base_here(split_teacher(chosen.teacher)[0]) is None:
        st.caption("How it fits your texts is looked at when its weights have been downloaded, before its first step.")
        return
    if st.session_state.get(FIT, (None,))[0] != pair:
        st.session_state[FIT] = (pair, follow.submit("fit", {"teacher": chosen.teacher, "task": chosen.task}).id)
    follow.draw_job(fit_job(), "yours_drawn_fit", fit_job, draw_fit)


def fit_job() -> Job | None:
    try:
        return jobs.get(st.session_state[FIT][1])
    except LabError:
        return None


def draw_fit(job: Job) -> None:
    """Inside a fragment: what the job found."""
    if not job.over:
        st.caption(":material/hourglass_empty: Looking whether the teacher can read your texts …")
        return
    found = jobs.last_event(job.id, "fit")
    if found is None:
        st.warning(plain(job.reason or "How it fits could not be looked at."), icon=":material/warning:")
        return
    fit = as_fit(found | {"warnings": [one for one in found["warnings"] if one["kind"] not in SAID_ABOVE]})
    if fit.line:
        st.markdown(f":material/fact_check: {plain(fit.line)}")
    fits.draw(fit)
