"""What this machine keeps of students and how large it is: pin, delete, and one file that moves it to another machine."""

import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path

import streamlit as st

from core.store import jobs, records, students
from core.store.jobs import Job
from core.store.students import Student
from core.store.waiting import BESIDE
from core.studies.export import places
from core.views.common.kept import archive_text, kept_text, rows
from core.views.common.progress import progress
from core.views.common.text import plain, size_text
from pages.parts.common import follow, live, visitor
from pages.parts.common.learner import learner
from pages.parts.common.problems import JOB, draw_problem, reporting_problems

LARGEST = 5e8  # bytes that a page hands to the browser; a larger file is named by its path
SHOWN = 30  # students with buttons at once


def draw() -> None:
    st.subheader("What is kept on this machine", anchor=False)
    here = visitor.at_this_machine()
    kept = students.students()
    st.markdown(plain(kept_text() or "No student is kept yet. Each run that you start keeps its student when it ends."))
    draw_problem(JOB)
    ours = {students.key_of(run) for run in records.of_learner(learner())} if not here else set()
    for one, (run_id, title, size, when, _) in zip(kept[:SHOWN], rows(kept)):
        draw_student(one, f"{title} · {one.record['recipe']['task']}"[:120], f"{size} MB · {when} · {run_id}", here or one.key in ours)
    if len(kept) > SHOWN:
        st.caption(f"The newest {SHOWN} of {len(kept)}; `python -m core home` lists all.")
    if here:
        draw_made()
        draw_archive()


def draw_student(one: Student, title: str, about: str, may_change: bool) -> None:
    """Draw a student and its buttons; a visitor from another machine changes only what is of their own runs."""
    with st.container(border=True):
        st.markdown(f"**{plain(title)}**{' :material/keep: pinned' if one.pinned else ''}")
        st.caption(plain(about))
        if may_change:
            with st.container(horizontal=True):
                st.button("Unpin" if one.pinned else "Pin", key=f"pin_{one.key}", icon=":material/keep:", on_click=act,
                          args=(partial(students.pin, one, not one.pinned),), help="A pinned student does not give way to newer ones.")
                st.button("Delete", key=f"delete_{one.key}", icon=":material/delete:", on_click=act, args=(partial(students.remove, one),))


def act(change) -> None:
    """Handle a callback that can fail with a sentence."""
    with reporting_problems():
        change()


def draw_made() -> None:
    """Draw what was made of students: downloads that wait, and teachers."""
    waiting, teachers = places.archives(), places.teachers()
    if waiting:
        size = sum(file.stat().st_size for file in waiting)
        st.markdown(f"**Downloads that were made:** {len(waiting)}, {size_text(size)}. They can be made again at any time.")
        st.button("Delete the downloads", icon=":material/delete:", on_click=act, args=(partial(remove, waiting),))
    if teachers:
        size = sum(file.stat().st_size for place in teachers for file in place.iterdir())
        st.markdown(f"**Students that became teachers:** {len(teachers)}, {size_text(size)}. Runs made with one need it to be tried.")
        st.button("Delete these teachers", icon=":material/delete:", on_click=act, args=(partial(remove, teachers),))


def remove(paths: list[Path]) -> None:
    """Delete files, and folders with the one above where nothing else is in it."""
    for path in paths:
        with suppress(OSError):
            if path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path)
                path.parent.rmdir()


def draw_archive() -> None:
    """Draw the way to another machine."""
    st.markdown("**To another machine:** one file with every run and map of this machine, every student, every upload, and the teachers that they "
                "need. There, `python -m core home --load FILE` takes over what is new to it; uploads stay on their learners' lists.")
    st.caption(plain(f"It would hold {archive_text()}"))
    job, file = archive_job(), places.home_archive()
    if job is None or job.over:
        st.button("Write the file", icon=":material/folder_zip:", on_click=act, args=(start,))
        if file.is_file() and file.stat().st_size <= LARGEST:
            st.download_button(f"Download it ({size_text(file.stat().st_size)})", file.read_bytes, "layer-lab-home.zip", "application/zip",
                               icon=":material/download:", on_click="ignore")
        elif file.is_file():
            st.caption(plain(f"It takes {size_text(file.stat().st_size)}, too much for a browser's download; it lies in {file}."))
    follow.draw_job(job, "drawn_archive", archive_job, how_far)


def start() -> None:
    follow.remember_job(follow.submit("archive", {}))


def archive_job() -> Job | None:
    """Return this session's job, else the one in the queue."""
    return follow.current_job("archive") or next((job for job in jobs.queue(BESIDE) if job.kind == "archive"), None)


def how_far(job: Job) -> None:
    if job.over:
        live.draw_end(job, "The archive could not be written; try again.")
    else:
        live.progress_bar(progress(job.status, jobs.events(job.id)))
