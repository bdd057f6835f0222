"""Step 3 of "What went wrong?": a mistake as a switch on a live short run, beside the correct one."""

import streamlit as st

from core import figures as charts
from core.errors import LabError
from core.store import jobs, records
from core.studies.mistakes.catalogue import MISTAKES
from core.views.common.progress import progress
from core.views.common.readiness import Readiness, readiness
from core.views.common.text import percent, plain
from core.views.wrong import answers as wrong_answers
from core.views.wrong import guess
from core.views.wrong import hunt as wrong_hunt
from core.views.wrong.snippets import SNIPPETS
from pages.parts.common import follow, live, state
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems
from pages.parts.common.remembered import remember, remembered_option
from pages.parts.wrong.findings import findings, table

KEPT = "wrong"  # in the session: the mistake that is switched on


def hunt_step() -> None:
    chosen = state.choice()
    ready = readiness(chosen.teacher, chosen.task)
    st.subheader("The hunt: make one mistake, and see what it leaves behind", anchor=False)
    if not ready.ready:
        st.info(f"{plain(ready.problem or ' '.join(ready.needs))} Choose a teacher that is ready in the sidebar, such as minilm-l6 for composed-nli.",
                icon=":material/hourglass_empty:")
        return
    job = current_hunt()
    name = switch(job, ready)
    each = MISTAKES[name]
    st.markdown(f"**What was written.** {plain(each.written)} **Why it is wrong.** {plain(each.wrong)} {plain(each.here)}")
    for column, heading, code in zip(st.columns(2, gap="medium"), ("As it was written", "Mended"), (SNIPPETS[name].faulty, SNIPPETS[name].mended),
                                     strict=True):
        column.markdown(f"**{heading}**")
        column.code(code, language=None, wrap_lines=True)  # the colours of code are too pale to read
    draw_problem(box=st.warning)
    if job is not None and job.payload["mistake"] == name:
        follow.draw_job(job, "drawn_mistake", current_hunt, lambda now: show(now, ready))


def current_hunt() -> jobs.Job | None:
    """Return this learner's last hunt, found again after a reload, where it is of the teacher and task that the sidebar shows, and not deleted."""
    kept, chosen = wrong_answers.kept_job(learner()), state.choice()
    try:
        job = jobs.get(kept) if kept is not None else None
    except LabError:
        return None
    return job if job is not None and (job.payload["teacher"], job.payload["task"]) == (chosen.teacher, chosen.task) else None


def start(name: str, teacher: str, task: str, layers: int) -> None:
    """Handle a callback."""
    with reporting_problems():
        job = follow.submit("mistake", wrong_hunt.payload(name, teacher, task, layers))
        wrong_answers.keep_job(learner(), job.id)


def switch(job: jobs.Job | None, ready: Readiness) -> str:
    """Draw the list of mistakes, with Run and Stop; return the one that is on."""
    chosen = state.choice()
    st.session_state.setdefault(KEPT, {}).setdefault("mistake", job.payload["mistake"] if job is not None else next(iter(MISTAKES)))
    name = remembered_option(KEPT, "mistake", list(MISTAKES), None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Mistake switched on", list(MISTAKES), format_func=lambda name: MISTAKES[name].title, key="w_wrong_mistake",
                     on_change=remember(KEPT, "mistake"))
        follow.run_or_stop(job, "mistake", "Run both", start, (name, chosen.teacher, chosen.task, ready.layers))
    return name


def show(job: jobs.Job, ready: Readiness) -> None:
    """Inside a fragment: both sides as far as they are; what may be said once both have ended."""
    events = follow.events_of(job.id)
    found = wrong_hunt.hunt_sides(events, wrong_hunt.recipes(job.payload, ready.layers), records.by_row)
    if job.over:
        live.draw_end(job, "It failed without a reason.")
    else:
        if text := wrong_hunt.current_run_text(events):
            st.caption(plain(text))
        live.progress_bar(progress(job.status, events, jobs.position(job.id), jobs.now()))
    curves(found)
    if job.status == "finished" and found.whole:
        said = wrong_hunt.conclusions(job.payload["mistake"], found)
        option = guess.made(learner(), job.id)
        if option is None:
            ask(job.id)
        else:
            st.markdown(f":material/{'check' if option == said.holds else 'close'}: **{plain(guess.reply(option, said.holds, said.alarms))}**")
            outcome(job.payload["mistake"], found, said)


def ask(job_id: int) -> None:
    """Ask for the guess; what the figures say is told after it."""
    st.subheader(guess.TEXT, anchor=False)
    picked = st.radio(guess.TEXT, list(guess.OPTIONS), format_func=guess.OPTIONS.get, index=None, key="w_wrong_guess", label_visibility="collapsed")
    st.button("Commit my guess", icon=":material/lock:", disabled=picked is None, on_click=lambda: guess.commit(learner(), job_id, picked))


def curves(found: wrong_hunt.Hunt) -> None:
    """Draw both sides on one scale."""
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


def outcome(name: str, found: wrong_hunt.Hunt, said: wrong_hunt.Conclusions) -> None:
    """Draw the verdict, the records' figures and the update norms; to researchers all findings."""
    st.markdown(f"**{plain(said.verdict)}** {plain(said.correct)}")
    if state.researcher():
        details(name, said)
    table(wrong_hunt.finals(found))
    st.altair_chart(charts.norms_beside(wrong_hunt.norms(found)), theme=None, key="wrong_norms")


def details(name: str, said: wrong_hunt.Conclusions) -> None:
    """Draw what cannot be told apart, the saved study's count, and every finding."""
    if said.alike:
        st.markdown(plain(said.alike))
    if studied := wrong_hunt.study_text(name):
        st.markdown(plain(studied))
    st.markdown("**From the figures alone**")
    findings(said.alone)
    if said.recorded:
        st.markdown("**With what the run recorded besides**")
        findings(said.recorded)
