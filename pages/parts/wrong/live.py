"""Step 3 of "What went wrong?": a mistake as a switch on a live short run, beside the correct one."""

import streamlit as st

from core import figures as charts
from core.errors import LabError
from core.store import jobs, records
from core.studies.mistakes.catalogue import MISTAKES
from core.views.common.progress import progress
from core.views.common.readiness import Readiness, readiness
from core.views.common.text import percent, plain
from core.views.wrong import hunt as wrong_hunt
from core.views.wrong import study as wrong_study
from pages.parts.common import live, machine, page_jobs, state
from pages.parts.common.follow import poll_seconds, redraw_on_change, remember_status
from pages.parts.common.problems import draw_problem
from pages.parts.wrong import jobs as wrong_jobs
from pages.parts.wrong.findings import findings, table

DRAWN = "drawn_mistake"
KEPT = "wrong_mistake"  # in the session: the mistake that is switched on


def hunt_step() -> None:
    chosen = state.choice()
    ready = readiness(chosen.teacher, chosen.task)
    st.subheader("The hunt: make one mistake, and see what it leaves behind", anchor=False)
    if not ready.ready:
        st.info(f"{plain(ready.problem or ' '.join(ready.needs))} Choose a teacher that is ready in the sidebar, such as minilm-l6 for composed-nli.",
                icon=":material/hourglass_empty:")
        return
    job = mine(wrong_jobs.current())
    name = switch(job, ready)
    each = MISTAKES[name]
    st.markdown(f"**What was written.** {plain(each.written)} **Why it is wrong.** {plain(each.wrong)} {plain(each.here)}")
    draw_problem(box=st.warning)
    remember_status(DRAWN, job)
    if job is not None and job.payload["mistake"] == name:
        st.fragment(lambda: show(ready), run_every=poll_seconds(job))()


def mine(job: jobs.Job | None) -> jobs.Job | None:
    """The hunt, where it is of the teacher and task that the sidebar shows."""
    chosen = state.choice()
    return job if job is not None and (job.payload["teacher"], job.payload["task"]) == (chosen.teacher, chosen.task) else None


def switch(job: jobs.Job | None, ready: Readiness) -> str:
    """Which mistake is on, with Run and Stop."""
    chosen = state.choice()
    st.session_state.setdefault(KEPT, job.payload["mistake"] if job is not None else next(iter(MISTAKES)))
    st.session_state.w_wrong_mistake = st.session_state[KEPT]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Mistake switched on", list(MISTAKES), format_func=lambda name: MISTAKES[name].title, key="w_wrong_mistake", on_change=keep)
        if job is not None and not job.over:
            st.button("Stop", icon=":material/stop:", on_click=page_jobs.stop, args=(job.id,), key="stop_mistake")
        else:
            st.button("Run both", type="primary", icon=":material/play_arrow:", on_click=wrong_jobs.start, key="run_mistake",
                      args=(st.session_state[KEPT], chosen.teacher, chosen.task, ready.layers))
    return st.session_state[KEPT]


def keep() -> None:
    st.session_state[KEPT] = st.session_state.w_wrong_mistake
    st.session_state.touched = True


def show(ready: Readiness) -> None:
    """Inside a fragment: both sides as far as they are; what may be said once both have ended."""
    try:
        job = mine(wrong_jobs.current())
        if job is None:
            return
        redraw_on_change(DRAWN, job)
        events = page_jobs.events_of(job.id)
        found = wrong_hunt.hunt_sides(events, wrong_hunt.recipes(job.payload, ready.layers), records.by_row)
        if not job.over:
            machine.keep_running()
            if text := wrong_hunt.current_run_text(events):
                st.caption(plain(text.rstrip(": ")))
            live.progress_bar(progress(job.status, events, jobs.position(job.id), jobs.now()))
        else:
            live.draw_end(job, "It failed without a reason.")
        curves(found)
        if job.status == "finished" and found.whole:
            outcome(job.payload["mistake"], found)
    except LabError as error:
        st.error(plain(error))


def curves(found: wrong_hunt.Hunt) -> None:
    """Both sides on one scale."""
    for place, (name, column) in enumerate(zip(wrong_hunt.SIDES, st.columns(2, gap="small"), strict=True)):
        side, title = found.sides[name], wrong_hunt.SIDES[name]
        with column:
            for rows, what, domain, form, level in (
                (side.accuracies, "accuracy, check examples", (0.0, 1.0), ".0%", side.teacher),
                (side.losses, "training loss", (0.0, found.loss), ".2~f", None),
            ):
                chart = charts.side([f"layers {line}" for line in side.names], found.total, f"{title}: {what}", domain, form, level)
                drawn_rows = [row | {"line": f"layers {row['line']}"} for row in rows] or [{"step": None, "value": None, "line": None}]
                live.chart_of_rows(drawn_rows, chart, f"wrong_side_{place}_{what}")
                if level is not None:
                    st.caption(f"Dashed: the teacher's own accuracy, {percent(level)}.")


def outcome(name: str, found: wrong_hunt.Hunt) -> None:
    """The verdict, the findings, the records' figures and the update norms."""
    told = wrong_hunt.conclusions(name, found)
    st.markdown(f"**{plain(told.verdict)}** {plain(told.correct)}")
    if told.alike:
        st.markdown(plain(told.alike))
    if studied := wrong_study.study_text(name):
        st.markdown(plain(studied))
    st.markdown("**From the figures alone**")
    findings(told.alone)
    if told.recorded:
        st.markdown("**With what the run recorded besides**")
        findings(told.recorded)
    table(wrong_hunt.finals(found))
    st.altair_chart(charts.norms_beside(wrong_hunt.norms(found)), theme=None, key="wrong_norms")
