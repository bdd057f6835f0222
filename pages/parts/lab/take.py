"""Taking a kept student away: a zip to download, a teacher of this home, and the same choice for other programs."""

import streamlit as st

from core.store import jobs, students
from core.store.jobs import Job
from core.store.students import Student
from core.store.waiting import BESIDE
from core.studies.export import places
from core.views.common.text import plain, size_text
from core.views.lab import taking
from pages.parts.common import follow, live, state, visitor
from pages.parts.common.problems import draw_problem, reporting_problems, showing_problems

PROBLEM = "take_problem"
TEACHER_IS = "take_teacher"  # in the session: (student's key, the teacher's name)


def draw(record: dict) -> None:
    """record: of a run that is over."""
    with st.expander("Take this student away", icon=":material/download:"), showing_problems():
        student = students.of(record)
        if student is None:
            st.caption(":material/inventory_2: The student itself is not kept here; its choice of layers can still be taken to other programs.")
        else:
            archive(student)
            teacher(student)
            draw_problem(PROBLEM)
        practice(record)


def archive(student: Student) -> None:
    """Draw the download, or the button that makes it."""
    st.markdown(taking.HOLDS)
    there = places.has_onnx()
    onnx = there and state.researcher() and st.checkbox("With ONNX (twice as large)", key="w_take_onnx")
    if not there and state.researcher():
        st.caption(plain(taking.NO_ONNX))
    what = places.WITH_ONNX if onnx else places.ZIP
    job, file = job_of(student, what), places.archive(student.key, what)
    if job is None or job.over:
        if file.is_file():
            st.download_button(f"Download the student ({size_text(file.stat().st_size)})", file.read_bytes, f"layer-lab-{student.record['id']}.zip",
                               "application/zip", icon=":material/download:", type="primary", on_click="ignore")
        else:
            st.button("Make the download", type="primary", icon=":material/folder_zip:", on_click=make, args=(student, what))
    follow.draw_job(job, f"drawn_take_{what}", lambda: job_of(student, what), how_far)


def teacher(student: Student) -> None:
    """Draw the way to a student of this student."""
    layers = len(student.record["recipe"]["layers"])
    if layers < 2:
        return  # nothing to choose from
    made = st.session_state.get(TEACHER_IS)
    job = job_of(student, places.TEACHER)
    if job is not None and job.status == "finished" and (event := jobs.last_event(job.id, "made")):
        made = st.session_state[TEACHER_IS] = (student.key, event["teacher"])
    if made and made[0] == student.key:
        if st.button("Choose layers of this student", icon=":material/account_tree:",
                     help=f"The Lab opens with this student of {layers} layers as the teacher."):
            state.change(teacher=made[1])
            st.session_state.shown_run, st.session_state.run_job = None, None
            st.rerun()  # this is drawn inside a fragment, and the whole page has another teacher now
    elif job is None or job.over:
        st.button("Make it a teacher", icon=":material/account_tree:", on_click=make, args=(student, places.TEACHER),
                  help="A student of a student: this one becomes a teacher whose layers you can choose from.")
    follow.draw_job(job, "drawn_take_teacher", lambda: job_of(student, places.TEACHER), how_far)


def make(student: Student, what: str) -> None:
    """Handle a callback: have it made."""
    with reporting_problems(PROBLEM):
        st.session_state[f"take_job_{what}"] = follow.submit("export", {"student": student.key, "what": what}).id


def job_of(student: Student, what: str) -> Job | None:
    """Return the job that makes this of this student: the session's, else one in the queue, found again after a reload."""
    wanted, known = {"student": student.key, "what": what}, st.session_state.get(f"take_job_{what}")
    queued = [job for job in jobs.queue(BESIDE) if job.kind == "export" and job.payload == wanted]
    if queued or known is None:
        return queued[0] if queued else None
    job = jobs.get(known)
    return job if job.payload == wanted else None


def how_far(job: Job) -> None:
    """Inside a fragment: that it is being made, or why it could not be."""
    if job.over:
        live.draw_end(job, "It could not be made; try again.")
    elif job.status == "queued" and (ahead := jobs.position(job.id)):
        st.caption(f":material/hourglass_empty: Waiting: {ahead} other{'s' if ahead > 1 else ''} first.")
    else:
        st.caption(":material/hourglass_empty: Writing the student; this takes some seconds, and what trains goes on.")


def practice(record: dict) -> None:
    """Draw the same choice as text for other programs."""
    st.markdown("**The same choice elsewhere**")
    found = {one.name: one for one in taking.texts(record, paths=visitor.at_this_machine())}
    name = st.segmented_control("Program", list(found), key="w_take_program", default="transformers", required=True, label_visibility="collapsed")
    one = found[name]
    st.caption(plain(one.use))
    if one.problem:
        st.info(plain(one.problem), icon=":material/block:")
        return
    st.code(one.text, language=one.language, wrap_lines=True)
    st.download_button(f"Download {one.file}", one.text, one.file, "text/plain", icon=":material/download:", on_click="ignore")
