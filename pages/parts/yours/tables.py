"""Uploading a table, and the learner's own tables."""

import streamlit as st

from core.data.uploads.keep import KINDS, TABLE_MB, keep_table
from core.data.uploads.place import one_at_a_time
from core.data.uploads.preview import COLUMNS, ROWS
from core.errors import LabError
from core.store import uploads
from core.store.uploads import Upload
from pages.parts.common import state
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems
from pages.parts.yours import memory

PROBLEM, ROUND, SHOWN = "yours_problem", "yours_round", "yours_shown"  # keys of the session


def draw() -> Upload | None:
    """Draw the uploader and the list; return the upload that is looked at, None where there is none yet."""
    st.subheader("1. Your table", anchor=False)
    st.markdown("Each row is an example: a text (or two) and its label, under a first row that names the columns. Upload one file, which Layer Lab "
                "splits, or two or three: train, validation, test.")
    number = st.session_state.setdefault(ROUND, 0)
    files = st.file_uploader(f"CSV, TSV, JSONL, Parquet or Excel, up to {TABLE_MB} MB, {ROWS:,} rows and {COLUMNS} columns", type=list(KINDS),
                             accept_multiple_files=True, max_upload_size=TABLE_MB, key=f"w_yours_files_{number}")
    if files:
        take(files)
        memory.free(files)
        st.session_state[ROUND] = number + 1
        st.rerun()
    draw_problem(PROBLEM)
    st.caption("The file stays on the machine that runs Layer Lab. Whoever gets a link with its task can use it too.")
    mine = {one.key: one for one in uploads.of(learner(), uploads.TABLE)}
    if not mine:
        return None
    at = next((one.key for one in mine.values() if one.task == state.choice().task), next(iter(mine)))
    st.session_state.w_yours_table = key = st.session_state.get(SHOWN) if st.session_state.get(SHOWN) in mine else at
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Your tables", list(mine), format_func=lambda one: mine[one].title, key="w_yours_table", on_change=show)
        st.button("Delete", icon=":material/delete:", on_click=delete, args=(mine[key],), key="yours_delete")
    return mine[key]


def take(files: list) -> None:
    """Keep what was uploaded and put it on the learner's list, or keep a sentence that says why not."""
    names: list[str] = []
    with st.spinner("Reading the table"), reporting_problems(PROBLEM), one_at_a_time(learner()):
        try:
            if len(files) > 3:
                raise LabError(f"These are {len(files)} files; upload one, or two or three: train, validation, test.")
            for file in files:
                names.append(keep_table(file.name, file.getvalue())[0])
            kept = uploads.add(learner(), Upload(uploads.TABLE, tuple(names), sum(file.size for file in files)))
            st.session_state[SHOWN] = kept.key
        except LabError:
            uploads.discard(names)
            raise


def show() -> None:
    """Handle a callback."""
    st.session_state[SHOWN] = st.session_state.w_yours_table
    st.session_state.touched = True


def delete(upload: Upload) -> None:
    """Handle a callback: delete the table; a choice that used it goes back to the built-in task."""
    with reporting_problems(PROBLEM):
        uploads.delete(learner(), upload)
        if state.choice().task == upload.task:
            state.change(task="composed-nli")

